// SPDX-License-Identifier: Apache-2.0

public import Cryptography
public import Ledger
public import LedgerFiles

/// Appends batches to a log so that a crash at any step loses nothing that was acknowledged and shows
/// nobody two histories.
///
/// ```
/// prepare → stage (durable) → commit: compare-and-swap of the lock, with the claims (durable)
///         → tiles and bundles (durable) → sign → publish the checkpoint (durable)
/// ```
///
/// ``append(_:)`` returns after the last step, and whoever acknowledges a submission does so after that.
/// From the commit on, ``open(store:writer:)`` completes what a crash cut off. Nothing is signed before
/// the commit. After an error the sequencer refuses further work.
public actor Sequencer {
  /// An entry with its payload, and what it may claim only once.
  public struct Item: Sendable {
    /// The leaf.
    public let entry: [UInt8]
    /// The bytes that the leaf names.
    public let payload: [UInt8]
    /// What the leaf claims. Its hash is claimed in any case.
    public let claims: [LogClaim]

    /// An item from its parts.
    public init(entry: [UInt8], payload: [UInt8], claims: [LogClaim]) {
      self.entry = entry
      self.payload = payload
      self.claims = claims
    }
  }

  /// What is published, for readers who do not wait for an append.
  public nonisolated let head: PublishedHead

  private let store: any SequencerStore
  private var writer: RecordWriter
  private var isStopped = false

  private init(store: any SequencerStore, writer: consuming RecordWriter) {
    self.store = store
    head = PublishedHead(writer.checkpoint, writer.checkpointNote)
    self.writer = writer
  }

  /// Begins a log: its record has no entry, its store no lock.
  ///
  /// - Throws: ``SequencerError``.
  public static func begin(
    store: any SequencerStore, writer: consuming RecordWriter
  ) async throws(SequencerError) -> Sequencer {
    guard writer.checkpoint.size == 0 else {
      throw .inconsistent("the record has entries, and its database is not there")
    }
    do { try await store.create(checkpoint: Array(writer.checkpoint.text.utf8)) } catch {
      throw .store(error)
    }
    return Sequencer(store: store, writer: writer)
  }

  /// Opens a log and completes a batch that a crash cut off after its commit. A batch that was only
  /// staged is passed over: nobody was promised anything.
  ///
  /// - Throws: ``SequencerError``, `inconsistent` if the record is ahead of the store, is another one,
  ///   or lags behind by more than the staged batch.
  public static func open(
    store: any SequencerStore, writer: consuming RecordWriter
  ) async throws(SequencerError) -> Sequencer {
    let stored: StoredLog?
    do { stored = try await store.load() } catch { throw .store(error) }
    guard let stored else {
      // A crash between making the record and beginning the store leaves an empty record.
      return try await begin(store: store, writer: writer)
    }
    let published = writer.checkpoint
    let lock: Checkpoint
    do throws(LedgerError) {
      guard let text = String(validating: stored.checkpoint, as: UTF8.self) else {
        throw LedgerError("checkpoint", "UTF-8")
      }
      lock = try Checkpoint(text: text)
    } catch { throw .inconsistent("the lock: \(error)") }
    if published != lock {
      guard published.size <= lock.size else {
        throw .inconsistent(
          "the database ends at \(lock.size) entries, the record at \(published.size): "
            + "the database is an old copy")
      }
      guard published.size < lock.size, let staged = stored.staged,
        staged.checkpoint == stored.checkpoint, staged.oldSize == published.size
      else {
        throw .inconsistent(
          "the database ends at \(lock.size) entries, the record at \(published.size), "
            + "and the batch between them is not there: the record is an old copy or another one")
      }
      do { try writer.apply(staged) } catch { throw .files(error) }
      writer.tidy()
    }
    return Sequencer(store: store, writer: writer)
  }

  /// Appends a batch in its order.
  ///
  /// - Returns: the checkpoint over the log with the batch, published. An empty batch changes nothing.
  /// - Throws: ``SequencerError``. After `.files` of a malformed item and `.store(.claimed)` nothing has
  ///   changed and the sequencer goes on; after everything else it has stopped.
  public func append(_ batch: [Item]) async throws(SequencerError) -> Checkpoint {
    guard !isStopped else { throw .stopped }
    let prepared: StagedBatch?
    do {
      prepared = try writer.prepare(batch.map { (entry: $0.entry, payload: $0.payload) })
    } catch { throw .files(error) }
    guard let prepared else { return writer.checkpoint }
    // Another call during the waits below finds the sequencer stopped, and so does every call after
    // an error.
    isStopped = true
    let first = prepared.oldSize
    let old = Array(writer.checkpoint.text.utf8)
    do {
      try await store.stage(prepared, after: old)
      try await store.commit(
        LogCommit(
          old: old, new: prepared.checkpoint,
          claims: zip(first..., batch).flatMap { index, item in
            ([.leaf(MerkleTree.leafHash(item.entry))] + item.claims).map {
              (claim: $0, leaf: index)
            }
          }))
    } catch {
      if case .claimed = error { isStopped = false }
      throw .store(error)
    }
    do { try writer.apply(prepared) } catch { throw .files(error) }
    isStopped = false
    // In this order: whoever is shown the checkpoint before finds its partial resources, or the full ones.
    head.set(writer.checkpoint, writer.checkpointNote)
    writer.tidy()
    return writer.checkpoint
  }

  /// Publishes the checkpoint again with the signatures of witnesses, unless the log has grown since.
  ///
  /// - Returns: whether it was published.
  /// - Throws: ``SequencerError``.
  public func publish(
    _ note: [UInt8], of witnessed: Checkpoint
  ) throws(SequencerError) -> Bool {
    guard !isStopped, witnessed == writer.checkpoint else { return false }
    do { try writer.publish(note) } catch {
      isStopped = true
      throw .files(error)
    }
    head.set(writer.checkpoint, note)
    return true
  }

  /// Where the entry with a leaf hash stands, if it is in the log. Waits for no append: the entry may
  /// be committed and not published yet.
  ///
  /// - Throws: ``SequencerError``.
  public nonisolated func index(ofLeaf hash: Digest) async throws(SequencerError) -> UInt64? {
    do { return try await store.leaf(claiming: .leaf(hash)) } catch { throw .store(error) }
  }
}

extension LogClaim {
  /// The claim that every leaf makes on its own hash, ``MerkleTree/leafHash(_:)``.
  public static func leaf(_ hash: Digest) -> LogClaim { LogClaim(kind: "leaf", hash.bytes) }
}
