// SPDX-License-Identifier: Apache-2.0

import Cryptography
import ElGamal
import Groups
import TestSupport
import Testing

/// Completeness of the range proofs, and what they bind.
@Suite struct PropertyRangeProofTests {
  static let groups = [Group.standard, PropertyScene.q64p256] + ToyGroups.all

  @Test(arguments: groups, [1, 3, 5]) func everyValueIsProven(_ group: Group, _ bound: Int) throws {
    let scene = PropertyScene(group)
    // With an option: 0 … R; without one: a contest's limit 0 … L.
    for option in [2, nil] {
      for vote in 0...bound {
        let nonce = try group.randomScalar()
        let statement = scene.statement(
          scene.encrypt(vote, nonce: nonce), bound: bound, option: option)
        let proof = try scene.prove(statement, vote: vote, nonce: nonce)
        #expect(proof.branches.count == bound + 1)
        #expect(scene.isValid(proof, statement), "\(vote) of 0 … \(bound)")
      }
    }
  }

  /// The limit of a contest: the sum of the selections, proven with the sum of the nonces.
  @Test(arguments: groups) func everySumUpToTheLimitIsProven(_ group: Group) throws {
    let scene = PropertyScene(group)
    for votes in [[0, 0, 0], [1, 0, 0], [0, 1, 1], [1, 1, 1]] {
      let nonces = try votes.map { _ in try group.randomScalar() }
      let sum = group.vartimeProduct(zip(votes, nonces).map { scene.encrypt($0, nonce: $1) })
      let nonce = nonces.reduce(.zero) { group.vartimeAdd($0, $1) }
      let limit = scene.statement(sum, bound: 3, option: nil)
      let total = votes.reduce(0, +)
      #expect(scene.isValid(try scene.prove(limit, vote: total, nonce: nonce), limit), "\(votes)")
    }
  }

  /// A limit of 0 leaves one branch, and it still says something.
  @Test func limitZeroAllowsZeroOnly() throws {
    let scene = PropertyScene(PropertyScene.q64p256)
    let nonce = scene.scalar("nonce")
    let zero = scene.statement(scene.encrypt(0, nonce: nonce), bound: 0)
    let proof = try scene.prove(zero, vote: 0, nonce: nonce)
    #expect(scene.isValid(proof, zero))
    let one = scene.statement(scene.encrypt(1, nonce: nonce), bound: 0)
    #expect(!scene.isValid(try scene.prove(one, vote: 0, nonce: nonce), one))
  }

