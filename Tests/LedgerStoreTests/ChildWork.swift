// SPDX-License-Identifier: Apache-2.0

import Foundation
import Ledger
import LedgerStore
import TestSupport

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Rounds of appending, as the children of `ProcessTests` do it: round n leads from the checkpoint
/// "n - 1" to "n" and makes the claims 3n, 3n + 1 and 3n + 2 for leaf n.
enum ChildWork {
  static func batch(_ round: Int, filler: Int = 9000) throws(StoreError) -> StagedBatch {
    guard
      let batch = StagedBatch(
        oldSize: UInt64(round), checkpoint: StoreConformance.text("\(round)"),
        entries: [StoreConformance.text("entry \(round)")],
        payloads: [[UInt8](repeating: UInt8(truncatingIfNeeded: round), count: filler)])
    else { throw .failed("a batch of the test") }
    return batch
  }

  static func append(_ store: SQLiteSequencerStore, round: Int, filler: Int = 9000) async throws {
    let old = StoreConformance.text("\(round - 1)")
    try await store.stage(batch(round, filler: filler), after: old)
    try await store.commit(
      LogCommit(
        old: old, new: StoreConformance.text("\(round)"),
        claims: (3 * round..<3 * round + 3).map { (StoreConformance.claim($0), UInt64(round)) }))
  }

  /// One byte more in the file `acknowledged` for each round that was.
  static func appendUntilKilled(
    _ path: String, acknowledged: String, after time: Duration
  ) async throws {
    let store = try SQLiteSequencerStore.openExisting(path: path)
    let executioner = Thread {
      let parts = time.components
      usleep(UInt32(parts.attoseconds / 1_000_000_000_000))
      kill(getpid(), SIGKILL)
    }
    executioner.start()
    let lock = try await store.load().map { String(decoding: $0.checkpoint, as: UTF8.self) }
    var round = lock.flatMap { Int($0) } ?? 0
    let file = unsafe open(acknowledged, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    require(file >= 0 && ftruncate(file, off_t(round)) == 0)
    while true {
      round += 1
      try await append(store, round: round)
      require(ftruncate(file, off_t(round)) == 0)
    }
  }

  static func race(_ path: String, rounds: Int, name: String) async throws {
    var done = 0
    while done < rounds {
      // As a box does: whoever lost stops, and starts again from what is there.
      let store = try SQLiteSequencerStore.openExisting(path: path)
      do {
        while done < rounds {
          let lock = try await store.load().map { String(decoding: $0.checkpoint, as: UTF8.self) }
          try await append(store, round: (lock.flatMap { Int($0) } ?? 0) + 1)
          done += 1
        }
      } catch StoreError.conflict {}
    }
  }

  /// What the call fails with.
  static func failure(_ call: () async throws -> Void) async -> String {
    do {
      try await call()
      return "nothing"
    } catch {
      return "\(error)"
    }
  }
}
