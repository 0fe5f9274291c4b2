// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Ledger

extension RecordDirectory {
  /// Recomputes the record: every leaf hash, every tile that the checkpoint requires, the root; and
  /// compares every payload with its leaf's length and digest.
  ///
  /// The checkpoint's signature was verified when the record was opened. Signatures of entries and
  /// what they mean are not looked at here.
  ///
  /// - Parameter limit: after so many problems the search ends.
  /// - Returns: all problems found; empty means that the record is sound.
  public func verifyTree(limit: Int = 1000) -> [RecordProblem] {
    var check = TreeCheck(record: self, limit: limit)
    check.run()
    return check.problems
  }
}

private struct TreeCheck {
  let record: RecordDirectory
  let limit: Int
  var problems: [RecordProblem] = []
  /// Per level, the hashes of the tile that is being filled, and its index.
  private var pending: [[Digest]] = []
  private var indexes: [UInt64] = []
  private var frontier = MerkleFrontier()

  init(record: RecordDirectory, limit: Int) {
    self.record = record
    self.limit = limit
  }

  mutating func run() {
    var isComplete = true
    var bundle: UInt64 = 0
    while bundle < record.bundleCount, problems.count < limit {
      if let hashes = checkBundle(bundle) {
        for hash in hashes {
          frontier.append(hash)
          append(hash, level: 0)
        }
      } else {
        // Without these leaves nothing above them can be recomputed.
        isComplete = false
        break
      }
      bundle += 1
    }
    if isComplete, problems.count < limit {
      for level in pending.indices where !pending[level].isEmpty { compareTile(level) }
      if frontier.root != record.checkpoint.root {
        add(.root, "checkpoint", "the root of the leaves is the root that is signed")
      }
    }
    checkNames("")
  }

  /// The leaf hashes of one bundle: from the leaves, or, if these are lost, from the tile.
  private mutating func checkBundle(_ index: UInt64) -> [Digest]? {
    do {
      let entries = try record.entries(inBundle: index)
      checkPayloads(entries, index)
      return entries.map(MerkleTree.leafHash)
    } catch {
      add(.file, error.file, error.rule)
    }
    do {
      let path = try record.required(.hashes(level: 0), index)
      return try HashTile.decode(
        try record.tile(level: 0, index: index, width: path.width), width: path.width,
        place: path.path)
    } catch let error as LedgerError {
      add(.file, error.place, error.rule)
    } catch {
      add(.file, "tile/0/\(index)", "within the tree")
    }
    return nil
  }

  private mutating func checkPayloads(_ entries: [[UInt8]], _ bundle: UInt64) {
    do {
      var reader = try record.payloads(inBundle: bundle)
      for (offset, bytes) in entries.enumerated() {
        let payload = try reader.next()
        let place = "entry \(bundle * UInt64(TilePath.fullWidth) + UInt64(offset))"
        do {
          if try !LedgerEntry(bytes: bytes).isPayload(payload) {
            add(.payload, place, "the payload has the length and SHA-256 that the entry names")
          }
        } catch {
          add(.entry, place, error.description)
        }
      }
      try reader.finish()
    } catch {
      add(.file, error.file, error.rule)
    }
  }

  private mutating func append(_ hash: Digest, level: Int) {
    if level == pending.count {
      pending.append([])
      indexes.append(0)
    }
    pending[level].append(hash)
    guard pending[level].count == TilePath.fullWidth else { return }
    compareTile(level)
    let root = MerkleTree.root(of: pending[level])
    pending[level] = []
    indexes[level] += 1
    append(root, level: level + 1)
  }

  private mutating func compareTile(_ level: Int) {
    let width = pending[level].count
    do {
      let bytes = try record.tile(level: level, index: indexes[level], width: width)
      let name = TilePath(.hashes(level: level), index: indexes[level], width: width)?.path
      if !bytes.starts(with: HashTile.encode(pending[level])) {
        add(.tile, name ?? "tile", "the hashes of what lies below")
      }
    } catch {
      add(.file, error.place, error.rule)
    }
  }

  /// Looks for files that do not belong here. Names are compared, contents are not read.
  private mutating func checkNames(_ folder: String) {
    do {
      for name in try record.files.list(folder) {
        guard problems.count < limit else { return }
        let path = folder.isEmpty ? name : "\(folder)/\(name)"
        if name.hasSuffix("/") {
          let directory = String(path.dropLast())
          if directory == "tile" || directory.hasPrefix("tile/") {
            checkNames(directory)
          } else {
            add(.unexpected, path, "not part of a record")
          }
        } else {
          checkName(path)
        }
      }
    } catch {
      add(.file, error.file, error.rule)
    }
  }

  private mutating func checkName(_ path: String) {
    let own = [
      RecordDirectory.keyName, RecordDirectory.checkpointName, RecordDirectory.lockName,
    ]
    if own.contains(path) { return }
    let name = path.hasSuffix(".tmp") ? String(path.dropLast(4)) : path
    guard let tile = TilePath(name) else {
      if own.contains(name) {
        add(.leftover, path, "of an append that was cut off")
      } else {
        add(.unexpected, path, "not part of a record")
      }
      return
    }
    let required = TilePath.required(tile.kind, index: tile.index, size: record.size)
    if name != path || tile.width > (required?.width ?? 0) {
      add(.leftover, path, "of an append that was cut off")
    }
  }

  private mutating func add(_ kind: RecordProblem.Kind, _ place: String, _ rule: String) {
    guard problems.count < limit else { return }
    problems.append(RecordProblem(kind: kind, place: place, rule: rule))
  }
}
