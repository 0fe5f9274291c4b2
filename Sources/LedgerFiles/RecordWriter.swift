// SPDX-License-Identifier: Apache-2.0

import Cryptography
public import Ledger

/// Appends to a record, one process at a time.
///
/// Order of an append: bundles and tiles, all written beside their names, synchronized, renamed, and
/// their directories synchronized; then, in the same way, the checkpoint. What the old checkpoint needs is
/// never overwritten, so a crash at any moment leaves the old record or the new one. Once
/// ``append(batch:)`` has returned, the batch is on the disk.
///
/// Holds the log's private key. After an error the writer refuses further work: what the system
/// holds in memory then need not be what is on the disk. Open the record again.
public struct RecordWriter: ~Copyable, Sendable {
  /// An entry with its payload.
  public typealias Item = (entry: [UInt8], payload: [UInt8])

  /// The checkpoint that is on the disk.
  public private(set) var checkpoint: Checkpoint

  private let files: any FileSystem
  private let signer: NoteSigner
  private let lock: Descriptor?
  /// The checkpoint as it is published, with all signatures.
  public private(set) var checkpointNote: [UInt8]
  private var frontier: MerkleFrontier
  /// Per level, the hashes of the last tile, if it is not full.
  private var tails: [[Digest]]
  private var folders = RecordFolders()
  private var hasFailed = false
  /// Full resources whose partial ones may be removed.
  private var superseded: [TilePath] = []

  /// Makes a record without entries in `directory`, which is made if it is not there.
  ///
  /// - Parameter signer: the log's key; its name becomes the origin.
  /// - Throws: ``FileError`` if there is a record already, another process holds the lock, or a
  ///   file cannot be written.
  public static func create(
    directory: String, signer: consuming NoteSigner
  ) throws(FileError) -> RecordWriter {
    let parent = LocalFileSystem(root: FileName.parent(directory))
    let name = FileName.last(directory)
    if !name.isEmpty {
      try parent.makeDirectory(name)
      try parent.synchronizeDirectory("")
    }
    let files = LocalFileSystem(root: directory)
    let lock = try takeLock(files)
    return try create(files: files, signer: signer, lock: consume lock)
  }

  /// Opens a record to append to it.
  ///
  /// - Parameter verifyingAll: reads the whole record first; without it only the right edge of the
  ///   tree and the last bundle are compared with the checkpoint.
  /// - Throws: ``FileError`` if the record is another log's, does not agree with its checkpoint, or
  ///   another process holds the lock.
  public static func open(
    directory: String, signer: consuming NoteSigner, verifyingAll: Bool = true
  ) throws(FileError) -> RecordWriter {
    let files = LocalFileSystem(root: directory)
    let lock = try takeLock(files)
    let writer = try open(
      files: files, signer: signer, verifyingAll: verifyingAll, lock: consume lock)
    if writer.checkpoint.size == 0 {
      // The same for the record's own name.
      try LocalFileSystem(root: FileName.parent(directory)).synchronizeDirectory("")
    }
    return writer
  }

  private static func takeLock(_ files: LocalFileSystem) throws(FileError) -> Descriptor {
    let lock = try files.lockFile(RecordDirectory.lockName)
    guard lock.lock() else { throw FileError.locked(files.root) }
    return lock
  }

  /// The same without a lock, for tests that put their own file system underneath.
  package static func create(
    files: any FileSystem, signer: consuming NoteSigner
  ) throws(FileError) -> RecordWriter {
    try create(files: files, signer: signer, lock: nil)
  }

  package static func open(
    files: any FileSystem, signer: consuming NoteSigner, verifyingAll: Bool = true
  ) throws(FileError) -> RecordWriter {
    try open(files: files, signer: signer, verifyingAll: verifyingAll, lock: nil)
  }

