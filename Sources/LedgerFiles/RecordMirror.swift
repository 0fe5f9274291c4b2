// SPDX-License-Identifier: Apache-2.0

import Cryptography
public import Ledger

/// Copies a record into a folder, and carries the copy on when the record has grown.
///
/// Nothing of the source is trusted but its signed checkpoint. The tiles are held against its root from the
/// top down, leaves against the tiles, payloads against the leaves; only then a file gets its name. The
/// checkpoint is written last, so the folder holds a whole record at every moment, and a copy that was cut off
/// goes on with what is there.
///
/// A copy that exists is carried on only by a checkpoint that continues its own. Two that contradict each
/// other end in ``MirrorError/equivocation(_:)``, with evidence.
public struct RecordMirror {
  private let source: RecordDirectory
  private let files: any FileSystem
  private let progress: (UInt64, UInt64) -> Void
  /// Per level, the hashes of the last tile, if it is not full.
  private var edge: [Int: [Digest]] = [:]
  /// Whether it was the copy's file that could not be written.
  private var isOwnTrouble = false
  /// The tile above that was used last.
  private var parent: (path: TilePath, hashes: [Digest])?

  /// Copies what `source` shows to `directory`, which is made if it is not there. Another process that writes
  /// there is refused.
  ///
  /// - Parameters:
  ///   - policy: whose cosignatures count; of two checkpoints of one tree the one with more is kept.
  ///   - progress: called after every bundle with the number done and the total.
  /// - Throws: ``MirrorError``.
  public static func update(
    directory: String, from source: RecordDirectory, policy: WitnessPolicy = .none,
    progress: (UInt64, UInt64) -> Void = { _, _ in }
  ) throws(MirrorError) {
    let lock = try lock(directory)
    try withoutActuallyEscaping(progress) { progress throws(MirrorError) in
      try update(
        files: LocalFileSystem(root: directory), from: source, policy: policy, progress: progress)
    }
    // The lock goes with the descriptor, which must not go before the end.
    _ = consume lock
  }

  private static func lock(_ directory: String) throws(MirrorError) -> Descriptor {
    do throws(FileError) {
      let parent = LocalFileSystem(root: FileName.parent(directory))
      let name = FileName.last(directory)
      if !name.isEmpty {
        try parent.makeDirectory(name)
        try parent.synchronizeDirectory("")
      }
      let lock = try LocalFileSystem(root: directory).lockFile(RecordDirectory.lockName)
      guard lock.lock() else { throw FileError.locked(directory) }
      return lock
    } catch { throw .copy(error) }
  }

  /// The same without a lock, over any file system.
  package static func update(
    files: any FileSystem, from source: RecordDirectory, policy: WitnessPolicy = .none,
    progress: @escaping (UInt64, UInt64) -> Void = { _, _ in }
  ) throws(MirrorError) {
    var old: UInt64 = 0
    if let copy = try existing(files, source) {
      try compare(copy, source)
      old = copy.size
      if old == source.size {
        try keepBetter(files, source, copy.checkpointNote, policy)
        return
      }
    }
    var mirror = RecordMirror(source: source, files: files, progress: progress)
    do throws(FileError) { try mirror.copy(from: old) } catch {
      throw mirror.isOwnTrouble ? .copy(error) : .source(error)
    }
  }

  private init(
    source: RecordDirectory, files: any FileSystem, progress: @escaping (UInt64, UInt64) -> Void
  ) {
    self.source = source
    self.files = files
    self.progress = progress
  }

  private static func existing(
    _ files: any FileSystem, _ source: RecordDirectory
  ) throws(MirrorError) -> RecordDirectory? {
    var isOther = false
    var copy: RecordDirectory?
    do throws(FileError) {
      let names = try files.list("")
      let hasCheckpoint = names.contains(RecordDirectory.checkpointName)
      if names.contains(RecordDirectory.keyName) {
        isOther = try RecordDirectory.key(files) != source.logKey
      } else if hasCheckpoint {
        throw FileError(RecordDirectory.keyName, "beside a checkpoint lies the log's key")
      }
      if hasCheckpoint, !isOther {
        copy = try RecordDirectory(files: files, expecting: source.logKey)
      }
    } catch { throw .copy(error) }
    guard !isOther else { throw .anotherLog }
    return copy
  }

  /// Demands that the source's tree continues the copy's.
  private static func compare(
    _ copy: RecordDirectory, _ source: RecordDirectory
  ) throws(MirrorError) {
    let evidence: Equivocation?
    do throws(LedgerError) {
      evidence = try .between(
        copy.checkpointNote, source.checkpointNote, logKey: source.logKey,
        tiles: copy.size > source.size ? copy : source)
    } catch {
      if let unavailable = source.unavailable { throw .source(unavailable) }
      let trouble = FileError(error.place, error.rule)
      throw copy.size > source.size ? .copy(trouble) : .source(trouble)
    }
    if let evidence { throw .equivocation(evidence) }
    guard source.size >= copy.size else {
      throw .older(source: source.size, copy: copy.size)
    }
  }

