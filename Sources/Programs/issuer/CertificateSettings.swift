// SPDX-License-Identifier: Apache-2.0

import CitizenAuthentication
import CommandLineSupport
import Cryptography
import IssuerService
import Logging
import Service

/// Citizens with certificates: `certificates.…` of the configuration. Nothing of it, or what is required.
struct CertificateSettings {
  private let anchors: String
  private let intermediates: String?
  private let revocationLists: [String]
  private let identifier: String
  private let prefix: String
  /// Nil: the handshake with this server shows the certificate.
  private let proxySecret: String?
  private let reloadSeconds: Int

  /// Largest file of certificates or of a revocation list.
  private static let maximumByteCount = 64 << 20

  static let keys: [ConfigurationKey] = [
    .string("certificates.anchors"), .string("certificates.intermediates"),
    ConfigurationKey("certificates.revocationLists", .strings(maxCount: 100, maxBytes: 4096)),
    .string("certificates.identifier"), .string("certificates.prefix"),
    .string("certificates.proxySecret"), .integer("certificates.reloadSeconds", 1...86_400),
  ]

  init?(_ settings: Settings, _ service: ServiceConfiguration) throws(ServiceError) {
    guard let anchors = try settings.string("certificates.anchors") else {
      for name in ["intermediates", "identifier", "prefix", "proxySecret"]
      where try settings.string("certificates.\(name)") != nil {
        throw settings.failure("certificates.anchors", "the key is missing")
      }
      guard !service.asksForCertificates else {
        throw settings.failure("certificates.anchors", "tls.clientAuthorities needs the key")
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
    proxySecret = try settings.string("certificates.proxySecret")
    guard (proxySecret == nil) == service.asksForCertificates else {
      throw settings.failure(
        "certificates.proxySecret",
        "either a proxy shows certificates, or the handshake with this server (tls.clientAuthorities)"
      )
    }
    reloadSeconds = try settings.integer("certificates.reloadSeconds") ?? 60
  }

  /// Reads the files, and goes on reading them.
  func open(
    metrics: MetricsRegistry, logger: Logger
  ) throws(ProgramError) -> (door: CertificateDoor, renewal: CertificateRenewal) {
    let first = try load()
    let source: CertificateDoor.Source
    do {
      source =
        try proxySecret.map { path throws in
          .proxy(
            try ProxyCertificateHeader(secretFile: try Files.readSecret(path, limit: 1024)))
        } ?? .handshake
    } catch { throw ProgramError(.wrong, "certificates.proxySecret: \(error)") }
    let door = CertificateDoor(source: source, verifier: first.verifier)
    let renewal = CertificateRenewal(
      door: door, first: first, interval: .seconds(reloadSeconds), metrics: metrics,
      logger: logger, load: { try self.load() })
    return (door, renewal)
  }

  private func load() throws(ProgramError) -> CertificateRenewal.Loaded {
    var files: [[UInt8]] = []
    for path in [anchors, intermediates].compactMap({ $0 }) + revocationLists {
      files.append(try Files.read(path, limit: Self.maximumByteCount))
    }
    let digest = SHA256.hash(files.flatMap { SHA256.hash($0).bytes })
    let lists = Array(files.suffix(revocationLists.count))
    do {
      let verifier = try ClientCertificateVerifier(
        anchors: files[0], intermediates: intermediates == nil ? [] : files[1],
        revocationLists: lists,
        identifier: try CertificateIdentifier(.subject(identifier), prefix: prefix))
      return CertificateRenewal.Loaded(verifier: verifier, digest: digest)
    } catch { throw ProgramError(.wrong, "certificates: \(error)") }
  }
}
