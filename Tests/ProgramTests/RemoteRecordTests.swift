// SPDX-License-Identifier: Apache-2.0

import Foundation
import Ledger
import LedgerFiles
import TestSupport
import Testing

/// A finished election behind web servers that know nothing of it.
@Suite struct RemoteRecordTests {
  /// Python's web server over a folder, until the last use.
  final class PythonServer: Sendable {
    let port: String
    private let process: Process
    private let input = Pipe()

    init(_ folder: String, _ work: TemporaryFolder, tls: (certificate: String, key: String)? = nil)
      async throws
    {
      let portFile = work / "port-\(UUID().uuidString)"
      process = Process()
      process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
      process.arguments =
        [
          Shared.repository.appendingPathComponent("Tests/Scripts/serve-folder.py").path, folder,
          portFile,
        ] + (tls.map { [$0.certificate, $0.key] } ?? [])
      process.standardInput = input
      try process.run()
      while !FileManager.default.fileExists(atPath: portFile) {
        try #require(process.isRunning, "the server does not start")
        try await Task.sleep(for: .milliseconds(20))
      }
      port = String(decoding: try TestBox.bytes(portFile), as: UTF8.self)
    }

    deinit {
      do { try input.fileHandleForWriting.close() } catch { print("the server stays: \(error)") }
      process.waitUntilExit()
    }
  }

  @Test("The verdict on a URL is the verdict on the folder, in every word and every number")
  func sameVerdict() async throws {
    let demo = try await DemoElection.finished()
    let folder = try TemporaryFolder("remote")
    let server = try await PythonServer(demo.record, folder)
    let url = "http://127.0.0.1:\(server.port)"
    let local = try ProgramRun.run("verifier", ["record", demo.record, "--json"])
    let remote = try ProgramRun.run("verifier", ["record", url, "--json"])
    #expect(remote.status == 0, "\(remote.errors)")
    #expect(remote.output == local.output)

    let copy = folder / "copy"
    let mirror = try ProgramRun.run("verifier", ["mirror", url, copy])
    #expect(mirror.status == 0, "\(mirror.errors)")
    let check = try ProgramRun.run("verifier", ["record", copy, "--json"])
    #expect(check.status == 0 && check.output == local.output)
    // A second time there is nothing to do.
    #expect(try ProgramRun.run("verifier", ["mirror", url, copy]).status == 0)
  }

  @Test("A damaged file behind a URL is a failure of the record; a server that fails is not")
  func damageAndFailure() async throws {
    let demo = try await DemoElection.finished()
    let folder = try TemporaryFolder("damage")
    let record = try demo.copy(to: folder)
    let size = try RecordDirectory(path: record).size
    let name = try #require(TilePath.required(.payloads, index: 0, size: size)).path
    var bytes = try TestBox.bytes("\(record)/\(name)")
    bytes[bytes.count / 2] ^= 1
    _ = try folder.write(bytes, to: "record/\(name)")
    let server = try FolderServer(record)
    let run = try ProgramRun.run("verifier", ["record", server.address])
    #expect(run.status == 1 && run.output.contains("LOG-4"), "\(run.output)\(run.errors)")
    let mirror = try ProgramRun.run("verifier", ["mirror", server.address, folder / "copy"])
    #expect(mirror.status == 1, "\(mirror.errors)")

    for path in try DemoElection.files(below: demo.record) where path.hasPrefix("tile/") {
      guard let tile = TilePath(path) else { continue }
      let record = try RecordDirectory(path: demo.record)
      guard TilePath.required(tile.kind, index: tile.index, size: record.size) == tile else {
        continue
      }
      let failing = try FolderServer(demo.record) { asked, connection in
        asked == path && connection.answer(403)
      }
      let run = try ProgramRun.run("verifier", ["record", failing.address])
      #expect(run.status == 4 && run.errors.contains("403"), "\(path): \(run.output)\(run.errors)")
      #expect(!run.output.contains("verdict"), "\(path)")
    }
  }