  /// The same tree, perhaps with more cosignatures.
  private static func keepBetter(
    _ files: any FileSystem, _ source: RecordDirectory, _ own: [UInt8], _ policy: WitnessPolicy
  ) throws(MirrorError) {
    do throws(FileError) {
      let isBetter: Bool
      do throws(LedgerError) {
        let new = try policy.examine(source.checkpointNote, logKey: source.logKey)
        let old = try policy.examine(own, logKey: source.logKey)
        isBetter = new.cosignatures.count > old.cosignatures.count
      } catch { throw FileError(RecordDirectory.checkpointName, error) }
      if isBetter {
        try files.replace(RecordDirectory.checkpointName, with: source.checkpointNote)
      }
    } catch { throw .copy(error) }
  }

  private mutating func copy(from old: UInt64) throws(FileError) {
    try put(RecordDirectory.keyName, [UInt8]((source.logKey.vkey + "\n").utf8))
    try copyTiles(from: old)
    let width = UInt64(TilePath.fullWidth)
    for bundle in old / width..<max(source.bundleCount, old / width) {
      try copyBundle(bundle)
      progress(bundle + 1, source.bundleCount)
    }
    if let unavailable = source.unavailable { throw unavailable }
    try put(RecordDirectory.checkpointName, source.checkpointNote)
    removeSuperseded(old)
  }

  /// Writes a file of the copy.
  private mutating func put(_ path: String, _ bytes: [UInt8]) throws(FileError) {
    do throws(FileError) {
      try files.makeParents(path)
      try files.replace(path, with: bytes)
    } catch {
      isOwnTrouble = true
      throw error
    }
  }

  // MARK: Tiles, from the top down

  private mutating func copyTiles(from old: UInt64) throws(FileError) {
    let levels = (0..<8).filter { TilePath.hashCount(level: $0, size: source.size) > 0 }
    for level in levels {
      let count = TilePath.hashCount(level: level, size: source.size)
      let index = count / UInt64(TilePath.fullWidth)
      let width = TilePath.width(index: index, count: count)
      if width > 0 { edge[level] = try hashes(level: level, index: index, width: width) }
    }
    do throws(LedgerError) {
      guard try TileTree(Edge(hashes: edge), size: source.size).root() == source.checkpoint.root
      else { throw LedgerError("tile", "the last tiles give the root that is signed") }
    } catch { throw FileError(error.place, error) }
    for level in levels.reversed() {
      let full = TilePath.hashCount(level: level, size: source.size) / UInt64(TilePath.fullWidth)
      let done = TilePath.hashCount(level: level, size: old) / UInt64(TilePath.fullWidth)
      for index in done..<max(full, done) { try copyTile(level: level, index: index) }
      if let hashes = edge[level],
        let path = TilePath(.hashes(level: level), index: full, width: hashes.count)
      {
        try put(path.path, HashTile.encode(hashes))
      }
    }
  }

  private mutating func copyTile(level: Int, index: UInt64) throws(FileError) {
    guard let path = TilePath(.hashes(level: level), index: index) else {
      throw FileError("tile/\(level)/\(index)", "level 0 to 63")
    }
    let expected = try hash(level: level + 1, index: index)
    do throws(FileError) {
      let bytes = try files.read(path.path, limit: TilePath.fullWidth * Digest.byteCount)
      let own = try Self.decode(bytes, path)
      if MerkleTree.root(of: own) == expected { return }
    } catch {
      // Missing, or not what it should be: it is got again.
    }
    let hashes = try hashes(level: level, index: index, width: TilePath.fullWidth)
    guard MerkleTree.root(of: hashes) == expected else {
      throw FileError(path.path, "the hashes that the tile above names")
    }
    try put(path.path, HashTile.encode(hashes))
  }

  private static func decode(_ bytes: [UInt8], _ path: TilePath) throws(FileError) -> [Digest] {
    do throws(LedgerError) {
      return try HashTile.decode(bytes, width: path.width, place: path.path)
    } catch { throw FileError(path.path, error) }
  }

  /// The source's hashes; not checked here.
  private func hashes(level: Int, index: UInt64, width: Int) throws(FileError) -> [Digest] {
    let name = "tile/\(level)/\(index)"
    do throws(LedgerError) {
      let bytes = try source.tile(level: level, index: index, width: width)
      return try HashTile.decode(bytes, width: width, place: name)
    } catch {
      if let unavailable = source.unavailable { throw unavailable }
      throw FileError(error.place, error)
    }
  }

  /// A hash of a tile that was checked before: of the edge, or of the copy.
  private mutating func hash(level: Int, index: UInt64) throws(FileError) -> Digest {
    let tile = index / UInt64(TilePath.fullWidth)
    let offset = Int(index % UInt64(TilePath.fullWidth))
    let count = TilePath.hashCount(level: level, size: source.size)
    let width = TilePath.width(index: tile, count: count)
    guard offset < width, let path = TilePath(.hashes(level: level), index: tile, width: width)
    else { throw FileError("tile/\(level)/\(tile)", "within the tree") }
    if let hashes = edge[level], path.isPartial { return hashes[offset] }
    if let parent, parent.path == path { return parent.hashes[offset] }
    let bytes = try files.read(path.path, limit: TilePath.fullWidth * Digest.byteCount)
    let hashes = try Self.decode(bytes, path)
    parent = (path, hashes)
    return hashes[offset]
  }

