// SPDX-License-Identifier: Apache-2.0

import Election
import ElectionFixtures
import Ledger
import Testing

/// Every rule is broken at least once by an entry that differs from a good one in one thing.
// adversary: V-01
@Suite struct RuleBreakTests {
  @Test(arguments: RuleBreak.all)
  func breaksExactlyTheRulesThatItShould(_ broken: RuleBreak) throws {
    var fixture =
      try broken.hasCredentials
      ? ElectionFixture.credentialed(broken.stage) : ElectionFixture.toy(broken.stage)
    let pair = try broken.make(&fixture)
    #expect(try fixture.rules(pair.sound) == [], "the entry that should be right")
    #expect(try fixture.rules(pair.broken) == broken.expected)
  }

  /// Rules that the table cannot reach: a record on disk is needed, or the rule is about ballots that
  /// this project's records do not have.
  static let elsewhere: [RuleID: String] = [
    .log1: "RecordTamperingTests", .log2: "RecordTamperingTests", .log3: "RecordTamperingTests",
    .log4: "LogRuleTests, RecordTamperingTests",
    .log10: "LogRuleTests", .log11: "WitnessedRecordTests",
    .eg1B: "ConfigurationRuleTests", .eg1C: "ConfigurationRuleTests",
    .eg1D: "ConfigurationRuleTests",
    .eg8E: "records of chained ballots", .eg8F: "records of chained ballots",
    .eg8G: "records of chained ballots",
    .eg15: "no pre-encrypted ballots", .eg16: "no pre-encrypted ballots",
    .eg17: "no pre-encrypted ballots", .eg18: "no pre-encrypted ballots",
    .eg19: "no pre-encrypted ballots",
  ]

  @Test func everyRuleIsBroken() {
    let broken = Set(RuleBreak.all.map(\.rule))
    for rule in RuleID.allCases {
      #expect(
        broken.contains(rule) != (Self.elsewhere[rule] != nil),
        "\(rule.rawValue) is broken in the table or named as broken elsewhere, and not both")
    }
  }

  @Test func titlesAreUnique() {
    let titles = RuleBreak.all.map(\.testDescription)
    #expect(Set(titles).count == titles.count)
  }
}
