// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Election
import ElectionFixtures
import ElGamal
import Groups
import Ledger

/// The proofs of ballots.
extension RuleBreak {
  static let proofs: [RuleBreak] = [
    // adversary: G-01
    RuleBreak(.eg6A, "α times p − 1", at: .voting, also: [.eg6D, .eg7A, .eg7D]) { fixture in
      try fixture.withCiphertext { ciphertext, group in
        Ciphertext(
          alpha: group.vartimeMultiply(ciphertext.alpha, try group.minusOne),
          beta: ciphertext.beta)
      }
    },
    // adversary: G-01
    RuleBreak(.eg7A, "β = p − 1", at: .voting, also: [.eg6A, .eg6D, .eg7D]) { fixture in
      try fixture.withCiphertext { ciphertext, group in
        Ciphertext(alpha: ciphertext.alpha, beta: try group.minusOne)
      }
    },
    // adversary: G-01
    RuleBreak(.log5, "α = 0", at: .voting) { fixture in
      let ballot = try fixture.spare().submitted
      let sound = try fixture.entry(ballot, by: .voter(6))
      let alpha = fixture.group.hex(ballot.ballot.contests[0].selections[0].ciphertext.alpha)
      let zero = String(repeating: "0", count: alpha.count)
      return (sound, try fixture.edited(sound, alpha, zero, by: .voter(6)))
    },
    // adversary: G-08
    RuleBreak(.eg6A, "encrypted with the nonce 0, with proofs that hold", at: .voting) { fixture in
      let group = fixture.group
      return try fixture.spareWithContest1(
        [1, 0, 0], nonces: [.zero, group.scalar(77), group.scalar(78)])
    },
    // adversary: F-11
    RuleBreak(.eg6B, "a challenge of q", at: .voting, exactly: [.log5]) { fixture in
      try fixture.withText { $0.contests[0].selections[0].proof.branches[0].challenge.hex }
    },
    // adversary: F-11
    RuleBreak(.eg6C, "a response of q", at: .voting, exactly: [.log5]) { fixture in
      try fixture.withText { $0.contests[0].selections[0].proof.branches[0].response.hex }
    },
    // adversary: F-11
    RuleBreak(.eg7B, "a challenge of q for the limit", at: .voting, exactly: [.log5]) { fixture in
      try fixture.withText { $0.contests[0].limitProof.branches[0].challenge.hex }
    },
    // adversary: F-11
    RuleBreak(.eg7C, "a response of q for the limit", at: .voting, exactly: [.log5]) { fixture in
      try fixture.withText { $0.contests[0].limitProof.branches[0].response.hex }
    },
    RuleBreak(.eg6D, "a response one higher", at: .voting) { fixture in
      try fixture.sparePair {
        $0.ballot.contests[0].selections[0].proof =
          $0.ballot.contests[0].selections[0].proof.shifted(in: fixture.group)
      }
    },
    // adversary: F-10
    RuleBreak(.eg6D, "no branch", at: .voting) { fixture in
      try fixture.sparePair { $0.ballot.contests[0].selections[0].proof = .init(branches: []) }
    },
    // adversary: F-10
    RuleBreak(.eg6D, "a branch too few", at: .voting) { fixture in
      try fixture.sparePair {
        let branches = $0.ballot.contests[0].selections[0].proof.branches
        $0.ballot.contests[0].selections[0].proof = .init(branches: branches.dropLast())
      }
    },
    // adversary: F-10, B-09
    RuleBreak(.eg6D, "two votes for one option, with a proof of 0 to 2", at: .voting, also: [.eg7D])
    { fixture in try fixture.spareWithContest1([2, 0, 0], optionBound: 2, limitBound: 2) },
    // adversary: F-10
    RuleBreak(.eg6D, "an allowed vote, with a proof of 0 to 2", at: .voting) { fixture in
      try fixture.spareWithContest1([1, 0, 0], optionBound: 2, limitBound: 1)
    },
    // adversary: B-09
    RuleBreak(.eg7D, "two options in a contest of one", at: .voting) { fixture in
      try fixture.spareWithContest1([1, 1, 0], optionBound: 1, limitBound: 2)
    },
    // adversary: F-13
    RuleBreak(.eg6D, "+2 and −1, with a limit proof that holds", at: .voting) { fixture in
      try fixture.plusTwoMinusOne()
    },
    // adversary: F-01
    RuleBreak(.eg6D, "two votes by the weak Fiat-Shamir transformation", at: .voting, also: [.eg7D])
    { fixture in try fixture.weakFiatShamir() },
    // adversary: F-04
    RuleBreak(.eg6D, "two options exchanged with their proofs", at: .voting) { fixture in
      try fixture.sparePair { $0.ballot.contests[0].selections.swapAt(0, 1) }
    },
    // adversary: F-04
    RuleBreak(.bal2, "two contests exchanged", at: .voting) { fixture in
      try fixture.sparePair { $0.ballot.contests.swapAt(0, 1) }
    },
    // adversary: F-04
    RuleBreak(
      .eg6D, "the content of two contests exchanged", at: .voting, also: [.bal2, .bal7, .eg7D]
    ) { fixture in
      try fixture.sparePair {
        $0.ballot.contests.swapAt(0, 2)
        ($0.ballot.contests[0].index, $0.ballot.contests[2].index) = (1, 3)
      }
    },
    // adversary: F-07
    RuleBreak(.eg6D, "the limit's proof for a selection", at: .voting) { fixture in
      try fixture.sparePair {
        $0.ballot.contests[0].selections[0].proof = $0.ballot.contests[0].limitProof
      }
    },
    // adversary: B-03
    RuleBreak(.eg6D, "one selection copied from another voter", at: .voting, also: [.eg7D]) {
      fixture in
      let victim = try fixture.submit(7, fixture.choices(7, [1: [0, 1, 0]]))
      return try fixture.sparePair {
        $0.ballot.contests[0].selections[1] =
          victim.submitted.ballot.contests[0].selections[1]
      }
    },
    // adversary: B-03
    RuleBreak(.eg6D, "one contest copied from another voter", at: .voting, also: [.eg7D]) {
      fixture in
      let victim = try fixture.submit(7, fixture.choices(7, [1: [0, 1, 0]]))
      return try fixture.sparePair {
        $0.ballot.contests[0] = victim.submitted.ballot.contests[0]
      }
    },
    // adversary: B-04
    RuleBreak(.eg6D, "a copy that was encrypted again", at: .voting, also: [.eg7D]) { fixture in
      try fixture.shifted { ciphertext, context in
        let group = context.group
        return Ciphertext(
          alpha: group.vartimeMultiply(ciphertext.alpha, group.generator.element),
          beta: group.vartimeMultiply(ciphertext.beta, context.voteKey.element))
      }
    },
    // adversary: B-04
    RuleBreak(.eg6D, "the inverse of another's vote", at: .voting, also: [.eg7D]) { fixture in
      try fixture.shifted { ciphertext, context in
        Ciphertext(
          alpha: context.group.vartimeInverse(ciphertext.alpha),
          beta: context.group.vartimeInverse(ciphertext.beta))
      }
    },
    // adversary: B-11
    RuleBreak(.eg6D, "encrypted to another key", at: .voting, also: [.eg7D]) { fixture in
      try fixture.toOtherKey()
    },
    RuleBreak(.bal7, "an encrypted nonce that was changed", at: .voting) { fixture in
      try fixture.sparePair {
        let nonce = $0.ballot.nonce
        $0.ballot.nonce = BallotNonceEncryption(c0: nonce.c0, c1: nonce.c1.flipped, c2: nonce.c2)
      }
    },
    RuleBreak(.bal7, "contest data that was changed", at: .voting) { fixture in
      try fixture.sparePair {
        guard let data = $0.ballot.contests[2].data else { return }
        $0.ballot.contests[2].data = ContestDataEncryption(
          c0: data.c0, c1: [data.c1[0] ^ 1] + data.c1.dropFirst(), c2: data.c2)
      }
    },
    // adversary: G-01
    RuleBreak(.bal7, "contest data outside the group", at: .voting) { fixture in
      try fixture.sparePair {
        guard let data = $0.ballot.contests[2].data else { return }
        $0.ballot.contests[2].data = ContestDataEncryption(
          c0: try fixture.group.minusOne, c1: data.c1, c2: data.c2)
      }
    },
    // adversary: G-01
    RuleBreak(.bal7, "an encrypted nonce outside the group", at: .voting) { fixture in
      try fixture.sparePair {
        let nonce = $0.ballot.nonce
        $0.ballot.nonce = BallotNonceEncryption(
          c0: fixture.group.vartimeMultiply(nonce.c0, try fixture.group.minusOne), c1: nonce.c1,
          c2: nonce.c2)
      }
    },
    // adversary: B-03
    RuleBreak(.bal7, "contest data copied from another voter", at: .voting) { fixture in
      let victim = try fixture.submit(7, fixture.choices(7, [3: [0, 1]], writeIn: "Zoe"))
      return try fixture.sparePair {
        $0.ballot.contests[2].data = victim.submitted.ballot.contests[2].data
      }
    },
  ]
}

