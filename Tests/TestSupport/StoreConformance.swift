// SPDX-License-Identifier: Apache-2.0

import Cryptography
public import Ledger
public import Testing

/// What every ``SequencerStore`` must do. A store's tests run all the rules, each on a storage of its
/// own.
public struct StoreConformance: Sendable, CustomTestStringConvertible {
  /// Opens the storage (again). Several may be open at once, as if by several processes.
  public typealias Open = @Sendable () async throws -> any SequencerStore

  /// What the rule says.
  public let testDescription: String
  /// Checks the rule on an empty storage.
  public let check: @Sendable (_ open: Open) async throws -> Void

  private init(
    _ description: String, _ check: @escaping @Sendable (_ open: Open) async throws -> Void
  ) {
    testDescription = description
    self.check = check
  }

  /// All the rules.
  public static let rules: [StoreConformance] = [
    StoreConformance("nothing is there before a log was begun") { open in
      let store = try await open()
      #expect(try await store.load() == nil)
      #expect(try await store.claimCount() == 0)
      #expect(try await store.leaf(claiming: claim(1)) == nil)
      await expect(.conflict) {
        try await store.stage(try batch(0, "one"), after: text("zero"))
      }
      await expect(.conflict) {
        try await store.commit(LogCommit(old: text("zero"), new: text("one"), claims: []))
      }
      #expect(try await open().load() == nil)
    },
    StoreConformance("a log is begun once") { open in
      let store = try await open()
      let other = try await open()
      try await store.create(checkpoint: text("zero"))
      #expect(try await store.load() == StoredLog(checkpoint: text("zero"), staged: nil))
      for late in [store, other, try await open()] {
        await expect(.conflict) {
          try await late.create(checkpoint: text("other"))
        }
        #expect(try await late.load() == StoredLog(checkpoint: text("zero"), staged: nil))
      }
    },
    StoreConformance("what is staged is there, and is replaced by what is staged next") { open in
      let store = try await begun(open)
      for (number, size) in [(1, 1), (2, 300), (3, 2)] {
        let staged = try batch(0, "one \(number)", entries: size)
        try await store.stage(staged, after: text("zero"))
        #expect(try await store.load() == StoredLog(checkpoint: text("zero"), staged: staged))
        #expect(try await open().load() == StoredLog(checkpoint: text("zero"), staged: staged))
      }
    },
    StoreConformance("bytes come back as they went in") { open in
      let store = try await open()
      let zero: [UInt8] = [0, 0xFF, 0x0A, 0x27]
      let one: [UInt8] = [0]
      try await store.create(checkpoint: zero)
      let staged = try #require(
        StagedBatch(
          oldSize: UInt64(Int64.max), checkpoint: one,
          entries: [[], [0], [UInt8](repeating: 0xA5, count: 65_535)],
          payloads: [[UInt8](repeating: 0, count: 3_000_000), [], [0xFF]]))
      try await store.stage(staged, after: zero)
      #expect(try await open().load() == StoredLog(checkpoint: zero, staged: staged))
      try await store.commit(
        LogCommit(
          old: zero, new: one, claims: [(claim(0), 0), (claim(1), 256), (claim(2), 1 << 62)]))
      let again = try await open()
      #expect(try await again.load() == StoredLog(checkpoint: one, staged: staged))
      for (number, leaf) in [(0, 0), (1, 256), (2, 1 << 62)] as [(Int, UInt64)] {
        #expect(try await again.leaf(claiming: claim(number)) == leaf)
      }
    },
    StoreConformance("a commit moves the lock, keeps the staging, makes the claims") { open in
      let store = try await begun(open)
      let other = try await open()
      let staged = try batch(0, "one")
      try await store.stage(staged, after: text("zero"))
      try await store.commit(
        LogCommit(old: text("zero"), new: text("one"), claims: [(claim(7), 0), (claim(8), 0)]))
      for reader in [store, other, try await open()] {
        #expect(try await reader.load() == StoredLog(checkpoint: text("one"), staged: staged))
        #expect(try await reader.claimCount() == 2)
        #expect(try await reader.leaf(claiming: claim(7)) == 0)
        #expect(try await reader.leaf(claiming: claim(9)) == nil)
      }
    },
    StoreConformance("a commit from another lock changes nothing") { open in
      let store = try await begun(open)
      let staged = try batch(0, "one")
      try await store.stage(staged, after: text("zero"))
      for old in ["", "one", "zero ", "zer"] {
        await expect(.conflict) {
          try await store.commit(
            LogCommit(old: text(old), new: text("one"), claims: [(claim(1), 0)]))
        }
      }
      try await expectUnchanged(open, lock: "zero", staged: staged, claims: 0)
      try await store.commit(LogCommit(old: text("zero"), new: text("one"), claims: []))
    },
    StoreConformance("only what is staged can be committed") { open in
      let store = try await begun(open)
      let commit = LogCommit(old: text("zero"), new: text("one"), claims: [(claim(1), 0)])
      await expect(.conflict) { try await store.commit(commit) }
      let other = try batch(0, "another one")
      try await open().stage(other, after: text("zero"))
      await expect(.conflict) { try await store.commit(commit) }
      try await expectUnchanged(open, lock: "zero", staged: other, claims: 0)
    },
    StoreConformance("what was committed is not replaced from an older lock") { open in
      let store = try await begun(open)
      let late = try await open()
      let staged = try batch(0, "one")
      try await store.stage(staged, after: text("zero"))
      try await store.commit(LogCommit(old: text("zero"), new: text("one"), claims: []))
      await expect(.conflict) {
        try await late.stage(try batch(0, "another one"), after: text("zero"))
      }
      try await expectUnchanged(open, lock: "one", staged: staged, claims: 0)
      let next = try batch(1, "two")
      try await late.stage(next, after: text("one"))
      try await expectUnchanged(open, lock: "one", staged: next, claims: 0)
    },
    StoreConformance("a claim is made once, and a refused commit makes none") { open in
      let store = try await begun(open)
      try await store.stage(try batch(0, "one"), after: text("zero"))
      try await store.commit(
        LogCommit(old: text("zero"), new: text("one"), claims: [(claim(5), 0)]))
      let staged = try batch(1, "two", entries: 3)
      try await store.stage(staged, after: text("one"))
      for claims in [[1, 5, 2], [5, 1], [1, 2, 5], [1, 2, 2, 5]] {
        let pairs = claims.map { (claim: claim($0), leaf: UInt64(1)) }
        let refused = claims == [1, 2, 2, 5] ? claim(2) : claim(5)
        await expect(.claimed(refused)) {
          try await store.commit(LogCommit(old: text("one"), new: text("two"), claims: pairs))
        }
        try await expectUnchanged(open, lock: "one", staged: staged, claims: 1)
        #expect(try await store.leaf(claiming: claim(1)) == nil)
        #expect(try await store.leaf(claiming: claim(5)) == 0)
      }
      // A lost race is told before a claim: whoever lost it stops.
      await expect(.conflict) {
        try await store.commit(
          LogCommit(old: text("zero"), new: text("two"), claims: [(claim(5), 1)]))
      }
      try await store.commit(
        LogCommit(old: text("one"), new: text("two"), claims: [(claim(1), 1), (claim(2), 2)]))
      #expect(try await open().claimCount() == 3)
    },
    StoreConformance("many claims") { open in
      let store = try await begun(open)
      try await store.stage(try batch(0, "one"), after: text("zero"))
      try await store.commit(
        LogCommit(
          old: text("zero"), new: text("one"),
          claims: (0..<10_000).map { (claim($0), UInt64(2 * $0)) }))
      let again = try await open()
      #expect(try await again.claimCount() == 10_000)
      for number in stride(from: 0, to: 10_000, by: 997) {
        #expect(try await again.leaf(claiming: claim(number)) == UInt64(2 * number))
        #expect(try await again.leaf(claiming: claim(number + 10_000)) == nil)
      }
    },
    // adversary: L-03
    StoreConformance("of several that race for the lock, one wins") { open in
      try await begun(open).stage(try batch(0, "one"), after: text("zero"))
      var lock = text("zero")
      for round in 0..<10 {
        var stores: [any SequencerStore] = []
        for _ in 0..<4 { stores.append(try await open()) }
        let old = lock
        let won = try await withThrowingTaskGroup(of: Int?.self) { group in
          for (number, store) in stores.enumerated() {
            group.addTask {
              let new = "round \(round), box \(number)"
              do throws(StoreError) {
                try await store.stage(try batch(UInt64(round), new), after: old)
                try await store.commit(
                  LogCommit(
                    old: old, new: text(new), claims: [(claim(round), UInt64(number))]))
                return number
              } catch {
                // Nobody has a fault here, only a lost race.
                guard error == .conflict else { throw error }
                return nil
              }
            }
          }
          return try await group.reduce(into: [Int]()) { if let number = $1 { $0.append(number) } }
        }
        // Whoever staged last wins: nobody else can commit after that.
        #expect(won.count == 1)
        let loaded = try #require(try await open().load())
        let winner = try #require(won.first)
        #expect(loaded.checkpoint == text("round \(round), box \(winner)"))
        #expect(loaded.staged?.checkpoint == loaded.checkpoint)
        #expect(try await open().leaf(claiming: claim(round)) == UInt64(winner))
        lock = loaded.checkpoint
      }
    },
    StoreConformance("a call that returns was done, even in a task that is cancelled") { open in
      let store = try await begun(open)
      var lock = "zero"
      for round in 0..<20 {
        let old = lock
        let task = Task {
          try await store.stage(try batch(UInt64(round), "round \(round)"), after: text(old))
          try await store.commit(
            LogCommit(
              old: text(old), new: text("round \(round)"), claims: [(claim(round), 1)]))
        }
        if round.isMultiple(of: 2) { await Task.yield() }
        task.cancel()
        try await task.value
        lock = "round \(round)"
        #expect(try await open().load()?.checkpoint == text(lock))
      }
    },
  ]

  /// Bytes of a checkpoint: to a store they are opaque.
  public static func text(_ name: String) -> [UInt8] { [UInt8](name.utf8) }

  /// The claim of this number.
  public static func claim(_ number: Int) -> LogClaim { LogClaim(kind: "test", text("\(number)")) }

  /// A batch of small entries.
  public static func batch(
    _ oldSize: UInt64, _ checkpoint: String, entries: Int = 2
  ) throws(StoreError) -> StagedBatch {
    let entries = (0..<entries).map { text("\(checkpoint), entry \($0)") }
    guard
      let batch = StagedBatch(
        oldSize: oldSize, checkpoint: text(checkpoint), entries: entries,
        payloads: entries.map { $0 + [0] })
    else { throw .failed("a batch of the test") }
    return batch
  }

  private static func begun(_ open: Open) async throws -> any SequencerStore {
    let store = try await open()
    try await store.create(checkpoint: text("zero"))
    return store
  }

  private static func expect(
    _ expected: StoreError, _ location: SourceLocation = #_sourceLocation,
    _ call: () async throws -> Void
  ) async {
    await #expect(throws: expected, sourceLocation: location) { try await call() }
  }

  private static func expectUnchanged(
    _ open: Open, lock: String, staged: StagedBatch, claims: Int,
    _ location: SourceLocation = #_sourceLocation
  ) async throws {
    let store = try await open()
    #expect(
      try await store.load() == StoredLog(checkpoint: text(lock), staged: staged),
      sourceLocation: location)
    #expect(try await store.claimCount() == claims, sourceLocation: location)
  }
}
