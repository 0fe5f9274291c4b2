// SPDX-License-Identifier: Apache-2.0

import Cryptography
import ElGamal
import Election
import Groups
import TestSupport
import Testing

/// Proofs of decryption, made with the one share of a single trustee: what they bind, and that no
/// other result has one.
@Suite struct TamperDecryptionProofTests {
  private let group = Group.standard
  private let context = TamperEveryByteTests.context()
  /// s with K = g^s and ŝ with K̂ = g^ŝ, as the context makes them.
  private let secret = Group.standard.scalar(reducing: SHA256.hash(Array("K".utf8)))
  private let dataSecret = Group.standard.scalar(reducing: SHA256.hash(Array("K̂".utf8)))

  private func scalar(_ name: String) -> Scalar {
    group.scalar(reducing: SHA256.hash(Array(name.utf8)))
  }

  private func encrypt(_ vote: UInt64, nonce: Scalar) -> Ciphertext {
    group.encrypt(
      group.secretScalar(small: vote), nonce: group.secret(nonce), key: context.voteKey)
  }

  /// M and a proof, as a trustee who decrypts alone makes them.
  private func decrypt(_ item: DecryptionItem) throws -> (factor: Element, proof: CompactProof) {
    let share = TrusteeShare(
      trustee: 1, voteShare: group.secret(secret), dataShare: group.secret(dataSecret))
    let nonce = try group.randomSecretScalar()
    let combined = CombinedDecryption(
      item, parts: [1: share.partial(item, nonce: nonce, in: group)],
      extendedBaseHash: context.extendedBaseHash, in: group)
    let challenge = try #require(combined?.challenge)
    let response = share.response(
      item, nonce: nonce, challenge: challenge, available: [1], in: group)
    return (
      try #require(combined?.factor),
      CompactProof(challenge: challenge, response: try #require(response))
    )
  }

  private func total(
    _ total: Int, of ciphertext: Ciphertext, contest: Int = 1, option: Int = 2
  ) throws -> DecryptedTotal {
    let (factor, proof) = try decrypt(
      .tally(contest: contest, option: option, ciphertext))
    return DecryptedTotal(
      label: "second", total: total,
      power: group.vartimeMultiply(ciphertext.beta, group.vartimeInverse(factor)), proof: proof)
  }

  private func rules(
    _ total: DecryptedTotal, _ ciphertext: Ciphertext, contest: Int = 1, option: Int = 2,
    _ other: ElectionContext? = nil
  ) -> Set<RuleID> {
    Set(
      total.check(
        contest: contest, option: option, ciphertext, other ?? context, at: "total"
      ).failures.map(\.rule))
  }

  @Test func trueTotalsPass() throws {
    for value in [0, 1, 5, 1_000] {
      let ciphertext = encrypt(UInt64(value), nonce: scalar("nonce"))
      #expect(rules(try total(value, of: ciphertext), ciphertext) == [], "\(value)")
    }
    // Nobody cast a ballot: (1, 1).
    let empty = group.emptyAggregate
    #expect(rules(try total(0, of: empty), empty) == [])
  }

  // adversary: F-03, F-04, T-10
  @Test func totalsAreBoundToTheirPlace() throws {
    let ciphertext = encrypt(5, nonce: scalar("nonce"))
    let decrypted = try total(5, of: ciphertext)
    #expect(rules(decrypted, ciphertext) == [])
    #expect(rules(decrypted, ciphertext, option: 1) == [.eg10B])
    #expect(rules(decrypted, ciphertext, contest: 2) == [.eg10B])
    #expect(rules(decrypted, ciphertext, contest: 2, option: 1) == [.eg10B])
    #expect(rules(decrypted, encrypt(5, nonce: scalar("another"))) == [.eg10B])
    let elsewhere = TamperEveryByteTests.context(manifest: "one Contest")
    #expect(elsewhere.voteKey.element == context.voteKey.element)
    #expect(rules(decrypted, ciphertext, elsewhere) == [.eg10B])
  }

  // adversary: T-11
  @Test func otherTotalsAreRefused() throws {
    let ciphertext = encrypt(5, nonce: scalar("nonce"))
    var decrypted = try total(5, of: ciphertext)
    decrypted.total = 6
    #expect(rules(decrypted, ciphertext) == [.eg10C])
    decrypted.power = group.vartimePower(context.voteKey, group.scalar(6))
    #expect(rules(decrypted, ciphertext) == [.eg10B])
    decrypted.total = -1
    decrypted.power = group.vartimeInverse(context.voteKey.element)
    #expect(rules(decrypted, ciphertext) == [.eg10B, .eg10C])
    decrypted = try total(5, of: ciphertext)
    decrypted.proof = CompactProof(challenge: .zero, response: .zero)
    #expect(rules(decrypted, ciphertext) == [.eg10B])
  }

  // adversary: F-02
  /// A challenge of the commitments alone lets a trustee, together with a voter who picks the nonce
  /// afterwards, announce t′ for a ciphertext of t. With a = g^x, b = g^β and c = H(a, b) fixed, the
  /// nonce ρ = (β − c·s·(t − t′))/x makes b = A^v · M′^c for M′ = B·K^(−t′).
  @Test func weakChallengeProvesAnotherResult() throws {
    let x = scalar("x")
    let beta = scalar("β")
    let (truth, claim) = (3, 100)
    func weakChallenge(_ a: Element, _ b: Element) -> Scalar {
      var input = HashInput(.tallyProof, in: group)
      input.append(a)
      input.append(b)
      return input.scalar(key: context.extendedBaseHash)
    }
    let c = weakChallenge(
      group.vartimePower(group.generator, x), group.vartimePower(group.generator, beta))
    let difference = group.vartimeSubtract(
      group.scalar(UInt64(truth)), group.scalar(UInt64(claim)))
    let product = group.vartimeMultiply(group.vartimeMultiply(c, secret), difference)
    let nonce = group.vartimeMultiply(
      group.vartimeSubtract(beta, product), try #require(group.vartimeInverse(x)))
    let response = group.vartimeSubtract(x, group.vartimeMultiply(secret, c))
    let ciphertext = encrypt(UInt64(truth), nonce: nonce)
    let forged = DecryptedTotal(
      label: "second", total: claim,
      power: group.vartimePower(context.voteKey, group.scalar(UInt64(claim))),
      proof: CompactProof(challenge: c, response: response))

    // A weak verifier, which is otherwise complete.
    let factor = group.vartimeMultiply(ciphertext.beta, group.vartimeInverse(forged.power))
    let a = group.vartimeCommitment(
      forged.proof, base: group.generator, image: context.voteKey.element)
    let b = group.vartimeCommitment(forged.proof, base: ciphertext.alpha, image: factor)
    #expect(weakChallenge(a, b) == c, "the weak verifier accepts \(claim)")
    #expect(rules(try total(truth, of: ciphertext), ciphertext) == [], "the truth is \(truth)")
    #expect(rules(forged, ciphertext) == [.eg10B])
  }

  private func changed(_ bytes: [UInt8], _ position: Int) -> [UInt8] {
    var result = bytes
    // Both nibbles change, by another mask at every position.
    result[position] ^= UInt8(position % 15 + 1) << 4 | UInt8(position % 13 + 1)
    return result
  }

  private func proof(_ bytes: [UInt8]) throws -> CompactProof {
    CompactProof(
      challenge: try group.scalar(bytes: bytes[..<32]),
      response: try group.scalar(bytes: bytes[32...]))
  }

  @Test func everyByteOfATotal() throws {
    let ciphertext = encrypt(5, nonce: scalar("nonce"))
    let decrypted = try total(5, of: ciphertext)
    #expect(rules(decrypted, ciphertext) == [])
    var tested = 0
    let power = group.bytes(decrypted.power)
    for position in power.indices {
      var tampered = decrypted
      tampered.power = try group.element(bytes: changed(power, position))
      #expect(rules(tampered, ciphertext) == [.eg10B, .eg10C], "byte \(position) of T")
      tested += 1
    }
    let bytes = decrypted.proof.challenge.bytes + decrypted.proof.response.bytes
    for position in bytes.indices {
      var tampered = decrypted
      tampered.proof = try proof(changed(bytes, position))
      #expect(rules(tampered, ciphertext) == [.eg10B], "byte \(position) of the proof")
      tested += 1
    }
    #expect(tested == 576)
  }

  @Test func everyByteOfDecryptedContestData() throws {
    let ballot = try TamperEveryByteTests.ballot(context)
    let encryption = try #require(ballot.contests[0].data)
    let hash = ballot.identifierHash
    let (shared, proof) = try decrypt(
      .contestData(
        ballot: ballot.confirmationCode, identifierHash: hash, contest: 1, encryption))
    let plain = try encryption.decrypted(
      publicShared: shared, contest: 1, identifierHash: hash, in: group)
    let data = try ContestData(decoding: plain, options: 2)
    #expect(data.writeIns == [ContestData.WriteIn(option: 2, text: "Ada Lovelace")])
    let decrypted = DecryptedContestData(
      ballot: ballot.confirmationCode, contest: 1, shared: shared, proof: proof, bytes: plain)
    func rules(_ data: DecryptedContestData, hash other: Digest? = nil) -> Set<RuleID> {
      Set(
        data.check(encryption, identifierHash: other ?? hash, context, at: "data")
          .failures.map(\.rule))
    }
    #expect(rules(decrypted) == [])
    #expect(rules(decrypted, hash: SHA256.hash([])) == [.eg12B, .eg12C])
    var other = decrypted
    other.contest = 2
    #expect(rules(other) == [.eg12B, .eg12C])
    var tested = 0
    let element = group.bytes(shared)
    for position in element.indices {
      var tampered = decrypted
      tampered.shared = try group.element(bytes: changed(element, position))
      #expect(rules(tampered) == [.eg12B, .eg12C], "byte \(position) of β")
      tested += 1
    }
    let bytes = proof.challenge.bytes + proof.response.bytes
    for position in bytes.indices {
      var tampered = decrypted
      tampered.proof = try self.proof(changed(bytes, position))
      #expect(rules(tampered) == [.eg12B], "byte \(position) of the proof")
      tested += 1
    }
    for position in plain.indices {
      var tampered = decrypted
      tampered.bytes = changed(plain, position)
      #expect(rules(tampered) == [.eg12C], "byte \(position) of D")
      tested += 1
    }
    for wrong in [[], plain.dropLast(), plain + [0]] {
      var tampered = decrypted
      tampered.bytes = Array(wrong)
      #expect(rules(tampered) == [.eg12C], "\(wrong.count) bytes")
    }
    #expect(tested == 512 + 64 + 32)
  }

  // adversary: F-07
  /// The proofs of a total, of opened contest data and of the two ciphertexts beside them: none
  /// stands for another, although a prover knows all secrets.
  @Test func decryptionProofsDoNotStandForOthers() throws {
    let ballot = try TamperEveryByteTests.ballot(context)
    let data = try #require(ballot.contests[0].data)
    let hash = ballot.identifierHash
    let ciphertext = encrypt(5, nonce: scalar("nonce"))
    let decrypted = try total(5, of: ciphertext)
    let item = DecryptionItem.contestData(
      ballot: ballot.confirmationCode, identifierHash: hash, contest: 1, data)
    let (shared, dataProof) = try decrypt(item)
    let plain = try data.decrypted(
      publicShared: shared, contest: 1, identifierHash: hash, in: group)
    let proofs = [decrypted.proof, dataProof, data.c2, ballot.nonce.c2]
    for (index, proof) in proofs.enumerated() {
      var moved = decrypted
      moved.proof = proof
      #expect(rules(moved, ciphertext) == (index == 0 ? [] : [.eg10B]))
      let opened = DecryptedContestData(
        ballot: ballot.confirmationCode, contest: 1, shared: shared, proof: proof, bytes: plain)
      let failures = opened.check(data, identifierHash: hash, context, at: "data").failures
      #expect(failures.map(\.rule) == (index == 1 ? [] : [.eg12B]))
      let encryption = ContestDataEncryption(c0: data.c0, c1: data.c1, c2: proof)
      #expect(
        encryption.isProofValid(contest: 1, identifierHash: hash, in: group) == (index == 2))
      let nonce = BallotNonceEncryption(c0: ballot.nonce.c0, c1: ballot.nonce.c1, c2: proof)
      #expect(nonce.isProofValid(identifierHash: hash, in: group) == (index == 3))
    }
  }

  // adversary: F-12
  /// A trustee's nonces follow from a secret of the session and the transcript: even if that secret
  /// came out the same twice, another transcript has other nonces.
  @Test func decryptionNoncesDependOnTheTranscript() throws {
    var seen = Set<Scalar>()
    for session in 0..<20 {
      let nonces = DecryptionNonces(
        secret: SecretBytes(zeros: 32), transcript: SHA256.hash(Array("\(session)".utf8)))
      for position in 0..<50 {
        let nonce = nonces.nonce(position, in: group)
        seen.insert(group.revealed(nonce))
      }
      let again = DecryptionNonces(
        secret: SecretBytes(zeros: 32), transcript: SHA256.hash(Array("\(session)".utf8)))
      let repeated = again.nonce(7, in: group)
      #expect(seen.contains(group.revealed(repeated)))
    }
    #expect(seen.count == 1_000)
  }
}
