// SPDX-License-Identifier: Apache-2.0

import Cryptography

/// A text with signatures (c2sp.org/signed-note v1.0.0).
///
/// ```
/// <text: one line or more, ends in a newline>
/// <empty line>
/// — <key name> <base64(4-byte key ID || signature)>
/// ```
///
/// Signed is the text with its last newline, without the empty line. The text is not to be used
/// before ``verify(_:)`` returned.
public struct SignedNote: Hashable, Sendable {
  /// One signature line.
  public struct Signature: Hashable, Sendable {
    /// The signer's name.
    public let name: String
    /// The signer's key ID.
    public let keyID: UInt32
    /// What follows the key ID: for Ed25519, 64 bytes; for a cosignature, 72.
    public let signature: [UInt8]

    /// The line, with its newline.
    public var line: String {
      let id = (0..<4).map { UInt8(truncatingIfNeeded: keyID >> UInt32(24 - 8 * $0)) }
      return "\u{2014} \(name) \(Base64.encode(id + signature))\n"
    }

    /// Whether both lines name the same key.
    func hasKey(of other: Signature) -> Bool {
      keyID == other.keyID && name.utf8.elementsEqual(other.name.utf8)
    }

    /// Compares bytes: two names that Unicode calls equivalent are different names.
    public static func == (left: Signature, right: Signature) -> Bool {
      left.hasKey(of: right) && left.signature == right.signature
    }

    /// Feeds the parts that decide equality.
    public func hash(into hasher: inout Hasher) {
      hasher.combine(keyID)
      hasher.combine(signature)
    }
  }

  /// The longest note in bytes: room for 16 post-quantum signatures and more.
  public static let maximumByteCount = 262_144
  /// The largest number of signatures.
  public static let maximumSignatureCount = 64

  /// The text, ending in a newline.
  public let text: String
  /// The signature lines, in order.
  public let signatures: [Signature]

  init(text: String, signatures: [Signature]) throws(LedgerError) {
    self.text = text
    self.signatures = signatures
    let parsed = try SignedNote(bytes)
    guard parsed.text.utf8.elementsEqual(text.utf8), parsed.signatures.count == signatures.count
    else { throw LedgerError("note", "the text must not look like signatures") }
  }

  /// Reads a note.
  ///
  /// - Throws: ``LedgerError`` for anything outside the format or the limits.
  public init(_ bytes: [UInt8]) throws(LedgerError) {
    let parts = try Self.split(bytes)
    text = parts.text
    signatures = try Self.lines(parts.signatures)
  }

  /// The text of a note, and its signature lines unread.
  static func split(
    _ bytes: [UInt8]
  ) throws(LedgerError) -> (text: String, signatures: ArraySlice<UInt8>) {
    guard bytes.count <= maximumByteCount else {
      throw LedgerError("note", "at most \(maximumByteCount) bytes")
    }
    guard bytes.allSatisfy({ $0 >= 0x20 || $0 == 0x0A }) else {
      throw LedgerError("note", "no control character but newline")
    }
    guard String(validating: bytes, as: UTF8.self) != nil else {
      throw LedgerError("note", "UTF-8")
    }
    guard bytes.last == 0x0A else { throw LedgerError("note", "ends in a newline") }
    guard
      let end = bytes.indices.dropLast().last(where: { bytes[$0] == 0x0A && bytes[$0 + 1] == 0x0A })
    else { throw LedgerError("note", "an empty line before the signatures") }
    return (String(decoding: bytes[...end], as: UTF8.self), bytes[(end + 2)...])
  }

  /// Reads signature lines that stand alone, as a witness answers with (c2sp.org/tlog-witness).
  ///
  /// - Throws: ``LedgerError`` for anything but 1 to 64 lines, or above 262,144 bytes.
  public static func signatures(_ bytes: [UInt8]) throws(LedgerError) -> [Signature] {
    guard bytes.count <= maximumByteCount else {
      throw LedgerError("note, signatures", "at most \(maximumByteCount) bytes")
    }
    guard String(validating: bytes, as: UTF8.self) != nil else {
      throw LedgerError("note, signatures", "UTF-8")
    }
    guard bytes.last == 0x0A else { throw LedgerError("note, signatures", "end in a newline") }
    return try lines(bytes[...])
  }

  static func lines(_ bytes: ArraySlice<UInt8>) throws(LedgerError) -> [Signature] {
    let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false).dropLast()
    guard (1...maximumSignatureCount).contains(lines.count) else {
      throw LedgerError("note", "1 to \(maximumSignatureCount) signatures")
    }
    var signatures: [Signature] = []
    for line in lines { signatures.append(try signature(line)) }
    return signatures
  }

  private static func signature(_ line: ArraySlice<UInt8>) throws(LedgerError) -> Signature {
    let mark = [UInt8]("\u{2014} ".utf8)
    guard line.starts(with: mark) else {
      throw LedgerError("note, signature", "starts with a dash (U+2014) and a space")
    }
    let parts = line.dropFirst(mark.count).split(
      separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
    guard parts.count == 2, let name = parts.first, let value = parts.last else {
      throw LedgerError("note, signature", "name, space, base64")
    }
    let nameText = String(decoding: name, as: UTF8.self)
    guard VerifierKeyForm.isName(nameText) else {
      throw LedgerError("note, signature", "a name without space, plus or control character")
    }
    guard let decoded = Base64.decode(value), decoded.count > 4 else {
      throw LedgerError("note, signature", "base64 of a key ID and a signature")
    }
    return Signature(
      name: nameText, keyID: decoded.prefix(4).reduce(0) { $0 << 8 | UInt32($1) },
      signature: [UInt8](decoded.dropFirst(4)))
  }

  /// The note as it is stored.
  public var bytes: [UInt8] {
    var note = text + "\n"
    for signature in signatures { note += signature.line }
    return [UInt8](note.utf8)
  }

  /// Checks the signatures of the keys that are known here; those of other keys are passed over, even
  /// if they share a name or an ID, but not both, with a known one.
  ///
  /// - Returns: the keys that signed, at least one.
  /// - Throws: ``LedgerError`` if a known key's signature does not hold, or no known key signed.
  public func verify(_ keys: [NoteVerifierKey]) throws(LedgerError) -> [NoteVerifierKey] {
    let message = [UInt8](text.utf8)
    var signers: [NoteVerifierKey] = []
    for key in keys {
      let lines = signatures.filter { key.form.owns($0) }
      for line in lines {
        guard key.publicKey.isValid(signature: line.signature, for: message) else {
          throw LedgerError("note, signature of \(key.name)", "the signature holds")
        }
      }
      if !lines.isEmpty { signers.append(key) }
    }
    guard !signers.isEmpty else { throw LedgerError("note", "a signature of a known key") }
    return signers
  }
  /// Compares bytes: two texts that Unicode calls equivalent are different texts.
  public static func == (left: SignedNote, right: SignedNote) -> Bool {
    left.signatures == right.signatures && left.text.utf8.elementsEqual(right.text.utf8)
  }

  /// Feeds the parts that decide equality.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(signatures)
  }
}
