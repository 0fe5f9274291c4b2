// SPDX-License-Identifier: Apache-2.0

import BallotBoxService
import Election
import ElectionFixtures
import Ledger
import Service
import Synchronization
import TestSupport
import Testing

/// What waits is bounded, and nobody takes the place of others.
@Suite struct PoolTests {
  /// A plan whose batches wait until somebody stops the box.
  static func waiting(_ fixture: ElectionFixture) async throws -> BoxPlan {
    var plan = try await BoxPlan(fixture)
    plan.pool.batchInterval = .seconds(3600)
    return plan
  }

  @Test(.hangs) func aFullPoolSaysWhenToComeAgain() async throws {
    let fixture = try ElectionFixture.voting(40)
    let files = try (1...40).map { try fixture.blank($0).file }
    var plan = try await BoxPlan(fixture)
    plan.pool.entries = 4
    plan.pool.batchEntries = 4
    try await plan.run { box in
      let first = try await Concurrent.run(40) { try await box.post(files[$0]) }
      for answer in first where answer.status != 202 {
        #expect(answer.status == 503, "\(answer.text)")
        #expect(answer.headers["retry-after"].flatMap { Int($0) } ?? 0 > 0)
        #expect(answer.headers["content-type"] == "application/problem+json")
      }
      // Whoever comes again gets through, and everybody's ballot is there once.
      let later = try await Concurrent.run(40) { try await box.postUntilDecided(files[$0]) }
      #expect(Set(later.map(\.status)) == [202])
      #expect(Set(try box.entries()).isSuperset(of: files))
      #expect(
        try box.entries().filter { $0.entry.type == EntryType.ballotSubmitted.rawValue }.count
          == 40)
    }
  }

  @Test(.hangs) func aFullPoolOfBytesSaysSo() async throws {
    let fixture = try ElectionFixture.voting()
    let (first, second) = (try fixture.blank(1).file, try fixture.blank(2).file)
    var plan = try await Self.waiting(fixture)
    plan.pool.bytes = first.payload.count + second.payload.count - 1
    let box = try await plan.start()
    async let waiting = box.post(first)
    try await Concurrent.until { await box.intake.count == 1 }
    #expect(try await box.post(second).status == 503)
    await box.stop()
    #expect(try await waiting.status == 202)
    try await box.end()
  }

  /// Limits of one author: the next voter is taken in all the same.
  @Test(.hangs) func oneAuthorDoesNotFillThePool() async throws {
    let fixture = try ElectionFixture.voting()
    let flood = try (0..<20).map { _ in try fixture.blank(1).file }
    let honest = try fixture.blank(2).file
    var plan = try await Self.waiting(fixture)
    plan.pool.entries = 4
    let box = try await plan.start()
    // Those of whom the box decides wait; the others are told at once.
    let told = Locked(0)
    let answers = Task {
      try await Concurrent.run(20) { number in
        let status = try await box.post(flood[number]).status
        told.change { $0 += 1 }
        return status
      }
    }
    let other = Task { try await box.post(honest) }
    try await Concurrent.until { await box.intake.count == 3 && told.value == 18 }
    await box.stop()
    let statuses = try await answers.value
    #expect(statuses.filter { $0 == 429 }.count == 18, "\(statuses)")
    #expect(statuses.filter { $0 == 202 }.count == 1, "\(statuses)")
    #expect(statuses.filter { $0 == 422 }.count == 1, "\(statuses)")
    #expect(try await other.value.status == 202)
    try await box.end()
  }

  /// Who cannot sign for a voter does not take the voter's place: not with forgeries, and not with
  /// what the voter published before.
  // adversary: B-01, B-10
  @Test(.hangs) func nobodyTakesAVotersPlace() async throws {
    var fixture = try ElectionFixture.voting()
    let first = try fixture.vote(1, fixture.choices(1, [:]))
    let published = fixture.entries.filter { $0.entry.author == fixture.author(.voter(1)) }
    #expect(published.count == 2)
    let forged = try (0..<8).map { _ in
      try fixture.entry(fixture.blank(1).ballot.submitted, by: .voter(1), signer: .voter(2))
    }
    let again = try fixture.blank(1)
    #expect(again.ballot.submitted.sequence == 2)
    #expect(again.ballot.code != first.code)
    var plan = try await Self.waiting(fixture)
    plan.pool.batchEntries = 1000
    let box = try await plan.start()
    for file in forged {
      let answer = try await box.post(file)
      #expect(answer.status == 422)
      #expect(try answer.string("rule") == RuleID.log6.rawValue)
    }
    // What is in the log is answered from the log, and waits nowhere.
    for file in published {
      #expect(try await box.post(file).status == 202)
    }
    #expect(await box.intake.count == 0)
    async let voter = box.post(again.file)
    try await Concurrent.until { await box.intake.count == 1 }
    await box.stop()
    #expect(try await voter.status == 202)
    try await box.end()
  }

  /// Those who submit and those who wait leave room for those who read.
  @Test(.hangs) func whoWaitsDoesNotKeepOutWhoReads() async throws {
    let fixture = try ElectionFixture.voting(40)
    let files = try (1...40).map { try fixture.blank($0).file }
    var plan = try await Self.waiting(fixture)
    plan.limits.requests = 16
    let box = try await plan.start()
    let refused = Mutex(0)
    let answers = Task {
      try await Concurrent.run(40) { number in
        let status = try await box.post(files[number]).status
        refused.withLock { $0 += status == 503 ? 1 : 0 }
        return status
      }
    }
    // More came than there are places for.
    try await Concurrent.until { refused.withLock { $0 } >= 24 }
    for path in ["/checkpoint", "/log.vkey", "/tile/entries/000.p/1", "/readyz"] {
      #expect(try await box.get(path).status != 503, "\(path)")
    }
    await box.stop()
    let statuses = try await answers.value
    #expect(Set(statuses) == [202, 503], "\(statuses)")
    try await box.end()
  }
}
