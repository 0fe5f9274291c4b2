// SPDX-License-Identifier: Apache-2.0

import Election
import StrictJSON
import Testing
import Verification

/// The verdict follows from the results and from nothing else.
@Suite struct ReportTests {
  static let reason = "there is nothing of the kind"

  static func findings(_ rules: some Sequence<RuleID>, failing: [RuleID] = []) -> Findings {
    var findings = Findings()
    for rule in rules { findings.check(rule, true, at: "entry 1", "") }
    for rule in failing { findings.check(rule, false, at: "entry 2", "broken") }
    return findings
  }

  @Test func nothingCheckedIsIncomplete() {
    let report = VerificationReport(Findings(), notApplicable: [:])
    #expect(report.verdict == .incomplete)
    #expect(report.lines.map(\.rule) == RuleID.allCases)
    #expect(report.lines.allSatisfy { $0.result == .notChecked && $0.count == 0 })
  }

  @Test func everythingCheckedPasses() {
    let report = VerificationReport(Self.findings(RuleID.allCases), notApplicable: [:])
    #expect(report.verdict == .passed)
    #expect(report.lines.allSatisfy { $0.result == .passed && $0.count == 1 })
  }

  // adversary: V-04
  @Test(arguments: RuleID.allCases)
  func oneRuleDecides(_ rule: RuleID) {
    let others = RuleID.allCases.filter { $0 != rule }
    let unchecked = VerificationReport(Self.findings(others), notApplicable: [:])
    #expect(unchecked.verdict == .incomplete)
    #expect(unchecked.lines.filter { $0.result == .notChecked }.map(\.rule) == [rule])
    let excused = VerificationReport(Self.findings(others), notApplicable: [rule: Self.reason])
    #expect(excused.verdict == .passed)
    #expect(excused.lines.first { $0.rule == rule }?.reason == Self.reason)
    let failed = VerificationReport(
      Self.findings(RuleID.allCases, failing: [rule]), notApplicable: [:])
    #expect(failed.verdict == .failed)
    #expect(failed.lines.filter { $0.result == .failed }.map(\.rule) == [rule])
    #expect(failed.lines.first { $0.rule == rule }?.count == 2)
  }

  @Test func anExcuseDoesNotHideAFailure() {
    let findings = Self.findings(RuleID.allCases.dropFirst(), failing: [.eg1A])
    let report = VerificationReport(findings, notApplicable: [.eg1A: Self.reason])
    #expect(report.verdict == .failed)
    #expect(report.lines[0].result == .failed)
    #expect(report.lines[0].reason == nil)
  }

  @Test func aFailureOutweighsWhatWasNotChecked() {
    let report = VerificationReport(Self.findings([], failing: [.bal3]), notApplicable: [:])
    #expect(report.verdict == .failed)
  }

  @Test func manyFailuresAreCountedAndNotAllSpelledOut() throws {
    let failing = Array(repeating: RuleID.eg6D, count: 50)
    let report = VerificationReport(Self.findings([], failing: failing), notApplicable: [:])
    let line = try #require(report.lines.first { $0.rule == .eg6D })
    #expect(line.failures.count == 50)
    #expect(report.text.contains { $0.hasSuffix("and 30 more") })
    #expect(report.text.last == "verdict: failed")
    let reader = JSONReader(report.json)
    let fields = try reader.fields(["method", "rules", "verdict"])
    #expect(try fields["verdict"].string() == "failed")
    for rule in try fields["rules"].array() {
      let members = try rule.openFields()
      guard try members["id"].string() == "EG-6.D" else { continue }
      #expect(try members["count"].integer(0...100) == 50)
      #expect(try members["failures"].array().count == VerificationReport.maximumFailures)
      #expect(try members["sentence"].string() == RuleID.eg6D.sentence)
    }
  }

  @Test func findingsAddUp() {
    var one = Self.findings([.log1, .log1], failing: [.log2])
    one.merge(Self.findings([.log1], failing: [.log3]))
    #expect(one.counts == [.log1: 3, .log2: 1, .log3: 1])
    #expect(one.failures.map(\.rule) == [.log2, .log3])
    #expect(one.hasFailures)
    #expect(!Self.findings(RuleID.allCases).hasFailures)
  }

  @Test func everyRuleHasItsOwnSentence() {
    let sentences = RuleID.allCases.map(\.sentence)
    #expect(Set(sentences).count == RuleID.allCases.count)
    #expect(sentences.allSatisfy { $0.hasSuffix(".") && $0.count > 20 })
    #expect(RuleID.allCases.sorted() == RuleID.allCases)
  }
}
