// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Election
import ElectionFixtures
import ElGamal
import Groups
import Ledger
import TestSupport
import Testing

/// What the voter's own program refuses, and what a ballot shows.
@Suite struct BallotTests {
  func expect(
    _ error: BallotError, style: Int = 1, _ contests: [PlaintextBallot.Contest],
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let fixture = try ElectionFixture.toy(.voting)
    #expect(throws: error, sourceLocation: sourceLocation) {
      try fixture.ballot(6, PlaintextBallot(ballotStyle: style, contests: contests))
    }
  }

  // adversary: B-08, B-09
  @Test func choicesThatFitNoBallotAreNotEncrypted() throws {
    try expect(.unknownBallotStyle(0), style: 0, [])
    try expect(.unknownBallotStyle(4), style: 4, [])
    try expect(.unknownBallotStyle(.max), style: .max, [])
    try expect(.wrongContest(4), [.init(index: 4, votes: [1, 0])])
    try expect(.wrongContest(99), [.init(index: 99, votes: [1, 0])])
    try expect(
      .wrongContest(1),
      [.init(index: 1, votes: [1, 0, 0]), .init(index: 1, votes: [0, 0, 0])])
    try expect(.wrongOptionCount(contest: 1), [.init(index: 1, votes: [1, 0])])
    try expect(.wrongOptionCount(contest: 1), [.init(index: 1, votes: [])])
    try expect(.negativeVote(contest: 1), [.init(index: 1, votes: [-1, 1, 1])])
    try expect(
      .contestData(contest: 1, .tooLong(available: 0)),
      [.init(index: 1, votes: [1, 0, 0], writeIns: [.init(option: 1, text: "Ann")])])
  }

  /// A range proof of a vote that is not allowed cannot be made.
  // adversary: B-09
  @Test func noProofIsMadeForAVoteThatIsNotAllowed() throws {
    let fixture = try ElectionFixture.toy(.voting)
    let (group, context) = (fixture.group, try fixture.context())
    let nonce = group.secret(group.scalar(5))
    for vote in [2, -1, .max] {
      #expect(throws: GroupError.outOfRange) {
        try RangeProof.prove(
          RangeStatement(
            identifierHash: context.extendedBaseHash, contest: 1, option: 1,
            ciphertext: group.emptyAggregate, bound: 1),
          vote: vote, nonce: nonce, key: context.voteKey, in: group)
      }
    }
  }

  /// An overvoted contest counts as blank; its marks go into the contest data, where there is some.
  @Test func anOvervoteIsABlankContestWithItsMarks() throws {
    var fixture = try ElectionFixture.toy(.voting)
    let ballot = try fixture.submit(
      6, fixture.choices(6, [1: [1, 1, 0], 3: [1, 1]], writeIn: "Ann"))
    let opening = try fixture.opening(ballot)
    #expect(opening.contests[0].selections.map(\.vote) == [0, 0, 0])
    #expect(opening.contests[2].selections.map(\.vote) == [0, 0])
    let data = try ContestData(
      decoding: try #require(opening.contests[2].data).bytes, options: 2)
    #expect(data.overvote == [1, 1])
    #expect(data.writeIns == [.init(option: 2, text: "Ann")])
    #expect(try fixture.rules(fixture.challenge(ballot)) == [])
  }

  /// Ballots of one style have one length, whatever they hold.
  // adversary: G-12
  @Test func theLengthSaysNothingAboutTheVotes() throws {
    let fixture = try ElectionFixture.toy(.voting)
    var generator = SeededGenerator(seed: 12)
    var lengths: Set<Int> = []
    for _ in 0..<100 {
      let points = Int.random(in: 0...3, using: &generator)
      let text = String(repeating: "é", count: Int.random(in: 0...20, using: &generator))
      let ballot = try fixture.ballot(
        6,
        fixture.choices(
          6, [1: [0, 1, 0], 2: [points, 0, 1], 3: [0, 1]], writeIn: text.isEmpty ? nil : text))
      lengths.insert(ballot.submitted.bytes(in: fixture.group).count)
    }
    lengths.insert(
      try fixture.ballot(6, fixture.choices(6, [:])).submitted.bytes(in: fixture.group).count)
    #expect(lengths.count == 1, "seed \(generator.seed)")
  }

  /// Equal choices give unequal ballots; nonces differ by position.
  // adversary: F-12
  @Test func noNonceIsUsedTwice() throws {
    let fixture = try ElectionFixture.toy(.voting)
    let context = try fixture.context()
    var hash: Set<String> = []
    let secrets = try BallotSecrets.fresh()
    for contest in 1...5 {
      for option in 1...3 {
        hash.insert(
          fixture.group.revealed(
            secrets.selectionNonce(
              contest: contest, option: option, identifierHash: context.extendedBaseHash,
              in: fixture.group)
          ).hex)
      }
      hash.insert(
        fixture.group.revealed(
          secrets.contestDataNonce(
            contest: contest, identifierHash: context.extendedBaseHash, in: fixture.group)
        ).hex)
    }
    #expect(hash.count == 20)
    let first = try fixture.ballot(6, fixture.choices(6, [:])).submitted.ballot
    let second = try fixture.ballot(6, fixture.choices(6, [:])).submitted.ballot
    let alphas = [first, second].map { ballot in
      Set(ballot.contests.flatMap { $0.selections.map(\.ciphertext.alpha) })
    }
    #expect(alphas[0].count == 8)
    #expect(alphas[0].isDisjoint(with: alphas[1]))
    #expect(first.confirmationCode != second.confirmationCode)
  }

  /// A challenge publishes nonces of selections, and never ξ_B.
  @Test func aChallengeDoesNotShowTheBallotNonce() throws {
    var fixture = try ElectionFixture.toy(.voting)
    let ballot = try fixture.submit(6, fixture.choices(6, [1: [1, 0, 0]]))
    let payload = String(decoding: try fixture.challenge(ballot).payload, as: UTF8.self)
    #expect(!payload.contains(Hex.encode(ballot.nonce)))
    #expect(payload.contains(try fixture.opening(ballot).contests[0].selections[0].nonce.hex))
  }

  /// id_B names the election, the district, the voter, the number and the random part.
  // adversary: F-05, F-06
  @Test func theIdentifierDependsOnEveryPart() throws {
    let (one, two) = (SHA256.hash([1]), SHA256.hash([2]))
    let keys = [try Identity("a").publicKey, try Identity("b").publicKey]
    func identifier(
      _ key: Ed25519.PublicKey, election: Digest = one, district: String = "north",
      sequence: Int = 1, random: Digest = two
    ) -> Digest {
      BallotSubmitted.identifier(
        electionID: election, district: district, pseudonym: key, sequence: sequence,
        random: random)
    }
    let all: [Digest] = [
      identifier(keys[0]), identifier(keys[1]), identifier(keys[0], election: two),
      identifier(keys[0], district: "nort"), identifier(keys[0], district: ""),
      identifier(keys[0], district: "north1"), identifier(keys[0], sequence: 2),
      identifier(keys[0], sequence: 256), identifier(keys[0], random: one),
    ]
    #expect(Set(all).count == all.count)
    #expect(identifier(keys[0]) == identifier(keys[0]))
  }
}
