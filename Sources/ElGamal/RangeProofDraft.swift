// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
package import Groups

/// A range proof whose powers are asked for and whose challenge is not known yet, so that all proofs
/// of a ballot share one pass of the engine. Secret.
package final class RangeProofDraft: Sendable {
  private let vote: Int
  private let bound: Int
  private let nonce: SecretScalar
  private let randomness: RangeProofRandomness
  /// Where a_j and b_j come out, j = 0 … R.
  private let commitments: [(a: Int, b: Int)]

  /// Asks for the powers of a proof, with hedged randomness: see ``HedgedNonces``.
  /// - Parameters:
  ///   - place: everything public that the proof is about, but for the ciphertext, which follows from
  ///     it together with the secrets.
  ///   - vote: ℓ, secret.
  ///   - bound: R or L.
  ///   - nonce: ξ, secret.
  /// - Throws: `GroupError.outOfRange` for a vote outside 0 … R, `.randomnessUnavailable`.
  package convenience init(
    _ place: HashInput, vote: Int, bound: Int, nonce: borrowing SecretScalar, key: FixedBase,
    powers: inout SecretPowerBatch, in group: Group
  ) throws(GroupError) {
    guard bound >= 0, (0...bound).contains(vote) else { throw .outOfRange }
    let randomness = try RangeProofRandomness.hedged(
      place, bound: bound, vote: vote, nonce: nonce, in: group)
    try self.init(
      vote: vote, bound: bound, nonce: nonce, randomness: randomness, key: key, powers: &powers,
      in: group)
  }

  /// The same with given randomness.
  ///
  /// All branches take the same path: b_j = K^(u_j + (ℓ−j)·c_j) is K^(u_ℓ) for j = ℓ.
  package init(
    vote: Int, bound: Int, nonce: borrowing SecretScalar,
    randomness: consuming RangeProofRandomness, key: FixedBase, powers: inout SecretPowerBatch,
    in group: Group
  ) throws(GroupError) {
    guard bound >= 0, (0...bound).contains(vote) else { throw .outOfRange }
    self.vote = vote
    self.bound = bound
    self.nonce = nonce.copy()
    let secretVote = group.secretScalar(small: UInt64(vote))
    var commitments: [(a: Int, b: Int)] = []
    for value in 0...bound {
      let difference = group.subtract(secretVote, group.secret(group.scalar(UInt64(value))))
      let exponent = randomness.challenges.with(value) { c in
        randomness.nonces.with(value) { u in group.add(u, group.multiply(difference, c)) }
      }
      let a = randomness.nonces.with(value) { powers.append(group.generator, $0) }
      commitments.append((a, powers.append(key, exponent)))
    }
    self.commitments = commitments
    self.randomness = randomness
  }

  /// The proof, once the powers are known.
  package func finished(
    _ statement: RangeStatement, powers: borrowing SecretElements, in group: Group
  ) -> RangeProof {
    var input = statement.input(in: group)
    for commitment in commitments {
      input.append(powers.revealed(commitment.a))
      input.append(powers.revealed(commitment.b))
    }
    return randomness.answer(
      input.scalar(key: statement.identifierHash), vote: vote, nonce: nonce, in: group)
  }
}