extension ElectionFixture {
  /// The first ciphertext changed; everything that a forger can adjust is adjusted.
  fileprivate func withCiphertext(
    _ change: (Ciphertext, Group) throws -> Ciphertext
  ) throws -> RuleBreak.Pair {
    try sparePair {
      let old = $0.ballot.contests[0].selections[0].ciphertext
      $0.ballot.contests[0].selections[0].ciphertext = try change(old, group)
    }
  }

  /// A number of the spare ballot replaced by q.
  fileprivate func withText(_ text: (EncryptedBallot) -> String) throws -> RuleBreak.Pair {
    let ballot = try spare().submitted
    let sound = try entry(ballot, by: .voter(6))
    return (sound, try edited(sound, text(ballot.ballot), orderHex, by: .voter(6)))
  }

  /// A fresh ballot around a ciphertext that follows from another voter's, with its proof.
  fileprivate mutating func shifted(
    _ change: (Ciphertext, ElectionContext) -> Ciphertext
  ) throws -> RuleBreak.Pair {
    let victim = try submit(7, choices(7, [1: [0, 1, 0]]))
    let context = try context()
    return try sparePair {
      var selection = victim.submitted.ballot.contests[0].selections[1]
      selection.ciphertext = change(selection.ciphertext, context)
      $0.ballot.contests[0].selections[1] = selection
    }
  }

