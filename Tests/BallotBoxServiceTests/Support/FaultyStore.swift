// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Ledger
import Synchronization

/// A store in front of a real one, which fails or waits where a test says.
final class FaultyStore: SequencerStore {
  enum Fault: Sendable {
    case none
    /// A commit fails and does nothing.
    case beforeCommit
    /// A commit is done and reported as failed.
    case afterCommit
    /// A batch is not staged before the fault is lifted.
    case waiting
  }

  /// The fault, for all stores of a plan.
  final class Switch: Sendable {
    private let fault = Mutex(Fault.none)
    private let waiting = Mutex(0)

    func set(_ fault: Fault) { self.fault.withLock { $0 = fault } }

    var value: Fault { fault.withLock { $0 } }

    /// How many calls wait.
    var waitingCount: Int { waiting.withLock { $0 } }

    func pass() async {
      guard case .waiting = value else { return }
      waiting.withLock { $0 += 1 }
      while case .waiting = value {
        do { try await Task.sleep(for: .milliseconds(5)) } catch { break }
      }
      waiting.withLock { $0 -= 1 }
    }
  }

  private let base: any SequencerStore
  private let fault: Switch

  init(_ base: any SequencerStore, _ fault: Switch) {
    self.base = base
    self.fault = fault
  }

  func load() async throws(StoreError) -> StoredLog? { try await base.load() }

  func create(checkpoint: [UInt8]) async throws(StoreError) {
    try await base.create(checkpoint: checkpoint)
  }

  func stage(_ batch: StagedBatch, after old: [UInt8]) async throws(StoreError) {
    await fault.pass()
    try await base.stage(batch, after: old)
  }

  func commit(_ commit: LogCommit) async throws(StoreError) {
    switch fault.value {
    case .beforeCommit: throw .failed("injected")
    case .afterCommit:
      try await base.commit(commit)
      throw .failed("injected")
    case .none, .waiting: try await base.commit(commit)
    }
  }

  func leaf(claiming claim: LogClaim) async throws(StoreError) -> UInt64? {
    try await base.leaf(claiming: claim)
  }

  func claimCount() async throws(StoreError) -> Int { try await base.claimCount() }
}
