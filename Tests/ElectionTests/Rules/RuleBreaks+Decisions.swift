// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Election
import ElectionFixtures
import ElGamal
import Groups
import Ledger

/// Casting, challenging, closing.
extension RuleBreak {
  static let decisions: [RuleBreak] = casting + challenges

  private static let casting: [RuleBreak] = [
    RuleBreak(.bal5, "a code that no ballot has", at: .voting) { fixture in
      let ballot = try fixture.submit(6, fixture.choices(6, [:]))
      return (
        try fixture.cast(ballot),
        try fixture.entry(BallotCast(confirmationCode: ballot.code.flipped), by: .voter(6))
      )
    },
    RuleBreak(.bal5, "another voter's ballot cast", at: .voting) { fixture in
      let ballot = try fixture.submit(6, fixture.choices(6, [:]))
      return (
        try fixture.cast(ballot),
        try fixture.entry(BallotCast(confirmationCode: ballot.code), by: .voter(7))
      )
    },
    RuleBreak(.bal5, "cast twice", at: .voting) { fixture in
      let ballot = try fixture.vote(6, fixture.choices(6, [:]))
      let next = try fixture.submit(6, fixture.choices(6, [:]))
      return (
        try fixture.cast(next),
        try fixture.entry(
          BallotCast(confirmationCode: ballot.code), by: .voter(6))
      )
    },
    // adversary: U-04
    RuleBreak(.bal5, "a challenged ballot cast", at: .voting) { fixture in
      let ballot = try fixture.submit(6, fixture.choices(6, [:]))
      try fixture.admit(fixture.challenge(ballot))
      let next = try fixture.submit(6, fixture.choices(6, [:]))
      return (try fixture.cast(next), try fixture.cast(ballot))
    },
    // adversary: U-04
    RuleBreak(.bal5, "a cast ballot challenged", at: .voting) { fixture in
      let ballot = try fixture.vote(6, fixture.choices(6, [:]))
      let next = try fixture.submit(6, fixture.choices(6, [:]))
      return (try fixture.challenge(next), try fixture.challenge(ballot))
    },
    RuleBreak(.bal8, "a ballot after the cast one, where none is allowed", at: .voting) { fixture in
      fixture = try ElectionFixture.withoutRevoting()
      try fixture.vote(6, fixture.choices(6, [:]))
      return (
        try fixture.entry(fixture.ballot(7, fixture.choices(7, [:])).submitted, by: .voter(7)),
        try fixture.entry(fixture.ballot(6, fixture.choices(6, [:])).submitted, by: .voter(6))
      )
    },
    RuleBreak(.bal8, "a second one cast, where none is allowed", at: .voting) { fixture in
      fixture = try ElectionFixture.withoutRevoting()
      let first = try fixture.submit(6, fixture.choices(6, [:]))
      let second = try fixture.submit(6, fixture.choices(6, [:]))
      let other = try fixture.submit(7, fixture.choices(7, [:]))
      try fixture.admit(fixture.cast(first))
      return (try fixture.cast(other), try fixture.cast(second))
    },
    RuleBreak(.bal8, "an earlier ballot cast after a later one", at: .voting) { fixture in
      let first = try fixture.submit(6, fixture.choices(6, [:]))
      let second = try fixture.submit(6, fixture.choices(6, [:]))
      let third = try fixture.submit(6, fixture.choices(6, [:]))
      try fixture.admit(fixture.cast(second))
      return (try fixture.cast(third), try fixture.cast(first))
    },
    RuleBreak(.bal8, "a ballot more is counted at the closing", at: .decided) { fixture in
      let sound = fixture.closing()
      var changed = sound
      changed.ballots.counted += 1
      return (
        try fixture.entry(sound, by: .commission), try fixture.entry(changed, by: .commission)
      )
    },
    // adversary: C-02
    RuleBreak(.bal8, "replaced ballots are counted in the totals", at: .closed) { fixture in
      fixture.keep(try fixture.tally())
      let sound = try fixture.aggregated()
      var changed = sound
      changed.ballots.counted = changed.ballots.cast
      return (
        try fixture.entry(sound, by: .commission), try fixture.entry(changed, by: .commission)
      )
    },
  ]

