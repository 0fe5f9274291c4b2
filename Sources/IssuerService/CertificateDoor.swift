// SPDX-License-Identifier: Apache-2.0

public import CitizenAuthentication
internal import HTTPTypes
internal import Hummingbird
internal import Issuance
internal import Service
internal import Synchronization

/// Citizens who show a certificate (`Specs/citizen-authentication.md`): in the handshake with this server, or to a
/// proxy that passes it on next to a secret that only the proxy and the issuer know.
public final class CertificateDoor: Sendable {
  /// Where the certificate comes from.
  public enum Source: Sendable {
    /// TLS ends in this server.
    case handshake
    /// A proxy speaks TLS with citizens.
    case proxy(ProxyCertificateHeader)
  }

  private let source: Source
  private let verifier: Mutex<ClientCertificateVerifier>

  /// A door.
  public init(source: Source, verifier: ClientCertificateVerifier) {
    self.source = source
    self.verifier = Mutex(verifier)
  }

  /// Goes on with other authorities or revocation lists.
  public func renew(_ verifier: ClientCertificateVerifier) {
    self.verifier.withLock { $0 = verifier }
  }

  /// Who shows a certificate; nil where none was shown.
  func citizen(
    _ request: Request, _ context: ServiceContext, at time: Int64
  ) async throws(AuthenticationError) -> CitizenIdentity? {
    guard let certificate = try await certificate(request, context) else { return nil }
    return try verifier.withLock { $0 }.verify(certificate, at: time)
  }

  private func certificate(
    _ request: Request, _ context: ServiceContext
  ) async throws(AuthenticationError) -> [UInt8]? {
    switch source {
    case .handshake:
      do { return try await context.peerCertificate() } catch {
        throw .operatingSystem("the certificate of the handshake can be read")
      }
    case .proxy(let header):
      func values(_ name: String) -> [String] {
        HTTPField.Name(name).map { request.headers[values: $0] } ?? []
      }
      return try header.certificate(
        certificates: values(ProxyCertificateHeader.certificateField),
        secrets: values(ProxyCertificateHeader.secretField))
    }
  }
}
