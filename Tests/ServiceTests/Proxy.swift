// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Service
import TestSupport
import Testing

/// nginx with the shipped configuration, in a folder of its own.
final class Proxy: Sendable {
  let port: Int
  private let folder: TemporaryFolder
  private let identifier: Int32

  init(upstream: Int) async throws {
    folder = try TemporaryFolder()
    port = try await RawConnection.freePort()
    let path = folder.path
    for name in ["cache", "logs", "temporary"] {
      try FileManager.default.createDirectory(
        atPath: "\(path)/\(name)", withIntermediateDirectories: true)
    }
    for name in ["box", "witness"] {
      try await Self.finish([
        "/usr/bin/openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
        "/CN=\(name).example.org", "-addext", "subjectAltName=DNS:\(name).example.org", "-keyout",
        "\(path)/\(name).example.org.key", "-out", "\(path)/\(name).example.org.pem",
      ])
    }
    let both = try folder.bytes("box.example.org.pem") + folder.bytes("witness.example.org.pem")
    try folder.write(both, "authorities.pem")
    try folder.write(
      Array(try Self.configuration(path, port: port, upstream: upstream).utf8), "urna.conf")
    try folder.write(Array(Self.main(path).utf8), "nginx.conf")
    try await Self.finish(["/usr/sbin/nginx", "-t", "-p", path, "-c", "\(path)/nginx.conf"])
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/sbin/nginx")
    process.arguments = ["-p", path, "-c", "\(path)/nginx.conf"]
    process.standardError = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    identifier = process.processIdentifier
    while true {
      do {
        _ = try await RawConnection(port: port)
        return
      } catch {
        try #require(process.isRunning, "nginx has ended")
        try await Task.sleep(for: .milliseconds(20))
      }
    }
  }

  func stop() { _ = kill(identifier, SIGQUIT) }

  /// The shipped file; a change that finds nothing to change is an error.
  private static func configuration(_ path: String, port: Int, upstream: Int) throws -> String {
    var text = try String(
      contentsOf: Shared.repository.appendingPathComponent("Ceremonies/operations/nginx.conf"),
      encoding: .utf8)
    for (old, new) in [
      ("listen 443 ssl", "listen 127.0.0.1:\(port) ssl"), ("  listen [::]:443 ssl http2;\n", ""),
      ("/etc/ssl/urna", path), ("/var/cache/nginx/urna", "\(path)/cache"),
      ("/var/log/nginx/urna.log", "\(path)/logs/error.log"),
      ("127.0.0.1:8080", "127.0.0.1:\(upstream)"),
      ("127.0.0.1:8081", "127.0.0.1:\(upstream)"),
    ] {
      try #require(text.contains(old), "\(old) is not in nginx.conf")
      text = text.replacingOccurrences(of: old, with: new)
    }
    return text
  }

  /// The part that Debian's package brings, without its logs.
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

  /// What came back: all heads, and the body.
  func curl(_ arguments: [String]) async throws -> (head: String, body: String) {
    let heads = "\(folder.path)/heads-\(UUID().uuidString)"
    let body = "\(folder.path)/body-\(UUID().uuidString)"
    try await Self.finish(
      [
        "/usr/bin/curl", "--silent", "--show-error", "--cacert",
        "\(folder.path)/authorities.pem", "--resolve", "box.example.org:\(port):127.0.0.1",
        "--resolve", "witness.example.org:\(port):127.0.0.1", "--dump-header", heads,
      ] + Patience.ofCurl
        + arguments.flatMap { $0.hasPrefix("https://") ? [$0, "--output", body] : [$0] })
    defer {
      unsafe unlink(heads)
      unsafe unlink(body)
    }
    return (
      try String(contentsOfFile: heads, encoding: .utf8),
      (try? String(contentsOfFile: body, encoding: .utf8)) ?? ""
    )
  }

  /// A file that is too large.
  func large() throws -> String {
    try folder.write(Array(repeating: 0x61, count: 600_000), "large")
    return "\(folder.path)/large"
  }

  /// Nothing in any file names an address or what a client said of itself.
  func requireSilence() throws {
    let files = try folder.files().filter { $0.hasPrefix("logs/") || $0.hasPrefix("temporary/") }
    #expect(files.contains("logs/error.log"))
    for name in files {
      let bytes = try folder.bytes(name)
      #expect(bytes.isEmpty, "\(name): \(String(decoding: bytes.prefix(500), as: UTF8.self))")
    }
  }

  private static func finish(_ arguments: [String]) async throws {
    try await RawConnection.blocking {
      let run = try ToolRun(arguments[0], Array(arguments.dropFirst()))
      guard run.status == 0 else {
        throw ServiceError.operatingSystem("\(arguments[0]): \(run.errors.prefix(2000))")
      }
    }
  }
}
