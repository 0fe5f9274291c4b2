// SPDX-License-Identifier: Apache-2.0

public import Ledger

/// A record on disk, for reading: the layout of c2sp.org/tlog-tiles, with payloads beside the leaves.
///
/// ```
/// log.vkey                            the log's key
/// checkpoint                          the signed checkpoint
/// tile/<L>/<N>[.p/<W>]                hashes
/// tile/entries/<N>[.p/<W>]            leaves
/// tile/payloads/<N>[.p/<W>]           payloads
/// ```
///
/// The files are not trusted: sizes are checked before reading, symbolic links are refused, only
/// what the checkpoint requires is read. The key in `log.vkey` is the record's own claim; whoever
/// knows the right one gives it to the initializer.
public struct RecordDirectory: Sendable {
  /// The key under which the checkpoint was verified.
  public let logKey: NoteVerifierKey
  /// The checkpoint.
  public let checkpoint: Checkpoint
  /// The checkpoint as it is stored, with all signatures.
  public let checkpointNote: [UInt8]

  let files: any FileSystem

  static let keyName = "log.vkey"
  static let checkpointName = "checkpoint"
  static let lockName = ".lock"

  /// Opens a record: reads the key and the checkpoint, and verifies the signature.
  ///
  /// - Parameter expected: the log's key as it is known from elsewhere; nil takes the record's.
  /// - Throws: ``FileError`` for a missing or malformed file, another key, a wrong signature.
  public init(path: String, expecting expected: NoteVerifierKey? = nil) throws(FileError) {
    try self.init(files: LocalFileSystem(root: path), expecting: expected)
  }

  package init(
    files: any FileSystem, expecting expected: NoteVerifierKey? = nil
  ) throws(FileError) {
    self.files = files
    logKey = try Self.key(files)
    guard expected == nil || expected == logKey else {
      throw FileError(Self.keyName, "the expected log's key")
    }
    checkpointNote = try files.read(Self.checkpointName, limit: SignedNote.maximumByteCount)
    do {
      checkpoint = try Checkpoint.verified(checkpointNote, logKey: logKey)
    } catch {
      throw FileError(Self.checkpointName, error)
    }
  }

  /// Whether there is a checkpoint in a folder, so that a record was begun there.
  public static func exists(path: String) throws(FileError) -> Bool {
    do {
      _ = try LocalFileSystem(root: path).size(checkpointName)
      return true
    } catch  where error.isMissing { return false }
  }

  static func key(_ files: any FileSystem) throws(FileError) -> NoteVerifierKey {
    let bytes = try files.read(keyName, limit: 512)
    guard let text = String(validating: bytes, as: UTF8.self), bytes.last == 0x0A else {
      throw FileError(keyName, "one line of UTF-8")
    }
    do {
      return try NoteVerifierKey(vkey: String(text.dropLast()))
    } catch {
      throw FileError(keyName, error)
    }
  }

  /// Why the rest of the record can no longer be had, when it comes from a server that failed. What was
  /// read then decides nothing.
  public var unavailable: FileError? { files.unavailable }

  /// Number of entries.
  public var size: UInt64 { checkpoint.size }

  /// Number of bundles.
  public var bundleCount: UInt64 {
    size / UInt64(TilePath.fullWidth) + (size % UInt64(TilePath.fullWidth) == 0 ? 0 : 1)
  }

  /// The leaves of one bundle: 256, or fewer in the last.
  ///
  /// - Throws: ``FileError`` if there is no such bundle, or it is missing or malformed.
  public func entries(inBundle index: UInt64) throws(FileError) -> [[UInt8]] {
    let required = try self.required(.entries, index)
    let limit = TilePath.fullWidth * (2 + EntryBundle.maximumEntryByteCount)
    let (path, bytes) = try read(required, limit: limit)
    do throws(LedgerError) {
      // A full bundle holds 256; one of the partial name holds exactly its width.
      let items = try EntryBundle.decode(bytes, width: path.width, place: path.path)
      guard try EntryBundle.encode(items).count == bytes.count else {
        throw LedgerError(path.path, "exactly \(path.width) entries")
      }
      return [[UInt8]](items.prefix(required.width))
    } catch {
      throw FileError(path.path, error)
    }
  }

