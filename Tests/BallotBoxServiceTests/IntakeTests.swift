// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Election
import ElectionFixtures
import Ledger
import Synchronization
import TestSupport
import Testing

import BallotBoxService

/// The pool by itself.
@Suite struct IntakeTests {
  /// Entries of different voters, which nobody decides about.
  static func files(_ count: Int) throws -> [EntryFile] {
    let fixture = try ElectionFixture.voting(count)
    return try (1...count).map {
      try fixture.entry(
        BallotCast(confirmationCode: try fixture.electionID()), by: .voter($0))
    }
  }

  static func submit(
    _ files: some Sequence<EntryFile> & Sendable, _ intake: Intake
  ) async throws -> Task<Void, Never> {
    let before = await intake.count
    let task = Task {
      await withTaskGroup(of: Void.self) { group in
        for file in files {
          group.addTask { do { _ = try await intake.submit(file) } catch {} }
        }
      }
    }
    let count = Array(files).count
    try await Concurrent.until { await intake.count >= before + count }
    return task
  }

  /// What came earlier by whole batches is taken earlier, however much comes behind it: an entry waits
  /// for as many batches as there were before it, and no longer.
  @Test(.hangs)
  func nobodyIsOvertakenForever() async throws {
    let files = try Self.files(40 * 8 + 64)
    var limits = Intake.Limits()
    limits.batchEntries = 8
    let intake = Intake(limits: limits)
    var tasks = [try await Self.submit(files.prefix(64), intake)]
    let early = Set(files.prefix(64).map(\.entry.leafHash))
    var taken: [Set<Digest>] = []
    for batch in 0..<40 {
      tasks.append(try await Self.submit(files[(64 + 8 * batch)..<(72 + 8 * batch)], intake))
      let tickets = try #require(await intake.next())
      #expect(tickets.count == 8)
      taken.append(Set(tickets.map(\.file.entry.leafHash)))
      for ticket in tickets { ticket.callers.forEach { $0.resume(throwing: IntakeError.full) } }
    }
    let rest = taken.dropFirst(9).reduce(into: Set<Digest>()) { $0.formUnion($1) }
    #expect(rest.isDisjoint(with: early))
    await intake.fail(IntakeError.closed)
    for task in tasks { await task.value }
  }

  /// A closed pool gives out what waits, then ends; nothing is taken in.
  @Test(.hangs) func aClosedPoolIsEmptied() async throws {
    let files = try Self.files(3)
    let intake = Intake()
    let task = try await Self.submit(files.prefix(2), intake)
    await intake.close()
    await #expect(throws: IntakeError.closed) { _ = try await intake.submit(files[2]) }
    let tickets = try #require(await intake.next())
    #expect(Set(tickets.map(\.file)) == Set(files.prefix(2)))
    #expect(await intake.next() == nil)
    for ticket in tickets { ticket.callers.forEach { $0.resume(throwing: IntakeError.full) } }
    await task.value
  }

  /// The same entry gets one answer, and only so many wait for it.
  @Test(.hangs) func callersOfOneEntryAreBounded() async throws {
    let file = try Self.files(1)[0]
    var limits = Intake.Limits()
    limits.callersOfEntry = 3
    limits.batchInterval = .seconds(3600)
    let intake = Intake(limits: limits)
    let errors = Locked<[IntakeError?]>([])
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<5 {
        group.addTask {
          var outcome: IntakeError?
          do { _ = try await intake.submit(file) } catch { outcome = error as? IntakeError }
          let result = outcome
          errors.change { $0.append(result) }
        }
      }
      try await Concurrent.until { errors.value.count >= 2 }
      await intake.close()
      let tickets = await intake.next() ?? []
      #expect(tickets.count == 1)
      #expect(tickets.first?.callers.count == 3)
      for ticket in tickets {
        ticket.callers.forEach { $0.resume(throwing: IntakeError.tooManyOfAuthor) }
      }
    }
    #expect(errors.value.filter { $0 == .full }.count == 2)
    #expect(errors.value.filter { $0 == .tooManyOfAuthor }.count == 3)
  }
}
