// SPDX-License-Identifier: Apache-2.0

public import Cryptography

/// The public key of a cosigner (c2sp.org/tlog-cosignature, Ed25519):
/// `<name>+<8 lower-case hex digits: key ID>+<base64(0x04 || Ed25519 key)>`.
///
/// `key ID = SHA-256(name || 0x0A || 0x04 || key)[:4]`. The signed message does not contain the name,
/// so a key belongs to one cosigner and to nothing else.
public struct CosignerKey: Hashable, Sendable {
  let form: VerifierKeyForm

  /// The key of `name`.
  ///
  /// - Throws: ``LedgerError`` for a name outside the rules.
  public init(name: String, publicKey: Ed25519.PublicKey) throws(LedgerError) {
    form = try VerifierKeyForm(.cosignature, name: name, publicKey: publicKey)
  }

  /// Reads the text form.
  ///
  /// - Throws: ``LedgerError`` for another form, another type, or an ID that does not fit the key.
  public init(vkey: String) throws(LedgerError) {
    form = try VerifierKeyForm(.cosignature, vkey: vkey)
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

/// What a cosigner says of a checkpoint: at this time it was the largest consistent tree that the
/// cosigner had seen of the log (c2sp.org/tlog-cosignature, v1).
///
/// In a signature line it is `u64 big-endian time || 64 bytes`. Signed with Ed25519 is
/// `"cosignature/v1\ntime <decimal>\n"` and behind it the checkpoint's text.
public struct Cosignature: Hashable, Sendable {
  /// Seconds since 1970-01-01T00:00:00Z, 1 to 2^63 - 1. Zero would be no statement about a time;
  /// c2sp.org/tlog-witness forbids it.
  public let time: UInt64
  /// 64 bytes.
  public let signature: [UInt8]

  /// Length of time and signature in bytes.
  static let byteCount = 8 + Ed25519.signatureByteCount
  static let times: ClosedRange<UInt64> = 1...UInt64(Int64.max)

  /// Takes a line apart and checks it.
  init(
    _ line: SignedNote.Signature, text: String, key: CosignerKey
  ) throws(LedgerError) {
    let place = "note, cosignature of \(key.name)"
    guard line.signature.count == Self.byteCount else {
      throw LedgerError(place, "8 bytes of time and 64 of signature")
    }
    time = line.signature.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    signature = [UInt8](line.signature.dropFirst(8))
    guard Self.times.contains(time) else { throw LedgerError(place, "a time from 1 to 2^63 - 1") }
    guard
      key.publicKey.isValid(signature: signature, for: Self.signedMessage(text: text, time: time))
    else { throw LedgerError(place, "the signature holds") }
  }

  static func signedMessage(text: String, time: UInt64) -> [UInt8] {
    [UInt8]("cosignature/v1\ntime \(time)\n\(text)".utf8)
  }
}

/// Cosigns checkpoints. Secret: holds a private key.
public struct Cosigner: ~Copyable, Sendable {
  private let key: Ed25519.PrivateKey
  /// What others verify with.
  public let verifierKey: CosignerKey

  /// Cosigns with `key` under `name`.
  ///
  /// - Throws: ``LedgerError`` for a name outside the rules.
  public init(name: String, key: consuming Ed25519.PrivateKey) throws(LedgerError) {
    verifierKey = try CosignerKey(name: name, publicKey: key.publicKey)
    self.key = key
  }

  /// The signature line for a checkpoint. Whoever calls this answers for the statement: the tree
  /// continues every other one of this log that was ever cosigned, and this is stored durably.
  ///
  /// - Parameters:
  ///   - text: the checkpoint's three lines, without signatures.
  ///   - time: seconds since 1970-01-01T00:00:00Z.
  /// - Throws: ``LedgerError`` if `text` is no checkpoint, for a time outside 1 to 2^63 - 1, or if
  ///   signing fails.
  public borrowing func cosign(
    checkpoint text: String, time: UInt64
  ) throws(LedgerError) -> SignedNote.Signature {
    _ = try Checkpoint(text: text)
    guard Cosignature.times.contains(time) else {
      throw LedgerError("cosignature", "a time from 1 to 2^63 - 1")
    }
    let signature: [UInt8]
    do {
      signature = try key.signature(for: Cosignature.signedMessage(text: text, time: time))
    } catch {
      throw LedgerError("cosignature", "the signature could not be made")
    }
    let stamp = (0..<8).map { UInt8(truncatingIfNeeded: time >> UInt64(56 - 8 * $0)) }
    return SignedNote.Signature(
      name: verifierKey.name, keyID: verifierKey.keyID, signature: stamp + signature)
  }
}
