// SPDX-License-Identifier: Apache-2.0

import Cryptography
import ElGamal
import Election
import Groups
import StrictJSON
import TestSupport
import Testing

/// Ballots, from ξ_B to the published bytes.
@Suite(.needsShared) struct KnownAnswerBallotTests {
  private struct Parts {
    let known: KnownAnswers
    let ballot: Answer
    let secret: Answer
    let identifierHash: Digest

    init(_ position: Int) throws {
      known = try KnownAnswers()
      ballot = try known.part("/ballots/\(position)")
      secret = try known.secret("/ballots/\(position)")
      identifierHash = BaseHashes.identifier(
        extended: try known.extendedBaseHash(), ballot: try ballot["id_B"].digest(),
        in: known.group)
    }

    func ballotSecrets() throws -> BallotSecrets {
      BallotSecrets(ballotNonce: SecretBytes(copying: try secret["xi_B"].bytes()))
    }

    func contests() throws -> [(published: Answer, secret: Answer, index: Int)] {
      try zip(ballot["contests"].list(), secret["contests"].list()).map {
        ($0, $1, try $0["contest"].int())
      }
    }
  }

  @Test(arguments: 0..<4) func identifierHash(_ position: Int) throws {
    let parts = try Parts(position)
    #expect(parts.identifierHash == (try parts.ballot["H_I"].digest()))
    #expect(
      (try parts.known.context()).identifierHash(of: try parts.ballot["id_B"].digest())
        == parts.identifierHash)
  }

  @Test(arguments: 0..<4) func noncesAndCiphertexts(_ position: Int) throws {
    let parts = try Parts(position)
    let group = parts.known.group
    let key = try parts.known.context().voteKey
    let secrets = try parts.ballotSecrets()
    for (published, secret, index) in try parts.contests() {
      let votes = try secret["votes"].list().map { try $0.int() }
      let nonces = try secret["xi"].list().map { try $0.scalar() }
      let selections = try published["selections"].list()
      #expect(selections.count == votes.count)
      for (offset, selection) in selections.enumerated() {
        let nonce = secrets.selectionNonce(
          contest: index, option: offset + 1, identifierHash: parts.identifierHash, in: group)
        #expect(group.revealed(nonce) == nonces[offset])
        let ciphertext = group.encrypt(
          group.secretScalar(small: UInt64(votes[offset])), nonce: nonce, key: key)
        #expect(ciphertext == (try selection.ciphertext()))
      }
    }
  }

  // The whole encryption of a ballot has the ciphertexts of the record, because they depend on ξ_B
  // and the votes alone.
  @Test(arguments: 0..<4) func encryptedBallot(_ position: Int) throws {
    let parts = try Parts(position)
    let context = try parts.known.context()
    let ballot = PlaintextBallot(
      ballotStyle: try parts.ballot["ballot_style"].int(),
      contests: try parts.contests().map { _, secret, index in
        PlaintextBallot.Contest(
          index: index, votes: try secret["votes"].list().map { try $0.int() })
      })
    let field = try #require(ChainingField(try parts.ballot["chaining_field"].bytes()))
    let encrypted = try EncryptedBallot.encrypt(
      ballot, identifier: try parts.ballot["id_B"].digest(), chainingField: field,
      secrets: try parts.ballotSecrets(), context: context)
    #expect(encrypted.identifierHash == parts.identifierHash)
    #expect(encrypted.chainingField.bytes == (try parts.ballot["chaining_field"].bytes()))
    for (contest, (published, _, index)) in zip(encrypted.contests, try parts.contests()) {
      #expect(contest.index == index)
      #expect(
        contest.selections.map(\.ciphertext)
          == (try published["selections"].list().map { try $0.ciphertext() }))
    }
    let findings = encrypted.checkProofs(context, at: "ballot")
    #expect(findings.failures.isEmpty)
  }

  @Test(arguments: 0..<4) func rangeProofs(_ position: Int) throws {
    let parts = try Parts(position)
    let group = parts.known.group
    let context = try parts.known.context()
    for (published, secret, index) in try parts.contests() {
      let contest = try #require(context.manifest.contest(index))
      let votes = try secret["votes"].list().map { try $0.int() }
      let nonces = try secret["xi"].list().map { try $0.scalar() }
      var ciphertexts: [Ciphertext] = []
      for (offset, selection) in try published["selections"].list().enumerated() {
        ciphertexts.append(try selection.ciphertext())
        let statement = RangeStatement(
          identifierHash: parts.identifierHash, contest: index, option: offset + 1,
          ciphertext: try selection.ciphertext(), bound: contest.optionLimit)
        try expectSame(
          try selection["proof"].rangeProof(), statement, vote: votes[offset],
          nonce: nonces[offset], key: context.voteKey, group)
      }
      let limit = RangeStatement(
        identifierHash: parts.identifierHash, contest: index, option: nil,
        ciphertext: group.vartimeProduct(ciphertexts), bound: contest.selectionLimit)
      try expectSame(
        try published["limit_proof"].rangeProof(), limit, vote: votes.reduce(0, +),
        nonce: nonces.reduce(.zero) { group.vartimeAdd($0, $1) }, key: context.voteKey, group)
    }
  }

  /// Proves again with the randomness behind the published proof: u_j = v_j + c_j·ξ.
  private func expectSame(
    _ published: RangeProof, _ statement: RangeStatement, vote: Int, nonce: Scalar,
    key: FixedBase, _ group: Group
  ) throws {
    let branches = published.branches
    #expect(branches.count == statement.bound + 1)
    let proof = try RangeProof.prove(
      statement, vote: vote, nonce: group.secret(nonce), key: key,
      randomness: RangeProofRandomness(
        nonces: SecretScalars(count: branches.count) {
          group.secret(group.recovered(branches[$0], secret: nonce))
        },
        challenges: SecretScalars(count: branches.count) {
          // The vote's own challenge follows from the others; what stands here must not matter.
          group.secret($0 == vote ? group.scalar(7) : branches[$0].challenge)
        }), in: group)
    #expect(proof == published)
    #expect(published.isValid(statement, key: key, in: group))
  }

  @Test(arguments: 0..<4) func contestData(_ position: Int) throws {
    let parts = try Parts(position)
    let group = parts.known.group
    let key = try parts.known.context().dataKey
    let secrets = try parts.ballotSecrets()
    var count = 0
    for (published, secret, index) in try parts.contests() {
      guard !(try published["contest_data"].isNull) else { continue }
      count += 1
      let answer = try published["contest_data"].contestData()
      let nonce = secrets.contestDataNonce(
        contest: index, identifierHash: parts.identifierHash, in: group)
      #expect(group.revealed(nonce) == (try secret["contest_data_xi"].scalar()))
      let plain = try secret["contest_data_plain"].bytes()
      let commitment = group.recovered(
        answer.c2, secret: try secret["contest_data_xi"].scalar())
      let encryption = try ContestDataEncryption.encrypt(
        SecretBytes(copying: plain), nonce: nonce, commitment: group.secret(commitment),
        contest: index, identifierHash: parts.identifierHash, key: key, in: group)
      #expect(encryption == answer)
      #expect(
        answer.isProofValid(contest: index, identifierHash: parts.identifierHash, in: group))
      #expect(
        try answer.decrypted(
          publicShared: group.power(key, nonce), contest: index,
          identifierHash: parts.identifierHash, in: group) == plain)
    }
    #expect(count == 1)
  }

  // ξ̂_B is not among the secrets: the published encryption is opened with the trustees' shares, by
  // any two of them.
  @Test(arguments: 0..<4, [[1, 2], [1, 3], [2, 3], [1, 2, 3]])
  func ballotNonceOpens(_ position: Int, _ available: [Int]) throws {
    let parts = try Parts(position)
    let group = parts.known.group
    let encryption = try parts.ballot["encrypted_ballot_nonce"].ballotNonce()
    #expect(encryption.isProofValid(identifierHash: parts.identifierHash, in: group))
    var secret = Scalar.zero
    for trustee in available {
      let share = try parts.known.secret("/guardians/\(trustee - 1)/z_hat").scalar()
      let weight = try #require(
        Interpolation.coefficient(of: trustee, among: available, in: group))
      secret = group.vartimeAdd(secret, group.vartimeMultiply(weight, share))
    }
    let opened = try encryption.decrypted(
      shared: group.secretPower(encryption.c0, group.secret(secret)),
      identifierHash: parts.identifierHash, in: group)
    #expect(opened.revealed() == (try parts.secret["xi_B"].bytes()))
  }

  @Test(arguments: 0..<4) func contestHashesAndCode(_ position: Int) throws {
    let parts = try Parts(position)
    let group = parts.known.group
    var hashes: [Digest] = []
    for (published, _, index) in try parts.contests() {
      let data = try published["contest_data"]
      let hash = ConfirmationCode.contestHash(
        identifierHash: parts.identifierHash, contest: index,
        selections: try published["selections"].list().map { try $0.ciphertext() },
        data: data.isNull ? nil : try data.contestData(), in: group)
      #expect(hash == (try published["contest_hash"].digest()))
      hashes.append(hash)
    }
    let field = try #require(ChainingField(try parts.ballot["chaining_field"].bytes()))
    #expect(field.mode == 1)
    let code = ConfirmationCode.code(
      identifierHash: parts.identifierHash, contestHashes: hashes, chainingField: field, in: group)
    #expect(code == (try parts.ballot["confirmation_code"].digest()))
    // Without a chain nothing but the field differs.
    let device = try parts.known.part("/devices/0/H_DI").digest()
    let unchained = ChainingField.unchained(device: device)
    let input = [0x29] + hashes.flatMap(\.bytes) + [0, 0, 0, 0] + device.bytes
    #expect(input.count == 37 + 32 * hashes.count)
    #expect(
      ConfirmationCode.code(
        identifierHash: parts.identifierHash, contestHashes: hashes, chainingField: unchained,
        in: group) == HMACSHA256.authenticate(key: parts.identifierHash, input))
  }

  @Test func chainOfTheDevice() throws {
    let known = try KnownAnswers()
    let device = try known.part("/devices/0")
    let extended = try known.extendedBaseHash()
    let hash = BaseHashes.device(
      extended: extended, try device["S_device"].text(), in: known.group)
    #expect(hash == (try device["H_DI"].digest()))
    let chain = BallotChain(extendedBaseHash: extended, device: hash, in: known.group)
    #expect(chain.openingField.bytes == (try device["B_C0"].bytes()))
    #expect(chain.openingHash == (try device["H_0"].digest()))
    var last = chain.openingHash
    for ballot in try known.part("/ballots").list() {
      #expect(chain.field(after: last).bytes == (try ballot["chaining_field"].bytes()))
      last = try ballot["confirmation_code"].digest()
    }
    let closing = chain.closing(after: last)
    #expect(closing.field.bytes == (try device["closing_B_C"].bytes()))
    #expect(closing.hash == (try device["closing_hash"].digest()))
  }
}
