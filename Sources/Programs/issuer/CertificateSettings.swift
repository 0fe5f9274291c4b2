// SPDX-License-Identifier: Apache-2.0

import CitizenAuthentication
import CommandLineSupport
import Cryptography
import IssuerService
import Service

/// Citizens with certificates: `certificates.…` of the configuration. Nothing of it, or what is required.
struct CertificateSettings {
  private let anchors: String
  private let intermediates: String?
  private let revocationLists: [String]
  private let identifier: String
  private let prefix: String
  private let proxySecret: String

  /// Largest file of certificates or of a revocation list.
  private static let maximumByteCount = 64 << 20

  init?(_ settings: Settings) throws(ServiceError) {
    guard let anchors = try settings.string("certificates.anchors") else {
      for name in ["intermediates", "identifier", "prefix", "proxySecret"]
      where try settings.string("certificates.\(name)") != nil {
        throw settings.failure("certificates.anchors", "the key is missing")
      }
      return nil
    }
    self.anchors = anchors
    intermediates = try settings.string("certificates.intermediates")
    revocationLists = try settings.strings("certificates.revocationLists") ?? []
    guard !revocationLists.isEmpty else {
      throw settings.failure(
        "certificates.revocationLists", "a list of every authority: without one nobody is accepted")
    }
    identifier =
      try settings.string("certificates.identifier") ?? CertificateIdentifier.serialNumber
    prefix = try settings.string("certificates.prefix") ?? ""
    proxySecret = try settings.requiredString("certificates.proxySecret")
  }

  /// Reads the files.
  func door() throws(ProgramError) -> CertificateDoor {
    var lists: [[UInt8]] = []
    for path in revocationLists {
      lists.append(try Files.read(path, limit: Self.maximumByteCount))
    }
    let trusted = try Files.read(anchors, limit: Self.maximumByteCount)
    let between = try intermediates.map { path throws(ProgramError) in
      try Files.read(path, limit: Self.maximumByteCount)
    }
    let secret = try Files.readSecret(proxySecret, limit: 1024)
    do {
      return CertificateDoor(
        header: try ProxyCertificateHeader(secretFile: secret),
        verifier: try ClientCertificateVerifier(
          anchors: trusted, intermediates: between ?? [], revocationLists: lists,
          identifier: try CertificateIdentifier(.subject(identifier), prefix: prefix)))
    } catch { throw ProgramError(.wrong, "certificates: \(error)") }
  }
}
