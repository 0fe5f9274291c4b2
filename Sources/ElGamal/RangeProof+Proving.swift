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

  /// Hedged randomness for the values 0 … R: see ``HedgedNonces``.
  static func hedged(
    _ statement: RangeStatement, vote: Int, nonce: borrowing SecretScalar, in group: Group
  ) throws(GroupError) -> RangeProofRandomness {
    var input = statement.input(in: group)
    input.append(statement.identifierHash)
    let secrets = group.encoded(nonce).appending(
      group.encoded(group.secretScalar(small: UInt64(vote))))
    let hedged = try HedgedNonces(statement: input, secrets: secrets)
    let count = statement.bound + 1
    return RangeProofRandomness(
      nonces: try hedged.nonces(count, in: group),
      challenges: try hedged.nonces(count, from: count, in: group))
  }
}

extension RangeProof {
  /// Proves that the ciphertext of `statement` holds `vote`, which lies in 0 … R, in constant time.
  /// - Parameters:
  ///   - vote: ℓ, secret.
  ///   - nonce: ξ, secret.
  /// - Throws: `GroupError.outOfRange` for a vote outside 0 … R, `.randomnessUnavailable`.
  public static func prove(
    _ statement: RangeStatement, vote: Int, nonce: borrowing SecretScalar, key: FixedBase,
    in group: Group
  ) throws(GroupError) -> RangeProof {
    guard (0...max(0, statement.bound)).contains(vote) else { throw .outOfRange }
    let randomness = try RangeProofRandomness.hedged(
      statement, vote: vote, nonce: nonce, in: group)
    return try prove(
      statement, vote: vote, nonce: nonce, key: key, randomness: randomness, in: group)
  }

  /// The same with given randomness; for known answers.
  ///
  /// All branches take the same path: b_j = K^(u_j + (ℓ−j)·c_j) is K^(u_ℓ) for j = ℓ, and the
  /// challenge that closes the sum is chosen by a mask.
  package static func prove(
    _ statement: RangeStatement, vote: Int, nonce: borrowing SecretScalar, key: FixedBase,
    randomness: borrowing RangeProofRandomness, in group: Group
  ) throws(GroupError) -> RangeProof {
    guard statement.bound >= 0, (0...statement.bound).contains(vote) else { throw .outOfRange }
    let secretVote = group.secretScalar(small: UInt64(vote))
    var input = statement.input(in: group)
    var sumOfOthers = group.secret(.zero)
    for value in 0...statement.bound {
      let difference = group.subtract(secretVote, group.secret(group.scalar(UInt64(value))))
      let exponent = randomness.challenges.with(value) { c in
        randomness.nonces.with(value) { u in group.add(u, group.multiply(difference, c)) }
      }
      input.append(randomness.nonces.with(value) { group.power(group.generator, $0) })
      input.append(group.power(key, exponent))
      let isVote = Self.isEqual(value, vote)
      sumOfOthers = randomness.challenges.with(value) { c in
        group.select(isVote, sumOfOthers, group.add(sumOfOthers, c))
      }
    }
    let challenge = input.scalar(key: statement.identifierHash)
    let closing = group.subtract(group.secret(challenge), sumOfOthers)
    var branches = [CompactProof]()
    for value in 0...statement.bound {
      let c = randomness.challenges.with(value) { random in
        group.revealed(group.select(Self.isEqual(value, vote), closing, random))
      }
      let v = randomness.nonces.with(value) { u in
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
