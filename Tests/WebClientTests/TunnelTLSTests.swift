// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import TestSupport
import Testing
import WebClient

/// TLS inside the tunnel. The authorities that are trusted come from the environment, which a process of its own
/// sets before anything else runs.
@Suite(.hangs)
struct TunnelTLSTests {
  /// A server of TLS for one host's name, in Python, with a file `a` in its folder.
  private final class Server: Sendable {
    let port: UInt16
    let certificate: String
    private let folder: TemporaryFolder
    private let process: Process
    private let input = Pipe()

    init(_ name: String) async throws {
      folder = try TemporaryFolder()
      certificate = folder.path + "/certificate.pem"
      let key = folder.path + "/key.pem"
      try folder.write(Array("hi".utf8), "files/a")
      let made = try ToolRun(
        "/usr/bin/openssl",
        [
          "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
          "-days", "2", "-subj", "/CN=test", "-addext", "subjectAltName=DNS:\(name)", "-keyout",
          key, "-out", certificate,
        ])
      try #require(made.status == 0, "\(made.errors)")
      let portFile = folder.path + "/port"
      process = Process()
      process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
      process.arguments = [
        Shared.repository.appendingPathComponent("Tests/Scripts/serve-folder.py").path,
        folder.path + "/files", portFile, certificate, key,
      ]
      process.standardInput = input
      process.standardError = FileHandle.nullDevice
      try process.run()
      while !FileManager.default.fileExists(atPath: portFile) {
        try #require(process.isRunning, "the server does not start")
        try await Task.sleep(for: .milliseconds(20))
      }
      port = try #require(UInt16(String(decoding: try folder.bytes("port"), as: UTF8.self)))
    }

    deinit {
      do { try input.fileHandleForWriting.close() } catch { print("the server stays: \(error)") }
      process.waitUntilExit()
    }
  }

  @Test(
    "A certificate is demanded for the host's name, not for the proxy's, and from a trusted authority"
  )
  func certificates() async {
    await #expect(processExitsWith: .success) {
      let server = try await Server("box.invalid")
      let proxy = try SOCKSServer(to: server.port)
      func refusal(_ host: String) async throws -> WebError? {
        let client = try WebClient.through(proxy.address, "https://\(host)")
        return await failure { () throws(WebError) in
          let response = try await client.get("a", limit: 10)
          #expect(response.status == 200 && response.body == Array("hi".utf8))
        }
      }
      _ = unsafe setenv("SSL_CERT_DIR", "/nowhere", 1)
      _ = unsafe setenv("SSL_CERT_FILE", "/dev/null", 1)
      let unknown = try await refusal("box.invalid")
      #expect(unknown?.rule.contains("certificate") == true, "\(String(describing: unknown))")
      _ = unsafe setenv("SSL_CERT_FILE", server.certificate, 1)
      let good = try await refusal("box.invalid")
      #expect(good == nil, "\(String(describing: good))")
      for host in ["other.invalid", "127.0.0.1", "[::1]"] {
        let other = try await refusal(host)
        #expect(other?.rule.contains("certificate") == true, "\(String(describing: other))")
      }
      #expect(proxy.requests.map(\.port) == [443, 443, 443, 443, 443])
      #expect(proxy.requests.map(\.addressType) == [3, 3, 3, 1, 4])
    }
  }

  @Test("A server without TLS, or a proxy that ends the tunnel early, gets nothing in clear")
  func noDowngrade() async throws {
    let seen = Notes<[UInt8]>()
    let server = try RawServer { connection in
      seen.note(connection.receive(5) ?? [])
      connection.answer(200)
    }
    let proxy = try SOCKSServer(to: server.port)
    let client = try WebClient.through(proxy.address, "https://box.invalid")
    let error = await failure { () throws(WebError) in try await client.get("a", limit: 1) }
    guard case .unreachable("a", let rule) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(rule.contains("TLS"))
    // The start of a ClientHello.
    #expect(seen.all.first?.prefix(2) == [22, 3])
  }
}
