// SPDX-License-Identifier: Apache-2.0

import Issuance
import Cryptography
import Foundation
import Glibc
import Synchronization
import TestSupport
import Testing

import CitizenAuthentication

/// `Ceremonies/operations/nginx-issuer.conf`, with names, ports and paths changed, before a server that writes
/// down what it got.
@Suite(.serialized) struct NginxIssuerTests {
  private static let isPresent = Tool.present(
    [Tool.nginx, Tool.curl, Tool.openssl], "the proxy with certificates was not tested")
  private static let secret = "Vd8hk2Jw0qTzXr51LmNc7yBfGa9sEuPi"

  /// Fields of requests that came through, by name in small letters.
  private final class Seen: Sendable {
    private let requests = Mutex<[[(name: String, value: String)]]>([])
    var count: Int { requests.withLock { $0.count } }
    var last: [(name: String, value: String)] { requests.withLock { $0.last ?? [] } }

    func note(_ request: RawServer.Request) {
      let fields = request.lines.dropFirst().compactMap { line -> (name: String, value: String)? in
        guard let colon = line.firstIndex(of: ":") else { return nil }
        return (
          line[..<colon].lowercased(),
          line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
        )
      }
      requests.withLock { $0.append(fields) }
    }

    func values(_ name: String) -> [String] {
      last.filter { $0.name == name.lowercased() }.map(\.value)
    }

    /// What the issuer makes of the last request.
    func certificate() throws -> [UInt8]? {
      let file = SecretBytes(copying: Array((secret + "\n").utf8))
      return try ProxyCertificateHeader(secretFile: file).certificate(
        certificates: values("X-Client-Cert"), secrets: values("X-Proxy-Secret"))
    }
  }

  private static func server(_ seen: Seen) throws -> RawServer {
    try RawServer(answering: { _, request, connection in
      seen.note(request)
      return connection.answer(200, ["Connection: keep-alive"], body: Array("seen\n".utf8))
    })
  }

  @Test(.enabled(if: isPresent || Shared.isContinuousIntegration))
  func proxyPassesTheCertificateOn() async throws {
    let made = try await Authorities.shared()
    let seen = Seen()
    let server = try Self.server(seen)
    let proxy = try await IssuerProxy(made, upstream: server.port, secret: Self.secret)
    defer { proxy.stop() }
    let verifier = try made.verifier()
    // A citizen, who also sends what only the proxy may say.
    let claims = [
      "-H", "X-Client-Cert: claimed", "-H", "X-Proxy-Secret: guessed", "-H",
      "X_Client_Cert: claimed", "-H", "x-client-cert: again",
    ]
    var status = try await proxy.status("good", claims)
    #expect(status == 200)
    #expect(seen.values("X-Client-Cert").count == 1)
    #expect(seen.values("X-Proxy-Secret") == [Self.secret])
    #expect(!seen.last.contains { $0.value.contains("claimed") || $0.value == "again" })
    let certificate = try #require(try seen.certificate())
    #expect(try verifier.verify(certificate, at: Tool.now).identifier == Authorities.identifier)
    // Somebody without a certificate who claims one.
    status = try await proxy.status(nil, claims)
    #expect(status == 200)
    #expect(seen.values("X-Client-Cert").isEmpty)
    #expect(try seen.certificate() == nil)
    // nginx has no revocation list; the program does.
    status = try await proxy.status("revoked", [])
    #expect(status == 200)
    let revoked = try #require(try seen.certificate())
    #expect(throws: AuthenticationError.self) { try verifier.verify(revoked, at: Tool.now) }
    // nginx turns these away.
    let count = seen.count
    for name in ["expired", "foreign", "server", "below", "forged"] {
      status = try await proxy.status(name, [])
      #expect(status == 400, "\(name)")
    }
    #expect(try await proxy.status(nil, [], path: "metrics") == 404)
    #expect(seen.count == count)
    // Past the proxy.
    _ = try await Tool.finish(
      Tool.curl, ["-sS"] + Patience.ofCurl + claims + ["\(server.address)/v1/issue"])
    #expect(throws: AuthenticationError.self) { try seen.certificate() }
    #expect(try proxy.log().isEmpty)
  }

  @Test(.enabled(if: isPresent || Shared.isContinuousIntegration))
  func programDecidesWhereTheProxyDoesNot() async throws {
    let made = try await Authorities.shared()
    let seen = Seen()
    let server = try Self.server(seen)
    let proxy = try await IssuerProxy(
      made, upstream: server.port, secret: Self.secret, verification: "optional_no_ca")
    defer { proxy.stop() }
    let verifier = try made.verifier()
    #expect(try await proxy.status("good", []) == 200)
    let good = try #require(try seen.certificate())
    #expect(try verifier.verify(good, at: Tool.now).identifier == Authorities.identifier)
    var passed = 0
    for name in ["revoked", "foreign", "forged", "below", "server", "expired"] {
      let count = seen.count
      guard try await proxy.status(name, []) == 200 else {
        #expect(seen.count == count)
        continue
      }
      passed += 1
      let certificate = try #require(try seen.certificate())
      #expect(certificate == (try made.der(name)))
      #expect(throws: AuthenticationError.self, "\(name)") {
        try verifier.verify(certificate, at: Tool.now)
      }
    }
    #expect(passed >= 3, "the proxy turned away nearly everything by itself")
  }
}

