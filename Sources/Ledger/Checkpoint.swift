// SPDX-License-Identifier: Apache-2.0

public import Cryptography

/// What a log states about its tree (c2sp.org/tlog-checkpoint v1.0.0), as the text of a note:
///
/// ```
/// <origin>
/// <size, decimal>
/// <base64 of the root>
/// ```
///
/// Extension lines are refused: witnesses cannot audit them. The origin has at most 255 bytes;
/// ``verified(_:logKey:)`` demands that it is the name of the log's key.
public struct Checkpoint: Hashable, Sendable {
  /// The log's name.
  public let origin: String
  /// Number of leaves, below 2^63.
  public let size: UInt64
  /// Root of the tree; `SHA-256("")` at size 0.
  public let root: Digest

  /// Names a tree.
  ///
  /// - Throws: ``LedgerError`` for a size of 2^63 or more, another root than the empty one at size
  ///   0, or an origin outside the rules.
  public init(origin: String, size: UInt64, root: Digest) throws(LedgerError) {
    try self.init(lines: CheckpointLines(origin: origin, size: size, root: root))
  }

  /// Reads the text of a note.
  ///
  /// - Throws: ``LedgerError`` for anything but the three lines.
  public init(text: String) throws(LedgerError) {
    try self.init(lines: CheckpointLines(text: text))
  }

  init(lines: CheckpointLines) throws(LedgerError) {
    guard lines.size > 0 || lines.root == MerkleTree.emptyRoot else {
      throw LedgerError("checkpoint, root", "SHA-256 of nothing at size 0")
    }
    origin = lines.origin
    size = lines.size
    root = lines.root
  }

  /// The text of the note.
  public var text: String { "\(origin)\n\(size)\n\(Base64.encode(root.bytes))\n" }

  /// Reads a signed checkpoint and checks it with the log's key. Signatures of other keys are passed
  /// over.
  ///
  /// - Throws: ``LedgerError`` for a malformed note, a missing or wrong signature of `logKey`, or an
  ///   origin other than the key's name.
  public static func verified(
    _ note: [UInt8], logKey: NoteVerifierKey
  ) throws(LedgerError) -> Checkpoint {
    let note = try SignedNote(note)
    let signers = try note.verify([logKey])
    let checkpoint = try Checkpoint(text: note.text)
    guard signers == [logKey], checkpoint.origin.utf8.elementsEqual(logKey.name.utf8) else {
      throw LedgerError("checkpoint, origin", "the name of the log's key")
    }
    return checkpoint
  }

  /// This checkpoint as a note, signed. Whoever calls this answers for the log's promise: never two
  /// checkpoints of which neither continues the other.
  ///
  /// - Throws: ``LedgerError`` if the signer's name is not the origin, or signing fails.
  public func signed(by signer: borrowing NoteSigner) throws(LedgerError) -> [UInt8] {
    guard signer.verifierKey.name.utf8.elementsEqual(origin.utf8) else {
      throw LedgerError("checkpoint, origin", "the name of the log's key")
    }
    return try signer.sign(text: text).bytes
  }

  /// Compares bytes: two origins that Unicode calls equivalent are different logs.
  public static func == (left: Checkpoint, right: Checkpoint) -> Bool {
    left.size == right.size && left.root == right.root
      && left.origin.utf8.elementsEqual(right.origin.utf8)
  }

  /// Feeds the parts that decide equality.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(size)
    hasher.combine(root)
  }
}

/// The three lines of a checkpoint, each of them sound. Whether size and root fit each other is left
/// open: a witness has an answer of its own for a tree without leaves that has another root.
struct CheckpointLines: Sendable {
  let origin: String
  let size: UInt64
  let root: Digest

  init(origin: String, size: UInt64, root: Digest) throws(LedgerError) {
    guard (1...255).contains(origin.utf8.count), origin.utf8.allSatisfy({ $0 >= 0x20 }) else {
      throw LedgerError("checkpoint, origin", "1 to 255 bytes without control characters")
    }
    guard size <= UInt64(Int64.max) else { throw LedgerError("checkpoint, size", "below 2^63") }
    self.origin = origin
    self.size = size
    self.root = root
  }

  init(text: String) throws(LedgerError) {
    let lines = text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false)
    guard lines.count >= 4, lines.last?.isEmpty == true else {
      throw LedgerError("checkpoint", "three lines, each with a newline")
    }
    guard lines.count == 4 else { throw LedgerError("checkpoint", "no extension lines") }
    guard let origin = String(lines[0]) else { throw LedgerError("checkpoint, origin", "UTF-8") }
    guard let size = Decimal.decode(lines[1]) else {
      throw LedgerError("checkpoint, size", "decimal without leading zero")
    }
    guard let root = Base64.decode(lines[2]).flatMap({ Digest($0) }) else {
      throw LedgerError("checkpoint, root", "base64 of 32 bytes")
    }
    try self.init(origin: origin, size: size, root: root)
  }
}
