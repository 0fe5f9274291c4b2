// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Election
import ElectionFixtures
import ElGamal
import Groups
import Ledger
import Testing

/// Complaints, rounds, and what a trustee keeps.
@Suite struct KeyCeremonyTests {
  /// Trustee 1 sends trustee 2 a share that is one too high, with a proof that holds.
  func withFalseShare(
    _ fixture: inout ElectionFixture, vote: UInt64 = 1, data: UInt64 = 0
  ) throws {
    let group = fixture.group
    var shares = try fixture.shares(of: 1)
    let receiver = try #require(fixture.state.ceremony.keys[2])
    let own = fixture.secrets[0]
    shares.shares[0] = try ShareEncryption.encrypt(
      voteShare: group.add(
        own.secrets.share(.vote, for: 2, in: group), group.secret(group.scalar(vote))),
      dataShare: group.add(
        own.secrets.share(.data, for: 2, in: group), group.secret(group.scalar(data))),
      from: 1, to: 2, key: receiver.communicationKey,
      parameterBaseHash: fixture.parameterHash(), in: group)
    try fixture.admit([
      fixture.entry(shares, by: .trustee(1)), fixture.entry(fixture.shares(of: 2), by: .trustee(2)),
      fixture.entry(fixture.shares(of: 3), by: .trustee(3)),
    ])
  }

  func receives(_ fixture: ElectionFixture, from sender: Int, by receiver: Int) throws -> Bool {
    let share = try #require(fixture.state.ceremony.share(from: sender, to: receiver))
    let received = fixture.secrets[receiver - 1].secrets.receive(
      share, from: try #require(fixture.state.ceremony.keys[sender]),
      own: try #require(fixture.state.ceremony.keys[receiver]),
      parameterBaseHash: fixture.parameterHash(), in: fixture.group)
    return received != nil
  }

