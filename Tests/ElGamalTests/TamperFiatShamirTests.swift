// SPDX-License-Identifier: Apache-2.0

import BigIntegers
import Cryptography
import ElGamal
import Groups
import TestSupport
import Testing

/// A verifier with the weak Fiat-Shamir transform: its challenge covers the commitments and nothing
/// else. It exists to show that the forgeries below are real.
enum WeakVerifier {
  /// a_0, b_0, … a_R, b_R, recomputed as a verifier does.
  static func commitments(
    _ proof: RangeProof, _ statement: RangeStatement, _ scene: PropertyScene
  ) -> [Element] {
    let group = scene.group
    return proof.branches.enumerated().flatMap { value, branch in
      let c = branch.challenge
      let w = group.vartimeSubtract(
        branch.response, group.vartimeMultiply(group.scalar(UInt64(value)), c))
      return [
        group.vartimeCommitment(branch, base: group.generator, image: statement.ciphertext.alpha),
        group.vartimeMultiply(
          group.vartimePower(scene.key, w), group.vartimePower(statement.ciphertext.beta, c)),
      ]
    }
  }

  static func challenge(_ commitments: [Element], _ group: Group) -> Scalar {
    var input = HashInput(.rangeProof, in: group)
    for commitment in commitments { input.append(commitment) }
    return input.scalar(key: SHA256.hash([]))
  }

  static func accepts(
    _ proof: RangeProof, _ statement: RangeStatement, _ scene: PropertyScene
  ) -> Bool {
    guard proof.branches.count == statement.bound + 1 else { return false }
    let sum = proof.branches.reduce(Scalar.zero) {
      scene.group.vartimeAdd($0, $1.challenge)
    }
    return challenge(commitments(proof, statement, scene), scene.group) == sum
  }
}

@Suite struct TamperFiatShamirTests {
  /// A false statement and its proof under a challenge of commitments only. With a_j = g^(x_j) and
  /// b_j = K^(x_j + D_j), a proof for the vote σ needs D_j = (σ − j)·c_j. The forger takes D_0 = 0 and
  /// D_1 = D, hashes, and is left with c_0 = 0, c_1 = c and σ = 1 + D/c: chosen after the challenge.
  private func forge(
    _ scene: PropertyScene, difference: Scalar, salt: Int = 0
  ) -> (vote: Scalar, nonce: Scalar, proof: RangeProof)? {
    let group = scene.group
    let x = [scene.scalar("x0 \(salt)"), scene.scalar("x1 \(salt)")]
    let commitments = [
      group.vartimePower(group.generator, x[0]), group.vartimePower(scene.key, x[0]),
      group.vartimePower(group.generator, x[1]),
      group.vartimePower(scene.key, group.vartimeAdd(x[1], difference)),
    ]
    let c = WeakVerifier.challenge(commitments, group)
    guard let inverse = group.vartimeInverse(c) else { return nil }
    let vote = group.vartimeAdd(.one, group.vartimeMultiply(difference, inverse))
    let nonce = scene.scalar("nonce")
    // v_j = x_j − c_j·ξ
    let proof = RangeProof(branches: [
      CompactProof(challenge: .zero, response: x[0]),
      CompactProof(
        challenge: c, response: group.vartimeSubtract(x[1], group.vartimeMultiply(c, nonce))),
    ])
    return (vote, nonce, proof)
  }

