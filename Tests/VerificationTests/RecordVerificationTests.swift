// SPDX-License-Identifier: Apache-2.0

import Election
import ElectionFixtures
import ElGamal
import Groups
import LedgerFiles
import Testing
import Verification

/// Good records pass, and say what was and was not checked.
@Suite struct RecordVerificationTests {
  @Test func aRecordInTheStandardGroupPasses() async throws {
    let record = try Records.standard.get()
    let verification = try await RecordVerification.verify(path: record.path)
    let report = verification.report
    #expect(verification.findings.failures == [])
    #expect(report.verdict == .passed)
    #expect(verification.state.phase == .certified)
    for line in report.lines {
      switch line.result {
      case .passed: #expect(line.count > 0, "\(line.rule.rawValue)")
      case .notApplicable: #expect(line.reason?.isEmpty == false, "\(line.rule.rawValue)")
      case .failed, .notChecked: Issue.record("\(line.rule.rawValue) \(line.result)")
      }
    }
    let inapplicable = report.lines.filter { $0.result == .notApplicable }.map(\.rule)
    #expect(
      inapplicable == [
        .eg8E, .eg8F, .eg8G, .eg15, .eg16, .eg17, .eg18, .eg19, .log11,
      ] + Self.credentialRules + [.cer4])
    let totals = verification.state.result?.contests.map { $0.options.map(\.total) }
    #expect(totals == [[0, 1, 0], [9, 0, 6], [0, 1], [3, 0], [0, 0]])
  }

  private static let credentialRules = RuleID.allCases.filter {
    $0.rawValue.hasPrefix("ELI-") && !$0.rawValue.hasPrefix("ELI-LISTED")
  }

  @Test func aRecordWithCredentialsPasses() async throws {
    let fixture = try ElectionFixture.credentialed(.certified)
    let record = try RecordOnDisk(fixture.items, in: fixture.group)
    let verification = try await record.verify()
    let lines = verification.report.lines.filter {
      $0.result == .failed || $0.result == .notChecked
    }
    #expect(lines.map(\.rule) == [.eg1B, .eg1C, .eg1D], "\(lines)")
    let applied = verification.report.lines.filter { $0.count > 0 }.map(\.rule)
    #expect(Self.credentialRules.filter { !applied.contains($0) } == [.eli8])
    let inapplicable = verification.report.lines.filter { $0.result == .notApplicable }
    #expect(
      inapplicable.filter { $0.rule.rawValue.hasPrefix("ELI-") }.map(\.rule) == [
        .eliListed1, .eliListed2, .eli8,
      ])
    #expect(verification.state.credentials.counts.map(\.gap) == [0, 1])
  }

  // adversary: G-03
  @Test func aRecordInAToyGroupFailsByItsGroupAlone() async throws {
    let toy = try Records.toy.get()
    let verification = try await toy.verify()
    #expect(Set(verification.findings.failures.map(\.rule)) == [.eg1B, .eg1C, .eg1D])
    #expect(verification.report.verdict == .failed)
    #expect(try await toy.verdict() == .passed)
    // The verifier that people run knows one group and reads no other.
    let strict = try await RecordVerification.verify(path: toy.path)
    #expect(strict.report.verdict == .failed)
    #expect(strict.findings.failures.contains { $0.rule == .log5 })
    #expect(strict.state.configuration == nil)
  }

  // adversary: C-07
  @Test func anElectionWithoutBallotsPasses() async throws {
    var setup = ElectionSetup(group: .standard)
    (setup.trustees, setup.threshold) = (1, 1)
    setup.voters = [.init(style: 1)]
    var fixture = try ElectionFixture(setup)
    try fixture.advance(from: .empty, to: .voting)
    try fixture.advance(from: .decided, to: .certified)
    let record = try RecordOnDisk(fixture.items, in: .standard)
    let verification = try await record.verify()
    #expect(verification.findings.failures == [])
    #expect(verification.report.verdict == .passed)
    let totals = verification.state.result?.contests.flatMap { $0.options.map(\.total) }
    #expect(totals == Array(repeating: 0, count: 12))
    let reason = verification.report.lines.first { $0.rule == .eg6A }?.reason
    #expect(reason == "no ballot was submitted")
  }

  @Test func sealedContestDataIsNotApplicable() async throws {
    var setup = ElectionSetup()
    setup.opensContestData = false
    var fixture = try ElectionFixture(setup)
    try fixture.advance(from: .empty, to: .certified)
    let record = try RecordOnDisk(fixture.items, in: setup.group)
    let report = try await record.verify().report
    for rule in [RuleID.eg12A, .eg12B, .eg12C] {
      #expect(report.lines.first { $0.rule == rule }?.result == .notApplicable)
    }
    #expect(fixture.state.decrypted?.contestData == [])
    #expect(try await record.verdict() == .passed)
  }

  /// Every stage short of the last one: nothing fails, and nobody is told that it passed.
  @Test(arguments: Stage.allCases.dropFirst().dropLast())
  func anUnfinishedRecordIsIncomplete(_ stage: Stage) async throws {
    let fixture = try ElectionFixture.toy(stage)
    let record = try RecordOnDisk(fixture.items, in: fixture.group)
    #expect(try await record.failing() == [])
    #expect(try await record.verdict() == .incomplete)
  }

  @Test func theReportDoesNotDependOnTheNumberOfCores() async throws {
    let record = try Records.toy.get()
    let one = try await RecordVerification.verify(path: record.path, in: record.group, cores: 1)
    let many = try await RecordVerification.verify(path: record.path, in: record.group, cores: 7)
    #expect(one.findings == many.findings)
  }

  /// The three depths lead to one state; what they check differs.
  @Test func everyDepthLeadsToTheSameState() async throws {
    let record = try Records.toy.get()
    let directory = try RecordDirectory(path: record.path)
    var states: [ElectionState] = []
    var counts: [Int] = []
    for depth in [RecordFold.Depth.everything, .keys, .structure] {
      let fold = try await RecordFold.fold(directory, depth: depth, in: record.group, cores: 2)
      states.append(fold.state)
      counts.append(fold.findings.counts.values.reduce(0, +))
    }
    for state in states {
      #expect(state.result == states[0].result)
      #expect(state.keys == states[0].keys)
      #expect(state.size == states[0].size)
    }
    #expect(counts[0] > counts[1])
    #expect(counts[1] > counts[2])
  }

  @Test func aggregationIsTheProductOfTheCountedBallots() async throws {
    let fixture = try ElectionFixture.toy(.closed)
    let expected = try fixture.tally()
    for cores in [1, 2, 3, 8] {
      let tally = await Aggregation.tally(fixture.state, fixture.payloads, cores: cores)
      #expect(tally == expected, "\(cores) cores")
    }
  }

  /// A voter's program looks at the proofs of the keys; a box reads again what it admitted itself.
  @Test func everyDepthFindsWhatItLooksFor() async throws {
    let fixture = try ElectionFixture.toy(.certified)
    func failing(_ type: EntryType, _ depth: RecordFold.Depth) async throws -> Set<RuleID> {
      let record = try fixture.rewritten { items in
        let position = fixture.positions(type)[0]
        let group = fixture.group
        switch type {
        case .trusteeKeys:
          var keys = try TrusteeKeysPublished(bytes: items[position].payload, in: group)
          keys.keys.voteProof.responses.swapAt(0, 1)
          items[position] = try fixture.resigned(items[position], payload: keys.bytes(in: group))
        default:
          var ballot = try BallotSubmitted(bytes: items[position].payload, in: group)
          ballot.ballot.contests[0].limitProof = ballot.ballot.contests[0].selections[0].proof
          items[position] = try fixture.resigned(
            items[position], payload: ballot.bytes(in: group))
        }
      }
      let fold = try await RecordFold.fold(
        RecordDirectory(path: record.path), depth: depth, in: record.group, cores: 2)
      return Set(fold.findings.failures.map(\.rule)).intersection([.eg2C, .eg7D])
    }
    #expect(try await failing(.trusteeKeys, .everything) == [.eg2C])
    #expect(try await failing(.trusteeKeys, .keys) == [.eg2C])
    #expect(try await failing(.trusteeKeys, .structure) == [])
    #expect(try await failing(.ballotSubmitted, .everything) == [.eg7D])
    #expect(try await failing(.ballotSubmitted, .keys) == [])
    #expect(try await failing(.ballotSubmitted, .structure) == [])
  }

  /// An old checkpoint over files that have grown past it: full bundles stand for partial ones.
  @Test func anOldCheckpointIsReadFromFullBundles() async throws {
    var fixture = try ElectionFixture.toy(.voting)
    let early = try RecordOnDisk(fixture.items, in: fixture.group)
    while fixture.entries.count < 300 { try fixture.openBatch() }
    let late = try RecordOnDisk(fixture.items, in: fixture.group)
    #expect(try await late.failing() == [])
    try late.write(try early.bytes("checkpoint"), "checkpoint")
    let size = try await early.verify().state.size
    #expect(try RecordDirectory(path: late.path).size == UInt64(size))
    #expect(try await late.failing() == [])
    #expect(try await late.verdict() == .incomplete)
  }
}
