// SPDX-License-Identifier: Apache-2.0

public import Cryptography
internal import Election
internal import Ledger

/// The tree of a district with all of its nodes, so that a path is looked up and not computed: 64 bytes for each
/// entry. The same tree as ``Ledger/MerkleTree``'s (RFC 9162, section 2.1).
public struct RollTree: Hashable, Sendable {
  /// The levels from the leaves up. A node without a right neighbour goes up unchanged.
  private let levels: [[Digest]]

  /// A tree over hashes of leaves, in the order of their indices.
  public init(leafHashes: [Digest]) {
    var levels = [leafHashes]
    var level = leafHashes
    while level.count > 1 {
      var above: [Digest] = []
      above.reserveCapacity((level.count + 1) / 2)
      for left in stride(from: 0, to: level.count, by: 2) {
        above.append(
          left + 1 < level.count ? MerkleTree.nodeHash(level[left], level[left + 1]) : level[left])
      }
      levels.append(above)
      level = above
    }
    self.levels = levels
  }

  /// How many entries there are.
  public var size: Int { levels[0].count }

  /// The root, which is public; the hash of nothing for a tree without entries.
  public var root: Digest { levels[levels.count - 1].first ?? MerkleTree.emptyRoot }

  /// The hash of an entry's leaf, by the index from 1; nil if there is none.
  public func leafHash(index: Int) -> Digest? {
    levels[0].indices.contains(index &- 1) ? levels[0][index - 1] : nil
  }

  /// The hashes beside the path from an entry to the root, the leaf's sibling first, by the index from 1; nil if
  /// there is no such entry.
  public func path(index: Int) -> [Digest]? {
    guard levels[0].indices.contains(index &- 1) else { return nil }
    var path: [Digest] = []
    var node = index - 1
    for level in levels.dropLast() {
      let sibling = node ^ 1
      if sibling < level.count { path.append(level[sibling]) }
      node >>= 1
    }
    return path
  }
}

extension RollDraft {
  /// The tree of a district.
  ///
  /// - Parameters:
  ///   - number: the district's, from 1.
  ///   - authorities: keys that were made for this roll; needed if the district has entries with keys.
  /// - Throws: ``RollError``.
  public func tree(
    district number: Int, _ authorities: LetterAuthorities? = nil
  ) throws(RollError) -> RollTree {
    guard let district = district(number) else { throw .noDistrict(number) }
    if let authorities {
      guard authorities.letters.allSatisfy({ $0.districts == districts }) else {
        throw .letterKeys
      }
    }
    var hashes: [Digest] = []
    hashes.reserveCapacity(district.voters)
    for row in rows(of: number) {
      let keys = authorities?.keys(district: number, index: row.index) ?? []
      guard let leaf = row.leaf(register: register, keys: keys) else { throw .letterKeys }
      hashes.append(leaf.hash)
    }
    return RollTree(leafHashes: hashes)
  }
}
