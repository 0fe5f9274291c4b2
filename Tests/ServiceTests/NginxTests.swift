// SPDX-License-Identifier: Apache-2.0

import Foundation
import HTTPTypes
import Hummingbird
import Service
import Synchronization
import TestSupport
import Testing

/// `Ceremonies/operations/nginx.conf`, with names, ports and paths changed, before servers of ours.
@Suite(.serialized) struct NginxTests {
  private static let isPresent: Bool = {
    let found = ["/usr/sbin/nginx", "/usr/bin/curl", "/usr/bin/openssl"].allSatisfy {
      FileManager.default.isExecutableFile(atPath: $0)
    }
    if !found { print("SKIPPED: nginx, curl or openssl is absent; the proxy was not tested") }
    return found
  }()

  /// What the servers behind saw.
  private final class Seen: Sendable {
    private let state = Mutex<(tiles: Int, fields: Set<String>)>((0, []))
    var tiles: Int { state.withLock { $0.tiles } }
    var fields: Set<String> { state.withLock { $0.fields } }

    func note(_ request: Request, isTile: Bool = false) {
      state.withLock { state in
        if isTile { state.tiles += 1 }
        for field in request.headers { state.fields.insert(field.name.canonicalName) }
      }
    }
  }

  @Test(.enabled(if: isPresent || Shared.isContinuousIntegration))
  func proxyKeepsWhatThePageSays() async throws {
    let seen = Seen()
    try await TestServer.run(routes: { router in
      router.get("tile/{name}") { request, context -> Response in
        seen.note(request, isTile: true)
        guard context.parameters.get("name") != "missing" else { throw Problem(.notFound) }
        return .immutable(Array(repeating: 7, count: 8192))
      }
      router.get("checkpoint") { request, _ -> Response in
        seen.note(request)
        return .shortLived(Array("checkpoint\n".utf8), seconds: 1)
      }
      router.get("{log}/checkpoint") { request, _ -> Response in
        seen.note(request)
        return .shortLived(Array("cosigned\n".utf8), seconds: 1)
      }
      router.post("add-checkpoint") { request, _ -> Response in
        seen.note(request)
        let body = try await request.boundedBody(600_000, limits: .patient)
        return .uncached(.ok, Array("\(body.count)\n".utf8), contentType: "text/plain")
      }
      router.get("wait/{milliseconds}") { request, context -> Response in
        let time = try context.parameters.require("milliseconds", as: Int.self)
        try await Task.sleep(for: .milliseconds(time))
        return .uncached(.ok, Array("waited\n".utf8), contentType: "text/plain")
      }
    }) { server in
      let proxy = try await Proxy(upstream: server.port)
      defer { proxy.stop() }
      try await Self.check(proxy, seen)
      // The program behind is gone.
      try await Self.checkWithoutUpstream()
      try proxy.requireSilence()
    }
  }

  private static func check(_ proxy: Proxy, _ seen: Seen) async throws {
    let box = "https://box.example.org:\(proxy.port)"
    let witness = "https://witness.example.org:\(proxy.port)"
    // HTTP/2 outside; a tile is fetched once.
    for _ in 0..<3 {
      let tile = try await proxy.curl(["--http2", "\(box)/tile/x001"])
      #expect(tile.head.hasPrefix("HTTP/2 200"), "\(tile.head)")
      #expect(tile.head.contains("max-age=31536000, immutable"), "\(tile.head)")
      #expect(tile.head.contains("strict-transport-security"), "\(tile.head)")
      #expect(tile.body.utf8.count == 8192)
    }
    #expect(seen.tiles == 1)
    // What is missing now may be there later.
    for _ in 0..<2 {
      let missing = try await proxy.curl(["--http2", "\(box)/tile/missing"])
      #expect(missing.head.hasPrefix("HTTP/2 404"), "\(missing.head)")
    }
    #expect(seen.tiles == 3)
    let checkpoint = try await proxy.curl(["--http1.1", "\(box)/checkpoint"])
    #expect(checkpoint.head.hasPrefix("HTTP/1.1 200"), "\(checkpoint.head)")
    #expect(checkpoint.body == "checkpoint\n")
    // Personal fields end at the proxy.
    let personal = [
      "-A", "marker-agent", "-H", "Cookie: marker", "-e", "https://marker.example/", "-H",
      "X-Forwarded-For: 203.0.113.7", "-H", "Forwarded: for=203.0.113.7",
    ]
    let posted = try await proxy.curl(
      personal + ["--data-binary", "abc", "\(witness)/add-checkpoint"])
    #expect(posted.head.hasPrefix("HTTP/2 200"), "\(posted.head)")
    #expect(posted.body == "3\n")
    let names: Set<String> = [
      "user-agent", "cookie", "referer", "x-forwarded-for", "x-real-ip", "forwarded",
    ]
    #expect(seen.fields.isDisjoint(with: names), "\(seen.fields)")
    #expect(seen.fields.contains("content-type"), "the fields were not looked at")
    let hash = String(repeating: "a", count: 64)
    let cosigned = try await proxy.curl(personal + ["\(witness)/\(hash)/checkpoint"])
    #expect(cosigned.body == "cosigned\n")
    // What is not for the public, and not there at all.
    for (url, status) in [
      ("\(box)/metrics", 403), ("\(box)/readyz", 403), ("\(witness)/metrics", 404),
      ("\(witness)/tile/x001", 404), ("\(witness)/healthz", 200), ("\(box)/healthz", 200),
      ("\(box)/unknown", 404),
    ] {
      let answer = try await proxy.curl([url])
      #expect(answer.head.hasPrefix("HTTP/2 \(status)"), "\(url): \(answer.head)")
    }
    // Too large is refused by the proxy, without the program.
    let large = try await proxy.curl([
      "--data-binary", "@\(try proxy.large())", "\(witness)/add-checkpoint",
    ])
    #expect(large.head.contains("413"), "\(large.head)")
    let waited = try await proxy.curl(["\(box)/wait/1500"])
    #expect(waited.body == "waited\n")
    // A flood from one address.
    let flood = try await proxy.curl(
      ["--http1.1", "--parallel", "--parallel-max", "20"]
        + Array(repeating: "\(box)/checkpoint", count: 1000))
    #expect(flood.head.contains("HTTP/1.1 429"), "nothing was refused")
    #expect(flood.head.contains("HTTP/1.1 200"), "everything was refused")
  }

  private static func checkWithoutUpstream() async throws {
    let proxy = try await Proxy(upstream: 1)
    defer { proxy.stop() }
    let answer = try await proxy.curl(["https://box.example.org:\(proxy.port)/checkpoint"])
    #expect(answer.head.hasPrefix("HTTP/2 503"), "\(answer.head)")
    #expect(answer.head.contains("retry-after: 5"), "\(answer.head)")
    #expect(answer.head.contains("application/problem+json"), "\(answer.head)")
    try proxy.requireSilence()
  }
}
