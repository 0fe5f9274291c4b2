// SPDX-License-Identifier: Apache-2.0

public import CitizenAuthentication
internal import Cryptography
internal import Foundation
internal import Hummingbird
internal import Issuance
internal import Service

/// How an issuer recognises citizens whose entry of the roll has an identifier: by certificates, by ID tokens, or by
/// both (`Specs/citizen-authentication.md`).
public struct CitizenDoor: Sendable {
  private let certificates: CertificateDoor?
  private let tokens: IDTokenVerifier?
  private let clock: @Sendable () -> Int64

  /// This machine's clock.
  public static let now: @Sendable () -> Int64 = { Int64(Date().timeIntervalSince1970) }

  /// A door; nil where neither way is open.
  ///
  /// - Parameter clock: seconds since 1970.
  public init?(
    certificates: CertificateDoor?, tokens: IDTokenVerifier?,
    clock: @escaping @Sendable () -> Int64 = CitizenDoor.now
  ) {
    guard certificates != nil || tokens != nil else { return nil }
    self.certificates = certificates
    self.tokens = tokens
    self.clock = clock
  }

  /// Who asks; nil where nothing was shown. A token decides where there is one.
  ///
  /// - Parameters:
  ///   - token: the ID token of the message.
  ///   - digest: what the token must be bound to.
  /// - Throws: ``Issuance/IssuanceRefusal/unknown`` for every fault of what was shown;
  ///   ``Issuance/IssuanceRefusal/unavailable(_:)`` if it cannot be checked now.
  func citizen(
    _ request: Request, _ context: ServiceContext, token: [UInt8]?, boundTo digest: Digest
  ) async throws(IssuanceRefusal) -> CitizenIdentity? {
    let time = clock()
    do throws(AuthenticationError) {
      if let token {
        guard let tokens else { throw .token("this issuer takes ID tokens") }
        return try await tokens.verify(
          token, expectedNonce: Base64URL.encode(digest.bytes), at: time)
      }
      return try await certificates?.citizen(request, context, at: time)
    } catch {
      if error.isTemporary { throw .unavailable("who asks cannot be checked") }
      throw .unknown
    }
  }
}
