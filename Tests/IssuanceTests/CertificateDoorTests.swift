// SPDX-License-Identifier: Apache-2.0

import CitizenAuthentication
import Cryptography
import Election
import ElectionFixtures
import Foundation
import Issuance
import IssuerService
import Logging
import Service
import StrictJSON
import TestSupport
import Testing

/// Citizens who show a certificate get the credential of their entry, and nobody else does.
@Suite(.hangs) struct CertificateDoorTests {
  private static let secret = "Vd8hk2Jw0qTzXr51LmNc7yBfGa9sEuPi"

  /// An authority with a revocation list, and certificates of citizens.
  private struct Authority {
    let folder: TemporaryFolder

    init() throws {
      folder = try TemporaryFolder()
      try folder.write(
        Array(
          """
          [ca]
          default_ca = own
          [own]
          database = \(folder.path)/index
          crlnumber = \(folder.path)/number
          default_md = sha256
          default_crl_days = 2
          """.utf8), "cnf")
      try folder.write([], "index")
      try folder.write(Array("1000\n".utf8), "number")
      try folder.write(Array((CertificateDoorTests.secret + "\n").utf8), "secret")
      try folder.write(
        Array(
          "basicConstraints=CA:FALSE\nkeyUsage=digitalSignature\nextendedKeyUsage=clientAuth\n".utf8
        )
          + Array("subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n".utf8), "ext")
      let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
      try openssl(
        ["req", "-x509"] + key + [
          "-days", "3", "-subj", "/CN=Root", "-keyout", "root.key", "-out", "root.pem", "-addext",
          "keyUsage=critical,keyCertSign,cRLSign",
        ])
      for (name, serial) in [("six", "citizen 6"), ("stranger", "nobody")] {
        try openssl(
          ["req"] + key + [
            "-subj", "/CN=Citizen/serialNumber=\(serial)", "-keyout", "\(name).key", "-out",
            "\(name).csr",
          ])
        try openssl([
          "x509", "-req", "-in", "\(name).csr", "-CA", "root.pem", "-CAkey", "root.key",
          "-CAcreateserial", "-days", "2", "-extfile", "ext", "-out", "\(name).pem",
        ])
      }
      try openssl([
        "ca", "-config", "cnf", "-gencrl", "-keyfile", "root.key", "-cert", "root.pem", "-out",
        "root.crl",
      ])
    }

    private func openssl(_ arguments: [String]) throws {
      let run = try ToolRun(
        "/usr/bin/openssl", arguments, in: URL(fileURLWithPath: folder.path))
      try #require(run.status == 0, "\(arguments): \(run.text)")
    }

    func door() throws -> CertificateDoor {
      CertificateDoor(
        source: .proxy(
          try ProxyCertificateHeader(
            secretFile: SecretBytes(copying: folder.bytes("secret")))),
        verifier: try load().verifier)
    }

    /// Authorities and lists as they are now.
    func load() throws -> CertificateRenewal.Loaded {
      let list = try folder.bytes("root.crl")
      return CertificateRenewal.Loaded(
        verifier: try ClientCertificateVerifier(
          anchors: folder.bytes("root.pem"), revocationLists: [list],
          identifier: CertificateIdentifier(.subject(CertificateIdentifier.serialNumber))),
        digest: SHA256.hash(list))
    }

    /// Takes a certificate back, and publishes a new list.
    func revoke(_ name: String) throws {
      let own = ["ca", "-config", "cnf", "-keyfile", "root.key", "-cert", "root.pem"]
      try openssl(own + ["-revoke", "\(name).pem"])
      try openssl(own + ["-gencrl", "-out", "new.crl"])
      try FileManager.default.removeItem(atPath: "\(folder.path)/root.crl")
      try FileManager.default.moveItem(
        atPath: "\(folder.path)/new.crl", toPath: "\(folder.path)/root.crl")
    }

    /// The fields that a proxy adds.
    func fields(_ name: String, secret: String = CertificateDoorTests.secret) throws -> [String] {
      let pem = String(decoding: try folder.bytes("\(name).pem"), as: UTF8.self)
      let escaped = pem.utf8.map { byte in
        let isPlain =
          (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
          || (0x61...0x7A).contains(byte)
        return isPlain ? String(UnicodeScalar(byte)) : String(format: "%%%02X", byte)
      }.joined()
      return ["-H", "X-Client-Cert: \(escaped)", "-H", "X-Proxy-Secret: \(secret)"]
    }
  }

