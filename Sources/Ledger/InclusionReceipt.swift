// SPDX-License-Identifier: Apache-2.0

public import Cryptography

/// What shows offline that an entry is in the log (c2sp.org/tlog-proof):
///
/// ```
/// c2sp.org/tlog-proof@v1
/// extra <base64>          (optional; not authenticated)
/// index <decimal>
/// <base64 of a hash>      (0 to 63 lines, the leaf's sibling first)
/// <empty line>
/// <signed checkpoint>
/// ```
///
/// Files are named `.tlog-proof`.
public struct InclusionReceipt: Hashable, Sendable {
  /// Place of the entry in the log, from 0.
  public let index: UInt64
  /// The inclusion proof, leaf's sibling first.
  public let proof: [Digest]
  /// The signed checkpoint, byte for byte, cosignatures included.
  public let checkpoint: [UInt8]
  /// Opaque bytes that nobody vouches for.
  public let extra: [UInt8]?

  /// The longest receipt in bytes.
  public static let maximumByteCount = SignedNote.maximumByteCount + 65_536
  /// The longest proof in hashes: the height of a tree of 2^63 leaves.
  public static let maximumProofCount = ProofLines.maximumCount

  private static let header = "c2sp.org/tlog-proof@v1"
  private static let maximumExtraByteCount = 32_768

  /// Assembles a receipt.
  ///
  /// - Throws: ``LedgerError`` above the limits, or if `checkpoint` is not a note.
  public init(
    index: UInt64, proof: [Digest], checkpoint: [UInt8], extra: [UInt8]? = nil
  ) throws(LedgerError) {
    guard proof.count <= Self.maximumProofCount else {
      throw LedgerError("receipt, proof", "at most \(Self.maximumProofCount) hashes")
    }
    guard (extra?.count ?? 0) <= Self.maximumExtraByteCount else {
      throw LedgerError("receipt, extra", "at most \(Self.maximumExtraByteCount) bytes")
    }
    guard !SignedNote.isTooLong(checkpoint) else {
      throw LedgerError("receipt, checkpoint", "at most \(SignedNote.maximumByteCount) bytes")
    }
    self.index = index
    self.proof = proof
    self.checkpoint = checkpoint
    self.extra = extra
  }

  /// Reads a receipt. The checkpoint is kept as it is; ``verify(leafHash:logKey:)`` reads it.
  ///
  /// - Throws: ``LedgerError`` for anything outside the format or the limits.
  public init(_ bytes: [UInt8]) throws(LedgerError) {
    guard bytes.count <= Self.maximumByteCount else {
      throw LedgerError("receipt", "at most \(Self.maximumByteCount) bytes")
    }
    var rest = bytes[...]
    guard ProofLines.next(&rest)?.elementsEqual(Self.header.utf8) == true else {
      throw LedgerError("receipt", "the first line is \(Self.header)")
    }
    var line = ProofLines.next(&rest)
    var extra: [UInt8]?
    if let value = line?.removingPrefix("extra ") {
      guard let decoded = Base64.decode(value) else {
        throw LedgerError("receipt, extra", "base64")
      }
      extra = decoded
      line = ProofLines.next(&rest)
    }
    guard let digits = line?.removingPrefix("index "), let index = Decimal.decode(digits) else {
      throw LedgerError("receipt, index", "`index` and a decimal without leading zero")
    }
    let proof = try ProofLines.read(&rest, place: "receipt")
    try self.init(index: index, proof: proof, checkpoint: [UInt8](rest), extra: extra)
  }

  /// The receipt as it is stored.
  public var bytes: [UInt8] {
    var text = Self.header + "\n"
    if let extra { text += "extra \(Base64.encode(extra))\n" }
    text += "index \(index)\n"
    return [UInt8](text.utf8) + ProofLines.bytes(proof) + checkpoint
  }

  /// Checks that the leaf is in the tree that the log signed. Signatures of other keys are passed
  /// over: this says nothing about witnesses; see ``verify(leafHash:logKey:policy:)``.
  ///
  /// - Parameter leafHash: ``MerkleTree/leafHash(_:)`` of the entry that the holder has.
  /// - Returns: the checkpoint that contains the entry.
  /// - Throws: ``LedgerError`` naming what does not hold.
  public func verify(
    leafHash: Digest, logKey: NoteVerifierKey
  ) throws(LedgerError) -> Checkpoint {
    let checkpoint = try Checkpoint.verified(checkpoint, logKey: logKey)
    try checkInclusion(of: leafHash, in: checkpoint)
    return checkpoint
  }

  func checkInclusion(of leafHash: Digest, in checkpoint: Checkpoint) throws(LedgerError) {
    guard
      MerkleTree.verifyInclusion(
        leafHash: leafHash, index: index, size: checkpoint.size, root: checkpoint.root,
        proof: proof)
    else { throw LedgerError("receipt, proof", "the hashes lead from the leaf to the root") }
  }
}

extension SignedNote {
  static func isTooLong(_ bytes: [UInt8]) -> Bool { bytes.count > maximumByteCount }
}

extension ArraySlice<UInt8> {
  func removingPrefix(_ prefix: String) -> ArraySlice<UInt8>? {
    starts(with: prefix.utf8) ? dropFirst(prefix.utf8.count) : nil
  }
}
