// SPDX-License-Identifier: Apache-2.0

public import Cryptography

/// A tree that only grows, reduced to the roots of its perfect subtrees, largest first: at most 64
/// hashes, whatever its size.
public struct MerkleFrontier: Hashable, Sendable {
  /// Number of leaves.
  public private(set) var size: UInt64 = 0
  /// One root for each bit that is set in `size`, the highest bit first.
  public private(set) var hashes: [Digest] = []

  /// The empty tree.
  public init() {}

  /// The tree of `size` leaves whose perfect subtrees have these roots. Nil if the number of hashes
  /// does not fit the size.
  public init?(size: UInt64, hashes: [Digest]) {
    guard hashes.count == size.nonzeroBitCount else { return nil }
    self.size = size
    self.hashes = hashes
  }

  /// Appends the hash of one more leaf (not the leaf itself).
  public mutating func append(_ leafHash: Digest) {
    var hash = leafHash
    for _ in 0..<(~size).trailingZeroBitCount {
      guard let left = hashes.popLast() else { break }
      hash = MerkleTree.nodeHash(left, hash)
    }
    hashes.append(hash)
    size &+= 1
  }

  /// The root; `SHA-256("")` for the empty tree.
  public var root: Digest {
    guard var hash = hashes.last else { return MerkleTree.emptyRoot }
    for left in hashes.dropLast().reversed() { hash = MerkleTree.nodeHash(left, hash) }
    return hash
  }
}
