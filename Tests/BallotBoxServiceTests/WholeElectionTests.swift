// SPDX-License-Identifier: Apache-2.0

import BallotBoxService
import Election
import ElectionFixtures
import Ledger
import TestSupport
import Testing

/// A whole election through the addresses of the box: the commission's and the trustees' entries too.
@Suite struct WholeElectionTests {
  /// Sends entries and goes on to where the record is then.
  private static func send(
    _ files: [EntryFile], _ box: TestBox, _ fixture: inout ElectionFixture
  ) async throws {
    for file in files {
      let answer = try await box.post(file)
      _ = try SubmissionTests.promise(answer, for: file, fixture)
      try fixture.follow(box.plan.record)
    }
  }

  /// The entries that a step of a fixture makes, without the box's own.
  private static func made(
    _ fixture: ElectionFixture, _ step: (inout ElectionFixture) throws -> Void
  ) throws -> (files: [EntryFile], after: ElectionFixture) {
    var copy = fixture
    try step(&copy)
    let files = copy.entries.dropFirst(fixture.entries.count)
      .filter { $0.entry.type != EntryType.batch.rawValue }
    return (Array(files), copy)
  }

  // adversary: L-11, S-04
  @Test(.hangs) func anElectionFromManifestToResult() async throws {
    var fixture = try ElectionFixture(ElectionSetup())
    try fixture.configure()
    try fixture.makeSecrets()
    var plan = try await BoxPlan(fixture)
    // The box is never ahead of the batches that the fixture opens.
    plan.clock = FixedClock(fixture.time)
    let log = try await plan.run { [fixture] box -> ElectionFixture in
      var fixture = fixture
      for stage in [Stage.keys, .shares, .receipts, .confirmed, .voting] {
        let (files, _) = try Self.made(fixture) { try $0.step(to: stage) }
        #expect(!files.isEmpty)
        try await Self.send(files, box, &fixture)
      }
      // Votes: one cast, one challenged, one cast again, one written in.
      for (voter, votes) in [(1, [1: [1, 0, 0]]), (2, [3: [0, 1]]), (1, [1: [0, 1, 0]])] {
        let (files, _) = try Self.made(fixture) {
          try $0.vote(voter, $0.choices(voter, votes, writeIn: "Ann"))
        }
        try await Self.send(files, box, &fixture)
      }
      let ballot = try fixture.blank(5)
      try await Self.send([ballot.file, fixture.challenge(ballot.ballot)], box, &fixture)
      for stage in [Stage.closed, .aggregated, .session] {
        let (files, _) = try Self.made(fixture) { try $0.step(to: stage) }
        try await Self.send(files, box, &fixture)
      }
      for stage in [Stage.committed, .revealed, .responded, .decrypted, .certified] {
        let (files, _) = try Self.made(fixture) { try $0.step(to: stage) }
        try await Self.send(files, box, &fixture)
      }
      #expect(fixture.state.phase == .certified)
      // Nothing may follow.
      let late = try fixture.entry(fixture.certified(), by: .commission)
      let again = try await box.post(late)
      #expect(again.status == 202, "what is in the log is answered: \(again.text)")
      var wrong = try fixture.certified()
      wrong.contests.removeLast()
      let other = try await box.post(fixture.entry(wrong, by: .commission))
      #expect(other.status == 422)
      #expect(try other.string("rule") == RuleID.log8.rawValue)
      return fixture
    }
    // adversary: S-04
    // Every change of the state is an entry, and nothing else is in the log.
    #expect(try TestBox.entries(plan.record) == log.entries)
    #expect(log.state.result?.contests.first?.options.map(\.total) == [0, 1, 0])
  }
}