  // adversary: L-05
  @Test("Programs of voters and commission act on a URL as on a folder")
  func actingOnAURL() async throws {
    let demo = try await DemoElection.finished()
    let server = try FolderServer(demo.record)
    let wallet = "\(demo.work)/secrets/voter-1"
    let check = try ProgramRun.run(
      "voter", ["check", "--record", server.address, "--wallet", wallet])
    #expect(check.status == 0 && check.output.contains("cast and counted"), "\(check.errors)")
    let close = try ProgramRun.run(
      "election",
      [
        "close", "--record", server.address, "--output", "/dev/null/x", "--secret",
        "\(demo.work)/secrets/commission", "--passphrase-file",
        "\(demo.work)/secrets/commission.passphrase",
      ])
    #expect(close.status == 5 && close.errors.contains("certified"), "\(close.errors)")
    let status = try ProgramRun.run("ballot-box", ["status", "--record", server.address])
    #expect(status.status == 0 && status.output.contains("certified"))
  }

  @Test("TLS: a certificate for the host that an authority vouches for, and nothing less")
  func certificates() async throws {
    let demo = try await DemoElection.finished()
    let folder = try TemporaryFolder("tls")
    func openssl(_ arguments: [String]) throws {
      let run = try ToolRun("/usr/bin/openssl", arguments)
      try #require(run.status == 0, "openssl \(arguments): \(run.errors)")
    }
    for (name, alternative) in [
      ("good", "DNS:localhost,IP:127.0.0.1"), ("other", "DNS:localhost.example"),
    ] {
      try openssl([
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
        "2", "-subj", "/CN=\(name)", "-addext", "subjectAltName=\(alternative)", "-keyout",
        folder / "\(name).key", "-out", folder / "\(name).pem",
      ])
    }
    func mirror(_ host: String, _ server: PythonServer, trusting file: String?, _ copy: String)
      throws -> ProgramRun
    {
      try ProgramRun.run(
        "verifier", ["mirror", "https://\(host):\(server.port)", folder / copy],
        environment: ["SSL_CERT_FILE=\(file ?? "/dev/null")", "SSL_CERT_DIR=/nowhere"])
    }
    let good = try await PythonServer(
      demo.record, folder, tls: (folder / "good.pem", folder / "good.key"))
    for (number, host) in ["localhost", "127.0.0.1"].enumerated() {
      let run = try mirror(host, good, trusting: folder / "good.pem", "copy-\(number)")
      #expect(run.status == 0, "\(host): \(run.errors)")
      #expect(
        try TestBox.bytes(folder / "copy-\(number)/checkpoint")
          == TestBox.bytes("\(demo.record)/checkpoint"))
    }
    let unknown = try mirror("localhost", good, trusting: nil, "unknown")
    #expect(unknown.status == 4 && unknown.errors.contains("certificate"), "\(unknown.errors)")
    let other = try await PythonServer(
      demo.record, folder, tls: (folder / "other.pem", folder / "other.key"))
    for host in ["localhost", "127.0.0.1"] {
      let run = try mirror(host, other, trusting: folder / "other.pem", "other")
      #expect(run.status == 4 && run.errors.contains("certificate"), "\(host): \(run.errors)")
    }
    // Plain HTTP at a server of TLS, and TLS at a server of plain HTTP.
    let plain = try ProgramRun.run(
      "verifier", ["mirror", "http://localhost:\(good.port)", folder / "plain"])
    #expect(plain.status == 4, "\(plain.errors)")
    let bare = try await PythonServer(demo.record, folder)
    let run = try mirror("localhost", bare, trusting: folder / "good.pem", "bare")
    #expect(run.status == 4 && run.errors.contains("TLS"), "\(run.errors)")
    #expect(!FileManager.default.fileExists(atPath: folder / "unknown/checkpoint"))
  }

  @Test("The environment's proxies are not used")
  func noProxy() async throws {
    let demo = try await DemoElection.finished()
    let folder = try TemporaryFolder("proxy")
    let server = try FolderServer(demo.record)
    let proxy = try FolderServer("/nowhere")
    let run = try ProgramRun.run(
      "verifier", ["mirror", server.address, folder / "copy"],
      environment: ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"].map {
        "\($0)=\(proxy.address)"
      })
    #expect(run.status == 0, "\(run.errors)")
    #expect(proxy.paths.isEmpty)
  }
}