/// nginx with the shipped configuration, in a folder of its own.
private final class IssuerProxy: Sendable {
  let port: UInt16
  private let made: Authorities
  private let folder: TemporaryFolder
  private let process: Process

  init(
    _ made: Authorities, upstream: UInt16, secret: String, verification: String = "optional"
  ) async throws {
    self.made = made
    folder = try TemporaryFolder()
    port = try RawServer.freePort()
    let path = folder.path
    for name in ["logs", "temporary"] {
      try FileManager.default.createDirectory(
        atPath: "\(path)/\(name)", withIntermediateDirectories: true)
    }
    // The server's own certificate has nothing to do with those of the citizens.
    try await Tool.finish(
      Tool.openssl,
      [
        "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
        "/CN=issuer.example.org", "-addext", "subjectAltName=DNS:issuer.example.org", "-keyout",
        "\(path)/issuer.example.org.key", "-out", "\(path)/issuer.example.org.pem",
      ])
    try folder.write(
      try made.file("root.pem") + made.file("int.pem"), "citizens-authorities.pem")
    try folder.write(
      Array("proxy_set_header X-Proxy-Secret \"\(secret)\";\n".utf8), "proxy-secret.conf")
    var text = try String(
      contentsOf: Shared.repository.appendingPathComponent(
        "Ceremonies/operations/nginx-issuer.conf"), encoding: .utf8)
    for (old, new) in [
      ("listen 443 ssl", "listen 127.0.0.1:\(port) ssl"), ("  listen [::]:443 ssl http2;\n", ""),
      ("/etc/ssl/urna", path), ("/etc/urna/proxy-secret.conf;", "\(path)/proxy-secret.conf;"),
      ("/var/log/nginx/urna.log", "\(path)/logs/error.log"),
      ("127.0.0.1:8082", "127.0.0.1:\(upstream)"),
      ("ssl_verify_client optional;", "ssl_verify_client \(verification);"),
    ] {
      guard text.contains(old) else {
        throw Tool.Failure(description: "\(old) is not in nginx-issuer.conf")
      }
      text = text.replacingOccurrences(of: old, with: new)
    }
    try folder.write(Array(text.utf8), "urna.conf")
    try folder.write(Array(Self.main(path).utf8), "nginx.conf")
    try await Tool.finish(Tool.nginx, ["-t", "-p", path, "-c", "\(path)/nginx.conf"])
    let process = Process()
    process.executableURL = URL(fileURLWithPath: Tool.nginx)
    process.arguments = ["-p", path, "-c", "\(path)/nginx.conf"]
    process.standardError = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    self.process = process
    for _ in 0..<500 {
      let run = try await ToolRun.onThread(
        Tool.curl, ["-sk", "-o", "/dev/null", "https://127.0.0.1:\(port)/unknown"])
      if run.status == 0 { return }
      guard process.isRunning else { throw Tool.Failure(description: "nginx has ended") }
      try await Task.sleep(for: .milliseconds(20))
    }
    throw Tool.Failure(description: "nginx does not answer")
  }

  func stop() { Tool.end(process, SIGTERM) }

  private static func main(_ path: String) -> String {
    let user = getuid() == 0 ? "user root;\n" : ""
    let folders = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
      .map { "  \($0)_temp_path \(path)/temporary/\($0);\n" }.joined()
    return """
      \(user)daemon off;
      worker_processes 1;
      pid \(path)/pid;
      error_log \(path)/logs/main.log emerg;
      events { worker_connections 256; }
      http {
      \(folders)  include \(path)/urna.conf;
      }

      """
  }

  /// The status of an answer to somebody with, or without, a certificate.
  func status(
    _ name: String?, _ arguments: [String], path: String = "v1/issue"
  ) async throws -> Int? {
    let own = made.folder.path
    let certificate =
      name.map { ["--cert", "\(own)/\($0).pem", "--key", "\(own)/\($0).key"] } ?? []
    let text = try await Tool.finish(
      Tool.curl,
      [
        "-sS", "--cacert", "\(folder.path)/issuer.example.org.pem",
        "--resolve", "issuer.example.org:\(port):127.0.0.1", "-o", "/dev/null", "-w",
        "%{http_code}", "https://issuer.example.org:\(port)/\(path)",
      ] + Patience.ofCurl + certificate + arguments)
    return Int(text)
  }

  /// What nginx wrote down.
  func log() throws -> [UInt8] { try folder.bytes("logs/error.log") }
}
