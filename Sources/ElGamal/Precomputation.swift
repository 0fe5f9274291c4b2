// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
package import Groups

/// A ciphertext for every vote 0 … R under one nonce ξ, made before the vote is known: α = g^ξ and the
/// candidates β_σ = K^ξ·K^σ. Secret until one of them is chosen; only one ever may be.
package final class PrecomputedCiphertext: Sendable {
  private let alpha: Element
  private let betas: SecretElements

  /// Where the powers come out: g^ξ and K^ξ.
  package struct Draft: Sendable {
    private let alpha: Int
    private let beta: Int

    /// Asks for the powers.
    package init(
      nonce: borrowing SecretScalar, key: FixedBase, powers: inout SecretPowerBatch,
      in group: Group
    ) {
      alpha = powers.append(group.generator, nonce)
      beta = powers.append(key, nonce)
    }

    /// The candidates for 0 … R.
    package func computed(
      bound: Int, key: FixedBase, powers: borrowing SecretElements, in group: Group
    ) -> PrecomputedCiphertext {
      PrecomputedCiphertext(
        alpha: powers.revealed(alpha),
        betas: SecretElements(
          geometric: powers.copy(beta), by: group.secret(key.element), count: bound + 1,
          in: group))
    }
  }

  private init(alpha: Element, betas: consuming SecretElements) {
    self.alpha = alpha
    self.betas = betas
  }

  /// The ciphertext of a vote; every candidate is read.
  package func chosen(vote: Int) -> Ciphertext {
    Ciphertext(alpha: alpha, beta: betas.selected(vote))
  }
}

/// A range proof made before the vote ℓ is known: a_j = g^(u_j), and for every ℓ the candidate
/// b_j = K^(u_j + (ℓ−j)·c_j). Secret until one vote is chosen; only one ever may be, or ξ would follow
/// from two answers.
package final class PrecomputedRangeProof: Sendable {
  private let nonce: SecretScalar
  private let randomness: RangeProofRandomness
  private let a: [Element]
  private let candidates: [Candidates]

  /// b_j by ℓ.
  private final class Candidates: Sendable {
    let elements: SecretElements
    init(_ elements: consuming SecretElements) { self.elements = elements }
  }

  /// A proof whose powers are asked for: g^(u_j), K^(u_j − j·c_j) and K^(c_j).
  package final class Draft: Sendable {
    private let nonce: SecretScalar
    private let randomness: RangeProofRandomness
    private let positions: [(a: Int, first: Int, step: Int)]

    /// Asks for the powers, with hedged randomness: see ``HedgedNonces``. The vote cannot be hedged
    /// with; whoever makes two ballots of one precomputation has given both away in any case.
    /// - Throws: `GroupError.outOfRange` for a negative bound, `.randomnessUnavailable`.
    package init(
      _ place: HashInput, bound: Int, nonce: borrowing SecretScalar, key: FixedBase,
      powers: inout SecretPowerBatch, in group: Group
    ) throws(GroupError) {
      guard bound >= 0 else { throw .outOfRange }
      let randomness = try RangeProofRandomness.hedged(
        place, bound: bound, vote: nil, nonce: nonce, in: group)
      var positions: [(a: Int, first: Int, step: Int)] = []
      for value in 0...bound {
        let first = randomness.challenges.with(value) { c in
          randomness.nonces.with(value) { u in
            group.subtract(u, group.multiply(group.secret(group.scalar(UInt64(value))), c))
          }
        }
        positions.append(
          (
            randomness.nonces.with(value) { powers.append(group.generator, $0) },
            powers.append(key, first),
            randomness.challenges.with(value) { powers.append(key, $0) }
          ))
      }
      self.positions = positions
      self.randomness = randomness
      self.nonce = nonce.copy()
    }

    /// The proof's commitments for every vote.
    package func computed(
      powers: borrowing SecretElements, in group: Group
    ) -> PrecomputedRangeProof {
      PrecomputedRangeProof(
        nonce: nonce.copy(), randomness: randomness.copy(),
        a: positions.map { powers.revealed($0.a) },
        candidates: positions.map {
          Candidates(
            SecretElements(
              geometric: powers.copy($0.first), by: powers.copy($0.step),
              count: positions.count, in: group))
        })
    }
  }

  private init(
    nonce: consuming SecretScalar, randomness: consuming RangeProofRandomness, a: [Element],
    candidates: [Candidates]
  ) {
    self.nonce = nonce
    self.randomness = randomness
    self.a = a
    self.candidates = candidates
  }

  /// The proof for a vote: one hash, and a few operations modulo q for every value. Constant time.
  /// - Throws: `GroupError.outOfRange` for a vote that was not prepared.
  package func finished(
    _ statement: RangeStatement, vote: Int, in group: Group
  ) throws(GroupError) -> RangeProof {
    guard statement.bound + 1 == a.count, a.indices.contains(vote) else { throw .outOfRange }
    var input = statement.input(in: group)
    for (a, candidates) in zip(a, candidates) {
      input.append(a)
      input.append(candidates.elements.selected(vote))
    }
    return randomness.answer(
      input.scalar(key: statement.identifierHash), vote: vote, nonce: nonce, in: group)
  }
}