  /// The last tiles, as a source of tiles.
  private struct Edge: TileSource {
    let hashes: [Int: [Digest]]

    func tile(level: Int, index: UInt64, width: Int) throws(LedgerError) -> [UInt8] {
      guard let hashes = hashes[level], hashes.count == width else {
        throw LedgerError("tile/\(level)/\(index)", "one of the last tiles")
      }
      return HashTile.encode(hashes)
    }
  }

  // MARK: Bundles

  private mutating func copyBundle(_ index: UInt64) throws(FileError) {
    guard
      let leaves = TilePath.required(.entries, index: index, size: source.size),
      let payloads = TilePath.required(.payloads, index: index, size: source.size)
    else { throw FileError("bundle \(index)", "within the tree") }
    var expected: [Digest] = []
    for offset in 0..<UInt64(leaves.width) {
      expected.append(try hash(level: 0, index: index * UInt64(TilePath.fullWidth) + offset))
    }
    let entries = try entries(index, leaves, expected)
    let items = try entries.enumerated().map { offset, bytes throws(FileError) in
      let place = "entry \(index * UInt64(TilePath.fullWidth) + UInt64(offset))"
      do throws(LedgerError) { return (place, try LedgerEntry(bytes: bytes)) } catch {
        // Without a leaf that can be read, no payload is the right one.
        throw FileError(place, error)
      }
    }
    do throws(FileError) {
      let reader = try PayloadReader(files: files, path: payloads)
      try Self.check(reader, items) { _ throws(FileError) in }
      return
    } catch {
      // Missing, or not what it should be: it is got again.
    }
    let reader = try source.payloads(inBundle: index)
    var trouble: FileError?
    do throws(FileError) {
      try files.makeParents(payloads.path)
      try files.replace(payloads.path) { write throws(FileError) in
        do throws(FileError) {
          try Self.check(reader, items) { payload throws(FileError) in
            let length = UInt32(payload.count)
            try write(([24, 16, 8, 0] as [UInt32]).map { UInt8(truncatingIfNeeded: length >> $0) })
            try write(payload)
          }
        } catch {
          trouble = error
          throw error
        }
      }
    } catch {
      isOwnTrouble = trouble == nil
      throw error
    }
  }

  /// The leaves of a bundle, which the copy has afterwards.
  private mutating func entries(
    _ index: UInt64, _ path: TilePath, _ expected: [Digest]
  ) throws(FileError) -> [[UInt8]] {
    do throws(FileError) {
      let bytes = try files.read(
        path.path, limit: TilePath.fullWidth * (2 + EntryBundle.maximumEntryByteCount))
      let own = try Self.items(bytes, path)
      if own.map(MerkleTree.leafHash) == expected { return own }
    } catch {
      // Missing, or not what it should be: it is got again.
    }
    let entries = try source.entries(inBundle: index)
    guard entries.map(MerkleTree.leafHash) == expected else {
      throw FileError(path.path, "the leaves that the tile names")
    }
    let bytes: [UInt8]
    do throws(LedgerError) { bytes = try EntryBundle.encode(entries) } catch {
      throw FileError(path.path, error)
    }
    try put(path.path, bytes)
    return entries
  }

  private static func items(_ bytes: [UInt8], _ path: TilePath) throws(FileError) -> [[UInt8]] {
    do throws(LedgerError) {
      let items = try EntryBundle.decode(bytes, width: path.width, place: path.path)
      guard try EntryBundle.encode(items).count == bytes.count else {
        throw LedgerError(path.path, "exactly \(path.width) entries")
      }
      return items
    } catch { throw FileError(path.path, error) }
  }

  /// Reads as many payloads as there are leaves, each of them the one that its leaf names.
  private static func check(
    _ reader: PayloadReader, _ items: [(place: String, entry: LedgerEntry)],
    _ take: ([UInt8]) throws(FileError) -> Void
  ) throws(FileError) {
    var reader = reader
    for item in items {
      let payload = try reader.next()
      guard item.entry.isPayload(payload) else {
        throw FileError(item.place, "the payload has the length and SHA-256 that the entry names")
      }
      try take(payload)
    }
    try reader.finish()
  }

  /// Partial files of the old tree whose full ones are there now. A failure leaves files that do no harm.
  private func removeSuperseded(_ old: UInt64) {
    var full: [TilePath] = []
    var kinds: [TilePath.Kind] = [.entries, .payloads]
    kinds += (0..<8).map { .hashes(level: $0) }
    for kind in kinds {
      var count = old
      if case .hashes(let level) = kind { count = TilePath.hashCount(level: level, size: old) }
      let index = count / UInt64(TilePath.fullWidth)
      guard let before = TilePath.required(kind, index: index, size: old), before.isPartial,
        let now = TilePath.required(kind, index: index, size: source.size), !now.isPartial
      else { continue }
      full.append(now)
    }
    Superseded.remove(full, files)
  }
}
