// SPDX-License-Identifier: Apache-2.0

public import Cryptography
internal import Election
public import Issuance
public import Ledger

/// A roll with its trees, ready to answer: entries come from the file, paths from memory, 64 bytes an entry.
public struct LoadedRoll: RollSource {
  private let roll: SQLiteRoll
  private let register: Digest
  /// The leaf hashes of each district and the levels above them.
  private let trees: [[[Digest]]]

  /// Reads the roll and computes its trees.
  ///
  /// - Throws: `StoreError`, also for a roll whose keys are missing.
  public static func load(_ roll: SQLiteRoll) async throws(StoreError) -> LoadedRoll {
    let register = try await roll.register()
    var trees: [[[Digest]]] = []
    for district in try await roll.districts() {
      var hashes: [Digest] = []
      hashes.reserveCapacity(district.voters)
      for row in try await roll.rows(district: district.number) {
        guard let leaf = row.leaf(register: register) else {
          throw .failed(
            "entry \(row.index) of district \(district.label) has no keys: the letters are missing")
        }
        hashes.append(leaf.hash)
      }
      guard hashes.count == district.voters else { throw .failed("entries are missing") }
      trees.append(Self.levels(hashes))
    }
    return LoadedRoll(roll: roll, register: register, trees: trees)
  }

  /// The roots, by district.
  public var roots: [Digest] { trees.map { $0.last?.first ?? MerkleTree.emptyRoot } }

  /// The levels of the tree of RFC 6962: a last hash without a sibling goes up as it is.
  private static func levels(_ hashes: [Digest]) -> [[Digest]] {
    var levels = [hashes]
    while let last = levels.last, last.count > 1 {
      levels.append(
        stride(from: 0, to: last.count, by: 2).map {
          $0 + 1 < last.count ? MerkleTree.nodeHash(last[$0], last[$0 + 1]) : last[$0]
        })
    }
    return levels
  }

  private func path(district: Int, index: Int) -> [Digest] {
    guard trees.indices.contains(district - 1) else { return [] }
    var path: [Digest] = []
    var position = index - 1
    for level in trees[district - 1].dropLast() {
      let sibling = position ^ 1
      if level.indices.contains(sibling) { path.append(level[sibling]) }
      position >>= 1
    }
    return path
  }

  /// The entry of a number.
  public func entry(district: Int, index: Int) async throws(StoreError) -> RollEntry? {
    entry(try await roll.row(district: district, index: index))
  }

  /// The entry of an identified citizen.
  public func entry(identifier: Digest) async throws(StoreError) -> RollEntry? {
    entry(try await roll.row(identifier: identifier))
  }

  private func entry(_ row: SQLiteRoll.Row?) -> RollEntry? {
    guard let row, let leaf = row.leaf(register: register) else { return nil }
    return RollEntry(leaf: leaf, path: path(district: row.district, index: row.index))
  }
}
