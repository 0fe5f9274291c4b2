// SPDX-License-Identifier: Apache-2.0

public import Cryptography

/// The durable memory of whoever appends to a log: which checkpoint is the last (the lock), the batch
/// that is being applied (the staging), and what may stand in the log only once (the claims).
///
/// Checkpoints are kept here as their texts, without a signature. One is signed only after it was
/// committed, so a tree that lost the race for the lock, or that a crash cut off, never bears the log's
/// signature.
///
/// A batch goes through ``stage(_:after:)``, then ``commit(_:)``; only then are files written. So at every
/// moment one of these holds, and a start after a crash can tell which:
///
/// * the staged batch begins at the lock's size: it was not committed, nobody was promised anything;
/// * the staged batch ends at the lock's size: it is committed, and its files may have to be written
///   (again).
///
/// Every call is durable when it returns. A call that throws ``StoreError/failed(_:)`` may or may not
/// have taken effect: the caller stops, and starts again from ``load()``. Implementations are shown to
/// keep these rules by one conformance suite, `StoreConformance`.
public protocol SequencerStore: Sendable {
  /// The lock and the staging; nil when no log was begun in this store.
  func load() async throws(StoreError) -> StoredLog?

  /// Begins a log with the text of its first checkpoint.
  ///
  /// - Throws: ``StoreError/conflict`` if a log was begun already.
  func create(checkpoint: [UInt8]) async throws(StoreError)

  /// Keeps a batch that continues the lock's checkpoint, in place of the one staged before.
  ///
  /// - Throws: ``StoreError/conflict`` if the lock is another one than `old`, or no log was begun. The
  ///   batch that is there stays then: it may be another process's, committed and not yet applied.
  func stage(_ batch: StagedBatch, after old: [UInt8]) async throws(StoreError)

  /// Moves the lock from one checkpoint to the next and inserts the claims, in one transaction.
  ///
  /// - Throws: ``StoreError/conflict`` if the lock is another one than `commit.old`, or the staged
  ///   batch does not lead to `commit.new` (another process staged its own in between; what is
  ///   committed must be what can be applied after a crash); ``StoreError/claimed(_:)`` if a claim was
  ///   made before, or twice in this batch. Nothing is changed then.
  func commit(_ commit: LogCommit) async throws(StoreError)

  /// The leaf that made a claim; nil if none did.
  func leaf(claiming claim: LogClaim) async throws(StoreError) -> UInt64?

  /// Number of claims.
  func claimCount() async throws(StoreError) -> Int
}

/// What a store holds of its log.
public struct StoredLog: Hashable, Sendable {
  /// The text of the checkpoint that was committed last.
  public let checkpoint: [UInt8]
  /// The batch that was staged last.
  public let staged: StagedBatch?

  /// What a store holds.
  public init(checkpoint: [UInt8], staged: StagedBatch?) {
    self.checkpoint = checkpoint
    self.staged = staged
  }
}

/// A batch on its way into the log.
public struct StagedBatch: Hashable, Sendable {
  /// Entries of the log before the batch.
  public let oldSize: UInt64
  /// The text of the checkpoint over the log with the batch.
  public let checkpoint: [UInt8]
  /// The leaves, in order.
  public let entries: [[UInt8]]
  /// Their payloads, in the same order.
  public let payloads: [[UInt8]]

  /// A batch from its parts; nil unless there are as many payloads as entries, at least one.
  public init?(oldSize: UInt64, checkpoint: [UInt8], entries: [[UInt8]], payloads: [[UInt8]]) {
    guard !entries.isEmpty, entries.count == payloads.count else { return nil }
    self.oldSize = oldSize
    self.checkpoint = checkpoint
    self.entries = entries
    self.payloads = payloads
  }
}

/// Something that may stand in a log once: a leaf, a voter's ballot of one number.
public struct LogClaim: Hashable, Sendable {
  /// SHA-256 of what is claimed, with a prefix that names its kind.
  public let digest: Digest

  /// The claim of `parts` in a name space: `SHA-256(kind || 0x00 || parts…)`. Parts have fixed lengths
  /// in each kind, so the input is injective.
  public init(kind: String, _ parts: [UInt8]...) {
    var hash = SHA256()
    hash.update(Array(kind.utf8) + [0])
    for part in parts { hash.update(part) }
    digest = hash.finalize()
  }

  /// The claim with this digest, as a store keeps it.
  public init(digest: Digest) { self.digest = digest }
}

/// The step of the lock from one checkpoint to the next.
public struct LogCommit: Sendable {
  /// The text of the checkpoint that must be the lock's.
  public let old: [UInt8]
  /// The one that replaces it.
  public let new: [UInt8]
  /// What the batch's leaves claim, each with the leaf's index.
  public let claims: [(claim: LogClaim, leaf: UInt64)]

  /// A step from its parts.
  public init(old: [UInt8], new: [UInt8], claims: [(claim: LogClaim, leaf: UInt64)]) {
    self.old = old
    self.new = new
    self.claims = claims
  }
}

/// Why a store did not do what it was asked for.
public enum StoreError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Another process moved the lock. Whoever gets this stops.
  case conflict
  /// A claim was made before.
  case claimed(LogClaim)
  /// The storage failed. It is open whether the call had an effect.
  case failed(String)

  /// What happened, in one line.
  public var description: String {
    switch self {
    case .conflict: "store: another process has moved the lock"
    case .claimed(let claim): "store: claimed before (\(claim.digest.hex))"
    case .failed(let reason): "store: \(reason)"
    }
  }
}
