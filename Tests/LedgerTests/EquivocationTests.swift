// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Ledger
import TestSupport
import Testing

/// Evidence must convict every log that lied, and no log that did not.
@Suite struct EquivocationTests {
  private static let origin = "example.com/log"

  private static func note(_ leaves: some Collection<Digest>, seed: UInt8 = 1) throws -> [UInt8] {
    try Checkpoint(
      origin: origin, size: UInt64(leaves.count), root: MerkleTree.root(of: leaves)
    ).signed(by: testSigner(origin, seed: seed))
  }

  private static func logKey() throws -> NoteVerifierKey {
    try testSigner(origin, seed: 1).verifierKey
  }

  /// A row of leaves that agrees with `leaves` before `place` and not from there on.
  private static func fork(_ leaves: [Digest], at place: Int) -> [Digest] {
    leaves.enumerated().map { $0 < place ? $1 : MerkleTree.leafHash($1.bytes) }
  }

  // adversary: L-03
  @Test func twoTreesOfOneSize() throws {
    let key = try Self.logKey()
    let leaves = numberedLeaves(9)
    let first = try Self.note(leaves)
    let second = try Self.note(Self.fork(leaves, at: 4))
    let evidence = try #require(
      try Equivocation.between(first, second, logKey: key, tiles: MemoryTiles([])))
    #expect(evidence.proof.isEmpty)
    #expect(try Equivocation(evidence.bytes) == evidence)
    let finding = try evidence.verify(logKey: key)
    #expect(finding.smaller.root == MerkleTree.root(of: leaves))
    #expect(finding.prefixRoot == finding.bigger.root)
    #expect(finding.description.contains("two trees of size 9"))
    // Twice the same tree, signed alike: nothing.
    #expect(try Equivocation.between(first, first, logKey: key, tiles: MemoryTiles([])) == nil)
    let same = try Equivocation(smaller: first, bigger: first, proof: [])
    #expect(throws: LedgerError.self) { try same.verify(logKey: key) }
    let padded = try Equivocation(smaller: first, bigger: second, proof: [leaves[0]])
    #expect(throws: LedgerError.self) { try padded.verify(logKey: key) }
  }

  /// Every pair of sizes up to 20 and every place of the fork: evidence if the smaller tree reaches to
  /// the fork, none if it does not.
  // adversary: L-03
  @Test func everyForkOfSmallTrees() throws {
    let key = try Self.logKey()
    let leaves = numberedLeaves(20)
    for fork in [0, 1, 2, 3, 7, 8, 15, 16, 19] {
      let other = Self.fork(leaves, at: fork)
      for new in [2, 3, 4, 7, 8, 9, 16, 17, 20] {
        let bigger = try Self.note(other.prefix(new))
        for old in 1...new {
          let smaller = try Self.note(leaves.prefix(old))
          let context: Comment = "fork at \(fork), sizes \(old) and \(new)"
          // Whichever was seen first; of one size, the first stays the first.
          let (first, second) = old < new ? (bigger, smaller) : (smaller, bigger)
          let evidence = try Equivocation.between(
            first, second, logKey: key, tiles: MemoryTiles(other))
          #expect((evidence != nil) == (old > fork), context)
          guard let evidence else { continue }
          #expect(evidence.smaller == smaller, context)
          #expect(try Equivocation(evidence.bytes) == evidence, context)
          let finding = try evidence.verify(logKey: key)
          #expect(finding.prefixRoot == SlowTree.root(other.prefix(old)), context)
          #expect(finding.smaller.root == SlowTree.root(leaves.prefix(old)), context)
        }
      }
    }
  }

  /// No list of hashes convicts a log that only grew: the right proof, its mutations, proofs of other
  /// sizes, of another tree, and noise.
  @Test func anHonestLogIsNeverConvicted() throws {
    let key = try Self.logKey()
    var generator = SeededGenerator(seed: 0xE71D)
    for _ in 0..<40 {
      let new = Int(generator.next() % 300) + 2
      let old = Int(generator.next() % UInt64(new - 1)) + 1
      let context: Comment = "sizes \(old) and \(new), seed \(generator.seed)"
      let leaves = numberedLeaves(new)
      let smaller = try Self.note(leaves.prefix(old))
      let bigger = try Self.note(leaves)
      let tiles = MemoryTiles(leaves)
      #expect(
        try Equivocation.between(smaller, bigger, logKey: key, tiles: tiles) == nil, context)
      let proof = try TileTree(tiles, size: UInt64(new)).prefixProof(oldSize: UInt64(old))
      let noise = try #require(Digest(generator.bytes(32)))
      var attempts = [proof, [], [noise], proof + [noise], [noise] + proof, proof.reversed()]
      attempts.append([Digest](proof.dropFirst()))
      attempts.append([Digest](proof.dropLast()))
      attempts.append(try #require(MerkleTree.consistencyProof(from: old, in: leaves)))
      let elsewhere = Int(generator.next() % UInt64(new - 1)) + 1
      attempts.append(
        try TileTree(tiles, size: UInt64(new)).prefixProof(oldSize: UInt64(elsewhere)))
      let other = MemoryTiles(Self.fork(leaves, at: 0))
      attempts.append(try TileTree(other, size: UInt64(new)).prefixProof(oldSize: UInt64(old)))
      for place in proof.indices {
        var bytes = proof[place].bytes
        bytes[Int(generator.next() % 32)] ^= 1 << UInt8(generator.next() % 8)
        var changed = proof
        changed[place] = try #require(Digest(bytes))
        attempts.append(changed)
      }
      for attempt in attempts {
        let evidence = try Equivocation(smaller: smaller, bigger: bigger, proof: attempt)
        #expect(throws: LedgerError.self, context) { try evidence.verify(logKey: key) }
      }
      // Tiles of another tree decide nothing.
      #expect(throws: LedgerError.self, context) {
        try Equivocation.between(smaller, bigger, logKey: key, tiles: other)
      }
    }
  }

  @Test func aSmallerTreeLaterIsNoLie() throws {
    let key = try Self.logKey()
    let leaves = numberedLeaves(12)
    let tiles = MemoryTiles(leaves)
    let bigger = try Self.note(leaves)
    #expect(
      try Equivocation.between(bigger, Self.note(leaves.prefix(5)), logKey: key, tiles: tiles)
        == nil)
    let empty = try Self.note(leaves.prefix(0))
    #expect(try Equivocation.between(bigger, empty, logKey: key, tiles: tiles) == nil)
    let evidence = try Equivocation(smaller: empty, bigger: bigger, proof: [leaves[0]])
    #expect(throws: LedgerError.self) { try evidence.verify(logKey: key) }
  }

  @Test func onlyTheLogsOwnSignaturesConvict() throws {
    let key = try Self.logKey()
    let leaves = numberedLeaves(9)
    let first = try Self.note(leaves)
    let forged = try Self.note(Self.fork(leaves, at: 2), seed: 2)
    let evidence = try Equivocation(smaller: first, bigger: forged, proof: [])
    #expect(throws: LedgerError.self) { try evidence.verify(logKey: key) }
    #expect(throws: LedgerError.self) {
      try evidence.verify(logKey: testSigner(Self.origin, seed: 2).verifierKey)
    }
    #expect(throws: LedgerError.self) {
      try Equivocation.between(first, forged, logKey: key, tiles: MemoryTiles(leaves))
    }
    // Two logs of one operator, with one key and two names.
    let elsewhere = try testSigner("example.com/other", seed: 1)
    let other = try Checkpoint(
      origin: "example.com/other", size: 9, root: MerkleTree.root(of: Self.fork(leaves, at: 2))
    ).signed(by: elsewhere)
    let crossed = try Equivocation(smaller: first, bigger: other, proof: [])
    #expect(throws: LedgerError.self) { try crossed.verify(logKey: key) }
    #expect(throws: LedgerError.self) { try crossed.verify(logKey: elsewhere.verifierKey) }
  }

  @Test func everyChangedBitIsNoticed() throws {
    let key = try Self.logKey()
    let leaves = numberedLeaves(6)
    let other = Self.fork(leaves, at: 1)
    let evidence = try #require(
      try Equivocation.between(
        Self.note(leaves.prefix(3)), Self.note(other), logKey: key, tiles: MemoryTiles(other)))
    let bytes = evidence.bytes
    #expect(throws: Never.self) { try evidence.verify(logKey: key) }
    for index in bytes.indices {
      for bit: UInt8 in 0..<8 {
        var changed = bytes
        changed[index] ^= 1 << bit
        #expect(throws: LedgerError.self, "byte \(index), bit \(bit)") {
          try Equivocation(changed).verify(logKey: key)
        }
      }
    }
    for length in bytes.indices {
      #expect(throws: LedgerError.self) { try Equivocation([UInt8](bytes.prefix(length))) }
    }
    for tail in ["\n", "x", "x\n", "\n\n"] {
      #expect(throws: LedgerError.self) { try Equivocation(bytes + utf8(tail)) }
      #expect(throws: LedgerError.self) { try Equivocation(utf8(tail) + bytes) }
    }
    #expect(throws: LedgerError.self) {
      try Equivocation(smaller: evidence.bigger, bigger: evidence.smaller, proof: evidence.proof)
    }
    #expect(throws: LedgerError.self) {
      try Equivocation(
        smaller: evidence.smaller, bigger: evidence.bigger,
        proof: [Digest](repeating: leaves[0], count: 65))
    }
    let long = [UInt8](repeating: 0x41, count: Equivocation.maximumByteCount + 1)
    #expect(throws: LedgerError.self) { try Equivocation(long) }
  }
}
