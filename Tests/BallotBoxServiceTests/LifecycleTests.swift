// SPDX-License-Identifier: Apache-2.0

import BallotBoxService
import Cryptography
import Election
import ElectionFixtures
import Ledger
import LedgerFiles
import Logging
import Sequencing
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing

/// Stopping, failing, starting again, and clocks that do not go forward.
@Suite struct LifecycleTests {
  /// Who waits for a batch when the box is told to stop gets an answer, and what was promised stays.
  @Test(.hangs) func whoWaitsIsAnsweredBeforeTheEnd() async throws {
    let fixture = try ElectionFixture.voting(30)
    let files = try (1...30).map { try fixture.blank($0).file }
    let plan = try await PoolTests.waiting(fixture)
    do {
      let box = try await plan.start()
      let answers = Task { try await Concurrent.run(30) { try await box.post(files[$0]) } }
      try await Concurrent.until { await box.intake.count == 30 }
      await box.stop()
      for (answer, file) in zip(try await answers.value, files) {
        _ = try SubmissionTests.promise(answer, for: file, fixture)
      }
      try await box.end()
      #expect(Set(try box.entries()).isSuperset(of: files))
    }
    try await plan.run { box in
      let ready = try await box.get("/readyz")
      #expect(ready.status == 200)
    }
  }

  /// A batch on its way to the disk when the box is told to stop is brought to its end.
  @Test(.hangs) func aBatchThatIsBeingWrittenIsFinished() async throws {
    let fixture = try ElectionFixture.voting()
    let fault = FaultyStore.Switch()
    var plan = try await BoxPlan(fixture)
    plan.store = { FaultyStore($0, fault) }
    let box = try await plan.start()
    fault.set(.waiting)
    let (first, second) = (try fixture.blank(1).file, try fixture.blank(2).file)
    let one = Task { try await box.post(first) }
    try await Concurrent.until { fault.waitingCount == 1 }
    let two = Task { try await box.post(second) }
    try await Concurrent.until {
      try await box.box.state.batch?.number ?? 0 > box.writtenBatches + 1
    }
    await box.stop()
    fault.set(.none)
    _ = try SubmissionTests.promise(try await one.value, for: first, fixture)
    _ = try SubmissionTests.promise(try await two.value, for: second, fixture)
    try await box.end()
    #expect(Set(try box.entries()).isSuperset(of: [first, second]))
  }

  /// Who waits for a receipt does not hold up the end.
  @Test(.hangs) func whoWaitsForAReceiptIsSentAway() async throws {
    let witness = try TestWitness("first")
    let fixture = try ElectionFixture.voting(
      policy: TestWitness.policy([witness], quorum: 1))
    let log = CapturedLog()
    var plan = try await BoxPlan(fixture)
    plan.logger = log.logger
    let box = try await plan.start()
    witness.behave(.hangsUp)
    let (ballot, file) = try fixture.blank(1)
    #expect(try await box.post(file).status == 202)
    let asking = Task { try await box.get("/ballots/\(ballot.code.hex)?wait=60") }
    try await Concurrent.until { await box.board.waiterCount == 1 }
    await box.stop()
    let answer = try await asking.value
    #expect(answer.status == 202)
    #expect(try answer.string("receipt") == nil)
    try await box.end()
    // Nobody had to be cut off.
    #expect(log.texts(.warning).filter { $0.contains("time to stop") } == [])
  }

  /// A loop that is cancelled ends, and so do those who wait for it.
  @Test(.hangs) func aCancelledLoopEnds() async throws {
    let fixture = try ElectionFixture.voting()
    let file = try fixture.blank(1).file
    let plan = try await BoxPlan(fixture)
    let box = try await plan.open()
    var limits = Intake.Limits()
    limits.batchInterval = .seconds(3600)
    let intake = Intake(limits: limits)
    let loop = BatchLoop(box: box, intake: intake, metrics: BoxMetrics()) {}
    let group = ServiceGroup(services: [loop], logger: plan.logger)
    let running = Task { try await group.run() }
    let waiting = Task { () -> Bool in
      do { if case .promised = try await intake.submit(file) { return true } } catch {}
      return false
    }
    try await Concurrent.until { await intake.count == 1 }
    running.cancel()
    let isPromised = await waiting.value
    _ = await running.result
    await #expect(throws: IntakeError.closed) { _ = try await intake.submit(file) }
    #expect(try TestBox.entries(plan.record).contains(file) == isPromised)
  }