  // adversary: F-01
  @Test(arguments: [Group.standard, PropertyScene.q64p256])
  func weakChallengeProvesAFalseStatementAndOursDoesNot(_ group: Group) throws {
    let scene = PropertyScene(group)
    let (vote, nonce, proof) = try #require(
      forge(scene, difference: scene.scalar("difference")))
    #expect(vote != .zero && vote != .one)
    let statement = scene.statement(scene.encrypt(vote, nonce: nonce), bound: 1)
    #expect(WeakVerifier.accepts(proof, statement, scene))
    #expect(!scene.isValid(proof, statement))
  }

  // adversary: F-01
  /// In a small group the forger can even search for the vote 2.
  @Test func weakChallengeProvesTwoVotes() throws {
    let scene = PropertyScene(ToyGroups.q16p48)
    let group = scene.group
    let two = group.scalar(2)
    for attempt in 0..<1_000_000 {
      let forgery = forge(
        scene, difference: group.scalar(UInt64(attempt % 1_000 + 1)), salt: attempt / 1_000)
      guard let (vote, nonce, proof) = forgery, vote == two else { continue }
      let ciphertext = scene.encrypt(vote, nonce: nonce)
      #expect(try scene.decrypt(ciphertext, bound: 5) == 2)
      let statement = scene.statement(ciphertext, bound: 1)
      #expect(WeakVerifier.accepts(proof, statement, scene))
      #expect(!scene.isValid(proof, statement))
      return
    }
    Issue.record("no forgery of two votes was found")
  }

  // adversary: F-13
  /// (2, −1): the sum is 1, and the limit's proof is honest. Only the proofs of the selections say no.
  @Test(arguments: [Group.standard, PropertyScene.q64p256])
  func sumProofAloneLetsTwoAndMinusOnePass(_ group: Group) throws {
    let scene = PropertyScene(group)
    let minusOne = group.vartimeSubtract(.zero, .one)
    let nonces = [scene.scalar("first"), scene.scalar("second")]
    let selections = [
      scene.encrypt(2, nonce: nonces[0]), scene.encrypt(minusOne, nonce: nonces[1]),
    ]
    let sum = group.vartimeProduct(selections)
    #expect(try scene.decrypt(sum, bound: 1) == 1)
    let limit = scene.statement(sum, bound: 1, option: nil)
    let limitProof = try scene.prove(
      limit, vote: 1, nonce: group.vartimeAdd(nonces[0], nonces[1]))
    #expect(scene.isValid(limitProof, limit))

    for (index, ciphertext) in selections.enumerated() {
      let statement = scene.statement(ciphertext, bound: 1, option: index + 1)
      #expect(!scene.isValid(limitProof, statement), "the sum's proof in its place")
      #expect(!scene.isValid(RangeProof(branches: []), statement), "no proof")
      for vote in 0...1 {
        let lie = try scene.prove(statement, vote: vote, nonce: nonces[index])
        #expect(!scene.isValid(lie, statement), "option \(index + 1) as \(vote)")
        let elsewhere = scene.statement(
          scene.encrypt(vote, nonce: nonces[index]), bound: 1, option: index + 1)
        let honest = try scene.prove(elsewhere, vote: vote, nonce: nonces[index])
        #expect(scene.isValid(honest, elsewhere) && !scene.isValid(honest, statement))
      }
    }
  }

  // adversary: G-01
  /// Without the check of membership a proof about −α passes when all challenges are even: the rule
  /// 6.A must stand beside the proof, and membership refuses the element.
  @Test func proofsNeedTheCheckOfMembership() throws {
    let scene = PropertyScene(ToyGroups.q24p64)
    let group = scene.group
    var minusOneBytes = group.parameters.p.bigEndianBytes(width: group.elementByteCount)
    minusOneBytes[minusOneBytes.count - 1] -= 1
    let minusOne = try group.element(bytes: minusOneBytes)
    let nonce = scene.scalar("nonce")
    let honest = scene.encrypt(1, nonce: nonce)
    let negated = Ciphertext(
      alpha: group.vartimeMultiply(honest.alpha, minusOne), beta: honest.beta)
    let statement = scene.statement(negated, bound: 1)
    var passed = false
    for _ in 0..<200 where !passed {
      passed = scene.isValid(try scene.prove(statement, vote: 1, nonce: nonce), statement)
    }
    #expect(passed, "one proof in four has even challenges")
    #expect(group.isMember(honest.alpha) && !group.isMember(negated.alpha))
  }

  // adversary: F-12
  /// Ten thousand proofs of one statement: every commitment and every challenge is new.
  @Test func noCommitmentComesTwice() throws {
    let scene = PropertyScene(PropertyScene.q64p256)
    let group = scene.group
    let nonce = scene.scalar("nonce")
    let statement = scene.statement(scene.encrypt(1, nonce: nonce), bound: 1)
    var commitments = Set<Element>()
    var challenges = Set<Scalar>()
    let data = SecretBytes(zeros: 32)
    for round in 0..<10_000 {
      let proof = try scene.prove(statement, vote: 1, nonce: nonce)
      if round < 100 { #expect(scene.isValid(proof, statement)) }
      commitments.formUnion(WeakVerifier.commitments(proof, statement, scene))
      challenges.formUnion(proof.branches.map(\.challenge))
      let encryption = try ContestDataEncryption.encrypt(
        data, nonce: group.secret(nonce), contest: 1, identifierHash: scene.identifierHash,
        key: scene.key, in: group)
      commitments.insert(
        group.vartimeCommitment(
          encryption.c2, base: group.generator, image: encryption.c0))
    }
    #expect(commitments.count == 50_000)
    #expect(challenges.count == 20_000)
  }

  // adversary: F-12
  /// What a repeated nonce gives away, and that the functions which take nonces are out of reach of
  /// the programs: they are not called outside this library.
  @Test func repeatedNonceRevealsTheSecret() throws {
    let scene = PropertyScene(PropertyScene.q64p256)
    let group = scene.group
    let secret = scene.scalar("secret")
    let constant = scene.scalar("constant")
    func encryption(_ byte: UInt8) throws -> ContestDataEncryption {
      try ContestDataEncryption.encrypt(
        SecretBytes(copying: [UInt8](repeating: byte, count: 32)), nonce: group.secret(secret),
        commitment: group.secret(constant), contest: 1, identifierHash: scene.identifierHash,
        key: scene.key, in: group)
    }
    let first = try encryption(1).c2
    let second = try encryption(2).c2
    // ξ = (v − v′) / (c′ − c)
    let difference = group.vartimeSubtract(second.challenge, first.challenge)
    let inverse = try #require(group.vartimeInverse(difference))
    let found = group.vartimeMultiply(
      group.vartimeSubtract(first.response, second.response), inverse)
    #expect(found == secret)
  }

  // adversary: F-12
  /// With a generator that always gives the same bytes, nonces still differ when anything does that a
  /// proof is about: statement, secret, index. Only the same proof has the same nonce.
  @Test func constantGeneratorRepeatsNoNonce() throws {
    let scene = PropertyScene(PropertyScene.q64p256)
    let group = scene.group
    func nonces(_ statement: [UInt8], _ secret: UInt8) throws -> [Scalar] {
      var input = HashInput(.rangeProof, in: group)
      input.append(fixed: statement)
      let hedged = HedgedNonces(
        random: SecretBytes(copying: [UInt8](repeating: 7, count: 32)), statement: input,
        secrets: SecretBytes(copying: [UInt8](repeating: secret, count: 64)))
      let list = try hedged.nonces(4, in: group)
      let single = group.revealed(hedged.nonce(2, in: group))
      let values = (0..<4).map { list.with($0) { group.revealed($0) } }
      #expect(values[2] == single)
      return values
    }
    var seen = Set<Scalar>()
    for statement in 0..<50 as Range<UInt8> {
      for secret in 0..<50 as Range<UInt8> { seen.formUnion(try nonces([statement], secret)) }
    }
    #expect(seen.count == 50 * 50 * 4)
    #expect(try nonces([1], 1) == nonces([1], 1))
    #expect(try nonces([1], 1) != nonces([1, 0], 1))
  }
}
