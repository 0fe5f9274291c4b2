// SPDX-License-Identifier: Apache-2.0

public import Cryptography

/// The hash tree of RFC 6962, section 2.1 (RFC 9162, section 2.1), with SHA-256.
///
/// ```
/// MTH({})     = SHA-256("")
/// MTH({d})    = SHA-256(0x00 || d)
/// MTH(D[0:n]) = SHA-256(0x01 || MTH(D[0:k]) || MTH(D[k:n])),  k the largest power of two < n
/// ```
///
/// The two prefixes keep leaves and inner nodes apart. Hashes are ``Cryptography/Digest`` values, so
/// anything but 32 bytes is refused before an algorithm here runs; a vector with empty strings for
/// leaf and root is therefore invalid, as it must be.
///
/// The verifiers are shown to agree with the JSON cases of transparency-dev/merkle; see
/// `MerkleVectorTests`.
public enum MerkleTree {
  /// The root of the tree without leaves.
  public static let emptyRoot = SHA256.hash([UInt8]())

  /// `SHA-256(0x00 || entry)`.
  public static func leafHash(_ entry: [UInt8]) -> Digest {
    var hash = SHA256()
    hash.update(CollectionOfOne(0x00))
    hash.update(entry)
    return hash.finalize()
  }

  /// `SHA-256(0x01 || left || right)`.
  public static func nodeHash(_ left: Digest, _ right: Digest) -> Digest {
    var hash = SHA256()
    hash.update(CollectionOfOne(0x01))
    hash.update(left)
    hash.update(right)
    return hash.finalize()
  }

  /// The root over leaf hashes.
  public static func root(of leafHashes: some Sequence<Digest>) -> Digest {
    var frontier = MerkleFrontier()
    for hash in leafHashes { frontier.append(hash) }
    return frontier.root
  }

  /// The hashes beside the path from leaf `index` to the root, the leaf's sibling first.
  /// Nil if there is no such leaf.
  public static func inclusionProof(index: Int, in leafHashes: [Digest]) -> [Digest]? {
    guard leafHashes.indices.contains(index) else { return nil }
    return ProofRanges.inclusion(index: UInt64(index), size: UInt64(leafHashes.count))
      .map { root(of: leafHashes[Int($0.lowerBound)..<Int($0.upperBound)]) }
  }

  /// The hashes that show that the first `size` leaves are a prefix. Nil unless
  /// `1 <= size <= leafHashes.count`.
  public static func consistencyProof(from size: Int, in leafHashes: [Digest]) -> [Digest]? {
    guard size >= 1, size <= leafHashes.count else { return nil }
    return ProofRanges.consistency(from: UInt64(size), to: UInt64(leafHashes.count))
      .map { root(of: leafHashes[Int($0.lowerBound)..<Int($0.upperBound)]) }
  }

  /// Whether `proof` leads from the leaf at `index` to `root` in a tree of `size` leaves
  /// (RFC 9162, section 2.1.3.2). False if `index >= size`, for any size whatever.
  public static func verifyInclusion(
    leafHash: Digest, index: UInt64, size: UInt64, root: Digest, proof: [Digest]
  ) -> Bool {
    guard index < size else { return false }
    var node = index
    var last = size - 1
    var hash = leafHash
    for sibling in proof {
      guard last != 0 else { return false }
      if node & 1 == 1 || node == last {
        hash = nodeHash(sibling, hash)
        while node & 1 == 0, node != 0 {
          node >>= 1
          last >>= 1
        }
      } else {
        hash = nodeHash(hash, sibling)
      }
      node >>= 1
      last >>= 1
    }
    return last == 0 && hash == root
  }

  /// Whether `proof` shows that the tree of `newSize` leaves continues the one of `oldSize`
  /// (RFC 9162, section 2.1.4.2).
  ///
  /// False for `oldSize == 0`: nothing is proved about an empty tree. Who may start from nothing, as
  /// a witness does (c2sp.org/tlog-witness), decides that before calling this. False also for
  /// `oldSize > newSize`.
  public static func verifyConsistency(
    oldSize: UInt64, oldRoot: Digest, newSize: UInt64, newRoot: Digest, proof: [Digest]
  ) -> Bool {
    guard oldSize > 0, oldSize <= newSize else { return false }
    if oldSize == newSize { return proof.isEmpty && oldRoot == newRoot }
    // The old tree is then one perfect subtree of the new one: its root is known and not sent.
    let isPerfect = oldSize & (oldSize - 1) == 0
    return prefixRoot(
      oldSize: oldSize, newSize: newSize, newRoot: newRoot,
      prefixProof: isPerfect ? [oldRoot] + proof : proof) == oldRoot
  }

  /// The root over the first `oldSize` leaves of the tree of `newSize` leaves with `newRoot`.
  ///
  /// The proof is a consistency proof that always begins with the last perfect subtree of the old
  /// tree. RFC 9162 leaves it out where `oldSize` is a power of two, since there it is the old root
  /// itself; but who asks for the root does not know it. SHA-256 without collisions, the proof can
  /// lead to `newRoot` with the hashes of that tree only, so the answer is the only one there is.
  ///
  /// - Returns: nil if the proof does not lead to `newRoot`, or unless `1 <= oldSize < newSize`.
  public static func prefixRoot(
    oldSize: UInt64, newSize: UInt64, newRoot: Digest, prefixProof: [Digest]
  ) -> Digest? {
    guard oldSize > 0, oldSize < newSize, let first = prefixProof.first else { return nil }
    var node = oldSize - 1
    var last = newSize - 1
    while node & 1 == 1 {
      node >>= 1
      last >>= 1
    }
    var old = first
    var new = first
    for hash in prefixProof.dropFirst() {
      guard last != 0 else { return nil }
      if node & 1 == 1 || node == last {
        old = nodeHash(hash, old)
        new = nodeHash(hash, new)
        while node & 1 == 0, node != 0 {
          node >>= 1
          last >>= 1
        }
      } else {
        new = nodeHash(new, hash)
      }
      node >>= 1
      last >>= 1
    }
    return last == 0 && new == newRoot ? old : nil
  }
}