  /// A box that cannot write stops at once, by itself, and says why; it goes on from there when it is
  /// started again.
  @Test(.hangs, arguments: [true, false])
  func aBoxThatCannotWriteStops(_ isPersisted: Bool) async throws {
    var fixture = try ElectionFixture.voting()
    let fault = FaultyStore.Switch()
    var plan = try await BoxPlan(fixture)
    plan.store = { FaultyStore($0, fault) }
    let (kept, lost) = (try fixture.blank(1).file, try fixture.blank(2).file)
    let promised: Call.Answer
    do {
      let box = try await plan.start()
      promised = try await box.post(kept)
      #expect(promised.status == 202)
      fault.set(isPersisted ? .afterCommit : .beforeCommit)
      let answer = try await box.post(lost)
      #expect(answer.status == 500, "\(answer.text)")
      #expect(answer.headers["content-type"] == "application/problem+json")
      // Nothing else comes in.
      await #expect(throws: BoxError.sequencer(.store(.failed("injected")))) { try await box.end() }
      #expect(try box.entries().last == kept)
      fault.set(.none)
    }
    try await plan.run { box in
      // A commit that was done is completed, one that was not is forgotten: either way once.
      #expect(try box.entries().contains(lost) == isPersisted)
      #expect(try await box.post(lost).status == 202)
      #expect(try await box.post(kept).body == promised.body)
      let entries = try box.entries()
      #expect(entries.filter { $0 == lost }.count == 1)
    }
    try fixture.follow(plan.record)
  }

  /// What is decided and not written is shown to nobody, and can be decided about further.
  @Test(.hangs) func whatIsNotWrittenIsNotShown() async throws {
    let fixture = try ElectionFixture.voting()
    let fault = FaultyStore.Switch()
    var plan = try await BoxPlan(fixture)
    plan.store = { FaultyStore($0, fault) }
    let (ballot, file) = try fixture.blank(1)
    let challenge = try fixture.challenge(ballot)
    try await plan.run { box in
      fault.set(.waiting)
      async let submitted = box.post(file)
      try await Concurrent.until { fault.waitingCount == 1 }
      #expect(try await box.get("/ballots/\(ballot.code.hex)").status == 404)
      #expect(try await box.get("/entries/\(file.entry.leafHash.hex)").status == 404)
      // Its payload is in no file yet.
      async let challenged = box.post(challenge)
      try await Concurrent.until { await box.intake.count == 1 }
      try await Concurrent.until { await box.intake.count == 0 }
      try await Task.sleep(for: .milliseconds(500))
      let unknown = try await box.get("/ballots/\(ballot.code.hex)?wait=1")
      #expect(unknown.status == 404)
      fault.set(.none)
      #expect(try await submitted.status == 202)
      let answer = try await challenged
      #expect(answer.status == 202, "\(answer.text)")
    }
  }

  /// The time of batches, and so every promise's deadline, never goes back.
  @Test func aClockThatGoesBackChangesNothing() async throws {
    var fixture = try ElectionFixture.voting()
    let clock = FixedClock(9_000)
    var plan = try await BoxPlan(fixture)
    plan.clock = clock
    var deadlines: [Int] = []
    for (voter, time) in [(1, 9_000), (2, 2_000), (3, 0), (4, -5), (5, 9_001)] {
      clock.set(time)
      let file = try fixture.blank(voter).file
      // A restart in between: the time is the record's, not the process's.
      deadlines.append(
        try await plan.run { [fixture] box in
          try SubmissionTests.promise(await box.post(file), for: file, fixture).deadline
        })
    }
    let seconds = try #require(fixture.state.configuration).inclusionSeconds
    #expect(deadlines == [9_000, 9_000, 9_000, 9_000, 9_001].map { $0 + seconds })
    try fixture.follow(plan.record)
  }

  /// Batches are written in the order in which they were decided, none is left out, and after an error
  /// none is written.
  @Test func batchesAreWrittenInTheirOrder() async throws {
    let fixture = try ElectionFixture.voting()
    let fault = FaultyStore.Switch()
    var plan = try await BoxPlan(fixture)
    plan.store = { FaultyStore($0, fault) }
    let box = try await plan.open()
    let first = try await box.decide([fixture.blank(1).file])
    let second = try await box.decide([fixture.blank(2).file])
    await #expect(throws: BoxError.self) { _ = try await box.write(second) }
    _ = try await box.write(first)
    await #expect(throws: BoxError.self) { _ = try await box.write(first) }
    _ = try await box.write(second)
    let third = try await box.decide([fixture.blank(3).file])
    let fourth = try await box.decide([fixture.blank(4).file])
    fault.set(.beforeCommit)
    await #expect(throws: BoxError.self) { _ = try await box.write(third) }
    fault.set(.none)
    await #expect(throws: BoxError.self) { _ = try await box.write(fourth) }
    await #expect(throws: BoxError.self) {
      _ = try await box.decide([fixture.blank(5).file])
    }
    var copy = fixture
    try copy.follow(plan.record)
  }
}