  private static func create(
    files: any FileSystem, signer: consuming NoteSigner, lock: consuming Descriptor?
  ) throws(FileError) -> RecordWriter {
    let names = try files.list("")
    guard !names.contains(RecordDirectory.checkpointName), !names.contains("tile/") else {
      throw FileError(RecordDirectory.checkpointName, "no record is there yet")
    }
    // A key without a checkpoint is what a creation that was cut off leaves behind.
    if names.contains(RecordDirectory.keyName) {
      guard try RecordDirectory.key(files) == signer.verifierKey else {
        throw FileError(RecordDirectory.keyName, "the signer's key")
      }
    }
    let note: [UInt8]
    let checkpoint: Checkpoint
    do {
      checkpoint = try Checkpoint(
        origin: signer.verifierKey.name, size: 0, root: MerkleTree.emptyRoot)
      note = try checkpoint.signed(by: signer)
    } catch {
      throw FileError(RecordDirectory.checkpointName, error)
    }
    try files.replace(RecordDirectory.keyName, with: [UInt8]((signer.verifierKey.vkey + "\n").utf8))
    try files.replace(RecordDirectory.checkpointName, with: note)
    return RecordWriter(
      checkpoint: checkpoint, files: files, signer: signer, lock: lock, checkpointNote: note,
      frontier: MerkleFrontier(), tails: [])
  }

  private static func open(
    files: any FileSystem, signer: consuming NoteSigner, verifyingAll: Bool,
    lock: consuming Descriptor?
  ) throws(FileError) -> RecordWriter {
    let record = try RecordDirectory(files: files, expecting: signer.verifierKey)
    if verifyingAll {
      let problem = record.verifyTree().first { $0.kind != .leftover }
      if let problem { throw FileError(problem.place, problem.rule) }
    }
    let frontier: MerkleFrontier
    var tails: [[Digest]] = []
    do throws(LedgerError) {
      frontier = try TileTree(record, size: record.size).frontier()
      guard frontier.root == record.checkpoint.root else {
        throw LedgerError("tile", "the tiles give the root that is signed")
      }
      for level in 0..<8 {
        let count = TilePath.hashCount(level: level, size: record.size)
        if count == 0 { break }
        let width = Int(count % UInt64(TilePath.fullWidth))
        let index = count / UInt64(TilePath.fullWidth)
        tails.append(
          width == 0
            ? []
            : try HashTile.decode(
              record.tile(level: level, index: index, width: width), width: width,
              place: "tile/\(level)/\(index)"))
      }
    } catch {
      throw FileError(error.place, error)
    }
    if let tail = tails.first, !tail.isEmpty {
      let last = record.bundleCount - 1
      guard try record.entries(inBundle: last).map(MerkleTree.leafHash) == tail else {
        throw FileError("tile/entries/\(last)", "the leaves of the tile")
      }
      var payloads = try record.payloads(inBundle: last)
      for _ in tail { try payloads.skip() }
    }
    // A process that ended between naming the checkpoint and waiting for the name left one that is seen
    // and not durable. Whoever goes on from it lets go of the batch that leads to it.
    try files.synchronizeDirectory("")
    return RecordWriter(
      checkpoint: record.checkpoint, files: files, signer: signer, lock: lock,
      checkpointNote: record.checkpointNote, frontier: frontier, tails: tails)
  }

  private init(
    checkpoint: Checkpoint, files: any FileSystem, signer: consuming NoteSigner,
    lock: consuming Descriptor?, checkpointNote: [UInt8], frontier: MerkleFrontier,
    tails: [[Digest]]
  ) {
    self.checkpoint = checkpoint
    self.files = files
    self.signer = signer
    self.lock = lock
    self.checkpointNote = checkpointNote
    self.frontier = frontier
    self.tails = tails
  }

  /// Appends entries in this order, all or none, and signs the new tree.
  ///
  /// - Returns: the new checkpoint, which is on the disk. An empty batch changes nothing.
  /// - Throws: ``FileError`` for a leaf that is not a canonical entry or whose payload is another
  ///   one (nothing is written then, and the writer goes on); for a file that cannot be written; for
  ///   a checkpoint that another process replaced.
  public mutating func append(batch: [Item]) throws(FileError) -> Checkpoint {
    if let staged = try prepare(batch) {
      try apply(staged)
      tidy()
    }
    return checkpoint
  }

  /// Computes the tree with a batch, and writes and signs nothing. Nil for an empty batch.
  ///
  /// - Throws: ``FileError`` for a leaf that is not a canonical entry or whose payload is another one.
  public func prepare(_ batch: [Item]) throws(FileError) -> StagedBatch? {
    try checkUsable()
    for (offset, item) in batch.enumerated() {
      do {
        _ = try EntryFile(entry: LedgerEntry(bytes: item.entry), payload: item.payload)
      } catch {
        throw FileError("item \(offset) of the batch", error)
      }
    }
    if batch.isEmpty { return nil }
    let (_, next) = try continued(with: batch.lazy.map(\.entry))
    return StagedBatch(
      oldSize: checkpoint.size, checkpoint: Array(next.text.utf8), entries: batch.map(\.entry),
      payloads: batch.map(\.payload))
  }

