// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Election
import ElectionFixtures
import TestSupport
import Testing

/// The decrypted totals are the sums of the plaintexts.
@Suite struct TallyPropertyTests {
  /// A random choice in a contest, sometimes blank, sometimes with too many votes.
  func votes(
    _ contest: ManifestOutline.Contest, _ generator: inout SeededGenerator
  ) -> [Int] {
    switch Int.random(in: 0..<8, using: &generator) {
    case 0: return contest.options.map { _ in 0 }
    case 1: return contest.options.map { _ in contest.optionLimit + 1 }
    default:
      var rest = contest.selectionLimit
      return contest.options.map { _ in
        let vote = Int.random(in: 0...min(rest, contest.optionLimit), using: &generator)
        rest -= vote
        return vote
      }
    }
  }

  // adversary: C-02, C-07
  @Test(arguments: [UInt64](1...12))
  func randomBallotsAddUp(_ seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    var setup = ElectionSetup()
    setup.revoting = seed % 2 == 0
    setup.opensContestData = seed % 3 != 0
    setup.voters = (0..<Int.random(in: 1...9, using: &generator)).map { _ in
      VoterSetup(
        style: Int.random(in: 1...2, using: &generator),
        weight: [1, 1, 1, 2, 1_000].randomElement(using: &generator) ?? 1)
    }
    (setup.trustees, setup.threshold) = [(1, 1), (3, 2), (4, 3)][Int(seed % 3)]
    var fixture = try ElectionFixture(setup)
    try fixture.advance(from: .empty, to: .voting)
    let outline = fixture.manifest.outline
    // What counts, by voter: kept apart from the register of the rulebook.
    var counted: [Int: [Int: [Int]]] = [:]
    for _ in 0..<Int.random(in: 0...14, using: &generator) {
      let voter = Int.random(in: 1...setup.voters.count, using: &generator)
      if !setup.revoting, counted[voter] != nil { continue }
      let style = try #require(outline.ballotStyle(setup.voters[voter - 1].style))
      var chosen: [Int: [Int]] = [:]
      for index in style.contests where Bool.random(using: &generator) {
        chosen[index] = votes(try #require(outline.contest(index)), &generator)
      }
      let ballot = try fixture.submit(voter, fixture.choices(voter, chosen))
      switch Int.random(in: 0..<5, using: &generator) {
      case 0: break
      case 1: try fixture.admit(fixture.challenge(ballot))
      default:
        try fixture.admit(fixture.cast(ballot))
        counted[voter] = chosen
      }
    }
    var expected = outline.contests.map { $0.options.map { _ in 0 } }
    for (voter, chosen) in counted {
      for (index, votes) in chosen {
        let contest = try #require(outline.contest(index))
        let isOvervote =
          votes.reduce(0, +) > contest.selectionLimit
          || votes.contains { $0 > contest.optionLimit }
        if isOvervote { continue }
        for (option, vote) in votes.enumerated() {
          expected[index - 1][option] += vote * setup.voters[voter - 1].weight
        }
      }
    }
    try fixture.advance(from: .decided, to: .certified)
    let totals = fixture.state.result?.contests.map { $0.options.map(\.total) }
    #expect(totals == expected, "seed \(seed)")
    #expect(fixture.state.result?.ballots.counted == counted.count, "seed \(seed)")
  }

  // adversary: C-07
  @Test func anEmptyBallotBoxGivesZeros() throws {
    var fixture = try ElectionFixture.toy(.voting)
    try fixture.advance(from: .decided, to: .certified)
    let totals = fixture.state.result?.contests.map { $0.options.map(\.total) }
    #expect(totals == [[0, 0, 0], [0, 0, 0], [0, 0], [0, 0], [0, 0]])
    #expect(fixture.state.result?.ballots == BallotCounts())
    #expect(fixture.state.largestTotal == 0)
  }

  // adversary: C-07
  @Test func blankBallotsGiveZeros() throws {
    var fixture = try ElectionFixture.toy(.voting)
    for voter in 1...8 { try fixture.vote(voter, fixture.choices(voter, [:])) }
    try fixture.advance(from: .decided, to: .certified)
    let totals = fixture.state.result?.contests.flatMap { $0.options.map(\.total) }
    #expect(totals?.allSatisfy { $0 == 0 } == true)
    #expect(fixture.state.result?.ballots.counted == 8)
    // Every text is empty, and as long as a written one.
    let data = try #require(fixture.state.decrypted).contestData
    #expect(data.count == 5)
    for item in data {
      #expect(item.bytes.count == 64)
      #expect(try ContestData(decoding: item.bytes, options: 2) == ContestData())
    }
  }

  /// The policy decides which cast ballot counts.
  // adversary: C-02
  @Test func theLastBallotCountsOrTheFirst() throws {
    for revoting in [true, false] {
      var setup = ElectionSetup()
      setup.revoting = revoting
      var fixture = try ElectionFixture(setup)
      try fixture.advance(from: .empty, to: .voting)
      try fixture.vote(1, fixture.choices(1, [1: [1, 0, 0]]))
      if revoting { try fixture.vote(1, fixture.choices(1, [1: [0, 1, 0]])) }
      try fixture.advance(from: .decided, to: .closed)
      var counts = BallotCounts(submitted: 1, cast: 1, challenged: 0, counted: 1)
      if revoting { (counts.submitted, counts.cast) = (2, 2) }
      // playVotes() is not part of this: the stage in between is stepped over.
      #expect(fixture.counts == counts)
      try fixture.advance(from: .closed, to: .certified)
      #expect(
        fixture.state.result?.contests[0].options.map(\.total)
          == (revoting ? [0, 1, 0] : [1, 0, 0]))
    }
  }
}
