// SPDX-License-Identifier: Apache-2.0

import COpenSSL

/// A secret sealed under a passphrase, for a file.
///
/// ```
/// "URNABOX" || version 1 || log2 N || r || p || salt (32) || nonce (12) || ciphertext || tag (16)
/// ```
///
/// The key is scrypt(passphrase, salt, N, r, p) of 32 bytes (RFC 7914); the cipher is AES-256-GCM
/// (NIST SP 800-38D). Associated data: everything before the ciphertext, then the UTF-8 bytes of the
/// context, so that a box cannot be read under another context or with an edited header. Salt and
/// nonce are fresh for each box.
public enum PassphraseBox {
  /// What guessing one passphrase costs: `128 * N * r` bytes of memory, and time in proportion
  /// to `N * r * p`.
  public struct Cost: Hashable, Sendable {
    /// The base-2 logarithm of scrypt's `N`.
    public let log2N: UInt8
    /// scrypt's block size `r`.
    public let r: UInt8
    /// scrypt's parallelization `p`.
    public let p: UInt8

    /// N = 2^17, r = 8, p = 1: 128 MiB and about half a second.
    public static let standard = Cost(unchecked: 17, 8, 1)
    /// N = 2^10: 1 MiB. For tests and demonstrations only: it hardly slows guessing.
    public static let demonstration = Cost(unchecked: 10, 8, 1)

    private init(unchecked log2N: UInt8, _ r: UInt8, _ p: UInt8) {
      self.log2N = log2N
      self.r = r
      self.p = p
    }

    /// Accepts 10 <= log2 N <= 17, 1 <= r <= 8, 1 <= p <= 4: at most 128 MiB, whatever a box from
    /// elsewhere demands. Nil outside.
    public init?(log2N: UInt8, r: UInt8 = 8, p: UInt8 = 1) {
      guard (10...17).contains(log2N), (1...8).contains(r), (1...4).contains(p) else { return nil }
      self.init(unchecked: log2N, r, p)
    }
  }

  /// The longest secret in bytes: 32 MiB. An issuer has a key for each district.
  public static let maximumSecretByteCount = 32 << 20

  private static let magic = [UInt8]("URNABOX\u{1}".utf8)
  private static let saltByteCount = 32
  private static let nonceByteCount = 12
  private static let headerByteCount = 8 + 3 + saltByteCount + nonceByteCount

  /// Whether bytes begin as a box does.
  public static func isBox(_ bytes: borrowing SecretBytes) -> Bool {
    guard let head = bytes.slice(0..<min(bytes.count, magic.count)) else { return false }
    return head.revealed() == magic
  }

  /// Seals `secret`.
  ///
  /// - Parameter context: what the secret is for, for example `"trustee/3"`. Public, not stored.
  /// - Throws: `invalidLength` for a secret above 32 MiB, `randomnessUnavailable`, `backend`.
  public static func seal(
    _ secret: borrowing SecretBytes, passphrase: borrowing SecretBytes, context: String,
    cost: Cost = .standard
  ) throws(CryptographyError) -> [UInt8] {
    guard secret.count <= maximumSecretByteCount else {
      throw .invalidLength(expected: maximumSecretByteCount, actual: secret.count)
    }
    let salt = try SecureRandom.bytes(saltByteCount)
    let nonce = try SecureRandom.bytes(nonceByteCount)
    let header = magic + [cost.log2N, cost.r, cost.p] + salt + nonce
    let key = try Scrypt.key(passphrase: passphrase, salt: salt, cost: cost)
    let sealed = try AESGCM.seal(
      secret, key: key, nonce: nonce, associatedData: header + [UInt8](context.utf8))
    return header + sealed
  }

  /// Opens a box. Nothing of the secret is returned unless the whole box is authentic.
  ///
  /// - Throws: `malformedBox`, `costOutOfRange` before any work is done; `authenticationFailed`
  ///   for a wrong passphrase, another context or a changed box; `backend`.
  public static func open(
    _ box: [UInt8], passphrase: borrowing SecretBytes, context: String
  ) throws(CryptographyError) -> SecretBytes {
    guard box.count >= headerByteCount + AESGCM.tagByteCount else { throw .malformedBox("length") }
    guard box.count <= headerByteCount + maximumSecretByteCount + AESGCM.tagByteCount else {
      throw .malformedBox("length")
    }
    guard box.starts(with: magic) else { throw .malformedBox("version") }
    guard let cost = Cost(log2N: box[8], r: box[9], p: box[10]) else { throw .costOutOfRange }
    let header = [UInt8](box[..<headerByteCount])
    let salt = [UInt8](header[11..<11 + saltByteCount])
    let nonce = [UInt8](header[(11 + saltByteCount)...])
    let key = try Scrypt.key(passphrase: passphrase, salt: salt, cost: cost)
    return try AESGCM.open(
      [UInt8](box[headerByteCount...]), key: key, nonce: nonce,
      associatedData: header + [UInt8](context.utf8))
  }
}

/// scrypt (RFC 7914) of libcrypto.
package enum Scrypt {
  static func key(
    passphrase: borrowing SecretBytes, salt: [UInt8], cost: PassphraseBox.Cost
  ) throws(CryptographyError) -> SecretBytes {
    try derive(
      passphrase: passphrase, salt: salt, n: 1 << UInt64(cost.log2N), r: UInt64(cost.r),
      p: UInt64(cost.p), byteCount: 32)
  }

  /// `byteCount` secret bytes. The parameters are the caller's, not an input's; libcrypto refuses
  /// those that need more than 160 MiB.
  package static func derive(
    passphrase: borrowing SecretBytes, salt: [UInt8], n: UInt64, r: UInt64, p: UInt64,
    byteCount: Int
  ) throws(CryptographyError) -> SecretBytes {
    var key = SecretBytes(zeros: byteCount)
    let result = unsafe key.withUnsafeMutableBytes { key in
      unsafe passphrase.withUnsafeBytes { passphrase in
        // An empty block still has an address, as libcrypto wants one.
        unsafe EVP_PBE_scrypt(
          passphrase.baseAddress?.assumingMemoryBound(to: CChar.self), passphrase.count,
          salt, salt.count, n, r, p, 160 << 20,
          key.baseAddress?.assumingMemoryBound(to: UInt8.self), key.count)
      }
    }
    guard result == 1 else {
      ERR_clear_error()
      throw .backend("scrypt")
    }
    return key
  }
}