  // adversary: T-06
  @Test(arguments: [(1, 0), (0, 1), (5, 7)] as [(UInt64, UInt64)])
  func aFalseShareIsUpheldAndItsSenderNamed(_ change: (UInt64, UInt64)) throws {
    var fixture = try ElectionFixture.toy(.keys)
    try withFalseShare(&fixture, vote: change.0, data: change.1)
    #expect(try !receives(fixture, from: 1, by: 2))
    #expect(try receives(fixture, from: 1, by: 3))
    #expect(try receives(fixture, from: 3, by: 2))
    let complaint = try fixture.complaint(by: 2, about: 1)
    let file = try fixture.entry(complaint, by: .trustee(2))
    try fixture.admit(file)
    let ceremony = fixture.state.ceremony
    #expect(ceremony.named.map { [$0.round, $0.trustee] } == [[1, 1]])
    #expect(ceremony.complaintCount == 1)
    #expect(ceremony.round == 2)
    #expect(ceremony.keys.isEmpty && ceremony.shares.isEmpty)
    #expect(ceremony.receipts.isEmpty && ceremony.confirmations.isEmpty)
    // Nothing of the first round counts in the second.
    let old = try ElectionFixture.toy(.keys)
    #expect(try fixture.rules(file) == [.cer4])
    let keys = try #require(old.entries.last { $0.entry.type == "trustee.keys" })
    #expect(try fixture.rules(keys).contains(.cer1))
    #expect(
      try fixture.rules(fixture.entry(TrusteeReceipt(round: 1), by: .trustee(3))) == [.cer5])
    // The second round ends well, and the election goes on.
    try fixture.makeSecrets()
    try fixture.advance(from: .configured, to: .certified)
    #expect(fixture.state.phase == .certified)
    #expect(
      fixture.state.result?.contests.map { $0.options.map(\.total) }
        == ElectionFixture.playedTotals)
    #expect(fixture.state.ceremony.named.map { [$0.round, $0.trustee] } == [[1, 1]])
  }

  // adversary: T-06
  @Test func aComplaintAboutARightShareIsRefuted() throws {
    var fixture = try ElectionFixture.toy(.shares)
    let complaint = try fixture.complaint(by: 3, about: 1)
    try fixture.admit(fixture.entry(complaint, by: .trustee(3)))
    #expect(fixture.state.ceremony.named.isEmpty)
    #expect(fixture.state.ceremony.complaintCount == 1)
    #expect(fixture.state.ceremony.round == 1)
    try fixture.advance(from: .shares, to: .certified)
    #expect(fixture.state.phase == .certified)
  }

  /// Evidence belongs to one share.
  // adversary: T-06, F-07
  @Test func evidenceAboutAnotherShareIsInvalid() throws {
    let fixture = try ElectionFixture.toy(.shares)
    let ceremony = fixture.state.ceremony
    let (hash, group) = (fixture.parameterHash(), fixture.group)
    func verdict(_ evidence: ComplaintEvidence, from sender: Int, to receiver: Int) throws
      -> ComplaintVerdict
    {
      evidence.verdict(
        about: try #require(ceremony.share(from: sender, to: receiver)),
        from: try #require(ceremony.keys[sender]), to: try #require(ceremony.keys[receiver]),
        parameterBaseHash: hash, in: group)
    }
    let evidence = try fixture.complaint(by: 2, about: 1).evidence
    #expect(try verdict(evidence, from: 1, to: 2) == .refuted)
    #expect(try verdict(evidence, from: 3, to: 2) == .invalidEvidence)
    #expect(try verdict(evidence, from: 1, to: 3) == .invalidEvidence)
    let share = try #require(ceremony.share(from: 1, to: 2))
    let outside = ComplaintEvidence(
      shared: group.vartimeMultiply(evidence.shared, try group.minusOne), proof: evidence.proof)
    #expect(try verdict(outside, from: 1, to: 2) == .invalidEvidence)
    var altered = share
    altered.c1[0] ^= 1
    #expect(
      evidence.verdict(
        about: altered, from: try #require(ceremony.keys[1]),
        to: try #require(ceremony.keys[2]), parameterBaseHash: hash, in: group)
        == .invalidEvidence)
  }

  /// A share that is no pair of scalars is wrong as well.
  // adversary: T-06
  @Test func aShareOutOfRangeIsUpheld() throws {
    let fixture = try ElectionFixture.toy(.keys)
    let (hash, group) = (fixture.parameterHash(), fixture.group)
    let keys = fixture.state.ceremony.keys
    let receiver = try #require(keys[2])
    // Bytes of FF under a proof that holds: encrypt zero, then mask. In a toy group nearly every
    // 32-byte string is out of range.
    let zero = try ShareEncryption.encrypt(
      voteShare: group.secret(.zero), dataShare: group.secret(.zero), from: 1, to: 2,
      key: receiver.communicationKey, parameterBaseHash: hash, in: group)
    var masked = zero
    masked.c1 = zero.c1.map { $0 ^ 0xFF }
    let own = fixture.secrets[1]
    let sender = try #require(keys[1])
    let isReceived =
      own.secrets.receive(masked, from: sender, own: receiver, parameterBaseHash: hash, in: group)
      != nil
    #expect(!isReceived)
    let evidence = try own.secrets.complaint(about: masked, parameterBaseHash: hash, in: group)
    #expect(
      evidence.verdict(
        about: masked, from: sender, to: receiver, parameterBaseHash: hash, in: group) == .upheld)
  }

  /// All trustees together make K = 1; every proof holds.
  // adversary: T-02
  @Test func aTrivialJointKeyIsNotConfirmed() throws {
    var fixture = try ElectionFixture.toy(.configured)
    let group = fixture.group
    try fixture.makeSecrets()
    let sum = fixture.secrets.prefix(2).reduce(Scalar.zero) { sum, box in
      group.vartimeAdd(sum, box.secrets.voteCoefficients.with(0) { group.revealed($0) })
    }
    fixture.secrets[2] = TrusteeBox(
      .chosen(
        3, vote: [group.vartimeSubtract(.zero, sum), group.scalar(11)],
        data: [group.scalar(12), group.scalar(13)], communication: group.scalar(14), in: group))
    try fixture.advance(from: .configured, to: .receipts)
    #expect(try fixture.expectedKeys().voteKey == group.identity)
    let confirmation = try fixture.entry(fixture.confirmation(), by: .trustee(1))
    #expect(try fixture.rules(confirmation) == [.cer2])
  }

  /// g^(z_i) follows from the public keys alone.
  @Test func theShareImageIsPublic() throws {
    let fixture = try ElectionFixture.toy(.shares)
    let group = fixture.group
    let keys = try #require(fixture.state.ceremony.allKeys(3))
    for trustee in 1...3 {
      let share = try fixture.share(of: trustee)
      #expect(
        group.power(group.generator, share.voteShare)
          == JointKeys.shareImage(.vote, of: trustee, keys, in: group))
      #expect(
        group.power(group.generator, share.dataShare)
          == JointKeys.shareImage(.data, of: trustee, keys, in: group))
    }
  }

  @Test func secretsAreKeptAndReadAgain() throws {
    let fixture = try ElectionFixture.toy(.shares)
    let group = fixture.group
    let own = fixture.secrets[0]
    let kept = own.secrets.encoded(in: group)
    #expect(kept.count == 32 * 5)
    guard let read = try TrusteeSecrets(trustee: 1, encoded: kept, in: group) else {
      Issue.record("the kept secrets are not read")
      return
    }
    let again = TrusteeBox(read)
    let first = try own.secrets.publicKeys(parameterBaseHash: fixture.parameterHash(), in: group)
    let second = try again.secrets.publicKeys(
      parameterBaseHash: fixture.parameterHash(), in: group)
    #expect(first.voteCommitments == second.voteCommitments)
    #expect(first.dataCommitments == second.dataCommitments)
    #expect(first.communicationKey == second.communicationKey)
    #expect(first.voteProof != second.voteProof, "proofs are made with fresh randomness")
    for length in [0, 32 * 4, 32 * 5 - 1, 32 * 5 + 1] {
      let bytes = SecretBytes(copying: [UInt8](repeating: 0, count: length))
      let isRead = try TrusteeSecrets(trustee: 1, encoded: bytes, in: group) != nil
      #expect(!isRead, "\(length)")
    }
    let large = SecretBytes(copying: [UInt8](repeating: 0xFF, count: 96))
    #expect(throws: GroupError.outOfRange) {
      _ = try TrusteeSecrets(trustee: 1, encoded: large, in: group)
    }
    let share = try fixture.share(of: 1)
    let encoded = share.encoded(in: group)
    guard let copy = try TrusteeShare(trustee: 1, encoded: encoded, in: group) else {
      Issue.record("the kept share is not read")
      return
    }
    #expect(group.revealed(copy.voteShare) == group.revealed(share.voteShare))
    #expect(group.revealed(copy.dataShare) == group.revealed(share.dataShare))
    let short = SecretBytes(copying: [UInt8](repeating: 0, count: 63))
    let isRead = try TrusteeShare(trustee: 1, encoded: short, in: group) != nil
    #expect(!isRead)
  }
}
