// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import TestSupport
import Testing
import WebClient

/// A client shows its certificate to a server that asks for one.
@Suite(.hangs) struct ClientIdentityTests {
  /// `openssl s_server`, which demands a certificate and tells whose it was.
  private final class Server: Sendable {
    let folder: TemporaryFolder
    let port: Int
    private let process: Process

    init() async throws {
      folder = try TemporaryFolder()
      for (name, subject) in [("server", "DNS:localhost"), ("citizen", "DNS:citizen")] {
        let made = try ToolRun(
          "/usr/bin/openssl",
          [
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-days", "2", "-subj", "/CN=\(name)", "-addext", "subjectAltName=\(subject)",
            "-keyout", "\(folder.path)/\(name).key", "-out", "\(folder.path)/\(name).pem",
          ])
        try #require(made.status == 0, "\(made.errors)")
      }
      port = Int.random(in: 20_000..<30_000)
      process = Process()
      process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
      process.arguments = [
        "s_server", "-accept", "\(port)", "-cert", folder.path + "/server.pem", "-key",
        folder.path + "/server.key", "-Verify", "1", "-verify_return_error", "-CAfile",
        folder.path + "/citizen.pem", "-www", "-quiet",
      ]
      process.standardInput = FileHandle.nullDevice
      process.standardOutput = FileHandle.nullDevice
      process.standardError = FileHandle.nullDevice
      try process.run()
    }

    deinit {
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }
  }

  @Test func theCertificateIsShown() async {
    await #expect(processExitsWith: .success) {
      let server = try await Server()
      _ = unsafe setenv("SSL_CERT_FILE", server.folder.path + "/server.pem", 1)
      let address = try WebAddress("https://localhost:\(server.port)")
      func outcome(_ identity: ClientIdentity?) async -> WebError? {
        let client = WebClient(
          address, times: WebTimes(connecting: .seconds(5)), retry: .never, identity: identity)
        do throws(WebError) {
          _ = try await client.get("a", limit: 100_000)
          return nil
        } catch { return error }
      }
      func identity(_ name: String, key: String) -> ClientIdentity {
        ClientIdentity(
          certificate: "\(server.folder.path)/\(name).pem",
          privateKey: "\(server.folder.path)/\(key).key")
      }
      // Until the server listens.
      for _ in 0..<100 {
        guard case .refused? = await outcome(nil) else { break }
        try await Task.sleep(for: .milliseconds(50))
      }
      let own = await outcome(identity("citizen", key: "citizen"))
      // s_server's page has neither length nor chunks, which is refused after it came: the handshake was good.
      guard case .malformed? = own else {
        Issue.record("\(String(describing: own))")
        return
      }
      let none = await outcome(nil)
      let other = await outcome(identity("server", key: "server"))
      let mixed = await outcome(identity("citizen", key: "server"))
      for refused in [none, other] {
        if case .malformed? = refused { Issue.record("let in: \(String(describing: refused))") }
        #expect(refused != nil)
      }
      #expect(mixed?.rule.contains("certificate and key") == true, "\(String(describing: mixed))")
    }
  }
}
