// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Ledger
import TestSupport
import Testing

/// RFC 9162's iterative verifiers beside the recursion of RFC 6962's definitions, on right proofs and on
/// mechanically damaged ones, at all sizes up to 2^63. They must agree on each, whatever the answer.
@Suite struct ProofDifferentialTests {
  /// The root that `proof` leads to from a leaf; nil if its length does not fit.
  private static func root(
    leaf: Digest, _ index: UInt64, _ size: UInt64, _ proof: ArraySlice<Digest>
  ) -> Digest? {
    guard index < size else { return nil }
    if size == 1 { return proof.isEmpty ? leaf : nil }
    guard let last = proof.last else { return nil }
    let k = split(size)
    return index < k
      ? root(leaf: leaf, index, k, proof.dropLast()).map { node($0, last) }
      : root(leaf: leaf, index - k, size - k, proof.dropLast()).map { node(last, $0) }
  }

  /// The two roots that `proof` leads to; nil if its length does not fit. SUBPROOF, read backwards.
  private static func roots(
    _ old: UInt64, _ new: UInt64, _ proof: ArraySlice<Digest>, known: Digest?
  ) -> (old: Digest, new: Digest)? {
    if old == new {
      if let known { return proof.isEmpty ? (known, known) : nil }
      guard let only = proof.first, proof.count == 1 else { return nil }
      return (only, only)
    }
    guard let last = proof.last else { return nil }
    let k = split(new)
    return old <= k
      ? roots(old, k, proof.dropLast(), known: known).map { ($0.old, node($0.new, last)) }
      : roots(old - k, new - k, proof.dropLast(), known: nil).map {
        (node(last, $0.old), node(last, $0.new))
      }
  }

  private static func split(_ size: UInt64) -> UInt64 {
    var k: UInt64 = 1
    while k < size - k { k *= 2 }
    return k
  }

  private static func node(_ left: Digest, _ right: Digest) -> Digest {
    SHA256.hash([1] + left.bytes + right.bytes)
  }

  private static func size(_ generator: inout SeededGenerator) -> UInt64 {
    let size = generator.next() >> (1 + generator.next() % 63)
    // Near powers of two more often than chance would have it.
    let near = UInt64(1) << (generator.next() % 63)
    switch generator.next() % 4 {
    case 0: return near
    case 1: return near + 1
    case 2: return max(1, near - 1)
    default: return max(1, size)
    }
  }

  /// Damaged copies of a proof.
  private static func mutations(
    _ proof: [Digest], _ generator: inout SeededGenerator
  ) throws -> [[Digest]] {
    let noise = try #require(Digest(generator.bytes(32)))
    var all = [proof + [noise], [noise] + proof, [], [noise], proof.reversed()]
    all.append([Digest](proof.dropFirst()))
    all.append([Digest](proof.dropLast()))
    if let place = proof.indices.randomElement(using: &generator) {
      var changed = proof
      var bytes = changed[place].bytes
      bytes[Int(generator.next() % 32)] ^= 1 << UInt8(generator.next() % 8)
      changed[place] = try #require(Digest(bytes))
      all.append(changed)
      changed = proof
      changed.swapAt(0, place)
      all.append(changed)
      changed.remove(at: place)
      all.append(changed)
    }
    return all
  }

  /// The number and its neighbours, halves and doubles.
  private static func neighbours(_ number: UInt64) -> [UInt64] {
    [number, number &+ 1, number &- 1, number &* 2, number / 2, number ^ 2, 0, .max]
  }

  // adversary: L-01
  @Test func inclusion() throws {
    var generator = SeededGenerator(seed: 0xD1FF)
    var accepted = 0
    for _ in 0..<200 {
      let size = Self.size(&generator)
      let index = generator.next() % size
      let leaf = try #require(Digest(generator.bytes(32)))
      var proof: [Digest] = []
      // As many hashes as this leaf's path has: the reference says when.
      while Self.root(leaf: leaf, index, size, proof[...]) == nil, proof.count <= 64 {
        proof.append(try #require(Digest(generator.bytes(32))))
      }
      let root = try #require(Self.root(leaf: leaf, index, size, proof[...]))
      let context: Comment = "leaf \(index) of \(size), seed \(generator.seed)"
      func agree(_ index: UInt64, _ size: UInt64, _ root: Digest, _ proof: [Digest]) -> Bool {
        let expected = Self.root(leaf: leaf, index, size, proof[...]) == root
        accepted += expected ? 1 : 0
        return MerkleTree.verifyInclusion(
          leafHash: leaf, index: index, size: size, root: root, proof: proof) == expected
      }
      #expect(
        MerkleTree.verifyInclusion(
          leafHash: leaf, index: index, size: size, root: root, proof: proof), context)
      for other in Self.neighbours(index) {
        #expect(agree(other, size, root, proof), context)
        for otherSize in Self.neighbours(size) where otherSize <= 1 << 63 {
          #expect(agree(other, otherSize, root, proof), context)
        }
      }
      for changed in try Self.mutations(proof, &generator) {
        #expect(agree(index, size, root, changed), context)
        // Roots that a damaged proof leads to: it must be refused or accepted for the same reason.
        if let root = Self.root(leaf: leaf, index, size, changed[...]) {
          #expect(agree(index, size, root, changed), context)
        }
      }
    }
    // The comparison saw both answers often.
    #expect(accepted > 400)
  }