  private static let challenges: [RuleBreak] = [
    RuleBreak(.eg13A, "another text opened", at: .voting) { fixture in
      try fixture.openingPair { $0.contests[2].data?.bytes[8] ^= 1 }
    },
    RuleBreak(.eg13A, "another nonce of the text", at: .voting) { fixture in
      let group = fixture.group
      return try fixture.openingPair {
        if let nonce = $0.contests[2].data?.nonce {
          $0.contests[2].data?.nonce = group.vartimeAdd(nonce, .one)
        }
      }
    },
    RuleBreak(.eg13A, "no text opened", at: .voting) { fixture in
      try fixture.openingPair { $0.contests[2].data = nil }
    },
    RuleBreak(.eg13B, "another vote opened", at: .voting) { fixture in
      try fixture.openingPair {
        ($0.contests[0].selections[0].vote, $0.contests[0].selections[1].vote) = (0, 1)
      }
    },
    RuleBreak(.eg13B, "another nonce of a selection", at: .voting) { fixture in
      let group = fixture.group
      return try fixture.openingPair {
        $0.contests[0].selections[0].nonce = group.vartimeAdd(
          $0.contests[0].selections[0].nonce, .one)
      }
    },
    RuleBreak(.eg14A, "a contest that is not of the style", at: .voting) { fixture in
      try fixture.openingPair {
        $0.contests.append(
          .init(
            label: "bridge",
            selections: [
              .init(label: "yes", vote: 0, nonce: .one), .init(label: "no", vote: 0, nonce: .one),
            ], data: nil))
      }
    },
    RuleBreak(.eg14A, "a contest twice", at: .voting) { fixture in
      try fixture.openingPair { $0.contests.append($0.contests[0]) }
    },
    RuleBreak(.eg14B, "a contest left out", at: .voting, also: [.eg13B]) { fixture in
      try fixture.openingPair { $0.contests.removeFirst() }
    },
    RuleBreak(.eg14B, "no contest", at: .voting, also: [.eg13B]) { fixture in
      try fixture.openingPair { $0.contests = [] }
    },
    RuleBreak(.eg14C, "an option that does not exist", at: .voting) { fixture in
      try fixture.openingPair {
        $0.contests[0].selections.append(.init(label: "nobody", vote: 0, nonce: .one))
      }
    },
    RuleBreak(.eg14D, "an option left out", at: .voting, also: [.eg13B]) { fixture in
      try fixture.openingPair { $0.contests[0].selections.removeLast() }
    },
    RuleBreak(.eg14D, "an option twice", at: .voting) { fixture in
      try fixture.openingPair {
        $0.contests[0].selections.append($0.contests[0].selections[2])
      }
    },
    RuleBreak(.eg14E, "more votes than an option may have", at: .voting, also: [.eg13B]) {
      fixture in
      try fixture.openingPair {
        ($0.contests[1].selections[0].vote, $0.contests[1].selections[1].vote) = (4, 0)
      }
    },
    RuleBreak(.eg14F, "more votes than a contest may have", at: .voting, also: [.eg13B]) {
      fixture in
      try fixture.openingPair { opening in
        for option in 0..<3 { opening.contests[1].selections[option].vote = 2 }
      }
    },
    RuleBreak(.bal5, "another voter's ballot challenged", at: .voting) { fixture in
      let ballot = try fixture.submit(6, fixture.choices(6, [:]))
      return (
        try fixture.challenge(ballot),
        try fixture.entry(
          BallotChallenged(confirmationCode: ballot.code, opening: fixture.opening(ballot)),
          by: .voter(7))
      )
    },
  ]
}

extension ElectionFixture {
  /// An election in which the first cast ballot counts, open for voting.
  static func withoutRevoting() throws -> ElectionFixture {
    var setup = ElectionSetup()
    setup.revoting = false
    var fixture = try ElectionFixture(setup)
    try fixture.advance(from: .empty, to: .voting)
    return fixture
  }

  fileprivate mutating func openingPair(
    _ change: (inout ChallengeOpening) -> Void
  ) throws -> RuleBreak.Pair {
    let ballot = try submit(
      6, choices(6, [1: [1, 0, 0], 2: [1, 2, 0], 3: [0, 1]], writeIn: "Ann"))
    var changed = try opening(ballot)
    change(&changed)
    return (
      try challenge(ballot),
      try entry(BallotChallenged(confirmationCode: ballot.code, opening: changed), by: .voter(6))
    )
  }
}
