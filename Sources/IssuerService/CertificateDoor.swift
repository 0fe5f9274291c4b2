// SPDX-License-Identifier: Apache-2.0

public import CitizenAuthentication
internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import Issuance

/// Citizens who show a certificate: a proxy speaks TLS with them and passes it on, next to a secret that only the
/// proxy and the issuer know (`Specs/citizen-authentication.md`).
public struct CertificateDoor: Sendable {
  private let header: ProxyCertificateHeader
  private let verifier: ClientCertificateVerifier

  /// A door.
  public init(header: ProxyCertificateHeader, verifier: ClientCertificateVerifier) {
    self.header = header
    self.verifier = verifier
  }

  /// Who asks; nil where no certificate was shown.
  ///
  /// - Throws: ``Issuance/IssuanceRefusal/unknown`` for every fault of fields and certificate.
  func citizen(_ request: Request) throws(IssuanceRefusal) -> CitizenIdentity? {
    func values(_ name: String) -> [String] {
      HTTPField.Name(name).map { request.headers[values: $0] } ?? []
    }
    do throws(AuthenticationError) {
      let certificate = try header.certificate(
        certificates: values(ProxyCertificateHeader.certificateField),
        secrets: values(ProxyCertificateHeader.secretField))
      guard let certificate else { return nil }
      return try verifier.verify(certificate, at: Int64(Date().timeIntervalSince1970))
    } catch {
      if error.isTemporary { throw .unavailable("certificates cannot be checked") }
      throw .unknown
    }
  }
}
