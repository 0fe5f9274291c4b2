// SPDX-License-Identifier: Apache-2.0

import Election
import ElectionFixtures
import Ledger
import Testing
import Verification

/// What the verifier says about the record of a petition.
@Suite struct PetitionRecordTests {
  private func report(_ fixture: ElectionFixture) async throws -> VerificationReport {
    try await RecordOnDisk(fixture.items, in: fixture.group).verify().report
  }

  @Test(arguments: [Stage.frozen, .destroyed])
  func aFrozenPetitionPasses(_ stage: Stage) async throws {
    let report = try await report(ElectionFixture.petition(stage))
    #expect(report.verdict == .passed, "\(report.text)")
    let applied = Set(report.lines.filter { $0.count > 0 }.map(\.rule))
    let needed: Set<RuleID> = [
      .log1, .log2, .log3, .log4, .log5, .log6, .log7, .log8, .log9, .log10, .eli1, .eli2, .eli3,
      .eli5, .eli6, .eli7, .eli11,
    ]
    #expect(applied == (stage == .frozen ? needed : needed.union([.eli4, .eli12])))
    #expect(report.lines.first { $0.rule == .eg6D }?.reason == "nobody votes in a petition")
  }

  @Test(arguments: [Stage.configured, .registering, .issued, .activating, .activated])
  func anUnfinishedPetitionIsIncomplete(_ stage: Stage) async throws {
    let report = try await report(ElectionFixture.petition(stage))
    #expect(report.verdict == .incomplete)
    let unchecked = report.lines.filter { $0.result == .notChecked }.map(\.rule)
    #expect(unchecked.contains(.eli6) && unchecked.contains(.eli11))
  }

  @Test func aPetitionThatNobodySignedPasses() async throws {
    var fixture = try ElectionFixture.petition(.registering)
    for stage in [Stage.activating, .frozen] { try fixture.step(to: stage) }
    #expect(fixture.state.signatureReport.first == "petition/2026-17: 0 signatures")
    let report = try await report(fixture)
    #expect(report.verdict == .passed, "\(report.text)")
    #expect(report.lines.first { $0.rule == .eli5 }?.reason == "no key was activated")
  }

  /// A dishonest box that counts more signatures than there are.
  // adversary: E-02
  @Test func anotherCountFails() async throws {
    var fixture = try ElectionFixture.petition(.activated)
    var list = try fixture.listFrozen()
    let counts = list.districts[0].counts
    list.districts[0] = .init(
      counts: CredentialCounts(
        issued: counts.issued, cancelled: counts.cancelled, listed: counts.listed + 1),
      root: list.districts[0].root, issuanceRoot: list.districts[0].issuanceRoot)
    try fixture.openBatch()
    fixture.force(try fixture.entry(list, by: .commission))
    let report = try await report(fixture)
    #expect(report.verdict == .failed)
    #expect(report.lines.filter { $0.result == .failed }.map(\.rule) == [.eli6])
  }
}