  /// 2 and −1 sum to 1: the limit's proof is honest, those of the selections cannot be.
  fileprivate func plusTwoMinusOne() throws -> RuleBreak.Pair {
    let context = try context()
    return try sparePair { submitted in
      let hash = context.identifierHash(of: submitted.ballot.identifier)
      let nonces = try (0..<3).map { _ in try group.randomScalar() }
      let votes = [group.scalar(2), group.vartimeSubtract(.zero, .one), .zero]
      for (option, (vote, nonce)) in zip(votes, nonces).enumerated() {
        submitted.ballot.contests[0].selections[option].ciphertext = group.encrypt(
          group.secret(vote), nonce: group.secret(nonce), key: context.voteKey)
      }
      let ciphertexts = submitted.ballot.contests[0].selections.map(\.ciphertext)
      let sum = nonces.reduce(Scalar.zero) { group.vartimeAdd($0, $1) }
      submitted.ballot.contests[0].limitProof = try RangeProof.prove(
        RangeStatement(
          identifierHash: hash, contest: 1, option: nil,
          ciphertext: group.vartimeProduct(ciphertexts), bound: 1),
        vote: 1, nonce: group.secret(sum), key: context.voteKey, in: group)
    }
  }

  /// Valid proofs under the forger's own key y′.
  fileprivate func toOtherKey() throws -> RuleBreak.Pair {
    let context = try context()
    let other = ElectionContext(
      group: group, manifest: context.manifest, manifestBytes: manifest.bytes,
      trusteeCount: context.trusteeCount, threshold: context.threshold,
      voteKey: group.vartimePower(group.generator, group.scalar(4711)),
      dataKey: context.dataKey.element)
    return try sparePair { submitted in
      let hash = context.identifierHash(of: submitted.ballot.identifier)
      for option in 0..<3 {
        let nonce = try group.randomScalar()
        let ciphertext = group.encrypt(
          group.secret(.zero), nonce: group.secret(nonce), key: other.voteKey)
        let statement = RangeStatement(
          identifierHash: hash, contest: 1, option: option + 1, ciphertext: ciphertext, bound: 1)
        let proof = try RangeProof.prove(
          statement, vote: 0, nonce: group.secret(nonce), key: other.voteKey, in: group)
        guard proof.isValid(statement, key: other.voteKey, in: group) else {
          throw NotAdmitted(type: "the forger's own proof", failures: [])
        }
        submitted.ballot.contests[0].selections[option] = EncryptedSelection(
          ciphertext: ciphertext, proof: proof)
      }
    }
  }

