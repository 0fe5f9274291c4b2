// SPDX-License-Identifier: Apache-2.0

import Ledger
import TestSupport

/// One process's way to a storage that others may share: with waits, faults, and the end of the
/// process before or after a call has its effect.
struct SimulatedStore: SequencerStore {
  let world: World
  let life: Life
  let machine: Machine

  private func store() async -> MemoryStore {
    await world.pause(0...3)
    return MemoryStore(
      machine.storage, fault: life.storeFault(), at: 1, pause: {})
  }

  /// The process ended before or after the call.
  private func finish<R>(_ value: R) async throws(StoreError) -> R {
    await world.pause(0...3)
    guard life.isAlive else { throw .failed("the process ended") }
    return value
  }

  private func begin() async throws(StoreError) -> MemoryStore {
    let store = await store()
    guard life.isAlive else { throw .failed("the process ended") }
    return store
  }

  func load() async throws(StoreError) -> StoredLog? {
    let store = try await begin()
    return try await finish(try await store.load())
  }

  func create(checkpoint: [UInt8]) async throws(StoreError) {
    let store = try await begin()
    try await finish(try await store.create(checkpoint: checkpoint))
  }

  func stage(_ batch: StagedBatch, after old: [UInt8]) async throws(StoreError) {
    if let problem = world.history.stage(batch, after: old) { world.violate(problem) }
    let store = try await begin()
    if world.defect == .stagingReplaced || world.defect == .noCompareAndSwap {
      machine.storage.change { $0.staged = batch }
      return try await finish(())
    }
    try await finish(try await store.stage(batch, after: old))
  }

  func commit(_ commit: LogCommit) async throws(StoreError) {
    let store = try await begin()
    let before = machine.storage.contents
    var commit = commit
    switch world.defect {
    case .noCompareAndSwap:
      commit = LogCommit(
        old: before.checkpoint ?? commit.old, new: commit.new, claims: commit.claims)
    case .stagingReplaced
    where before.checkpoint == commit.old && before.staged?.checkpoint != commit.new:
      // The lock moves; what is staged is another box's.
      machine.storage.change { contents in
        contents.checkpoint = commit.new
        for (claim, leaf) in commit.claims { contents.claims[claim] = leaf }
      }
      world.history.commit(commit.new)
      return try await finish(())
    case .noClaims:
      machine.storage.change { contents in
        for (claim, _) in commit.claims { contents.claims[claim] = nil }
      }
    case .publishBeforeCommit: machine.setUnsynchronized(before)
    default: break
    }
    try await store.commit(commit)
    try await finish(())
  }

  func leaf(claiming claim: LogClaim) async throws(StoreError) -> UInt64? {
    let store = try await begin()
    return try await finish(try await store.leaf(claiming: claim))
  }

  func claimCount() async throws(StoreError) -> Int {
    let store = try await begin()
    return try await finish(try await store.claimCount())
  }
}