  // adversary: B-09
  @Test(arguments: [1, 3, 5]) func proverRefusesVotesOutsideTheRange(_ bound: Int) throws {
    let scene = PropertyScene(PropertyScene.q64p256)
    let nonce = scene.scalar("nonce")
    let statement = scene.statement(scene.encrypt(1, nonce: nonce), bound: bound)
    for vote in [bound + 1, -1, Int.max, Int.min] {
      #expect(throws: GroupError.outOfRange) {
        try scene.prove(statement, vote: vote, nonce: nonce)
      }
    }
    let negative = scene.statement(scene.encrypt(0, nonce: nonce), bound: -1)
    #expect(throws: GroupError.outOfRange) {
      try scene.prove(negative, vote: 0, nonce: nonce)
    }
    #expect(!scene.isValid(RangeProof(branches: []), negative))
  }

  /// A prover who lies about the vote makes a proof that does not hold, whatever the truth is.
  @Test func provingAnotherVoteFails() throws {
    let scene = PropertyScene(PropertyScene.q64p256)
    let nonce = scene.scalar("nonce")
    for truth in 0...4 {
      for claim in 0...3 {
        let statement = scene.statement(scene.encrypt(truth, nonce: nonce), bound: 3)
        let proof = try scene.prove(statement, vote: claim, nonce: nonce)
        #expect(scene.isValid(proof, statement) == (truth == claim), "\(claim) for \(truth)")
      }
    }
  }

  // adversary: F-03, F-04, F-05, B-03, B-11
  /// Everything that the statement names is bound: one change, and the same proof is refused.
  @Test func everyPartOfTheStatementIsBound() throws {
    let scene = PropertyScene(.standard)
    let nonce = scene.scalar("nonce")
    let ciphertext = scene.encrypt(1, nonce: nonce)
    let statement = scene.statement(ciphertext, bound: 1, contest: 3, option: 2)
    let proof = try scene.prove(statement, vote: 1, nonce: nonce)
    #expect(scene.isValid(proof, statement))

    let otherBallot = PropertyScene(.standard, ballot: "another ballot").identifierHash
    let again = scene.encrypt(1, nonce: scene.scalar("another nonce"))
    let group = scene.group
    let (g, key) = (group.generator.element, scene.key.element)
    let shifted = Ciphertext(
      alpha: group.vartimeMultiply(ciphertext.alpha, g),
      beta: group.vartimeMultiply(ciphertext.beta, key))
    let inverse = Ciphertext(
      alpha: group.vartimeInverse(ciphertext.alpha), beta: group.vartimeInverse(ciphertext.beta))
    let swapped = Ciphertext(alpha: ciphertext.beta, beta: ciphertext.alpha)
    let wrongs: [(String, RangeStatement)] = [
      ("another ballot", scene.statement(ciphertext, bound: 1, identifierHash: otherBallot)),
      ("another contest", scene.statement(ciphertext, bound: 1, contest: 2)),
      ("another option", scene.statement(ciphertext, bound: 1, option: 1)),
      ("option as limit", scene.statement(ciphertext, bound: 1, option: nil)),
      (
        "contest and option exchanged", scene.statement(ciphertext, bound: 1, contest: 2, option: 3)
      ),
      ("larger range", scene.statement(ciphertext, bound: 2)),
      ("smaller range", scene.statement(ciphertext, bound: 0)),
      ("another ciphertext", scene.statement(again, bound: 1)),
      ("shifted ciphertext", scene.statement(shifted, bound: 1)),
      ("inverse ciphertext", scene.statement(inverse, bound: 1)),
      ("swapped ciphertext", scene.statement(swapped, bound: 1)),
    ]
    for (name, wrong) in wrongs { #expect(!scene.isValid(proof, wrong), "\(name)") }
    let otherKey = PropertyScene(.standard, key: "another key").key
    #expect(!proof.isValid(statement, key: otherKey, in: group))
    let asLimit = scene.statement(ciphertext, bound: 1, option: nil)
    let limitProof = try scene.prove(asLimit, vote: 1, nonce: nonce)
    #expect(scene.isValid(limitProof, asLimit))
    #expect(!scene.isValid(limitProof, statement), "limit as option")
  }

  // adversary: B-04
  /// The known relations between (α, β) and (α·g^s, β·K^s): shifting the responses along with the
  /// ciphertext does not save the proof, because the challenge binds the ciphertext.
  @Test func proofsDoNotFollowAReEncryption() throws {
    let scene = PropertyScene(PropertyScene.q64p256)
    let group = scene.group
    let nonce = scene.scalar("nonce")
    let shift = scene.scalar("shift")
    let ciphertext = scene.encrypt(1, nonce: nonce)
    let proof = try scene.prove(scene.statement(ciphertext, bound: 1), vote: 1, nonce: nonce)
    let moved = Ciphertext(
      alpha: group.vartimeMultiply(ciphertext.alpha, group.vartimePower(group.generator, shift)),
      beta: group.vartimeMultiply(ciphertext.beta, group.vartimePower(scene.key, shift)))
    // The commitments stay what they were: v_j − s·c_j. Only the hash notices.
    let follow = RangeProof(
      branches: proof.branches.map { branch in
        CompactProof(
          challenge: branch.challenge,
          response: group.vartimeSubtract(
            branch.response, group.vartimeMultiply(shift, branch.challenge)))
      })
    let statement = scene.statement(moved, bound: 1)
    #expect(
      WeakVerifier.commitments(follow, statement, scene)
        == WeakVerifier.commitments(proof, scene.statement(ciphertext, bound: 1), scene))
    #expect(!scene.isValid(follow, statement))
    let honest = try scene.prove(statement, vote: 1, nonce: group.vartimeAdd(nonce, shift))
    #expect(scene.isValid(honest, statement))
  }

  // adversary: F-10
  @Test func numberOfBranchesComesFromTheManifest() throws {
    let scene = PropertyScene(PropertyScene.q64p256)
    let nonce = scene.scalar("nonce")
    for bound in [1, 3] {
      let statement = scene.statement(scene.encrypt(1, nonce: nonce), bound: bound)
      let proof = try scene.prove(statement, vote: 1, nonce: nonce)
      #expect(scene.isValid(proof, statement))
      let branches = proof.branches
      let neutral = CompactProof(challenge: .zero, response: .zero)
      for wrong in [
        [], Array(branches.dropLast()), Array(branches.dropFirst()), branches + [neutral],
        [neutral] + branches, branches + branches, branches.reversed(),
        branches.map { _ in neutral },
      ] {
        #expect(!scene.isValid(RangeProof(branches: wrong), statement), "\(wrong.count) branches")
      }
      // A proof for a wider range is honest, and does not stand for the narrower one.
      let wide = scene.statement(scene.encrypt(1, nonce: nonce), bound: bound + 1)
      let wideProof = try scene.prove(wide, vote: 1, nonce: nonce)
      #expect(scene.isValid(wideProof, wide) && !scene.isValid(wideProof, statement))
    }
  }
}
