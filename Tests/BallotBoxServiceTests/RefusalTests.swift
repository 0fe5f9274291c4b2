// SPDX-License-Identifier: Apache-2.0

import BallotBoxService
import Cryptography
import Election
import ElectionFixtures
import ElGamal
import Groups
import Ledger
import StrictJSON
import TestSupport
import Testing

/// Entries that break a rule, sent by clients that check nothing: 422, the rule and its sentence, and
/// nothing in the log.
@Suite struct RefusalTests {
  struct Break: Sendable, CustomTestStringConvertible {
    let rule: RuleID
    let title: String
    let stage: Stage
    var revoting = true
    /// The rules that are named beside it.
    var also: Set<RuleID> = []
    let make: @Sendable (inout ElectionFixture) throws -> EntryFile

    var testDescription: String { "\(rule.rawValue) \(title)" }
  }

  static let log: [Break] = [
    // adversary: B-07
    Break(rule: .log5, title: "an unknown member hides data", stage: .voting) { fixture in
      try fixture.edited(
        fixture.blank(1).file, #""version":1}"#, #""version":1,"x":1}"#, by: .voter(1))
    },
    // adversary: B-06
    Break(rule: .log5, title: "a blank in the payload", stage: .voting) { fixture in
      try fixture.edited(fixture.blank(1).file, ":1}", ": 1}", by: .voter(1))
    },
    // adversary: B-06
    Break(rule: .log5, title: "bytes behind the payload", stage: .voting) { fixture in
      let file = try fixture.blank(1).file
      return try fixture.entry(.ballotSubmitted, file.payload + [0x0A], by: .voter(1))
    },
    // adversary: B-06
    Break(rule: .log5, title: "a byte order mark", stage: .voting) { fixture in
      let file = try fixture.blank(1).file
      return try fixture.entry(
        .ballotSubmitted, [0xEF, 0xBB, 0xBF] + file.payload, by: .voter(1))
    },
    // adversary: G-02
    Break(rule: .log5, title: "digits in lower case", stage: .voting) { fixture in
      let (ballot, file) = try fixture.blank(1)
      return try fixture.edited(
        file, ballot.code.hex, ballot.code.hex.lowercased(), by: .voter(1))
    },
    // adversary: B-10
    Break(rule: .log6, title: "signed with another key", stage: .voting) { fixture in
      try fixture.entry(fixture.blank(1).ballot.submitted, by: .voter(1), signer: .voter(2))
    },
    // adversary: F-03, B-05
    Break(rule: .log6, title: "signed for another election", stage: .voting) { fixture in
      let other = try ElectionFixture.voting { $0.name = "Another" }
      return try other.blank(1).file
    },
    Break(rule: .log6, title: "the closing, signed by a voter", stage: .voting) { fixture in
      try fixture.entry(fixture.closing(), by: .commission, signer: .voter(1))
    },
    Break(rule: .log7, title: "a voter closes the voting", stage: .voting) { fixture in
      try fixture.entry(fixture.closing(), by: .voter(1))
    },
    Break(rule: .log7, title: "the commission votes", stage: .voting) { fixture in
      try fixture.entry(fixture.blank(1).ballot.submitted, by: .commission)
    },
    Break(rule: .log8, title: "a ballot after the closing", stage: .voting) { fixture in
      let file = try fixture.blank(1).file
      try fixture.close()
      return file
    },
    // adversary: L-11
    Break(rule: .log8, title: "a second opening", stage: .voting) { fixture in
      try fixture.entry(fixture.opening(), by: .commission)
    },
    // adversary: L-11
    Break(rule: .log8, title: "a second result", stage: .certified) { fixture in
      var other = try fixture.certified()
      other.contests.removeLast()
      return try fixture.entry(other, by: .commission)
    },
    // adversary: L-09
    Break(rule: .log8, title: "a second manifest", stage: .voting) { fixture in
      var setup = ElectionSetup()
      setup.manifestName = "another election"
      return try fixture.entry(.manifest, setup.manifest().bytes, by: .commission)
    },
  ]

  static let ballots: [Break] = [
    // adversary: E-03
    Break(rule: .eliListed1, title: "a key that is not on the list", stage: .voting) { fixture in
      let stranger = try Identity("stranger")
      return try EntryFile.signed(
        fixture.blank(1).ballot.submitted, by: .pseudonym(stranger.publicKey),
        electionID: fixture.electionID(), key: stranger.key(), in: fixture.group)
    },
    // adversary: F-05, B-01, B-02
    Break(
      rule: .bal1, title: "another voter's ballot under the own key", stage: .voting,
      also: [.bal6, .eg5A]
    ) { fixture in
      let ballot = try fixture.submit(1, fixture.choices(1, [:]))
      return try fixture.entry(ballot.submitted, by: .voter(2))
    },
    // adversary: B-08
    Break(rule: .bal2, title: "a contest left out", stage: .voting) { fixture in
      var submitted = try fixture.blank(1).ballot.submitted
      submitted.ballot.contests.removeLast()
      submitted.ballot = try fixture.rehashed(submitted.ballot)
      return try fixture.entry(submitted, by: .voter(1))
    },
    // adversary: B-05
    Break(rule: .bal3, title: "the style of another district", stage: .voting) { fixture in
      let plaintext = PlaintextBallot(
        ballotStyle: 2, contests: [.init(index: 4, votes: [1, 0])])
      return try fixture.entry(fixture.ballot(1, plaintext).submitted, by: .voter(1))
    },
    Break(rule: .bal4, title: "a number left out", stage: .voting) { fixture in
      let ballot = try fixture.ballot(1, fixture.choices(1, [:]), sequence: 2)
      return try fixture.entry(ballot.submitted, by: .voter(1))
    },
    // adversary: B-13
    Break(rule: .bal5, title: "another voter's ballot cast", stage: .voting) { fixture in
      let ballot = try fixture.submit(1, fixture.choices(1, [:]))
      return try fixture.entry(BallotCast(confirmationCode: ballot.code), by: .voter(2))
    },
    Break(rule: .bal5, title: "a challenge of a ballot that was cast", stage: .voting) { fixture in
      let ballot = try fixture.vote(1, fixture.choices(1, [:]))
      return try fixture.challenge(ballot)
    },
    // adversary: L-06
    Break(rule: .bal6, title: "the code of another ballot", stage: .voting, also: [.eg8B]) {
      fixture in
      let first = try fixture.submit(2, fixture.choices(2, [:]))
      var submitted = try fixture.blank(1).ballot.submitted
      submitted.ballot.confirmationCode = first.code
      return try fixture.entry(submitted, by: .voter(1))
    },
    Break(rule: .bal7, title: "another ballot's nonce", stage: .voting) { fixture in
      var submitted = try fixture.blank(1).ballot.submitted
      submitted.ballot.nonce = try fixture.blank(1).ballot.submitted.ballot.nonce
      return try fixture.entry(submitted, by: .voter(1))
    },
    // adversary: L-12
    Break(
      rule: .bal8, title: "a second ballot where one counts", stage: .voting, revoting: false
    ) { fixture in
      try fixture.vote(1, fixture.choices(1, [:]))
      return try fixture.blank(1).file
    },
    Break(rule: .bal8, title: "counts that are not the record's", stage: .voting) { fixture in
      var counts = fixture.counts
      counts.submitted += 1
      return try fixture.entry(VotingClosed(ballots: counts, voted: nil), by: .commission)
    },
    // adversary: B-11
    Break(rule: .eg5B, title: "encrypted under other trustees' keys", stage: .voting) { _ in
      // The same configuration, and so the same election; the trustees' secrets are others.
      try ElectionFixture.voting().blank(1).file
    },
    Break(rule: .eg5B, title: "another H_I", stage: .voting) { fixture in
      var submitted = try fixture.blank(1).ballot.submitted
      submitted.ballot.identifierHash = submitted.random
      return try fixture.entry(submitted, by: .voter(1))
    },
    // adversary: B-03, B-09, F-13
    Break(rule: .eg6D, title: "a selection of another ballot with its proof", stage: .voting) {
      fixture in
      var submitted = try fixture.blank(1).ballot.submitted
      let other = try fixture.ballot(1, fixture.choices(1, [1: [1, 0, 0]])).submitted
      submitted.ballot.contests[0] = other.ballot.contests[0]
      submitted.ballot = try fixture.rehashed(submitted.ballot)
      return try fixture.entry(submitted, by: .voter(1))
    },
  ]

  @Test(arguments: log + ballots) func whatBreaksARuleIsRefused(_ item: Break) async throws {
    var fixture = try ElectionFixture.voting(revoting: item.revoting)
    if item.stage == .certified {
      try fixture.vote(1, fixture.choices(1, [:]))
      try fixture.advance(from: .decided, to: .certified)
    }
    let file = try item.make(&fixture)
    try await BoxPlan(fixture).run { [fixture] box in
      let answer = try await box.post(file)
      #expect(answer.status == 422, "\(answer.text)")
      #expect(answer.headers["content-type"] == "application/problem+json")
      #expect(try answer.string("type") == "urn:urna:problem:rule", "\(answer.text)")
      guard case .array(let rules)? = try answer.members()["rules"] else {
        Issue.record("no rules: \(answer.text)")
        return
      }
      var named: [String: String] = [:]
      for rule in rules {
        guard case .object(let members) = rule else { continue }
        for member in members where member.name == "id" {
          guard case .string(let id) = member.value,
            case .string(let sentence)? = members.first(where: { $0.name == "sentence" })?.value
          else { continue }
          named[id] = sentence
        }
      }
      #expect(named[item.rule.rawValue] == item.rule.sentence, "\(answer.text)")
      for rule in item.also { #expect(named[rule.rawValue] != nil, "\(answer.text)") }
      let first = try #require(try answer.string("rule"))
      #expect(named[first] != nil, "\(answer.text)")
      #expect(try answer.string("title") == named[first])
      #expect(try box.entries() == fixture.entries)
      // adversary: B-13
      // What was refused is not in anybody's way.
      if fixture.state.phase == .voting, item.revoting {
        let next = try fixture.blank(3).file
        #expect(try await box.post(next).status == 202)
      }
    }
  }

  /// LOG-10: the voting's time is that of the batch, and neither end is soft.
  @Test func ballotsComeInTheVotingsTime() async throws {
    let clock = FixedClock(4_999)
    let fixture = try ElectionFixture.voting { $0.votingWindow = 5_000...6_000 }
    var plan = try await BoxPlan(fixture)
    plan.clock = clock
    try await plan.run { box in
      for (time, status) in [(4_999, 422), (5_000, 202), (6_000, 202), (6_001, 422)] {
        clock.set(time)
        let voter = status == 202 ? (time == 5_000 ? 1 : 2) : 3
        let answer = try await box.post(fixture.blank(voter).file)
        #expect(answer.status == status, "\(time): \(answer.text)")
        if status == 422 { #expect(try answer.string("rule") == RuleID.log10.rawValue) }
      }
      // The commission's closing is no voter's entry.
      var copy = fixture
      try copy.follow(box.plan.record)
      let closing = try copy.entry(copy.closing(), by: .commission)
      #expect(try await box.post(closing).status == 202)
    }
  }
}
