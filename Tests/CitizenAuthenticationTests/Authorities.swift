// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Synchronization
import TestSupport

import CitizenAuthentication

/// Authorities and certificates, made by `openssl` in a folder of their own.
final class Authorities: Sendable {
  let folder: TemporaryFolder
  private static let task = Task { try await Authorities() }

  /// Made once.
  static func shared() async throws -> Authorities { try await task.value }

  private static let path = Mutex("")

  private static func remove() {
    try? FileManager.default.removeItem(atPath: path.withLock { $0 })
  }

  static let identifier = "PNOXX-0000000042"
  private init() async throws {
    folder = try TemporaryFolder()
    // What lives as long as the process is never released.
    Self.path.withLock { $0 = folder.path }
    atexit { Authorities.remove() }
    try folder.write(Array(Self.configuration.utf8), "openssl.cnf")
    for name in ["root", "int", "other", "fake"] {
      try folder.write([], "\(name).index")
      try folder.write(Array("1000\n".utf8), "\(name).serial")
      try folder.write(Array("1000\n".utf8), "\(name).crlnumber")
    }
    for (name, subject) in [
      ("root", "/CN=Root"), ("other", "/CN=Other"), ("fake", "/CN=Intermediate"),
    ] {
      try await openssl(
        ["req", "-x509", "-days", "60", "-config", "openssl.cnf", "-extensions", "ext_root"]
          + Self.key("\(name).key") + ["-subj", subject, "-out", "\(name).pem"])
    }
    try await issue("int", by: "root", "/CN=Intermediate", "ext_int")
    try await lists()
    let subject = "/CN=Maria Example/serialNumber=\(Self.identifier)"
    try await issue("good", by: "int", subject, "ext_citizen")
    try await issue("plain", by: "int", subject, "ext_plain")
    try await issue("server", by: "int", subject, "ext_server")
    try await issue("encipher", by: "int", subject, "ext_encipher")
    try await issue("revoked", by: "int", subject, "ext_citizen")
    try await issue(
      "expired", by: "int", subject, "ext_citizen",
      ["-startdate", "20200101000000Z", "-enddate", "20210101000000Z"])
    try await issue(
      "future", by: "int", subject, "ext_citizen",
      ["-startdate", "20990101000000Z", "-enddate", "20990201000000Z"])
    try await issue("two", by: "int", subject + "/serialNumber=2", "ext_citizen")
    try await issue("none", by: "int", "/CN=Maria Example", "ext_citizen")
    try await issue("long", by: "int", "/CN=M/serialNumber= 1", "ext_citizen")
    try await issue("tele", by: "int", "/CN=Ünïcode", "ext_citizen")
    try await issue("foreign", by: "other", subject, "ext_citizen")
    try await issue("forged", by: "fake", subject, "ext_citizen")
    try await issue("small", by: "int", subject, "ext_citizen", rsa: 1024)
    try await openssl(["ca", "-config", "openssl.cnf", "-name", "ca_int", "-revoke", "revoked.pem"])
    try await list("int", "int.crl")
    try await openssl(["crl", "-in", "int.crl", "-outform", "DER", "-out", "int.der.crl"])
    // A certificate that a citizen signed for somebody else.
    try await openssl(
      ["req", "-new"] + Self.key("below.key") + ["-subj", subject, "-out", "below.csr"])
    try await openssl([
      "x509", "-req", "-in", "below.csr", "-CA", "good.pem", "-CAkey", "good.key", "-extfile",
      "openssl.cnf", "-extensions", "ext_citizen", "-days", "20", "-set_serial", "7", "-out",
      "below.pem",
    ])
  }

  private func lists() async throws {
    try await list("root", "root.crl")
    try await list("fake", "fake.crl")
    try await list(
      "int", "int-old.crl",
      ["-crl_lastupdate", "20200101000000Z", "-crl_nextupdate", "20200201000000Z"])
    try await openssl(["ca", "-config", "openssl.cnf", "-name", "ca_root", "-revoke", "int.pem"])
    try await list("root", "root-revokes.crl")
  }

