// SPDX-License-Identifier: Apache-2.0

public import Cryptography

/// A citizen's request for one credential, the same for all issuers:
///
///     "urna/request/v1" ‖ 00 ‖ u16 length ‖ scope ‖ id ‖ u32 district ‖ u32 i ‖ u32 attempt
///       ‖ u8 m ‖ SHA-256(blinded_1) ‖ … ‖ SHA-256(blinded_m)
///
/// signed by every K_i. Public: it names an entry of the roll by number, and nobody by name.
public struct IssueRequest: Hashable, Sendable {
  /// What the credential is to be good for.
  public let scope: CredentialScope
  /// The district's number, from 1.
  public let district: Int
  /// i, the number of the roll's entry, from 1.
  public let index: Int
  /// How many requests of this entry were cancelled before.
  public let attempt: Int
  /// SHA-256 of the blinded message for each issuer.
  public let blinded: [Digest]

  /// Highest number of an attempt.
  public static let maximumAttempt = 9

  /// A request from its parts.
  public init(
    scope: CredentialScope, district: Int, index: Int, attempt: Int, blinded: [Digest]
  ) {
    self.scope = scope
    self.district = district
    self.index = index
    self.attempt = attempt
    self.blinded = blinded
  }

  /// What is signed.
  public var bytes: [UInt8] {
    var tagged = TaggedBytes("urna/request/v1")
    tagged.append(scope)
    tagged.append(u32: district)
    tagged.append(u32: index)
    tagged.append(u32: attempt)
    tagged.append(byte: blinded.count)
    for digest in blinded { tagged.append(digest) }
    return tagged.bytes
  }

  /// The request's name: SHA-256 of its bytes.
  public var hash: Digest { SHA256.hash(bytes) }

  /// What the keys of the roll's entry sign to cancel the request in favour of nobody:
  /// `"urna/cancel/v1" ‖ 00 ‖ request hash ‖ P`.
  public static func cancellation(of request: Digest, pseudonym: Ed25519.PublicKey) -> [UInt8] {
    var tagged = TaggedBytes("urna/cancel/v1")
    tagged.append(request)
    tagged.append(pseudonym)
    return tagged.bytes
  }

  /// What an issuer signs about its answer: `"urna/issued/v1" ‖ 00 ‖ u32 issuer ‖ request hash ‖
  /// SHA-256(blind_sig)`. With the request and a blind signature that does not hold it convicts the issuer.
  public static func receipt(
    issuer: Int, request: Digest, blindSignature: [UInt8]
  ) -> [UInt8] {
    var tagged = TaggedBytes("urna/issued/v1")
    tagged.append(u32: issuer)
    tagged.append(request)
    tagged.append(SHA256.hash(blindSignature))
    return tagged.bytes
  }

  /// What the keys of an entry of the roll sign to ask an issuer for the entry itself:
  /// `"urna/entry-question/v1" ‖ 00 ‖ u16 length ‖ scope ‖ id ‖ u32 district ‖ u32 i`.
  public static func question(scope: CredentialScope, district: Int, index: Int) -> [UInt8] {
    var tagged = TaggedBytes("urna/entry-question/v1")
    tagged.append(scope)
    tagged.append(u32: district)
    tagged.append(u32: index)
    return tagged.bytes
  }

  /// What an ID token is bound to by which a citizen asks for the own entry:
  /// `"urna/identity-question/v1" ‖ 00 ‖ u16 length ‖ scope ‖ id ‖ random (32)`.
  public static func identifiedQuestion(scope: CredentialScope, random: Digest) -> [UInt8] {
    var tagged = TaggedBytes("urna/identity-question/v1")
    tagged.append(scope)
    tagged.append(random)
    return tagged.bytes
  }
}
