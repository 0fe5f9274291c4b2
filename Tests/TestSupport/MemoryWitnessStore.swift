// SPDX-License-Identifier: Apache-2.0

public import Ledger
import Synchronization

/// A ``WitnessStore`` in memory, for tests: right, or with one rule left out.
public final class MemoryWitnessStore: WitnessStore {
  /// What the store does wrong.
  public enum Lack: String, CaseIterable, Sendable {
    /// `replace` does not compare.
    case comparison
    /// `replace` compares, and stores a moment later.
    case oneStep
    /// Names that Unicode calls equivalent are one.
    case bytes
    /// All logs are one.
    case separation
    /// Nothing outlives the process.
    case durability
  }

  /// What several stores share, as processes share a file.
  public final class Storage: Sendable {
    fileprivate let notes = Mutex<[[UInt8]: [UInt8]]>([:])

    /// Nothing.
    public init() {}
  }

  private let storage: Storage
  private let lack: Lack?

  /// A store on a storage.
  public init(_ storage: Storage = Storage(), lack: Lack? = nil) {
    self.storage = lack == .durability ? Storage() : storage
    self.lack = lack
  }

  /// The note that was stored last.
  public func latest(origin: String) async throws(StoreError) -> [UInt8]? {
    let key = key(origin)
    return storage.notes.withLock { $0[key] }
  }

  /// Compares and stores.
  public func replace(
    origin: String, old: [UInt8]?, new: [UInt8]
  ) async throws(StoreError) {
    let key = key(origin)
    if lack == .oneStep {
      guard storage.notes.withLock({ $0[key] == old }) else { throw .conflict }
      for _ in 0..<20 { await Task.yield() }
      storage.notes.withLock { $0[key] = new }
      return
    }
    let isReplaced = storage.notes.withLock { notes in
      guard notes[key] == old || lack == .comparison else { return false }
      notes[key] = new
      return true
    }
    guard isReplaced else { throw .conflict }
  }

  private func key(_ origin: String) -> [UInt8] {
    switch lack {
    case .separation: []
    case .bytes: origin == "e\u{301}" ? [UInt8]("\u{e9}".utf8) : [UInt8](origin.utf8)
    default: [UInt8](origin.utf8)
    }
  }
}
