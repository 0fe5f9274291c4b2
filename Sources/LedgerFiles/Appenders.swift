// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Ledger

/// Writes the bundles that a batch completes or lengthens.
struct BundleAppender {
  let files: any FileSystem
  /// Full bundles that replaced partial ones.
  private(set) var completed: [TilePath] = []

  init(files: any FileSystem) {
    self.files = files
  }

  mutating func append(
    _ batch: [RecordWriter.Item], oldSize: UInt64, to folders: inout RecordFolders
  ) throws(FileError) {
    let width = TilePath.fullWidth
    var rest = batch[...]
    var index = oldSize / UInt64(width)
    var old = Int(oldSize % UInt64(width))
    while !rest.isEmpty {
      let items = rest.prefix(width - old)
      rest = rest.dropFirst(items.count)
      let new = old + items.count
      do {
        try write(
          .entries, index, old, new, EntryBundle.encode(items.map(\.entry)),
          limit: width * (2 + EntryBundle.maximumEntryByteCount), &folders)
        try write(
          .payloads, index, old, new, PayloadBundle.encode(items.map(\.payload)),
          limit: width * (4 + PayloadBundle.maximumPayloadByteCount), &folders)
      } catch let error as LedgerError {
        throw FileError("bundle \(index)", error)
      } catch let error as FileError {
        throw error
      } catch {
        throw FileError("bundle \(index)", "can be written")
      }
      index += 1
      old = 0
    }
  }

  private mutating func write(
    _ kind: TilePath.Kind, _ index: UInt64, _ old: Int, _ new: Int, _ tail: [UInt8], limit: Int,
    _ folders: inout RecordFolders
  ) throws(FileError) {
    guard let path = TilePath(kind, index: index, width: new) else {
      throw FileError("\(kind) \(index)", "at most 256 items")
    }
    var head: [UInt8] = []
    if old > 0, let oldPath = TilePath(kind, index: index, width: old) {
      head = try files.read(oldPath.path, limit: limit)
    }
    folders.put(path.path, head + tail)
    if old > 0, !path.isPartial { completed.append(path) }
  }
}

/// Writes the tiles that new leaf hashes complete or lengthen.
struct TileAppender {
  let files: any FileSystem
  /// Per level, the hashes of the last tile, if it is not full.
  private(set) var tails: [[Digest]]
  /// Full tiles that replaced partial ones.
  private(set) var completed: [TilePath] = []
  private var indexes: [UInt64]
  private var oldWidths: [Int]
  private var isChanged: [Bool]

  init(files: any FileSystem, size: UInt64, tails: [[Digest]]) {
    self.files = files
    self.tails = tails
    indexes = tails.indices.map {
      TilePath.hashCount(level: $0, size: size) / UInt64(TilePath.fullWidth)
    }
    oldWidths = tails.map(\.count)
    isChanged = tails.map { _ in false }
  }

  mutating func append(
    _ hash: Digest, level: Int, to folders: inout RecordFolders
  ) throws(FileError) {
    if level == tails.count {
      tails.append([])
      indexes.append(0)
      oldWidths.append(0)
      isChanged.append(false)
    }
    tails[level].append(hash)
    isChanged[level] = true
    guard tails[level].count == TilePath.fullWidth else { return }
    try write(level, &folders)
    let root = MerkleTree.root(of: tails[level])
    tails[level] = []
    indexes[level] += 1
    oldWidths[level] = 0
    isChanged[level] = false
    try append(root, level: level + 1, to: &folders)
  }

  /// Writes the tiles that stay partial.
  mutating func finish(to folders: inout RecordFolders) throws(FileError) {
    for level in tails.indices where isChanged[level] { try write(level, &folders) }
  }

  private mutating func write(_ level: Int, _ folders: inout RecordFolders) throws(FileError) {
    guard
      let path = TilePath(.hashes(level: level), index: indexes[level], width: tails[level].count)
    else { throw FileError("tile/\(level)/\(indexes[level])", "at most 256 hashes") }
    folders.put(path.path, HashTile.encode(tails[level]))
    if oldWidths[level] > 0, !path.isPartial { completed.append(path) }
  }
}

/// Partial files of earlier widths, once the full file and a checkpoint over it are on the disk.
/// c2sp.org/tlog-tiles allows removing them then, and only then.
enum Superseded {
  /// Removes what can be removed. A failure leaves files that are not needed and do no harm.
  static func remove(_ paths: [TilePath], _ files: any FileSystem) {
    for path in paths {
      let folder = path.path + ".p"
      do {
        for name in try files.list(folder) { try files.remove("\(folder)/\(name)") }
        try files.removeDirectory(folder)
      } catch {
        continue
      }
    }
  }
}

enum FileName {
  static func parent(_ path: String) -> String {
    let components = path.split(separator: "/")
    let joined = components.dropLast().joined(separator: "/")
    if path.hasPrefix("/") { return "/" + joined }
    return joined.isEmpty ? "." : joined
  }

  static func last(_ path: String) -> String {
    guard let name = path.split(separator: "/").last, name != ".", name != ".." else { return "" }
    return String(name)
  }
}
