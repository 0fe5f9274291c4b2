// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Election
import ElectionFixtures
import Groups
import Ledger
import TestSupport
import Testing
import Verification

/// A batch is decided as its entries would be one at a time.
@Suite struct BatchAdmissionTests {
  func opening(_ fixture: ElectionFixture) throws -> EntryFile {
    try fixture.entry(
      BatchOpened(number: (fixture.state.batch?.number ?? 0) + 1, time: fixture.time), by: .box)
  }

  func decide(
    _ files: [EntryFile], _ fixture: ElectionFixture, cores: Int = 2
  ) async throws -> BatchAdmission {
    await BatchAdmission.decide(
      files, opening: try opening(fixture), after: fixture.state, payloads: fixture.payloads,
      cores: cores)
  }

  func rules(_ admission: BatchAdmission) -> [Int: Set<RuleID>] {
    Dictionary(
      uniqueKeysWithValues: admission.refused.map {
        ($0.position, Set($0.findings.failures.map(\.rule)))
      })
  }

  @Test func aBallotAndItsDecisionEnterTogether() async throws {
    let fixture = try ElectionFixture.toy(.voting)
    let ballot = try fixture.ballot(6, fixture.choices(6, [1: [1, 0, 0]]))
    let files = [
      try fixture.cast(ballot), try fixture.entry(ballot.submitted, by: .voter(6)),
    ]
    let admission = try await decide(files, fixture)
    #expect(admission.refused.isEmpty)
    #expect(admission.admitted == [try opening(fixture), files[1], files[0]])
    #expect(admission.positions == [1, 0])
    #expect(
      admission.state.ballots.counts(revoting: true)
        == BallotCounts(submitted: 1, cast: 1, challenged: 0, counted: 1))
  }

  // adversary: B-01
  @Test func aDuplicateInsideOneBatchIsRefused() async throws {
    let fixture = try ElectionFixture.toy(.voting)
    let ballot = try fixture.ballot(6, fixture.choices(6, [1: [1, 0, 0]]))
    let file = try fixture.entry(ballot.submitted, by: .voter(6))
    let stolen = try fixture.entry(ballot.submitted, by: .voter(7))
    let admission = try await decide([file, file, stolen], fixture)
    #expect(admission.admitted.count == 2)
    #expect(admission.admitted.last == file)
    // Of two equal files one enters, whichever comes first; another voter's copy never does.
    #expect(admission.refused.count == 2)
    #expect(rules(admission)[2]?.contains(.bal1) == true)
    let twin = try #require(rules(admission).first { $0.key != 2 })
    #expect(twin.value == [.log9, .bal4, .bal6, .eg5A])
  }

  // adversary: B-08
  @Test func aWrongProofTakesItsDecisionAlongAndNobodyElses() async throws {
    let fixture = try ElectionFixture.toy(.voting)
    let good = try fixture.ballot(6, fixture.choices(6, [1: [1, 0, 0]]))
    var bad = try fixture.ballot(7, fixture.choices(7, [1: [1, 0, 0]]))
    bad.submitted.ballot.nonce = good.submitted.ballot.nonce
    let files = [
      try fixture.cast(bad), try fixture.entry(bad.submitted, by: .voter(7)),
      try fixture.cast(good), try fixture.entry(good.submitted, by: .voter(6)),
    ]
    let admission = try await decide(files, fixture)
    #expect(rules(admission) == [0: [.bal5], 1: [.bal7]])
    #expect(admission.positions == [3, 2])
  }

  @Test func theOrderOfArrivalDoesNotShow() async throws {
    let fixture = try ElectionFixture.toy(.voting)
    var files: [EntryFile] = []
    for voter in [1, 2, 5, 6, 7] {
      let ballot = try fixture.ballot(voter, fixture.choices(voter, [1: [0, 1, 0]]))
      files += [try fixture.entry(ballot.submitted, by: .voter(voter)), try fixture.cast(ballot)]
    }
    let first = try await decide(files, fixture)
    #expect(first.refused.isEmpty)
    var generator = SeededGenerator(seed: 7)
    for _ in 0..<5 {
      let shuffled = files.shuffled(using: &generator)
      let next = try await decide(
        shuffled, fixture, cores: Int.random(in: 1...4, using: &generator))
      #expect(next.admitted == first.admitted, "seed \(generator.seed)")
      #expect(
        next.positions.map { shuffled[$0] } == Array(first.admitted.dropFirst()),
        "seed \(generator.seed)")
    }
  }

  /// A batch is decided like its entries one at a time in the batch's order.
  @Test(arguments: [UInt64](1...6))
  func aBatchIsDecidedLikeItsEntries(_ seed: UInt64) async throws {
    var generator = SeededGenerator(seed: seed)
    let fixture = try ElectionFixture.toy(.voting)
    var files: [EntryFile] = []
    for voter in 1...8 {
      var ballot = try fixture.ballot(voter, fixture.choices(voter, [2: [1, 1, 1]]))
      switch Int.random(in: 0..<6, using: &generator) {
      case 0: ballot.submitted.ballot.contests.swapAt(0, 1)
      case 1:
        ballot.submitted.ballot.nonce = try fixture.ballot(1, ballot.plaintext).submitted.ballot
          .nonce
      case 2: ballot.submitted.sequence = 2
      case 3: files.append(try fixture.entry(ballot.submitted, by: .voter(1 + voter % 8)))
      default: break
      }
      files.append(try fixture.entry(ballot.submitted, by: .voter(voter)))
      files.append(
        Bool.random(using: &generator)
          ? try fixture.cast(ballot) : try fixture.challenge(ballot))
    }
    files.shuffle(using: &generator)
    let admission = try await decide(files, fixture)
    var single = fixture
    try single.openBatch()
    var admitted: [EntryFile] = [try #require(single.entries.last)]
    let sorted = files.sorted {
      let types = (EntryType(rawValue: $0.entry.type), EntryType(rawValue: $1.entry.type))
      return types.0 == types.1
        ? $0.entry.leafHash < $1.entry.leafHash : (types.0?.rank ?? 0) < (types.1?.rank ?? 0)
    }
    for file in sorted where !single.findingsNow(file).hasFailures {
      try single.append(file)
      admitted.append(file)
    }
    #expect(admission.admitted == admitted, "seed \(seed)")
    #expect(admission.refused.count == files.count - admitted.count + 1, "seed \(seed)")
    #expect(
      admission.state.ballots.counts(revoting: true)
        == single.state.ballots.counts(revoting: true), "seed \(seed)")
    for refusal in admission.refused {
      #expect(refusal.findings.hasFailures, "seed \(seed)")
    }
  }

  @Test func aWrongBatchEntryAdmitsNothing() async throws {
    let fixture = try ElectionFixture.toy(.voting)
    let ballot = try fixture.ballot(6, fixture.choices(6, [:]))
    let file = try fixture.entry(ballot.submitted, by: .voter(6))
    let wrong = try fixture.entry(BatchOpened(number: 1, time: 9_999), by: .box)
    let admission = await BatchAdmission.decide(
      [file], opening: wrong, after: fixture.state, payloads: fixture.payloads)
    #expect(admission.admitted.isEmpty)
    #expect(admission.state.size == fixture.state.size)
  }

  @Test func theConfigurationStandsAlone() async throws {
    let fixture = try ElectionFixture(ElectionSetup(group: .standard))
    let file = try fixture.entry(fixture.configuration(), by: .commission)
    let admission = await BatchAdmission.decide(
      [file], opening: nil, after: fixture.state, payloads: fixture.payloads)
    #expect(admission.admitted == [file])
    #expect(admission.state.electionID == SHA256.hash(file.payload))
    // Without a batch nothing else is admitted.
    let manifest = try EntryFile.signed(
      .manifest, bytes: fixture.manifest.bytes, by: .commission,
      electionID: SHA256.hash(file.payload), key: fixture.commission.key())
    let second = await BatchAdmission.decide(
      [manifest], opening: nil, after: admission.state, payloads: fixture.payloads)
    #expect(second.admitted.isEmpty)
    #expect(Set(second.refused.flatMap { $0.findings.failures.map(\.rule) }) == [.log9])
  }

  @Test func positionsCanBeNumberedAnew() async throws {
    let fixture = try ElectionFixture.toy(.voting)
    let ballot = try fixture.ballot(6, fixture.choices(6, [:]))
    let file = try fixture.entry(ballot.submitted, by: .voter(6))
    let admission = try await decide([file, file], fixture).renumbered([5, 9])
    #expect(Set(admission.positions + admission.refused.map(\.position)) == [5, 9])
  }
}
