// SPDX-License-Identifier: Apache-2.0

/// Which subtrees a proof consists of, as ranges of leaves. Whoever holds the hashes, as leaves or as
/// tiles, turns ranges into a proof.
enum ProofRanges {
  /// PATH(m, D[n]) of RFC 6962, section 2.1.1, leaf's sibling first. `index < size`.
  static func inclusion(index: UInt64, size: UInt64) -> [Range<UInt64>] {
    var ranges: [Range<UInt64>] = []
    var low: UInt64 = 0
    var high = size
    while high - low > 1 {
      let middle = low + split(high - low)
      if index < middle {
        ranges.append(middle..<high)
        high = middle
      } else {
        ranges.append(low..<middle)
        low = middle
      }
    }
    return ranges.reversed()
  }

  /// PROOF(m, D[n]) of RFC 6962, section 2.1.2. `1 <= old <= new`.
  static func consistency(from old: UInt64, to new: UInt64) -> [Range<UInt64>] {
    // The old tree's own root is known to whoever checks; a smaller part of it is not.
    let ranges = prefix(old, of: new)
    return ranges.first?.lowerBound == 0 ? [Range<UInt64>](ranges.dropFirst()) : ranges
  }

  /// The last perfect subtree of the first `old` leaves, and what leads from it to the root:
  /// ``MerkleTree/prefixRoot(oldSize:newSize:newRoot:prefixProof:)``. `1 <= old <= new`.
  static func prefix(_ old: UInt64, of new: UInt64) -> [Range<UInt64>] {
    var ranges: [Range<UInt64>] = []
    var low: UInt64 = 0
    var high = new
    while old != high {
      let middle = low + split(high - low)
      if old <= middle {
        ranges.append(middle..<high)
        high = middle
      } else {
        ranges.append(low..<middle)
        low = middle
      }
    }
    ranges.append(low..<high)
    return ranges.reversed()
  }

  /// The perfect subtrees of the first `size` leaves, largest first.
  static func perfect(_ size: UInt64) -> [Range<UInt64>] {
    var ranges: [Range<UInt64>] = []
    var low: UInt64 = 0
    for bit in stride(from: UInt64(63), through: 0, by: -1) where size >> bit & 1 == 1 {
      ranges.append(low..<low + (1 << bit))
      low += 1 << bit
    }
    return ranges
  }

  /// The largest power of two below `count`, which is at least 2.
  static func split(_ count: UInt64) -> UInt64 {
    1 << UInt64(63 - (count - 1).leadingZeroBitCount)
  }
}