  /// F-01: with a challenge over the commitments alone, the forger fixes them first, hashes, and then
  /// solves for (α, β): c_0 = 0, c_1 = c, σ = 1 + δ / c, which is neither 0 nor 1.
  fileprivate func weakFiatShamir() throws -> RuleBreak.Pair {
    let context = try context()
    return try sparePair { submitted in
      let (x0, x1, delta, nonce) = (
        try group.randomScalar(), try group.randomScalar(), group.scalar(12345),
        try group.randomScalar()
      )
      let commitments = [
        group.vartimePower(group.generator, x0), group.vartimePower(context.voteKey, x0),
        group.vartimePower(group.generator, x1),
        group.vartimePower(context.voteKey, group.vartimeAdd(x1, delta)),
      ]
      let hash = context.identifierHash(of: submitted.ballot.identifier)
      let challenge = weakChallenge(commitments, hash)
      guard let inverse = group.vartimeInverse(challenge) else { return }
      let vote = group.vartimeAdd(.one, group.vartimeMultiply(delta, inverse))
      let forged = EncryptedSelection(
        ciphertext: group.encrypt(
          group.secret(vote), nonce: group.secret(nonce), key: context.voteKey),
        proof: RangeProof(branches: [
          CompactProof(challenge: .zero, response: x0),
          CompactProof(
            challenge: challenge,
            response: group.vartimeSubtract(x1, group.vartimeMultiply(challenge, nonce))),
        ]))
      guard vote != .zero, vote != .one, isWeaklyValid(forged, hash, context) else {
        throw NotAdmitted(type: "the forgery under the weak transformation", failures: [])
      }
      submitted.ballot.contests[0].selections[0] = forged
    }
  }

  private func weakChallenge(_ commitments: [Element], _ hash: Digest) -> Scalar {
    var input = HashInput(.rangeProof, in: group)
    for commitment in commitments { input.append(commitment) }
    return input.scalar(key: hash)
  }

  /// What a verifier with the weak transformation would say.
  private func isWeaklyValid(
    _ selection: EncryptedSelection, _ hash: Digest, _ context: ElectionContext
  ) -> Bool {
    var commitments: [Element] = []
    var sum = Scalar.zero
    for (value, branch) in selection.proof.branches.enumerated() {
      let power = group.vartimeSubtract(
        branch.response,
        group.vartimeMultiply(group.scalar(UInt64(value)), branch.challenge))
      commitments.append(
        group.vartimeCommitment(
          branch, base: group.generator, image: selection.ciphertext.alpha))
      commitments.append(
        group.vartimeCommitment(
          CompactProof(challenge: branch.challenge, response: power), base: context.voteKey,
          image: selection.ciphertext.beta))
      sum = group.vartimeAdd(sum, branch.challenge)
    }
    return weakChallenge(commitments, hash) == sum
  }
}
