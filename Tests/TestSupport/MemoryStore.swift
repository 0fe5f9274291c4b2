// SPDX-License-Identifier: Apache-2.0

public import Ledger
import Synchronization

/// What happens at one call of a ``MemoryStore``.
public enum StoreFault: Hashable, Sendable {
  /// Nothing is done, an error is reported.
  case failNotPersisted
  /// The call is done, yet an error is reported.
  case failPersisted
  /// An error is reported; the call is done later, just before the call that comes so many calls after.
  case delayed(calls: Int)
  /// The call is done twice. The caller sees the first outcome.
  case duplicated
  /// The call is done twice, as a request whose answer was lost. The caller sees the second outcome.
  case resent

  /// One of each sort.
  public static let all: [StoreFault] = [
    .failNotPersisted, .failPersisted, .delayed(calls: 1), .delayed(calls: 2), .delayed(calls: 3),
    .delayed(calls: 4), .duplicated, .resent,
  ]
}

/// What a ``MemoryStore`` keeps. Several stores on one of these are several processes on one database.
public final class MemoryStorage: Sendable {
  /// The contents: a value, so a copy is a backup.
  public struct Contents: Sendable {
    /// The text of the checkpoint that was committed last; nil before the log was begun.
    public var checkpoint: [UInt8]?
    /// The batch that was staged last.
    public var staged: StagedBatch?
    /// Leaves by their claims.
    public var claims: [LogClaim: UInt64] = [:]

    /// Nothing.
    public init() {}
  }

  enum Change: Sendable {
    case create([UInt8])
    case stage(StagedBatch, after: [UInt8])
    case commit(LogCommit)
  }

  private struct State {
    var contents: Contents
    var late: [(wait: Int, change: Change)] = []
  }

  private let state: Mutex<State>
  private let onCommit: @Sendable (LogCommit) -> Void

  /// An empty storage, or a copy.
  ///
  /// - Parameter onCommit: told of every commit that takes effect.
  public init(
    _ contents: Contents = Contents(),
    onCommit: @escaping @Sendable (LogCommit) -> Void = { _ in }
  ) {
    state = Mutex(State(contents: contents))
    self.onCommit = onCommit
  }

  /// Changes the contents behind the backs of those who use them.
  public func change(_ body: (inout Contents) -> Void) { state.withLock { body(&$0.contents) } }

  /// What is kept now.
  public var contents: Contents { state.withLock { $0.contents } }

  /// Puts a backup back.
  public func restore(_ contents: Contents) {
    state.withLock { $0 = State(contents: contents) }
  }

  func beginCall() {
    let due = state.withLock { state in
      let due = state.late.filter { $0.wait <= 1 }
      state.late = state.late.filter { $0.wait > 1 }.map { ($0.wait - 1, $0.change) }
      return due
    }
    for (_, change) in due {
      // An error of a change that comes late reaches nobody.
      do { try perform(change) } catch {}
    }
  }

  func perform(_ change: Change) throws(StoreError) {
    if let error = state.withLock({ Self.apply(change, to: &$0.contents) }) { throw error }
    if case .commit(let commit) = change { onCommit(commit) }
  }

  func delay(_ change: Change, by calls: Int) {
    state.withLock { $0.late.append((calls, change)) }
  }

  private static func apply(_ change: Change, to contents: inout Contents) -> StoreError? {
    switch change {
    case .create(let checkpoint):
      guard contents.checkpoint == nil else { return .conflict }
      contents.checkpoint = checkpoint
    case .stage(let batch, let old):
      guard contents.checkpoint == old else { return .conflict }
      contents.staged = batch
    case .commit(let commit):
      guard contents.checkpoint == commit.old, contents.staged?.checkpoint == commit.new else {
        return .conflict
      }
      var claims = contents.claims
      for (claim, leaf) in commit.claims {
        guard claims.updateValue(leaf, forKey: claim) == nil else { return .claimed(claim) }
      }
      contents.claims = claims
      contents.checkpoint = commit.new
    }
    return nil
  }
}

/// A ``SequencerStore`` in memory, with a fault at one call. As with every store, after an error the
/// caller opens another one on the same storage.
public final class MemoryStore: SequencerStore {
  /// What is kept.
  public let storage: MemoryStorage
  private let fault: StoreFault?
  private let faultyCall: Int
  private let pause: @Sendable () async -> Void
  private let count = Mutex(0)

  /// A store that works.
  public convenience init(_ storage: MemoryStorage = MemoryStorage()) {
    self.init(storage, fault: nil, at: 0)
  }

  /// A store with a fault at the call of this number; the first is 1. Before each call it pauses.
  public init(
    _ storage: MemoryStorage, fault: StoreFault?, at call: Int,
    pause: @escaping @Sendable () async -> Void = { await Task.yield() }
  ) {
    self.pause = pause
    self.storage = storage
    self.fault = fault
    faultyCall = call
  }

  /// Number of calls so far.
  public var calls: Int { count.withLock { $0 } }

  private func isFaulty() -> Bool {
    storage.beginCall()
    return count.withLock { value in
      value += 1
      return value == faultyCall
    }
  }

  private func change(_ change: MemoryStorage.Change) async throws(StoreError) {
    await pause()
    guard isFaulty(), let fault else { return try storage.perform(change) }
    switch fault {
    case .failNotPersisted: throw .failed("injected")
    case .failPersisted:
      try storage.perform(change)
      throw .failed("injected")
    case .delayed(let calls):
      storage.delay(change, by: calls)
      throw .failed("injected")
    case .duplicated:
      try storage.perform(change)
      do { try storage.perform(change) } catch {}
    case .resent:
      do { try storage.perform(change) } catch {}
      try storage.perform(change)
    }
  }

  private func contents() async throws(StoreError) -> MemoryStorage.Contents {
    await pause()
    // Reading twice, or late, is reading.
    if isFaulty(), fault != nil, fault != .duplicated, fault != .resent {
      throw .failed("injected")
    }
    return storage.contents
  }

  /// What is stored.
  public func load() async throws(StoreError) -> StoredLog? {
    let contents = try await contents()
    guard let checkpoint = contents.checkpoint else { return nil }
    return StoredLog(checkpoint: checkpoint, staged: contents.staged)
  }

  /// Begins a log.
  public func create(checkpoint: [UInt8]) async throws(StoreError) {
    try await change(.create(checkpoint))
  }

  /// Keeps a batch.
  public func stage(_ batch: StagedBatch, after old: [UInt8]) async throws(StoreError) {
    try await change(.stage(batch, after: old))
  }

  /// Moves the lock.
  public func commit(_ commit: LogCommit) async throws(StoreError) {
    try await change(.commit(commit))
  }

  /// Who made a claim.
  public func leaf(claiming claim: LogClaim) async throws(StoreError) -> UInt64? {
    try await contents().claims[claim]
  }

  /// Number of claims.
  public func claimCount() async throws(StoreError) -> Int {
    try await contents().claims.count
  }
}
