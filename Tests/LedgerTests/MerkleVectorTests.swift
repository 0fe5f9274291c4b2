// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Foundation
import Ledger
import TestSupport
import Testing

/// transparency-dev/merkle: every positive and negative JSON case.
@Suite(.needsShared) struct MerkleVectorTests {
  struct Inclusion: Decodable {
    let leafIdx: UInt64
    let treeSize: UInt64
    let root: String
    let leafHash: String
    let proof: [String]?
    let desc: String
    let wantErr: Bool
  }

  struct Consistency: Decodable {
    let size1: UInt64
    let size2: UInt64
    let root1: String
    let root2: String
    let proof: [String]?
    let desc: String
    let wantErr: Bool
  }

  private func files(_ folder: String) throws -> [URL] {
    let top = Shared.directory.appendingPathComponent(
      "vectors/tlog/transparency-dev-merkle/testdata/\(folder)")
    let all = try #require(
      FileManager.default.enumerator(at: top, includingPropertiesForKeys: nil))
    return all.compactMap { $0 as? URL }.filter { $0.pathExtension == "json" }
  }

  /// Nil as soon as one hash is not 32 bytes long: such a case is refused before any hashing.
  private func digests(_ texts: [String]) throws -> [Digest]? {
    let hashes = try texts.map { Digest(try base64($0)) }
    let complete = hashes.compactMap { $0 }
    return complete.count == hashes.count ? complete : nil
  }

  // adversary: L-07
  @Test func inclusionCases() throws {
    let files = try files("inclusion")
    #expect(files.count == 98)
    for file in files {
      let item = try JSONDecoder().decode(Inclusion.self, from: Data(contentsOf: file))
      var holds = false
      if let hashes = try digests([item.leafHash, item.root] + (item.proof ?? [])) {
        holds = MerkleTree.verifyInclusion(
          leafHash: hashes[0], index: item.leafIdx, size: item.treeSize, root: hashes[1],
          proof: [Digest](hashes[2...]))
      }
      #expect(holds == !item.wantErr, "\(file.path): \(item.desc)")
    }
  }

  // adversary: L-02
  @Test func consistencyCases() throws {
    let files = try files("consistency")
    var words = 0
    #expect(files.count == 98)
    for file in files {
      let item = try JSONDecoder().decode(Consistency.self, from: Data(contentsOf: file))
      var holds = false
      if let hashes = try digests([item.root1, item.root2] + (item.proof ?? [])) {
        holds = MerkleTree.verifyConsistency(
          oldSize: item.size1, oldRoot: hashes[0], newSize: item.size2, newRoot: hashes[1],
          proof: [Digest](hashes[2...]))
      }
      // One positive case has roots that are words, not hashes: refused here for their length.
      let isWord = item.desc == "sizes are equal (one) and proof is empty"
      #expect(holds == (!item.wantErr && !isWord), "\(file.path): \(item.desc)")
      words += isWord ? 1 : 0
    }
    #expect(words == 1)
  }

  struct SubtreeInclusion: Decodable {
    let leafIdx: UInt64
    let start: UInt64
    let end: UInt64
    let root: String
    let leafHash: String
    let proof: [String]?
    let desc: String
    let wantErr: Bool
  }

  struct SubtreeConsistency: Decodable {
    let start: UInt64
    let end: UInt64
    let size: UInt64
    let root1: String
    let root2: String
    let proof: [String]?
    let desc: String
    let wantErr: Bool
  }

  /// Subtrees (draft-ietf-plants-merkle-tree-certs) are not in the interface. A leaf in a subtree is a
  /// leaf in a tree that begins elsewhere, so these cases exercise the same verifier.
  @Test func inclusionInSubtrees() throws {
    let files = try files("subtreeinclusion")
    #expect(files.count == 204)
    for file in files {
      let item = try JSONDecoder().decode(SubtreeInclusion.self, from: Data(contentsOf: file))
      var holds = false
      if let hashes = try digests([item.leafHash, item.root] + (item.proof ?? [])),
        item.start <= item.leafIdx, item.start < item.end,
        item.start & ((item.end - item.start).nextPowerOf2 &- 1) == 0
      {
        holds = MerkleTree.verifyInclusion(
          leafHash: hashes[0], index: item.leafIdx - item.start, size: item.end - item.start,
          root: hashes[1], proof: [Digest](hashes[2...]))
      }
      #expect(holds == !item.wantErr, "\(file.path): \(item.desc)")
    }
  }

  /// The consistency of a subtree from leaf 0 is that of a tree; 102 of 118 cases. The others are the
  /// subtrees that begin elsewhere, which nothing here verifies.
  @Test func consistencyOfSubtreesFromTheStart() throws {
    let files = try files("subtreeconsistency")
    #expect(files.count == 118)
    var checked = 0
    var empty = 0
    var words = 0
    for file in files {
      let item = try JSONDecoder().decode(SubtreeConsistency.self, from: Data(contentsOf: file))
      guard item.start == 0 else { continue }
      checked += 1
      var holds = false
      if let hashes = try digests([item.root1, item.root2] + (item.proof ?? [])) {
        holds = MerkleTree.verifyConsistency(
          oldSize: item.end, oldRoot: hashes[0], newSize: item.size, newRoot: hashes[1],
          proof: [Digest](hashes[2...]))
      }
      // Positive there, refused here: empty subtrees, of which a proof says nothing, and the case
      // whose roots are words instead of hashes.
      if !item.wantErr, !holds {
        empty += item.end == 0 ? 1 : 0
        words += item.desc == "sizes are equal (one) and proof is empty" ? 1 : 0
      } else {
        #expect(holds == !item.wantErr, "\(file.path): \(item.desc)")
      }
    }
    #expect(checked == 102)
    #expect((empty, words) == (2, 1))
  }

  struct Derived: Decodable {
    struct Inclusion: Decodable {
      let index: UInt64
      let size: UInt64
      let proof: [String]
    }
    struct Consistency: Decodable {
      let old: UInt64
      let new: UInt64
      let oldRoot: String
      let newRoot: String
      let proof: [String]
    }
    let rootsB64: [String: String]
    let tileSha256: [String: String]
    let bundleSha256: [String: String]
    let inclusion: [Inclusion]
    let consistency: [Consistency]
  }

  /// A tree of 70,000 leaves: roots, tiles, bundles and proofs through tiles.
  @Test func treeOf70000() throws {
    let vectors = try decodeShared(Derived.self, "vectors/tlog/extracted/tree-70000-derived.json")
    let leaves = numberedLeaves(70_000)
    let tiles = MemoryTiles(leaves)
    for (size, root) in vectors.rootsB64 {
      let size = try #require(UInt64(size))
      let expected = try digest(base64: root)
      #expect(try TileTree(tiles, size: size).root() == expected, "size \(size)")
      #expect(MerkleTree.root(of: leaves.prefix(Int(size))) == expected)
    }
    for (name, hash) in vectors.tileSha256 {
      let path = try #require(TilePath(name))
      guard case .hashes(let level) = path.kind else {
        Issue.record("\(name) is not a tile of hashes")
        continue
      }
      let tile = try tiles.tile(level: level, index: path.index, width: path.width)
      #expect(SHA256.hash(tile).hex == hash.uppercased(), "\(name)")
      #expect(TilePath.required(path.kind, index: path.index, size: 70_000) == path)
    }
    for (name, hash) in vectors.bundleSha256 {
      let path = try #require(TilePath(name))
      #expect(path.kind == .entries)
      let first = Int(path.index) * 256
      let entries = (first..<first + path.width).map { utf8(String($0)) }
      let bundle = try EntryBundle.encode(entries)
      #expect(SHA256.hash(bundle).hex == hash.uppercased(), "\(name)")
      #expect(try EntryBundle.decode(bundle, width: path.width) == entries)
    }
    for item in vectors.inclusion {
      let tree = TileTree(tiles, size: item.size)
      let proof = try tree.inclusionProof(index: item.index)
      #expect(proof == (try item.proof.map { try digest(base64: $0) }))
      #expect(
        MerkleTree.verifyInclusion(
          leafHash: leaves[Int(item.index)], index: item.index, size: item.size,
          root: try tree.root(), proof: proof))
    }
    for item in vectors.consistency {
      let proof = try TileTree(tiles, size: item.new).consistencyProof(from: item.old)
      #expect(proof == (try item.proof.map { try digest(base64: $0) }))
      #expect(
        MerkleTree.verifyConsistency(
          oldSize: item.old, oldRoot: try digest(base64: item.oldRoot), newSize: item.new,
          newRoot: try digest(base64: item.newRoot), proof: proof))
    }
  }

  struct Hashes: Decodable {
    struct Tiles: Decodable {
      let level: Int
      let full: UInt64
      let partial: Int
    }
    let emptyRoot: String
    let emptyLeaf: String
    let leafL123456: String
    let recordHashHelloWorldB64: String
    let tilePaths: [String: String]
    let tilesForSize: [String: [Tiles]]
  }

  @Test func pathsAndWidths() throws {
    let vectors = try decodeShared(Hashes.self, "vectors/tlog/extracted/tlog-hashes.json")
    // The file's node over the strings N123 and N456 cannot be said: children have 32 bytes here.
    #expect(MerkleTree.emptyRoot.hex == vectors.emptyRoot.uppercased())
    #expect(MerkleTree.leafHash([]).hex == vectors.emptyLeaf.uppercased())
    #expect(MerkleTree.leafHash(utf8("L123456")).hex == vectors.leafL123456.uppercased())
    #expect(
      MerkleTree.leafHash(utf8("hello world"))
        == (try digest(base64: vectors.recordHashHelloWorldB64)))
    for (index, text) in vectors.tilePaths {
      let number = try #require(UInt64(index))
      let path = try #require(TilePath(.entries, index: number))
      #expect(path.path == "tile/entries/\(text)")
      #expect(TilePath(path.path) == path)
    }
    for (size, rows) in vectors.tilesForSize {
      let size = try #require(UInt64(size))
      for row in rows {
        let count = TilePath.hashCount(level: row.level, size: size)
        #expect(count / 256 == row.full, "size \(size), level \(row.level)")
        #expect(TilePath.width(index: row.full, count: count) == row.partial)
      }
      #expect(TilePath.hashCount(level: rows.count, size: size) == 0)
    }
  }
}

extension UInt64 {
  /// The smallest power of two that is not below this number.
  fileprivate var nextPowerOf2: UInt64 {
    self <= 1 ? 1 : 1 << UInt64(64 - (self - 1).leadingZeroBitCount)
  }
}
