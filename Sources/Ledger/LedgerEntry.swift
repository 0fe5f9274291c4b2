// SPDX-License-Identifier: Apache-2.0

public import Cryptography

/// A leaf of the log: who says what, where the content lies, and the signature.
///
/// Canonical JSON (RFC 8785: keys sorted, no white space), ASCII, one line:
///
/// ```
/// {"by":"trustee/1","payload":{"sha256":"<64 upper-case hex>","size":123},
///  "signature":"<128 upper-case hex>","type":"ceremony.keys","version":1}
/// ```
///
/// (shown on two lines). Signed with Ed25519 is
/// `"urna/entry/v1" || 0x00 || election_id (32 bytes) || leaf without "signature"`, where
/// `election_id = SHA-256(configuration payload)`; the entry that carries the configuration is
/// signed under its own payload's digest. Everything here is public.
public struct LedgerEntry: Hashable, Sendable {
  /// What the payload is: `[a-z-]+\.[a-z-]+`, at most 64 bytes.
  public let type: String
  /// The version of the payload's format, 1 to 2^31 - 1.
  public let version: Int
  /// Who signed.
  public let author: Author
  /// SHA-256 of the payload's bytes.
  public let payloadDigest: Digest
  /// Length of the payload in bytes, at most 16 MiB.
  public let payloadSize: Int
  /// 64 bytes.
  public let signature: [UInt8]

  /// The longest leaf in bytes.
  public static let maximumByteCount = 1024

  init(
    type: String, version: Int, author: Author, payloadDigest: Digest, payloadSize: Int,
    signature: [UInt8]
  ) throws(LedgerError) {
    try Self.check(type: type, version: version, author: author, payloadSize: payloadSize)
    guard signature.count == Ed25519.signatureByteCount else {
      throw LedgerError("entry, signature", "64 bytes")
    }
    self.type = type
    self.version = version
    self.author = author
    self.payloadDigest = payloadDigest
    self.payloadSize = payloadSize
    self.signature = signature
  }

  /// Makes and signs the entry of `payload`.
  ///
  /// - Throws: ``LedgerError`` for a value outside its range, or if signing fails.
  public static func signed(
    type: String, version: Int = 1, by author: Author, payload: [UInt8], electionID: Digest,
    key: borrowing Ed25519.PrivateKey
  ) throws(LedgerError) -> LedgerEntry {
    try check(type: type, version: version, author: author, payloadSize: payload.count)
    let digest = SHA256.hash(payload)
    let message = signedMessage(
      electionID: electionID,
      leaf: encode(
        type: type, version: version, author: author, digest: digest, size: payload.count,
        signature: nil))
    let signature: [UInt8]
    do {
      signature = try key.signature(for: message)
    } catch {
      throw LedgerError("entry, signature", "the signature could not be made")
    }
    return try LedgerEntry(
      type: type, version: version, author: author, payloadDigest: digest,
      payloadSize: payload.count, signature: signature)
  }

  /// Whether the signature holds under `key` for this election. Whether `key` is the author's is
  /// for the caller to know; a pseudonym's key is in ``author``.
  public func isSignatureValid(electionID: Digest, key: Ed25519.PublicKey) -> Bool {
    key.isValid(
      signature: signature,
      for: Self.signedMessage(
        electionID: electionID,
        leaf: Self.encode(
          type: type, version: version, author: author, digest: payloadDigest, size: payloadSize,
          signature: nil)))
  }

  /// The leaf's bytes.
  public var bytes: [UInt8] {
    Self.encode(
      type: type, version: version, author: author, digest: payloadDigest, size: payloadSize,
      signature: signature)
  }

  /// ``MerkleTree/leafHash(_:)`` of the leaf.
  public var leafHash: Digest { MerkleTree.leafHash(bytes) }

  /// Whether `payload` is the one that the entry names: length and SHA-256 agree.
  public func isPayload(_ payload: [UInt8]) -> Bool {
    payload.count == payloadSize && SHA256.hash(payload) == payloadDigest
  }

  static func signedMessage(electionID: Digest, leaf: [UInt8]) -> [UInt8] {
    [UInt8]("urna/entry/v1".utf8) + [0x00] + electionID.bytes + leaf
  }

  private static func encode(
    type: String, version: Int, author: Author, digest: Digest, size: Int, signature: [UInt8]?
  ) -> [UInt8] {
    // No value contains a character that JSON escapes.
    let signed = signature.map { ",\"signature\":\"\(Hex.encode($0))\"" } ?? ""
    return [UInt8](
      ("{\"by\":\"\(author)\",\"payload\":{\"sha256\":\"\(digest.hex)\",\"size\":\(size)}"
        + "\(signed),\"type\":\"\(type)\",\"version\":\(version)}").utf8)
  }

  private static func check(
    type: String, version: Int, author: Author, payloadSize: Int
  ) throws(LedgerError) {
    guard isType(type) else {
      throw LedgerError("entry, type", "two words of a-z and -, joined by a dot, at most 64 bytes")
    }
    guard (1...Int(Int32.max)).contains(version) else {
      throw LedgerError("entry, version", "1 to 2147483647")
    }
    guard (0...PayloadBundle.maximumPayloadByteCount).contains(payloadSize) else {
      throw LedgerError("entry, payload", "at most 16 MiB")
    }
    guard author.isInRange else { throw LedgerError("entry, by", "a trustee from 1 on") }
  }

  private static func isType(_ type: String) -> Bool {
    let words = type.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    return type.utf8.count <= 64 && words.count == 2
      && words.allSatisfy { word in
        !word.isEmpty
          && word.allSatisfy {
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || $0 == UInt8(ascii: "-")
          }
      }
  }
}
