// SPDX-License-Identifier: Apache-2.0

public import Cryptography

/// The public key of a note's signer (c2sp.org/signed-note, "Verifier keys"):
/// `<name>+<8 lower-case hex digits: key ID>+<base64(0x01 || Ed25519 key)>`.
///
/// `key ID = SHA-256(name || 0x0A || 0x01 || key)[:4]`. Only type 0x01 (Ed25519) is read; the keys of
/// cosigners are ``CosignerKey``.
public struct NoteVerifierKey: Hashable, Sendable {
  let form: VerifierKeyForm

  /// The key of `name`.
  ///
  /// - Throws: ``LedgerError`` for a name outside the rules.
  public init(name: String, publicKey: Ed25519.PublicKey) throws(LedgerError) {
    form = try VerifierKeyForm(.note, name: name, publicKey: publicKey)
  }

  /// Reads the text form.
  ///
  /// - Throws: ``LedgerError`` for another form, another type, or an ID that does not fit the key.
  public init(vkey: String) throws(LedgerError) {
    form = try VerifierKeyForm(.note, vkey: vkey)
  }

  /// The name: at most 255 bytes, no Unicode space, no `+`, no control character.
  public var name: String { form.name }
  /// The first four bytes of the hash, big-endian.
  public var keyID: UInt32 { form.keyID }
  /// The key.
  public var publicKey: Ed25519.PublicKey { form.publicKey }
  /// The text form.
  public var vkey: String { form.vkey }
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