  private func list(_ authority: String, _ file: String, _ more: [String] = []) async throws {
    try await openssl(
      ["ca", "-config", "openssl.cnf", "-name", "ca_\(authority)", "-gencrl", "-out", file] + more)
  }

  private static func key(_ file: String) -> [String] {
    ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", file]
  }

  func issue(
    _ name: String, by authority: String, _ subject: String, _ extensions: String,
    _ more: [String] = [], rsa bits: Int? = nil
  ) async throws {
    let key =
      bits.map { ["-newkey", "rsa:\($0)", "-nodes", "-keyout", "\(name).key"] }
      ?? Self.key("\(name).key")
    try await openssl(
      ["req", "-new", "-utf8", "-config", "openssl.cnf"] + key
        + ["-subj", subject, "-out", "\(name).csr"])
    try await openssl(
      [
        "ca", "-batch", "-utf8", "-config", "openssl.cnf", "-name", "ca_\(authority)",
        "-extensions",
        extensions, "-in", "\(name).csr", "-out", "\(name).pem", "-notext",
      ] + more)
  }

  func openssl(_ arguments: [String]) async throws {
    try await Tool.finish(Tool.openssl, arguments, in: URL(fileURLWithPath: folder.path))
  }

  func file(_ name: String) throws -> [UInt8] { try folder.bytes(name) }

  func der(_ name: String) throws -> [UInt8] {
    try PEM.blocks(file("\(name).pem"), label: "CERTIFICATE")[0]
  }

  func verifier(
    lists: [String] = ["int.crl", "root.crl"], requiresRevocationCheck: Bool = true,
    identifier: CertificateIdentifier? = nil
  ) throws -> ClientCertificateVerifier {
    try ClientCertificateVerifier(
      anchors: file("root.pem"), intermediates: file("int.pem"),
      revocationLists: lists.map { try file($0) },
      identifier: identifier ?? CertificateIdentifier(.subject("2.5.4.5")),
      requiresRevocationCheck: requiresRevocationCheck)
  }

  private static func authority(_ name: String) -> String {
    """
    [ca_\(name)]
    database = \(name).index
    serial = \(name).serial
    crlnumber = \(name).crlnumber
    new_certs_dir = .
    certificate = \(name).pem
    private_key = \(name).key
    default_md = sha256
    default_days = 30
    default_crl_days = 7
    policy = any
    unique_subject = no
    preserve = yes
    crl_extensions = ext_crl

    """
  }

  private static let configuration =
    ["root", "int", "other", "fake"].map(authority).joined() + """
      [any]
      commonName = supplied
      serialNumber = optional
      [req]
      distinguished_name = empty
      [empty]
      [ext_crl]
      authorityKeyIdentifier = keyid
      [ext_root]
      basicConstraints = critical, CA:TRUE
      keyUsage = critical, keyCertSign, cRLSign
      subjectKeyIdentifier = hash
      [ext_int]
      basicConstraints = critical, CA:TRUE, pathlen:0
      keyUsage = critical, keyCertSign, cRLSign
      subjectKeyIdentifier = hash
      authorityKeyIdentifier = keyid
      [ext_citizen]
      basicConstraints = critical, CA:FALSE
      keyUsage = critical, digitalSignature
      extendedKeyUsage = clientAuth
      subjectKeyIdentifier = hash
      authorityKeyIdentifier = keyid
      subjectAltName = otherName:1.3.6.1.4.1.32473.1;UTF8:42-other, email:maria@example.org, URI:urn:example:42
      [ext_plain]
      basicConstraints = critical, CA:FALSE
      keyUsage = critical, digitalSignature
      subjectKeyIdentifier = hash
      authorityKeyIdentifier = keyid
      [ext_server]
      basicConstraints = critical, CA:FALSE
      keyUsage = critical, digitalSignature
      extendedKeyUsage = serverAuth
      subjectKeyIdentifier = hash
      authorityKeyIdentifier = keyid
      subjectAltName = DNS:issuer.example.org
      [ext_encipher]
      basicConstraints = critical, CA:FALSE
      keyUsage = critical, keyEncipherment
      subjectKeyIdentifier = hash
      authorityKeyIdentifier = keyid

      """
}