  // adversary: L-02
  @Test func consistency() throws {
    var generator = SeededGenerator(seed: 0xD2FF)
    var accepted = 0
    for _ in 0..<200 {
      let new = Self.size(&generator)
      let old = generator.next() % new + 1
      let known = try #require(Digest(generator.bytes(32)))
      var proof: [Digest] = []
      while Self.roots(old, new, proof[...], known: known) == nil, proof.count <= 64 {
        proof.append(try #require(Digest(generator.bytes(32))))
      }
      let roots = try #require(Self.roots(old, new, proof[...], known: known))
      let context: Comment = "\(old) to \(new), seed \(generator.seed)"
      func agree(
        _ old: UInt64, _ new: UInt64, _ oldRoot: Digest, _ newRoot: Digest, _ proof: [Digest]
      ) -> Bool {
        var expected = false
        if old > 0, old <= new, let found = Self.roots(old, new, proof[...], known: oldRoot) {
          expected = found == (oldRoot, newRoot)
        }
        accepted += expected ? 1 : 0
        return MerkleTree.verifyConsistency(
          oldSize: old, oldRoot: oldRoot, newSize: new, newRoot: newRoot, proof: proof) == expected
      }
      #expect(
        MerkleTree.verifyConsistency(
          oldSize: old, oldRoot: roots.old, newSize: new, newRoot: roots.new, proof: proof),
        context)
      #expect(agree(old, new, roots.new, roots.old, proof), context)
      #expect(agree(old, new, known, roots.new, proof), context)
      for other in Self.neighbours(old) where other <= 1 << 63 {
        for otherNew in Self.neighbours(new) where otherNew <= 1 << 63 {
          #expect(agree(other, otherNew, roots.old, roots.new, proof), context)
        }
      }
      for changed in try Self.mutations(proof, &generator) {
        #expect(agree(old, new, roots.old, roots.new, changed), context)
        if let found = Self.roots(old, new, changed[...], known: roots.old) {
          #expect(agree(old, new, found.old, found.new, changed), context)
        }
      }
    }
    #expect(accepted > 400)
  }

  /// What a prefix proof leads to is what the two roots of a consistency proof are.
  @Test func prefixRoots() throws {
    var generator = SeededGenerator(seed: 0xD3FF)
    for _ in 0..<200 {
      let new = Self.size(&generator) + 1
      let old = generator.next() % (new - 1) + 1
      // A known root that the proof brings along is the same recursion with nothing known.
      func reference(_ proof: [Digest]) -> (old: Digest, new: Digest)? {
        guard let first = proof.first else { return nil }
        return old & (old - 1) == 0
          ? Self.roots(old, new, proof[1...], known: first)
          : Self.roots(old, new, proof[...], known: nil)
      }
      var proof = [try #require(Digest(generator.bytes(32)))]
      while reference(proof) == nil, proof.count <= 65 {
        proof.append(try #require(Digest(generator.bytes(32))))
      }
      let roots = try #require(reference(proof))
      let context: Comment = "\(old) to \(new), seed \(generator.seed)"
      #expect(
        MerkleTree.prefixRoot(
          oldSize: old, newSize: new, newRoot: roots.new, prefixProof: proof) == roots.old, context)
      for changed in try Self.mutations(proof, &generator) {
        let found = reference(changed)
        #expect(
          MerkleTree.prefixRoot(
            oldSize: old, newSize: new, newRoot: roots.new, prefixProof: changed)
            == (found?.new == roots.new ? found?.old : nil), context)
        guard let found else { continue }
        #expect(
          MerkleTree.prefixRoot(
            oldSize: old, newSize: new, newRoot: found.new, prefixProof: changed) == found.old,
          context)
      }
    }
    let hash = MerkleTree.emptyRoot
    let sizes: [(UInt64, UInt64)] = [(0, 0), (0, 5), (5, 5), (6, 5), (.max, 0)]
    for (old, new) in sizes {
      #expect(
        MerkleTree.prefixRoot(oldSize: old, newSize: new, newRoot: hash, prefixProof: [hash])
          == nil)
    }
  }
}
