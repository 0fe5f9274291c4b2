// SPDX-License-Identifier: Apache-2.0

public import Cryptography
internal import Election
internal import ElectoralRoll
public import Issuance
public import Ledger

/// A roll with its trees, ready to answer: entries come from the file, paths from memory, 64 bytes an entry.
public struct LoadedRoll: RollSource {
  private let roll: SQLiteRoll
  private let register: Digest
  private let trees: [RollTree]

  /// Reads the roll and computes its trees.
  ///
  /// - Throws: `StoreError`, also for a roll whose keys are missing.
  public static func load(_ roll: SQLiteRoll) async throws(StoreError) -> LoadedRoll {
    let register = try await roll.register()
    var trees: [RollTree] = []
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
      trees.append(RollTree(leafHashes: hashes))
    }
    return LoadedRoll(roll: roll, register: register, trees: trees)
  }

  /// The roots, by district.
  public var roots: [Digest] { trees.map(\.root) }

  /// The entry of a number.
  public func entry(district: Int, index: Int) async throws(StoreError) -> RollEntry? {
    entry(try await roll.row(district: district, index: index))
  }

  /// The entry of an identified citizen.
  public func entry(identifier: Digest) async throws(StoreError) -> RollEntry? {
    entry(try await roll.row(identifier: identifier))
  }

  private func entry(_ row: SQLiteRoll.Row?) -> RollEntry? {
    guard let row, let leaf = row.leaf(register: register),
      trees.indices.contains(row.district - 1),
      let path = trees[row.district - 1].path(index: row.index)
    else { return nil }
    return RollEntry(leaf: leaf, path: path)
  }
}