  /// One leaf.
  ///
  /// - Throws: ``FileError`` if there is no such entry, or its bundle is missing or malformed.
  public func entry(at index: UInt64) throws(FileError) -> [UInt8] {
    guard index < size else { throw FileError("entry \(index)", "below the size \(size)") }
    let bundle = try entries(inBundle: index / UInt64(TilePath.fullWidth))
    let offset = Int(index % UInt64(TilePath.fullWidth))
    guard bundle.indices.contains(offset) else { throw FileError("entry \(index)", "is there") }
    return bundle[offset]
  }

  /// One payload; what lies before it in its bundle is skipped, not read.
  ///
  /// - Throws: ``FileError`` if there is no such entry, or its bundle is missing or malformed.
  public func payload(at index: UInt64) throws(FileError) -> [UInt8] {
    guard index < size else { throw FileError("payload \(index)", "below the size \(size)") }
    var reader = try payloads(inBundle: index / UInt64(TilePath.fullWidth))
    for _ in 0..<Int(index % UInt64(TilePath.fullWidth)) { try reader.skip() }
    return try reader.next()
  }

  /// The payloads of one bundle, one at a time.
  ///
  /// - Throws: ``FileError`` if there is no such bundle, or it is missing or too large.
  public func payloads(inBundle index: UInt64) throws(FileError) -> PayloadReader {
    let required = try self.required(.payloads, index)
    do {
      return try PayloadReader(files: files, path: required)
    } catch  where error.isMissing && required.isPartial {
      return try PayloadReader(files: files, path: required.full)
    } catch {
      throw error
    }
  }

  /// Calls `body` with each entry from `first` on, in order. One bundle of leaves and one payload are
  /// in memory at a time. Payloads are not compared with their leaves here; see
  /// ``verifyTree(limit:)``.
  ///
  /// - Throws: ``FileError`` at the first file that is missing or malformed, or what `body` throws.
  public func forEachEntry(
    from first: UInt64 = 0,
    _ body: (_ index: UInt64, _ entry: [UInt8], _ payload: [UInt8]) throws -> Void
  ) throws {
    let width = UInt64(TilePath.fullWidth)
    var bundle = first / width
    while bundle < bundleCount {
      let entries = try entries(inBundle: bundle)
      var payloads = try payloads(inBundle: bundle)
      for (offset, entry) in entries.enumerated() {
        let index = bundle * width + UInt64(offset)
        if index < first {
          try payloads.skip()
        } else {
          try body(index, entry, try payloads.next())
        }
      }
      try payloads.finish()
      bundle += 1
    }
  }

  func required(_ kind: TilePath.Kind, _ index: UInt64) throws(FileError) -> TilePath {
    guard let path = TilePath.required(kind, index: index, size: size) else {
      throw FileError("\(kind) \(index)", "within a tree of size \(size)")
    }
    return path
  }

  func read(_ path: TilePath, limit: Int) throws(FileError) -> (TilePath, [UInt8]) {
    try RecordTiles.read(path, limit: limit, files)
  }
}

extension RecordDirectory: TileSource {
  /// A tile of hashes. Where a partial one is gone, the full one.
  public func tile(level: Int, index: UInt64, width: Int) throws(LedgerError) -> [UInt8] {
    try RecordTiles(files: files).tile(level: level, index: index, width: width)
  }

  /// What shows offline that entry `index` is in this record.
  ///
  /// - Throws: ``LedgerError`` if there is no such entry, or a tile is missing or malformed.
  public func receipt(at index: UInt64) throws(LedgerError) -> InclusionReceipt {
    try InclusionReceipt(
      index: index, proof: TileTree(self, size: size).inclusionProof(index: index),
      checkpoint: checkpointNote)
  }
}
