// SPDX-License-Identifier: Apache-2.0

public import Cryptography

/// What a log asks a witness for: to cosign a checkpoint (c2sp.org/tlog-witness, `add-checkpoint`).
///
/// ```
/// old <size, decimal>
/// <base64 of a hash>      (0 to 63 lines: the consistency proof)
/// <empty line>
/// <signed checkpoint>
/// ```
public struct AddCheckpointRequest: Hashable, Sendable {
  /// The size that the log believes the witness to have cosigned last; 0 for none.
  public let oldSize: UInt64
  /// The consistency proof from there.
  public let proof: [Digest]
  /// The checkpoint, byte for byte, with all its signatures.
  public let note: [UInt8]
  /// The signatures, or what is wrong with their lines: whose they are, and so whether a witness
  /// answers 404 or 403, shows in the text before them.
  let signatures: Result<[SignedNote.Signature], LedgerError>
  let text: String
  let lines: CheckpointLines

  /// The last component of the address that takes requests, behind the submission prefix.
  public static let path = "add-checkpoint"
  /// The longest request in bytes.
  public static let maximumByteCount = SignedNote.maximumByteCount + 4096

  /// Assembles a request.
  ///
  /// - Throws: ``LedgerError`` for more than 63 hashes, or if `note` is not a note of a checkpoint.
  public init(oldSize: UInt64, proof: [Digest], note: [UInt8]) throws(LedgerError) {
    try self.init(oldSize, proof, note)
    _ = try signatures.get()
  }

  private init(_ oldSize: UInt64, _ proof: [Digest], _ note: [UInt8]) throws(LedgerError) {
    guard proof.count <= ProofLines.maximumCount else {
      throw LedgerError("add-checkpoint, proof", "at most \(ProofLines.maximumCount) hashes")
    }
    let parts = try SignedNote.split(note)
    text = parts.text
    lines = try CheckpointLines(text: text)
    signatures = Result { () throws(LedgerError) in try SignedNote.lines(parts.signatures) }
    self.oldSize = oldSize
    self.proof = proof
    self.note = note
  }

  /// Reads a request. Signature lines may be malformed; ``WitnessRules`` refuses them as signatures
  /// that do not hold.
  ///
  /// - Throws: ``LedgerError`` for anything else outside the format or the limits: status 400.
  public init(_ bytes: [UInt8]) throws(LedgerError) {
    guard bytes.count <= Self.maximumByteCount else {
      throw LedgerError("add-checkpoint", "at most \(Self.maximumByteCount) bytes")
    }
    var rest = bytes[...]
    guard let digits = ProofLines.next(&rest)?.removingPrefix("old "),
      let oldSize = Decimal.decode(digits)
    else {
      throw LedgerError("add-checkpoint, line 1", "`old` and a decimal without leading zero")
    }
    let proof = try ProofLines.read(&rest, place: "add-checkpoint")
    try self.init(oldSize, proof, [UInt8](rest))
  }

  /// The request's body.
  public var bytes: [UInt8] {
    [UInt8]("old \(oldSize)\n".utf8) + ProofLines.bytes(proof) + note
  }

  /// The log that the checkpoint names. No signature was checked: it is for looking up what is stored.
  public var origin: String { lines.origin }

  /// Two requests are the same if their bytes are.
  public static func == (left: AddCheckpointRequest, right: AddCheckpointRequest) -> Bool {
    left.oldSize == right.oldSize && left.proof == right.proof && left.note == right.note
  }

  /// Feeds the parts that decide equality.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(oldSize)
    hasher.combine(proof)
    hasher.combine(note)
  }
}
