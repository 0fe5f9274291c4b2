// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Ledger
import TestSupport
import Testing

@Suite struct TileTests {
  @Test func pathsHaveOneSpelling() throws {
    let path = try #require(TilePath(.hashes(level: 1), index: 1_234_067, width: 7))
    #expect(path.path == "tile/1/x001/x234/067.p/7")
    #expect(TilePath(path.path) == path)
    #expect(path.full.path == "tile/1/x001/x234/067")
    let largest = try #require(TilePath(.payloads, index: .max, width: 255))
    #expect(TilePath(largest.path) == largest)
    let wrong = [
      "", "tile", "tile/", "tile/0", "tile/0/", "/tile/0/000", "tile/0/000/", "tile/00/000",
      "tile/64/000", "tile/-1/000", "tile/0/0", "tile/0/0000", "tile/0/x000/000", "tile/0/000/000",
      "tile/0/x001", "tile/0/001/x000", "tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/01",
      "tile/0/000.p", "tile/0/000.p/", "tile/0/../000", "tile/0/000.p/1/", "tile/data/000",
      "tile/Entries/000", "tile/0//000", "tile/0/00a", "tile/0/+00", "tile/0/٠٠٠",
      "tile/0/x018/x446/x744/x073/x709/x551/616", "tile/0/x001/000.q/1", "tile/0/000.p/+1",
      String(repeating: "x", count: 10_000),
    ]
    for text in wrong { #expect(TilePath(text) == nil, "\(text.prefix(60))") }
    #expect(TilePath(.entries, index: 0, width: 0) == nil)
    #expect(TilePath(.entries, index: 0, width: 257) == nil)
    #expect(TilePath(.hashes(level: 64), index: 0) == nil)
    #expect(TilePath(.hashes(level: -1), index: 0) == nil)
  }

  @Test func bundlesAreExact() throws {
    let entries = [[UInt8](), [1], [UInt8](repeating: 2, count: 300)]
    let bundle = try EntryBundle.encode(entries)
    #expect(bundle.prefix(5) == [0, 0, 0, 1, 1])
    #expect(try EntryBundle.decode(bundle, width: 3) == entries)
    for length in bundle.indices {
      #expect(throws: LedgerError.self) {
        try EntryBundle.decode([UInt8](bundle.prefix(length)), width: 3)
      }
    }
    for width in [-1, 0, 1, 2, 4, 257] {
      #expect(throws: LedgerError.self) { try EntryBundle.decode(bundle, width: width) }
    }
    #expect(throws: LedgerError.self) { try EntryBundle.decode(bundle + [0], width: 3) }
    #expect(throws: LedgerError.self) { try EntryBundle.decode(bundle + [0, 0], width: 3) }
    #expect(throws: LedgerError.self) { try EntryBundle.encode([[UInt8]]()) }
    let full = [[UInt8]](repeating: [7], count: 256)
    // A full bundle serves where a partial one is asked for.
    #expect(try EntryBundle.decode(EntryBundle.encode(full), width: 3).count == 3)
    #expect(throws: LedgerError.self) { try EntryBundle.encode(full + [[7]]) }
    #expect(throws: LedgerError.self) {
      try EntryBundle.decode(EntryBundle.encode(full) + [0, 1, 7], width: 256)
    }
    #expect(try EntryBundle.encode([[UInt8](repeating: 0, count: 65_535)]).count == 65_537)
    #expect(throws: LedgerError.self) {
      try EntryBundle.encode([[UInt8](repeating: 0, count: 65_536)])
    }
  }

  @Test func payloadBundlesAreExact() throws {
    let payloads = [[UInt8](), [UInt8](repeating: 9, count: 70_000)]
    let bundle = try PayloadBundle.encode(payloads)
    #expect(bundle.prefix(8) == [0, 0, 0, 0, 0, 1, 0x11, 0x70])
    #expect(try PayloadBundle.decode(bundle, width: 2) == payloads)
    #expect(throws: LedgerError.self) { try PayloadBundle.decode(bundle + [1], width: 2) }
    // Length fields that promise more than the limit, or more than there is.
    #expect(throws: LedgerError.self) {
      try PayloadBundle.decode([0xFF, 0xFF, 0xFF, 0xFF], width: 1)
    }
    #expect(throws: LedgerError.self) { try PayloadBundle.decode([0x01, 0, 0, 1], width: 1) }
    #expect(throws: LedgerError.self) { try PayloadBundle.decode([0, 0, 0, 2, 0], width: 1) }
  }

  @Test func proofsFromTilesEqualProofsFromLeaves() throws {
    let leaves = numberedLeaves(1500)
    let tiles = MemoryTiles(leaves)
    var generator = SeededGenerator(seed: 0x711E)
    for size in [1, 2, 255, 256, 257, 511, 512, 513, 1500] {
      let prefix = [Digest](leaves.prefix(size))
      let tree = TileTree(tiles, size: UInt64(size))
      let root = try tree.root()
      #expect(root == SlowTree.root(prefix[...]))
      for _ in 0..<10 {
        let index = Int(generator.next() % UInt64(size))
        let old = Int(generator.next() % UInt64(size)) + 1
        #expect(try tree.inclusionProof(index: UInt64(index)) == SlowTree.path(index, prefix[...]))
        #expect(try tree.consistencyProof(from: UInt64(old)) == SlowTree.proof(old, prefix[...]))
      }
      #expect(throws: LedgerError.self) { try tree.inclusionProof(index: UInt64(size)) }
      #expect(throws: LedgerError.self) { try tree.consistencyProof(from: UInt64(size + 1)) }
      #expect(throws: LedgerError.self) { try tree.consistencyProof(from: 0) }
    }
    #expect(try TileTree(tiles, size: 0).root() == MerkleTree.emptyRoot)
    // A size that the tiles do not reach is an error, not a trap.
    #expect(throws: LedgerError.self) { try TileTree(tiles, size: 1 << 62).root() }
    #expect(throws: LedgerError.self) { try TileTree(tiles, size: .max).inclusionProof(index: 3) }
  }

  @Test func tilesOfOtherLengthsAreRefused() {
    for count in [0, 31, 33, 63, 65, 8191, 8193] {
      #expect(throws: LedgerError.self) {
        try HashTile.decode([UInt8](repeating: 0, count: count), width: 1, place: "tile")
      }
    }
  }
}
