// SPDX-License-Identifier: Apache-2.0

import Cryptography

/// What the keys of logs and of cosigners have in common (c2sp.org/signed-note, "Verifier keys"):
/// `<name>+<8 lower-case hex digits: key ID>+<base64(type || Ed25519 key)>` with
/// `key ID = SHA-256(name || 0x0A || type || key)[:4]`.
struct VerifierKeyForm: Hashable, Sendable {
  /// The byte that tells what a signature is made over.
  enum SignatureType: UInt8, Sendable {
    /// The text of a note.
    case note = 0x01
    /// A checkpoint and a time (c2sp.org/tlog-cosignature, v1).
    case cosignature = 0x04
  }

  let type: SignatureType
  let name: String
  let keyID: UInt32
  let publicKey: Ed25519.PublicKey

  init(
    _ type: SignatureType, name: String, publicKey: Ed25519.PublicKey
  ) throws(LedgerError) {
    guard Self.isName(name) else {
      throw LedgerError(
        "vkey", "a name has 1 to 255 bytes without space, plus or control character")
    }
    self.type = type
    self.name = name
    self.publicKey = publicKey
    let material = [UInt8](name.utf8) + [0x0A, type.rawValue] + publicKey.bytes
    keyID = SHA256.hash(material).bytes.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
  }

  init(_ type: SignatureType, vkey: String) throws(LedgerError) {
    guard vkey.utf8.count <= 400 else { throw LedgerError("vkey", "at most 400 bytes") }
    // Base64 may contain a plus; the name may not.
    let parts = vkey.utf8.split(
      separator: UInt8(ascii: "+"), maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3, let name = String(parts[0]) else {
      throw LedgerError("vkey", "name, key ID and key, joined by plus signs")
    }
    guard let material = Base64.decode(parts[2]), material.first == type.rawValue,
      let publicKey = Ed25519.PublicKey(material.dropFirst())
    else { throw LedgerError("vkey", "base64 of 0x0\(type.rawValue) and an Ed25519 key") }
    try self.init(type, name: name, publicKey: publicKey)
    guard vkey.utf8.elementsEqual(self.vkey.utf8) else {
      throw LedgerError("vkey", "the key ID is the hash of name and key")
    }
  }

  var vkey: String {
    let digits = String(keyID, radix: 16)
    let padding = String(repeating: "0", count: 8 - digits.count)
    return "\(name)+\(padding)\(digits)+\(Base64.encode([type.rawValue] + publicKey.bytes))"
  }

  /// Whether a signature line is this key's. The ID alone or the name alone does not tell.
  func owns(_ line: SignedNote.Signature) -> Bool {
    line.keyID == keyID && line.name.utf8.elementsEqual(name.utf8)
  }

  static func isName(_ name: String) -> Bool {
    (1...255).contains(name.utf8.count)
      && name.unicodeScalars.allSatisfy {
        !$0.properties.isWhitespace && $0 != "+" && $0.value >= 0x20
      }
  }

  /// Compares bytes: two names that Unicode calls equivalent are different names.
  static func == (left: VerifierKeyForm, right: VerifierKeyForm) -> Bool {
    left.type == right.type && left.keyID == right.keyID && left.publicKey == right.publicKey
      && left.name.utf8.elementsEqual(right.name.utf8)
  }

  func hash(into hasher: inout Hasher) {
    hasher.combine(type)
    hasher.combine(keyID)
    hasher.combine(publicKey)
  }
}
