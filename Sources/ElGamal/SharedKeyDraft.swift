// SPDX-License-Identifier: Apache-2.0

package import Groups

/// g^ξ, K̂^ξ and g^u of an encryption under K̂ with a proof of knowledge of ξ: what is the same for a
/// ballot nonce and for contest data, asked for before anything is hashed. ξ, u and K̂^ξ are secret.
package final class SharedKeyDraft: Sendable {
  private let nonce: SecretScalar
  private let commitment: SecretScalar
  private let positions: (c0: Int, shared: Int, a: Int)

  /// Asks for the powers.
  /// - Parameters:
  ///   - nonce: ξ, secret.
  ///   - commitment: u, secret.
  ///   - key: K̂.
  package init(
    nonce: borrowing SecretScalar, commitment: borrowing SecretScalar, key: FixedBase,
    powers: inout SecretPowerBatch, in group: Group
  ) {
    self.nonce = nonce.copy()
    self.commitment = commitment.copy()
    positions = (
      powers.append(group.generator, nonce), powers.append(key, nonce),
      powers.append(group.generator, commitment)
    )
  }

  /// C_0 = g^ξ
  func c0(_ powers: borrowing SecretElements) -> Element { powers.revealed(positions.c0) }

  /// β = K̂^ξ
  func shared(_ powers: borrowing SecretElements) -> SecretElement {
    powers.copy(positions.shared)
  }

  /// a = g^u
  func a(_ powers: borrowing SecretElements) -> Element { powers.revealed(positions.a) }

  /// (c, u − c·ξ)
  func proof(_ challenge: Scalar, in group: Group) -> CompactProof {
    CompactProof(
      challenge: challenge,
      response: group.response(nonce: commitment, challenge: challenge, secret: nonce))
  }
}