  /// Writes a batch that ``prepare(_:)`` made for this tree, then signs and publishes its checkpoint.
  /// Doing it again after a crash writes the same files.
  ///
  /// - Throws: ``FileError`` if the batch is of another tree, does not give the checkpoint it names, a
  ///   file cannot be written, or another process replaced the checkpoint.
  public mutating func apply(_ staged: StagedBatch) throws(FileError) {
    try checkUsable()
    let place = "the batch after entry \(staged.oldSize)"
    guard staged.oldSize == checkpoint.size else {
      throw FileError(place, "begins at the size \(checkpoint.size)")
    }
    let (newFrontier, next) = try continued(with: staged.entries)
    guard Array(next.text.utf8) == staged.checkpoint else {
      throw FileError(place, "gives the tree of its checkpoint")
    }
    hasFailed = true
    try checkOwnCheckpoint()
    let batch = zip(staged.entries, staged.payloads).map { Item(entry: $0, payload: $1) }
    var bundles = BundleAppender(files: files)
    try bundles.append(batch, oldSize: staged.oldSize, to: &folders)
    var tiles = TileAppender(files: files, size: staged.oldSize, tails: tails)
    for entry in staged.entries {
      try tiles.append(MerkleTree.leafHash(entry), level: 0, to: &folders)
    }
    try tiles.finish(to: &folders)
    try folders.write(files)
    let note: [UInt8]
    do { note = try next.signed(by: signer) } catch {
      throw FileError(RecordDirectory.checkpointName, error)
    }
    try files.replace(RecordDirectory.checkpointName, with: note)
    checkpoint = next
    checkpointNote = note
    frontier = newFrontier
    tails = tiles.tails
    hasFailed = false
    superseded += bundles.completed + tiles.completed
  }

  /// Removes partial resources that full ones have replaced. Only when nobody is shown the checkpoint before any
  /// more: until then its readers look for them. It tidies up, and may fail.
  public mutating func tidy() {
    for path in superseded { folders.forget(path.path + ".p") }
    Superseded.remove(superseded, files)
    superseded = []
  }

  /// Publishes the checkpoint again with more signatures.
  ///
  /// - Parameter note: the same text, signed by this log and by others.
  /// - Throws: ``FileError`` for another text, a missing signature of this log, or a file that cannot
  ///   be written.
  public mutating func publish(_ note: [UInt8]) throws(FileError) {
    try checkUsable()
    do throws(LedgerError) {
      guard try Checkpoint.verified(note, logKey: signer.verifierKey) == checkpoint else {
        throw LedgerError("checkpoint", "the tree that is published")
      }
    } catch {
      throw FileError(RecordDirectory.checkpointName, error)
    }
    hasFailed = true
    try checkOwnCheckpoint()
    try files.replace(RecordDirectory.checkpointName, with: note)
    checkpointNote = note
    hasFailed = false
  }

  private func checkUsable() throws(FileError) {
    guard !hasFailed else {
      throw FileError(RecordDirectory.checkpointName, "the record is opened again after an error")
    }
  }

  private func checkOwnCheckpoint() throws(FileError) {
    guard
      try files.read(RecordDirectory.checkpointName, limit: SignedNote.maximumByteCount)
        == checkpointNote
    else { throw FileError(RecordDirectory.checkpointName, "as this process left it") }
  }

  /// The tree with more leaves.
  private func continued(
    with entries: some Sequence<[UInt8]>
  ) throws(FileError) -> (MerkleFrontier, Checkpoint) {
    guard frontier.root == checkpoint.root, frontier.size == checkpoint.size else {
      throw FileError(RecordDirectory.checkpointName, "the tree that is continued")
    }
    var tree = frontier
    for entry in entries { tree.append(MerkleTree.leafHash(entry)) }
    do throws(LedgerError) {
      let next = try Checkpoint(
        origin: checkpoint.origin, size: tree.size, root: tree.root)
      return (tree, next)
    } catch {
      throw FileError(RecordDirectory.checkpointName, error)
    }
  }
}

extension FileError {
  /// Another process appends to the record.
  public static func locked(_ directory: String) -> FileError {
    FileError(directory, "no other process appends to the record")
  }
}
