// SPDX-License-Identifier: Apache-2.0

import Ledger
import TestSupport

/// A store with one rule left out. The conformance suite must find each.
final class BrokenStore: SequencerStore {
  enum Lack: String, CaseIterable, Sendable {
    /// `commit` takes any lock for the old one.
    case compareAndSwap
    /// `stage` does so.
    case stagingOnTheLock
    /// `commit` moves the lock to what is not staged.
    case committingWhatIsStaged
    /// A claim that was made is made again.
    case claims
    /// The claims before the refused one stay.
    case oneTransaction
    /// A second log replaces the first.
    case oneLog
    /// Nothing outlives the process.
    case durability
  }

  private let lack: Lack
  private let storage: MemoryStorage

  init(_ storage: MemoryStorage, lack: Lack) {
    self.lack = lack
    self.storage = lack == .durability ? MemoryStorage(storage.contents) : storage
  }

  private var store: MemoryStore { MemoryStore(storage) }

  func load() async throws(StoreError) -> StoredLog? { try await store.load() }

  func create(checkpoint: [UInt8]) async throws(StoreError) {
    if lack == .oneLog { storage.restore(MemoryStorage.Contents()) }
    try await store.create(checkpoint: checkpoint)
  }

  func stage(_ batch: StagedBatch, after old: [UInt8]) async throws(StoreError) {
    let lock = storage.contents.checkpoint
    try await store.stage(batch, after: lack == .stagingOnTheLock ? lock ?? old : old)
  }

  func commit(_ commit: LogCommit) async throws(StoreError) {
    var contents = storage.contents
    var old = commit.old
    switch lack {
    case .compareAndSwap: old = contents.checkpoint ?? old
    case .committingWhatIsStaged:
      contents.staged = StagedBatch(
        oldSize: 0, checkpoint: commit.new, entries: [[]], payloads: [[]])
      storage.restore(contents)
    case .claims:
      for (claim, _) in commit.claims { contents.claims[claim] = nil }
      storage.restore(contents)
    default: break
    }
    do {
      try await store.commit(LogCommit(old: old, new: commit.new, claims: commit.claims))
    } catch {
      if lack == .oneTransaction, case .claimed(let claim) = error {
        for (earlier, leaf) in commit.claims.prefix(while: { $0.claim != claim }) {
          contents.claims[earlier] = leaf
        }
        storage.restore(contents)
      }
      throw error
    }
  }

  func leaf(claiming claim: LogClaim) async throws(StoreError) -> UInt64? {
    try await store.leaf(claiming: claim)
  }

  func claimCount() async throws(StoreError) -> Int { try await store.claimCount() }
}
