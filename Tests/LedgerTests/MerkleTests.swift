// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Ledger
import TestSupport
import Testing

@Suite struct MerkleTests {
  // adversary: L-07
  @Test func knownHashes() throws {
    #expect(
      MerkleTree.emptyRoot.hex == "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855"
    )
    #expect(
      MerkleTree.leafHash([]).hex
        == "6E340B9CFFB37A989CA544E6BB780A2C78901D3FB33738768511A30617AFA01D")
    #expect(
      MerkleTree.leafHash(utf8("L123456")).hex
        == "395AA064AA4C29F7010ACFE3F25DB9485BBD4B91897B6AD7AD547639252B4D56")
    // RFC 6962 hashes node("N123", "N456") over strings; here children are always 32 bytes, so the
    // inner node is checked against the prefix rule.
    let a = SHA256.hash(utf8("a"))
    let b = SHA256.hash(utf8("b"))
    #expect(MerkleTree.nodeHash(a, b) == SHA256.hash([1] + a.bytes + b.bytes))
    #expect(MerkleTree.nodeHash(a, b) != MerkleTree.nodeHash(b, a))
  }

  // adversary: L-07
  @Test func innerNodeIsNoLeaf() throws {
    let leaves = numberedLeaves(4)
    let root = MerkleTree.root(of: leaves)
    let left = MerkleTree.nodeHash(leaves[0], leaves[1])
    let right = MerkleTree.nodeHash(leaves[2], leaves[3])
    // The two halves given as if they were the leaves of a tree of two: as hashes this is the same
    // tree, but an entry made of an inner node's input has another hash.
    let forged = MerkleTree.leafHash(leaves[0].bytes + leaves[1].bytes)
    #expect(forged != left)
    #expect(
      !MerkleTree.verifyInclusion(
        leafHash: forged, index: 0, size: 2, root: root, proof: [right]))
    #expect(
      !MerkleTree.verifyInclusion(
        leafHash: left, index: 0, size: 4, root: root, proof: [right]))
  }

  // adversary: L-07
  @Test func agreesWithTheSlowTreeForAllSmallSizes() throws {
    let all = numberedLeaves(70)
    for size in 0...70 {
      let leaves = [Digest](all.prefix(size))
      let root = MerkleTree.root(of: leaves)
      #expect(root == SlowTree.root(leaves[...]), "size \(size)")
      for index in 0..<size {
        let proof = try #require(MerkleTree.inclusionProof(index: index, in: leaves))
        #expect(proof == SlowTree.path(index, leaves[...]), "leaf \(index) of \(size)")
        #expect(
          MerkleTree.verifyInclusion(
            leafHash: leaves[index], index: UInt64(index), size: UInt64(size), root: root,
            proof: proof))
      }
      for old in 1..<max(1, size + 1) {
        let proof = try #require(MerkleTree.consistencyProof(from: old, in: leaves))
        #expect(proof == SlowTree.proof(old, leaves[...]), "\(old) to \(size)")
        #expect(
          MerkleTree.verifyConsistency(
            oldSize: UInt64(old), oldRoot: SlowTree.root(all.prefix(old)), newSize: UInt64(size),
            newRoot: root, proof: proof))
      }
      #expect(MerkleTree.inclusionProof(index: size, in: leaves) == nil)
      #expect(MerkleTree.inclusionProof(index: -1, in: leaves) == nil)
      #expect(MerkleTree.consistencyProof(from: 0, in: leaves) == nil)
      #expect(MerkleTree.consistencyProof(from: size + 1, in: leaves) == nil)
    }
  }

  // adversary: L-01
  @Test func inclusionNegatives() throws {
    var generator = SeededGenerator(seed: 0x1EC1)
    for _ in 0..<60 {
      let size = Int(generator.next() % 200) + 2
      let index = Int(generator.next() % UInt64(size))
      let leaves = numberedLeaves(size)
      let root = MerkleTree.root(of: leaves)
      let proof = try #require(MerkleTree.inclusionProof(index: index, in: leaves))
      func holds(
        leaf: Digest? = nil, index other: Int? = nil, size otherSize: Int? = nil,
        root otherRoot: Digest? = nil, proof otherProof: [Digest]? = nil
      ) -> Bool {
        MerkleTree.verifyInclusion(
          leafHash: leaf ?? leaves[index], index: UInt64(other ?? index),
          size: UInt64(otherSize ?? size), root: otherRoot ?? root, proof: otherProof ?? proof)
      }
      let context: Comment = "leaf \(index) of \(size), seed \(generator.seed)"
      #expect(holds(), context)
      let noise = try #require(Digest(generator.bytes(32)))
      #expect(!holds(leaf: noise), context)
      #expect(!holds(root: noise), context)
      #expect(!holds(index: index + 1), context)
      if index > 0 { #expect(!holds(index: index - 1), context) }
      #expect(!holds(index: size), context)
      #expect(!holds(proof: proof + [noise]), context)
      #expect(!holds(proof: [noise] + proof), context)
      #expect(!holds(proof: proof + [root]), context)
      #expect(!holds(proof: [Digest](proof.dropLast())), context)
      #expect(!holds(proof: [Digest](proof.dropFirst())), context)
      #expect(!holds(proof: []), context)
      for place in proof.indices {
        var bytes = proof[place].bytes
        bytes[Int(generator.next() % 32)] ^= 1 << UInt8(generator.next() % 8)
        var changed = proof
        changed[place] = try #require(Digest(bytes))
        #expect(!holds(proof: changed), context)
      }
    }
  }

  // adversary: L-02
  @Test func consistencyNegatives() throws {
    var generator = SeededGenerator(seed: 0xC025)
    for _ in 0..<60 {
      let size = Int(generator.next() % 200) + 2
      let old = Int(generator.next() % UInt64(size - 1)) + 1
      let leaves = numberedLeaves(size)
      let root = MerkleTree.root(of: leaves)
      let oldRoot = MerkleTree.root(of: leaves.prefix(old))
      let proof = try #require(MerkleTree.consistencyProof(from: old, in: leaves))
      func holds(
        old otherOld: Int? = nil, new: Int? = nil, oldRoot otherOldRoot: Digest? = nil,
        root otherRoot: Digest? = nil, proof otherProof: [Digest]? = nil
      ) -> Bool {
        MerkleTree.verifyConsistency(
          oldSize: UInt64(otherOld ?? old), oldRoot: otherOldRoot ?? oldRoot,
          newSize: UInt64(new ?? size), newRoot: otherRoot ?? root, proof: otherProof ?? proof)
      }
      let context: Comment = "\(old) to \(size), seed \(generator.seed)"
      #expect(holds(), context)
      let noise = try #require(Digest(generator.bytes(32)))
      #expect(!holds(oldRoot: noise), context)
      #expect(!holds(root: noise), context)
      #expect(!holds(oldRoot: root, root: oldRoot), context)
      #expect(!holds(old: 0), context)
      #expect(!holds(old: size, new: old), context)
      #expect(!holds(proof: proof + [noise]), context)
      #expect(!holds(proof: [noise] + proof), context)
      #expect(!holds(proof: [Digest](proof.dropLast())), context)
      #expect(!holds(proof: []), context)
      for place in proof.indices {
        var bytes = proof[place].bytes
        bytes[Int(generator.next() % 32)] ^= 1 << UInt8(generator.next() % 8)
        var changed = proof
        changed[place] = try #require(Digest(bytes))
        #expect(!holds(proof: changed), context)
      }
      // An entry dropped, changed or moved in the part already published.
      var rewritten = leaves
      rewritten.remove(at: Int(generator.next() % UInt64(old)))
      #expect(!holds(new: size - 1, root: MerkleTree.root(of: rewritten)), context)
    }
  }

  @Test func hostileSizesDoNotTrap() throws {
    let hash = MerkleTree.emptyRoot
    let sizes: [UInt64] = [0, 1, 2, 1 << 32, 1 << 62, 1 << 63, .max - 1, .max]
    for proofLength in [0, 1, 63, 64, 65, 200] {
      let proof = [Digest](repeating: hash, count: proofLength)
      for size in sizes {
        for other in sizes {
          #expect(
            !MerkleTree.verifyInclusion(
              leafHash: hash, index: other, size: size, root: MerkleTree.leafHash([]), proof: proof)
          )
          #expect(
            !MerkleTree.verifyConsistency(
              oldSize: other, oldRoot: hash, newSize: size, newRoot: MerkleTree.leafHash([]),
              proof: proof))
        }
      }
    }
  }

  @Test func frontierAgreesAtEverySize() throws {
    let leaves = numberedLeaves(600)
    var frontier = MerkleFrontier()
    #expect(frontier.root == MerkleTree.emptyRoot)
    for (index, leaf) in leaves.enumerated() {
      frontier.append(leaf)
      #expect(frontier.size == UInt64(index + 1))
      #expect(frontier.hashes.count == (index + 1).nonzeroBitCount)
      if index % 37 == 0 || index > 250 && index < 260 {
        #expect(frontier.root == SlowTree.root(leaves[...index]))
      }
      #expect(MerkleFrontier(size: frontier.size, hashes: frontier.hashes) == frontier)
    }
    #expect(MerkleFrontier(size: 3, hashes: [leaves[0]]) == nil)
  }
}
