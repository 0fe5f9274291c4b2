// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import TestSupport
import Testing
import WebClient

/// microsocks on a port of 127.0.0.1, from Debian's package of this name; it ends with its last use.
final class Microsocks: Sendable {
  static let path = "/usr/bin/microsocks"
  static let isPresent: Bool = {
    let found = FileManager.default.isExecutableFile(atPath: path)
    if !found { print("SKIPPED: microsocks is absent; no proxy of others was tested") }
    return found
  }()

  let port: UInt16
  private let process: Process

  /// - Parameter arguments: beside the address and the port.
  init(_ arguments: [String] = []) async throws {
    // It cannot choose a port by itself; one that was free a moment ago may be taken.
    for _ in 0..<10 {
      let port = try RawServer { _ in }.port
      let process = Process()
      process.executableURL = URL(fileURLWithPath: Self.path)
      process.arguments = ["-i", "127.0.0.1", "-p", "\(port)"] + arguments
      process.standardInput = FileHandle.nullDevice
      process.standardError = FileHandle.nullDevice
      try process.run()
      if await Self.isListening(port, process) {
        self.port = port
        self.process = process
        return
      }
      Self.end(process)
    }
    throw POSIXError(.EADDRNOTAVAIL)
  }

  deinit { Self.end(process) }

  /// A process that a worker thread starts has SIGTERM blocked; this one has nothing to put in order.
  private static func end(_ process: Process) {
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }

  /// Waits until somebody listens at the port while the process lives.
  private static func isListening(_ port: UInt16, _ process: Process) async -> Bool {
    while process.isRunning {
      let error = await failure { () throws(WebError) in
        // Neither side speaks HTTP: whatever is not a refusal shows that the port is open.
        try await WebClient(
          try WebAddress("http://127.0.0.1:\(port)"), times: WebTimes(silence: .milliseconds(200)),
          retry: .never
        ).get("a", limit: 1)
      }
      if case .refused = error {
        do { try await Task.sleep(for: .milliseconds(20)) } catch { return false }
      } else {
        return process.isRunning
      }
    }
    return false
  }
}

@Suite(
  .hangs,
  .enabled(if: Microsocks.isPresent || Shared.isContinuousIntegration, "needs microsocks"))
struct RealProxyTests {
  private func server() throws -> RawServer {
    try RawServer(answering: { number, request, connection in
      connection.answer(200, body: [UInt8(number)] + request.body)
    })
  }

  /// "127.1" is a name to us and to the protocol, and the C library's old way to write 127.0.0.1: the proxy
  /// finds it without a resolver that this machine may not have.
  @Test("A proxy of others carries requests by address and by name")
  func carries() async throws {
    let server = try server()
    let proxy = try await Microsocks()
    let address = "socks5://127.0.0.1:\(proxy.port)"
    for (number, host) in ["127.0.0.1", "127.1"].enumerated() {
      let client = try WebClient.through(address, "http://\(host):\(server.port)")
      let body = [UInt8](repeating: 3, count: 1 << 20)
      let response = try await client.post("a", body: body, contentType: "x/y", limit: 2 << 20)
      #expect(response.body == [UInt8(2 * number + 1)] + body)
      #expect(try await client.get("a", limit: 1).body == [UInt8(2 * number + 2)])
    }
    #expect(server.connectionCount == 2)
  }

  @Test("What a proxy of others cannot reach is told in words")
  func failures() async throws {
    var gone: RawServer? = try RawServer { _ in }
    let port = try #require(gone).port
    gone = nil
    let proxy = try await Microsocks()
    let address = "socks5://127.0.0.1:\(proxy.port)"
    let refused = try WebClient.through(address, "http://127.0.0.1:\(port)")
    #expect(
      await failure { () throws(WebError) in try await refused.get("a", limit: 1) } == .refused("a")
    )
    let unknown = try WebClient.through(address, "http://box.invalid", connecting: .seconds(60))
    let error = await failure { () throws(WebError) in try await unknown.get("a", limit: 1) }
    guard case .proxy("a", let rule) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(rule.hasPrefix("the proxy says: "))
  }

  @Test("A proxy of others checks user and password")
  func signIn() async throws {
    let server = try server()
    let proxy = try await Microsocks(["-u", "alice", "-P", "secret-1"])
    let target = "http://127.0.0.1:\(server.port)"
    let good = try WebClient.through("socks5://alice:secret-1@127.0.0.1:\(proxy.port)", target)
    #expect(try await good.get("a", limit: 1).body == [1])
    for (user, rule) in [
      ("", "without user and password"), ("alice:secret-2@", "does not accept"),
      ("bob:secret-1@", "does not accept"),
    ] {
      let client = try WebClient.through("socks5://\(user)127.0.0.1:\(proxy.port)", target)
      let error = await failure { () throws(WebError) in try await client.get("a", limit: 1) }
      guard case .proxy("a", let found) = error else {
        Issue.record("\(user): \(String(describing: error))")
        continue
      }
      #expect(found.contains(rule) && !found.contains("secret"), "\(found)")
    }
    // One that asks nobody cannot keep clients apart.
    let open = try await Microsocks()
    let plain = try SOCKSProxy("socks5://127.0.0.1:\(open.port)")
    let isolated = WebClient(
      try WebAddress(target), retry: .never, proxy: try plain.isolated())
    guard
      case .proxy = await failure({ () throws(WebError) in try await isolated.get("a", limit: 1) })
    else {
      Issue.record("isolation was lost")
      return
    }
  }
}
