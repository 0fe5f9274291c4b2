// SPDX-License-Identifier: Apache-2.0

public import Cryptography

/// M, what a credential says, and what issuers sign without seeing it:
///
///     M = "urna/credential/v1" ‖ 00 ‖ u16 length ‖ scope ‖ id ‖ u32 district ‖ nonce ‖ P
///
/// The nonce has 32 bytes that no issuer could know when it made its key, which is what the deterministic variant
/// of RFC 9474 asks for (section 7.3, Message Entropy).
public struct CredentialMessage: Hashable, Sendable {
  /// What the credential is good for.
  public let scope: CredentialScope
  /// The district's number.
  public let district: Int
  /// 32 bytes.
  public let nonce: Digest
  /// P, the pseudonym: the key that will sign ballots.
  public let pseudonym: Ed25519.PublicKey

  /// A message from its parts.
  public init(
    scope: CredentialScope, district: Int, nonce: Digest, pseudonym: Ed25519.PublicKey
  ) {
    self.scope = scope
    self.district = district
    self.nonce = nonce
    self.pseudonym = pseudonym
  }

  /// M
  public var bytes: [UInt8] {
    var tagged = TaggedBytes("urna/credential/v1")
    tagged.append(scope)
    tagged.append(u32: district)
    tagged.append(nonce)
    tagged.append(pseudonym)
    return tagged.bytes
  }
}