  /// What curl gets: status and body.
  private static func post(
    _ port: Int, _ path: String, _ body: [UInt8], _ more: [String]
  ) async throws -> (status: Int, body: [UInt8]) {
    let folder = try TemporaryFolder()
    try folder.write(body, "body")
    let run = try await ToolRun.onThread(
      "/usr/bin/curl",
      [
        "-s", "--data-binary", "@\(folder.path)/body", "-H", "Content-Type: application/json",
        "-o", folder.path + "/answer", "-w", "%{http_code}",
      ] + more + ["http://127.0.0.1:\(port)\(path)"])
    let status = try #require(Int(run.output), "\(run.text)")
    return (status, try folder.bytes("answer"))
  }

  // adversary: E-09
  @Test func theCertificateOpensItsOwnEntry() async throws {
    let authority = try Authority()
    let desk = try TestDesk()
    let door = CitizenDoor(certificates: try authority.door(), tokens: nil)
    let own = try authority.fields("six")
    let stranger = try authority.fields("stranger")
    let guessed = try authority.fields("six", secret: String(repeating: "x", count: 32))
    let message = try desk.message(6).bytes(in: desk.fixture.group)
    let other = try desk.message(7).bytes(in: desk.fixture.group)
    let place = desk.fixture.rollPlace(6)
    try await desk.serve(door: door) { port in
      let entry = try await Self.post(port, "/v1/entry", IdentifiedQuestion().bytes, own)
      #expect(entry.status == 200)
      let answer = try RollAnswer(bytes: entry.body)
      #expect(answer.district == place.district && answer.index == place.index)
      var refusals = Set<[UInt8]>()
      for (path, body, fields) in [
        ("/v1/entry", IdentifiedQuestion().bytes, []),
        ("/v1/entry", IdentifiedQuestion().bytes, stranger),
        ("/v1/entry", IdentifiedQuestion().bytes, guessed),
        ("/v1/issue", message, []), ("/v1/issue", message, stranger),
        ("/v1/issue", message, guessed), ("/v1/issue", other, own),
      ] {
        let refused = try await Self.post(port, path, body, fields)
        #expect(refused.status == 403, "\(path)")
        refusals.insert(refused.body)
      }
      #expect(refusals.count == 1)
      let issued = try await Self.post(port, "/v1/issue", message, own)
      #expect(issued.status == 200)
      let signed = try IssueAnswer(bytes: issued.body)
      #expect(signed.isReceiptValid(key: CredentialSetup.issuers[0].identity.publicKey))
    }
  }

  /// A new revocation list counts without a restart; one that cannot be read changes nothing.
  @Test func newListsCount() async throws {
    let authority = try Authority()
    let desk = try TestDesk()
    let metrics = MetricsRegistry()
    let door = try authority.door()
    let renewal = CertificateRenewal(
      door: door, first: try authority.load(), interval: .milliseconds(50), metrics: metrics,
      logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
      load: { try authority.load() })
    let own = try authority.fields("six")
    try await desk.serve(
      door: CitizenDoor(certificates: door, tokens: nil), renewal: renewal, metrics: metrics
    ) { port in
      func status() async throws -> Int {
        let answer = try await Self.post(port, "/v1/entry", IdentifiedQuestion().bytes, own)
        return answer.status
      }
      #expect(try await status() == 200)
      let list = try authority.folder.bytes("root.crl")
      try authority.folder.write(Array("no list".utf8), "root.crl")
      try await Task.sleep(for: .seconds(1))
      #expect(try await status() == 200)
      try authority.folder.write(list, "root.crl")
      try authority.revoke("six")
      let end = ContinuousClock.now + Patience.time
      var answer = 200
      while answer == 200, ContinuousClock.now < end { answer = try await status() }
      #expect(answer == 403)
      #expect(metrics.exposition().contains("issuer_revocation_lists_end_timestamp_seconds 1"))
    }
  }
}
