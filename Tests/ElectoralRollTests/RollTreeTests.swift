// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Election
import ElectoralRoll
import Ledger
import TestSupport
import Testing

@Suite struct RollTreeTests {
  /// Root and paths are those of the ledger's tree, whatever the size.
  @Test func agreesWithTheLedgersTree() throws {
    let seed: UInt64 = 0x5EED_0077
    var generator = SeededGenerator(seed: seed)
    for size in [1, 2, 3, 4, 5, 7, 8, 9, 255, 256, 257, 1000] {
      let hashes = (0..<size).map { _ in SHA256.hash(generator.bytes(8)) }
      let tree = RollTree(leafHashes: hashes)
      #expect(tree.size == size)
      #expect(tree.root == MerkleTree.root(of: hashes), "seed \(seed), size \(size)")
      let indices =
        size <= 9
        ? Array(0..<size)
        : [0, 1, size / 2, size - 2, size - 1, .random(in: 0..<size, using: &generator)]
      for index in indices {
        let path = try #require(tree.path(index: index + 1))
        #expect(
          path == MerkleTree.inclusionProof(index: index, in: hashes),
          "seed \(seed), size \(size), index \(index)")
        #expect(
          MerkleTree.verifyInclusion(
            leafHash: hashes[index], index: UInt64(index), size: UInt64(size), root: tree.root,
            proof: path))
        #expect(tree.leafHash(index: index + 1) == hashes[index])
      }
      for index in [0, -1, size + 1, .min, .max] {
        #expect(tree.path(index: index) == nil && tree.leafHash(index: index) == nil)
      }
    }
    #expect(RollTree(leafHashes: []).root == MerkleTree.emptyRoot)
    #expect(RollTree(leafHashes: []).path(index: 1) == nil)
  }

  /// The leaves are the protocol's own: what a voter shows is accepted.
  @Test func leavesAreThoseOfTheElection() throws {
    let draft = try Sample.draft(Sample.list(count: 40))
    let first = try Sample.keys(draft, authority: 1)
    let second = try Sample.keys(draft, authority: 2)
    let both = try LetterAuthorities(first, second)
    let other = try draft.tree(district: 1, LetterAuthorities(first))
    for district in draft.districts {
      let tree = try draft.tree(district: district.number, both)
      for row in draft.rows(of: district.number) {
        let keys = both.keys(district: district.number, index: row.index)
        #expect(keys.count == (row.hasKeys ? 2 : 0))
        let leaf = try #require(row.leaf(register: draft.register, keys: keys))
        let path = try #require(tree.path(index: row.index))
        #expect(leaf.isIncluded(path: path, size: district.voters, root: tree.root))
        #expect(!leaf.isIncluded(path: path, size: district.voters, root: other.root))
        let moved = RollLeaf(
          register: draft.register, district: district.number,
          index: row.index % district.voters + 1,
          salt: row.salt, identity: leaf.identity)
        #expect(!moved.isIncluded(path: path, size: district.voters, root: tree.root))
      }
    }
  }

  @Test func keysMustBelongToTheRoll() throws {
    let draft = try Sample.draft(Sample.list(count: 40))
    let keys = LetterAuthorities(try Sample.keys(draft, authority: 1))
    #expect(throws: RollError.letterKeys) { _ = try draft.tree(district: 1) }
    #expect(throws: RollError.noDistrict(3)) { _ = try draft.tree(district: 3, keys) }
    #expect(throws: RollError.noDistrict(0)) { _ = try draft.tree(district: 0, keys) }
    let other = try Sample.draft(Sample.list(count: 46))
    #expect(throws: RollError.letterKeys) { _ = try other.tree(district: 1, keys) }
    // Without entries with keys nobody sends letters.
    let identified = try Sample.draft(Sample.list("a,north,id-a,,", "b,north,id-b,,"))
    #expect(try identified.tree(district: 1).size == 2)
  }
}
