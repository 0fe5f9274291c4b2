// SPDX-License-Identifier: Apache-2.0

public import Cryptography

/// The public key of a note's signer (c2sp.org/signed-note, "Verifier keys"):
/// `<name>+<8 lower-case hex digits: key ID>+<base64(0x01 || Ed25519 key)>`.
///
/// `key ID = SHA-256(name || 0x0A || 0x01 || key)[:4]`. Only type 0x01 (Ed25519) is read.
public struct NoteVerifierKey: Hashable, Sendable {
  /// The name: at most 255 bytes, no Unicode space, no `+`, no control character.
  public let name: String
  /// The first four bytes of the hash, big-endian.
  public let keyID: UInt32
  /// The key.
  public let publicKey: Ed25519.PublicKey

  private static let ed25519: UInt8 = 0x01

  /// The key of `name`.
  ///
  /// - Throws: ``LedgerError`` for a name outside the rules.
  public init(name: String, publicKey: Ed25519.PublicKey) throws(LedgerError) {
    guard Self.isName(name) else {
      throw LedgerError(
        "vkey", "a name has 1 to 255 bytes without space, plus or control character")
    }
    self.name = name
    self.publicKey = publicKey
    let material = [UInt8](name.utf8) + [0x0A, Self.ed25519] + publicKey.bytes
    keyID = SHA256.hash(material).bytes.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
  }

  /// Reads the text form.
  ///
  /// - Throws: ``LedgerError`` for another form, another type, or an ID that does not fit the key.
  public init(vkey: String) throws(LedgerError) {
    guard vkey.utf8.count <= 400 else { throw LedgerError("vkey", "at most 400 bytes") }
    // Base64 may contain a plus; the name may not.
    let parts = vkey.utf8.split(
      separator: UInt8(ascii: "+"), maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3, let name = String(parts[0]) else {
      throw LedgerError("vkey", "name, key ID and key, joined by plus signs")
    }
    guard let material = Base64.decode(parts[2]), material.first == Self.ed25519,
      let publicKey = Ed25519.PublicKey(material.dropFirst())
    else { throw LedgerError("vkey", "base64 of 0x01 and an Ed25519 key") }
    try self.init(name: name, publicKey: publicKey)
    guard vkey.utf8.elementsEqual(self.vkey.utf8) else {
      throw LedgerError("vkey", "the key ID is the hash of name and key")
    }
  }

  /// The text form.
  public var vkey: String {
    let digits = String(keyID, radix: 16)
    let padding = String(repeating: "0", count: 8 - digits.count)
    return "\(name)+\(padding)\(digits)+\(Base64.encode([Self.ed25519] + publicKey.bytes))"
  }

  static func isName(_ name: String) -> Bool {
    (1...255).contains(name.utf8.count)
      && name.unicodeScalars.allSatisfy {
        !$0.properties.isWhitespace && $0 != "+" && $0.value >= 0x20
      }
  }

  /// Compares bytes: two names that Unicode calls equivalent are different names.
  public static func == (left: NoteVerifierKey, right: NoteVerifierKey) -> Bool {
    left.keyID == right.keyID && left.publicKey == right.publicKey
      && left.name.utf8.elementsEqual(right.name.utf8)
  }

  /// Feeds the parts that decide equality.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(keyID)
    hasher.combine(publicKey)
  }
}

/// Signs notes. Secret: holds a private key.
public struct NoteSigner: ~Copyable, Sendable {
  private let key: Ed25519.PrivateKey
  /// What others verify with.
  public let verifierKey: NoteVerifierKey

  /// Signs with `key` under `name`.
  ///
  /// - Throws: ``LedgerError`` for a name outside the rules.
  public init(name: String, key: consuming Ed25519.PrivateKey) throws(LedgerError) {
    verifierKey = try NoteVerifierKey(name: name, publicKey: key.publicKey)
    self.key = key
  }

  /// The note of `text` with one signature.
  ///
  /// - Throws: ``LedgerError`` if `text` cannot be the text of a note, or signing fails.
  public borrowing func sign(text: String) throws(LedgerError) -> SignedNote {
    let signature: [UInt8]
    do {
      signature = try key.signature(for: [UInt8](text.utf8))
    } catch {
      throw LedgerError("note", "the signature could not be made")
    }
    return try SignedNote(
      text: text,
      signatures: [.init(name: verifierKey.name, keyID: verifierKey.keyID, signature: signature)])
  }
}
