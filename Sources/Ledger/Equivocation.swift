// SPDX-License-Identifier: Apache-2.0

public import Cryptography

/// Evidence that a log signed two checkpoints of which at least one is a lie. Anybody can check it with
/// the log's key; the collector is not trusted.
///
/// ```
/// urna/evidence/v1
/// <base64 of a hash>      (0 to 64 lines: the prefix proof)
/// <empty line>
/// <signed checkpoint of the smaller tree>
/// <empty line>
/// <signed checkpoint of the bigger tree>
/// ```
///
/// It convicts in two cases:
///
/// * equal sizes, different roots, no hashes;
/// * sizes `0 < m < n`, and hashes that lead to the bigger root and, by the same path, to another root
///   over the first `m` leaves than the log signed
///   (``MerkleTree/prefixRoot(oldSize:newSize:newRoot:prefixProof:)``). With SHA-256 free of collisions
///   no row of `n` leaves has the bigger root and, over its first `m` leaves, the smaller one. The
///   hashes come from the bigger tree alone; its tiles give them (``TileTree/prefixProof(oldSize:)``).
///
/// It does not convict a log that withholds the bigger tree's tiles, since nothing then contradicts the
/// smaller root; nor one that shows a smaller tree after a bigger one. A checkpoint carries no time,
/// and a smaller one that is consistent with the bigger was once true: that is a stale view, not a lie.
/// A tree without leaves is consistent with all.
public struct Equivocation: Hashable, Sendable {
  /// The signed checkpoint of the smaller tree.
  public let smaller: [UInt8]
  /// The signed checkpoint of the bigger tree, or of the other one of the same size.
  public let bigger: [UInt8]
  /// The prefix proof; empty if the sizes are equal.
  public let proof: [Digest]

  /// The longest file in bytes.
  public static let maximumByteCount = 2 * SignedNote.maximumByteCount + 4096
  /// The longest proof in hashes.
  public static let maximumProofCount = ProofLines.maximumCount + 1

  private static let header = "urna/evidence/v1"

  /// Assembles evidence. Whether it convicts shows in ``verify(logKey:)``.
  ///
  /// - Throws: ``LedgerError`` unless both are notes of checkpoints, the smaller tree first, with at
  ///   most 64 hashes.
  public init(smaller: [UInt8], bigger: [UInt8], proof: [Digest]) throws(LedgerError) {
    guard proof.count <= Self.maximumProofCount else {
      throw LedgerError("evidence, proof", "at most \(Self.maximumProofCount) hashes")
    }
    let first = try Checkpoint(text: SignedNote(smaller).text)
    let second = try Checkpoint(text: SignedNote(bigger).text)
    guard first.size <= second.size else {
      throw LedgerError("evidence", "the smaller tree comes first")
    }
    self.smaller = smaller
    self.bigger = bigger
    self.proof = proof
  }

  /// Reads a file.
  ///
  /// - Throws: ``LedgerError`` for anything outside the format or the limits.
  public init(_ bytes: [UInt8]) throws(LedgerError) {
    guard bytes.count <= Self.maximumByteCount else {
      throw LedgerError("evidence", "at most \(Self.maximumByteCount) bytes")
    }
    var rest = bytes[...]
    guard ProofLines.next(&rest)?.elementsEqual(Self.header.utf8) == true else {
      throw LedgerError("evidence", "the first line is \(Self.header)")
    }
    let proof = try ProofLines.read(&rest, maximum: Self.maximumProofCount, place: "evidence")
    // A checkpoint's text has no empty line, so the first note ends at its second one.
    let start = rest.startIndex
    for _ in 0..<2 {
      while true {
        guard let line = ProofLines.next(&rest) else {
          throw LedgerError("evidence", "an empty line between the checkpoints")
        }
        if line.isEmpty { break }
      }
    }
    try self.init(
      smaller: [UInt8](bytes[start..<rest.startIndex - 1]), bigger: [UInt8](rest), proof: proof)
  }

