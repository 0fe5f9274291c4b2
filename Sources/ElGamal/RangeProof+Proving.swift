// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
public import Groups

/// The randomness of one range proof: u_j and c_j for every value j. Secret until the proof is made.
package struct RangeProofRandomness: ~Copyable, Sendable {
  package let nonces: SecretScalars
  package let challenges: SecretScalars

  package init(nonces: consuming SecretScalars, challenges: consuming SecretScalars) {
    self.nonces = nonces
    self.challenges = challenges
  }

  /// Hedged randomness for the values 0 … R: see ``HedgedNonces``. The ciphertext follows from the
  /// place, the vote and the nonce. The vote is nil when it is not known yet.
  static func hedged(
    _ place: HashInput, bound: Int, vote: Int?, nonce: borrowing SecretScalar, in group: Group
  ) throws(GroupError) -> RangeProofRandomness {
    var secrets = group.encoded(nonce)
    if let vote {
      secrets = secrets.appending(group.encoded(group.secretScalar(small: UInt64(vote))))
    }
    let hedged = try HedgedNonces(statement: place, secrets: secrets)
    return RangeProofRandomness(
      nonces: try hedged.nonces(bound + 1, in: group),
      challenges: try hedged.nonces(bound + 1, from: bound + 1, in: group))
  }

  /// A second block with the same randomness.
  borrowing func copy() -> RangeProofRandomness {
    RangeProofRandomness(nonces: nonces.copy(), challenges: challenges.copy())
  }

  /// The proof that answers the challenge c: c_j and v_j = u_j − c_j·ξ, where the c_j of the vote
  /// closes the sum. Which one that is, is chosen by a mask.
  borrowing func answer(
    _ challenge: Scalar, vote: Int, nonce: borrowing SecretScalar, in group: Group
  ) -> RangeProof {
    var sumOfOthers = group.secret(.zero)
    for value in 0..<nonces.count {
      let isVote = Self.isEqual(value, vote)
      sumOfOthers = challenges.with(value) { c in
        group.select(isVote, sumOfOthers, group.add(sumOfOthers, c))
      }
    }
    let closing = group.subtract(group.secret(challenge), sumOfOthers)
    var branches: [CompactProof] = []
    for value in 0..<nonces.count {
      let c = challenges.with(value) { random in
        group.revealed(group.select(Self.isEqual(value, vote), closing, random))
      }
      let v = nonces.with(value) { u in
        group.response(nonce: u, challenge: c, secret: nonce)
      }
      branches.append(CompactProof(challenge: c, response: v))
    }
    return RangeProof(branches: branches)
  }

  /// 1 when both are equal, else 0, without a branch.
  private static func isEqual(_ a: Int, _ b: Int) -> UInt {
    let difference = UInt(bitPattern: a ^ b)
    return 1 ^ ((difference | (0 &- difference)) >> 63)
  }
}

extension RangeProof {
  /// Proves that the ciphertext of `statement` holds `vote`, which lies in 0 … R, in constant time.
  /// Many proofs are made faster together: see ``RangeProofDraft``.
  /// - Parameters:
  ///   - vote: ℓ, secret.
  ///   - nonce: ξ, secret.
  /// - Throws: `GroupError.outOfRange` for a vote outside 0 … R, `.randomnessUnavailable`.
  public static func prove(
    _ statement: RangeStatement, vote: Int, nonce: borrowing SecretScalar, key: FixedBase,
    in group: Group
  ) throws(GroupError) -> RangeProof {
    var powers = SecretPowerBatch()
    let draft = try RangeProofDraft(
      statement.place(in: group), vote: vote, bound: statement.bound, nonce: nonce, key: key,
      powers: &powers, in: group)
    return draft.finished(statement, powers: powers.run(in: group), in: group)
  }

  /// The same with given randomness; for known answers.
  package static func prove(
    _ statement: RangeStatement, vote: Int, nonce: borrowing SecretScalar, key: FixedBase,
    randomness: consuming RangeProofRandomness, in group: Group
  ) throws(GroupError) -> RangeProof {
    var powers = SecretPowerBatch()
    let draft = try RangeProofDraft(
      vote: vote, bound: statement.bound, nonce: nonce, randomness: randomness, key: key,
      powers: &powers, in: group)
    return draft.finished(statement, powers: powers.run(in: group), in: group)
  }
}
