// SPDX-License-Identifier: Apache-2.0

public import Cryptography

/// Whoever can give the tiles of a tree: a directory, a cache, a client.
public protocol TileSource {
  /// The bytes of a tile of hashes. A source may answer with the full tile where a partial one is
  /// asked for.
  func tile(level: Int, index: UInt64, width: Int) throws(LedgerError) -> [UInt8]
}

/// A tree of `size` leaves, read through its tiles. The tiles are not trusted: a proof made from
/// wrong ones does not verify.
public struct TileTree<Source: TileSource> {
  /// Number of leaves.
  public let size: UInt64
  private let source: Source

  /// The tree of `size` leaves behind `source`.
  public init(_ source: Source, size: UInt64) {
    self.source = source
    self.size = size
  }

  /// The root.
  ///
  /// - Throws: ``LedgerError`` of the source, or for a tile of the wrong length.
  public func root() throws(LedgerError) -> Digest {
    try frontier().root
  }

  /// The roots of the perfect subtrees.
  public func frontier() throws(LedgerError) -> MerkleFrontier {
    let hashes = try self.hashes(of: ProofRanges.perfect(size))
    guard let frontier = MerkleFrontier(size: size, hashes: hashes) else {
      throw LedgerError("tree", "the number of subtrees fits the size")
    }
    return frontier
  }

  /// The inclusion proof of leaf `index`, see ``MerkleTree/inclusionProof(index:in:)``.
  ///
  /// - Throws: ``LedgerError`` if `index >= size`, of the source, or for a tile of wrong length.
  public func inclusionProof(index: UInt64) throws(LedgerError) -> [Digest] {
    guard index < size else { throw LedgerError("inclusion proof", "the index is below the size") }
    return try hashes(of: ProofRanges.inclusion(index: index, size: size))
  }

  /// The proof that the first `oldSize` leaves are a prefix of this tree.
  ///
  /// - Throws: ``LedgerError`` unless `1 <= oldSize <= size`, of the source, or for a tile of wrong
  ///   length.
  public func consistencyProof(from oldSize: UInt64) throws(LedgerError) -> [Digest] {
    guard oldSize >= 1, oldSize <= size else {
      throw LedgerError("consistency proof", "the old size is between 1 and the size")
    }
    return try hashes(of: ProofRanges.consistency(from: oldSize, to: size))
  }

  /// The proof of what root the first `oldSize` leaves have, see
  /// ``MerkleTree/prefixRoot(oldSize:newSize:newRoot:prefixProof:)``.
  ///
  /// - Throws: ``LedgerError`` unless `1 <= oldSize < size`, of the source, or for a tile of wrong
  ///   length.
  public func prefixProof(oldSize: UInt64) throws(LedgerError) -> [Digest] {
    guard oldSize >= 1, oldSize < size else {
      throw LedgerError("prefix proof", "the old size is between 1 and the size less one")
    }
    return try hashes(of: ProofRanges.prefix(oldSize, of: size))
  }

  private func hashes(of ranges: [Range<UInt64>]) throws(LedgerError) -> [Digest] {
    var cache: [TilePath: [Digest]] = [:]
    var hashes: [Digest] = []
    for range in ranges { hashes.append(try hash(of: range, &cache)) }
    return hashes
  }

  private func hash(
    of range: Range<UInt64>, _ cache: inout [TilePath: [Digest]]
  ) throws(LedgerError) -> Digest {
    let count = range.upperBound - range.lowerBound
    guard count & (count - 1) == 0 else {
      let middle = range.lowerBound + ProofRanges.split(count)
      return MerkleTree.nodeHash(
        try hash(of: range.lowerBound..<middle, &cache),
        try hash(of: middle..<range.upperBound, &cache))
    }
    let height = count.trailingZeroBitCount
    let level = height / 8
    // The subtree's root spans these hashes of one tile.
    let span = 1 << (height % 8)
    let first = range.lowerBound >> UInt64(8 * level)
    guard
      let path = TilePath.required(
        .hashes(level: level), index: first / UInt64(TilePath.fullWidth), size: size)
    else { throw LedgerError("tree", "a tile at level \(level) for leaf \(range.lowerBound)") }
    let hashes: [Digest]
    if let known = cache[path] {
      hashes = known
    } else {
      let bytes = try source.tile(level: level, index: path.index, width: path.width)
      hashes = try HashTile.decode(bytes, width: path.width, place: path.path)
      cache[path] = hashes
    }
    let offset = Int(first % UInt64(TilePath.fullWidth))
    guard offset + span <= hashes.count else {
      throw LedgerError(path.path, "the tile reaches to hash \(offset + span)")
    }
    return MerkleTree.root(of: hashes[offset..<offset + span])
  }
}