  /// The file's bytes.
  public var bytes: [UInt8] {
    [UInt8]("\(Self.header)\n".utf8) + ProofLines.bytes(proof) + smaller + [0x0A] + bigger
  }

  /// What the evidence shows.
  public struct Finding: Hashable, Sendable, CustomStringConvertible {
    /// The smaller tree, as the log signed it.
    public let smaller: Checkpoint
    /// The bigger one, or the other one of the same size.
    public let bigger: Checkpoint
    /// The root over the first `smaller.size` leaves of the bigger tree: not `smaller.root`.
    public let prefixRoot: Digest

    /// The contradiction, in one line.
    public var description: String {
      smaller.size == bigger.size
        ? "\(smaller.origin) signed two trees of size \(smaller.size), with the roots "
          + "\(smaller.root) and \(bigger.root)"
        : "\(smaller.origin) signed a tree of size \(smaller.size) with the root \(smaller.root), "
          + "and one of size \(bigger.size) whose first \(smaller.size) leaves have the root "
          + "\(prefixRoot)"
    }
  }

  /// Checks the evidence. Signatures of other keys are passed over.
  ///
  /// - Returns: what `logKey` is convicted of.
  /// - Throws: ``LedgerError`` if the evidence proves nothing: a signature of the log is missing or
  ///   wrong, an origin is not the key's name, the hashes do not lead to the bigger root, or both
  ///   checkpoints can be true.
  public func verify(logKey: NoteVerifierKey) throws(LedgerError) -> Finding {
    let smaller = try Checkpoint.verified(smaller, logKey: logKey)
    let bigger = try Checkpoint.verified(bigger, logKey: logKey)
    guard smaller.size > 0 else {
      throw LedgerError("evidence", "a tree without leaves contradicts no other")
    }
    let prefixRoot: Digest
    if smaller.size == bigger.size {
      guard proof.isEmpty else {
        throw LedgerError("evidence, proof", "no hashes between trees of one size")
      }
      prefixRoot = bigger.root
    } else {
      guard
        let root = MerkleTree.prefixRoot(
          oldSize: smaller.size, newSize: bigger.size, newRoot: bigger.root, prefixProof: proof)
      else { throw LedgerError("evidence, proof", "the hashes lead to the bigger tree's root") }
      prefixRoot = root
    }
    guard prefixRoot != smaller.root else {
      throw LedgerError("evidence", "two checkpoints that contradict each other; these can be true")
    }
    return Finding(smaller: smaller, bigger: bigger, prefixRoot: prefixRoot)
  }
}

extension Equivocation {
  /// Compares two signed checkpoints of a log with the help of the bigger tree's tiles.
  ///
  /// - Parameter tiles: the tiles of the bigger tree; not asked if the sizes are equal.
  /// - Returns: evidence if they cannot both be true; nil if they can.
  /// - Throws: ``LedgerError`` if a note is not the log's, of the source, or if the tiles are not those
  ///   of the bigger tree. Nothing is decided then: neither that the log lied nor that it did not.
  public static func between(
    _ first: [UInt8], _ second: [UInt8], logKey: NoteVerifierKey, tiles: some TileSource
  ) throws(LedgerError) -> Equivocation? {
    let one = try Checkpoint.verified(first, logKey: logKey)
    let other = try Checkpoint.verified(second, logKey: logKey)
    let isInOrder = one.size <= other.size
    let (old, new) = isInOrder ? (one, other) : (other, one)
    let (smaller, bigger) = isInOrder ? (first, second) : (second, first)
    guard old.size > 0, old != new else { return nil }
    var proof: [Digest] = []
    if old.size < new.size {
      proof = try TileTree(tiles, size: new.size).prefixProof(oldSize: old.size)
      guard
        let root = MerkleTree.prefixRoot(
          oldSize: old.size, newSize: new.size, newRoot: new.root, prefixProof: proof)
      else { throw LedgerError("tiles", "the tiles lead to the root at size \(new.size)") }
      if root == old.root { return nil }
    }
    return try Equivocation(smaller: smaller, bigger: bigger, proof: proof)
  }
}
