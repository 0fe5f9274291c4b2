// SPDX-License-Identifier: Apache-2.0

import COpenSSL

/// A secret sealed under an X25519 public key (RFC 7748), which only the holder of the private key opens.
///
/// ```
/// "URNASEAL" || version 1 || ephemeral public key (32) || ciphertext || tag (16)
/// key = HKDF-SHA256(X25519(ephemeral, recipient), salt = ephemeral || recipient, info = context, 32 bytes)
/// ```
///
/// AES-256-GCM with a nonce of zeros, since every key is used once; associated data is everything before the
/// ciphertext, then the UTF-8 bytes of the context.
public enum X25519Box {
  /// Length of a key in bytes.
  public static let keyByteCount = 32
  /// The longest secret in bytes: 1 MiB.
  public static let maximumSecretByteCount = 1 << 20

  private static let magic = [UInt8]("URNASEAL\u{1}".utf8)
  private static let nonce = [UInt8](repeating: 0, count: 12)

  /// The public key of a private one: 32 random bytes.
  ///
  /// - Throws: ``CryptographyError``.
  public static func publicKey(
    of privateKey: borrowing SecretBytes
  ) throws(CryptographyError) -> [UInt8] {
    let handle = try X25519Handle(privateKey: privateKey)
    return try handle.publicKey()
  }

  /// Seals a secret.
  ///
  /// - Parameters:
  ///   - publicKey: the recipient's, 32 bytes.
  ///   - context: what the secret is for. Public, not stored.
  /// - Throws: `invalidLength` for a longer secret or another key's length, `backend` for a key of low order.
  public static func seal(
    _ secret: borrowing SecretBytes, to publicKey: [UInt8], context: String
  ) throws(CryptographyError) -> [UInt8] {
    guard secret.count <= maximumSecretByteCount else {
      throw .invalidLength(expected: maximumSecretByteCount, actual: secret.count)
    }
    let ephemeral = try X25519Handle(privateKey: SecretBytes(random: keyByteCount))
    let own = try ephemeral.publicKey()
    let key = try Self.key(try ephemeral.agree(with: publicKey), own, publicKey, context)
    let header = magic + own
    return header
      + (try AESGCM.seal(
        secret, key: key, nonce: nonce, associatedData: header + [UInt8](context.utf8)))
  }

  /// Opens a box.
  ///
  /// - Throws: `malformedBox`, `authenticationFailed`, `backend`.
  public static func open(
    _ box: [UInt8], privateKey: borrowing SecretBytes, context: String
  ) throws(CryptographyError) -> SecretBytes {
    let headerCount = magic.count + keyByteCount
    guard box.starts(with: magic), box.count >= headerCount + 16,
      box.count <= headerCount + maximumSecretByteCount + 16
    else { throw .malformedBox("a sealed box") }
    let header = Array(box.prefix(headerCount))
    let ephemeral = Array(header.dropFirst(magic.count))
    let handle = try X25519Handle(privateKey: privateKey)
    let key = try Self.key(
      try handle.agree(with: ephemeral), ephemeral, try handle.publicKey(), context)
    return try AESGCM.open(
      Array(box.dropFirst(headerCount)), key: key, nonce: nonce,
      associatedData: header + [UInt8](context.utf8))
  }

  private static func key(
    _ shared: borrowing SecretBytes, _ ephemeral: [UInt8], _ recipient: [UInt8], _ context: String
  ) throws(CryptographyError) -> SecretBytes {
    try HKDFSHA256.derive(
      from: shared, salt: ephemeral + recipient, info: [UInt8](context.utf8), count: 32)
  }
}

/// libcrypto's private key.
@safe
private struct X25519Handle: ~Copyable {
  private let pointer: OpaquePointer

  init(privateKey: borrowing SecretBytes) throws(CryptographyError) {
    guard privateKey.count == X25519Box.keyByteCount else {
      throw .invalidLength(expected: X25519Box.keyByteCount, actual: privateKey.count)
    }
    let made = unsafe privateKey.withUnsafeBytes { bytes in
      unsafe EVP_PKEY_new_raw_private_key_ex(
        nil, "X25519", nil, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count)
    }
    guard let made = unsafe made else { throw .backend("X25519") }
    unsafe pointer = unsafe made
  }

  deinit { unsafe EVP_PKEY_free(pointer) }

  borrowing func publicKey() throws(CryptographyError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: X25519Box.keyByteCount)
    var count = bytes.count
    guard unsafe EVP_PKEY_get_raw_public_key(pointer, &bytes, &count) == 1, count == bytes.count
    else { throw .backend("X25519") }
    return bytes
  }

  /// The shared secret. libcrypto refuses keys of low order, whose result is zero.
  borrowing func agree(with publicKey: [UInt8]) throws(CryptographyError) -> SecretBytes {
    guard publicKey.count == X25519Box.keyByteCount else {
      throw .invalidLength(expected: X25519Box.keyByteCount, actual: publicKey.count)
    }
    guard
      let peer = unsafe EVP_PKEY_new_raw_public_key_ex(
        nil, "X25519", nil, publicKey, publicKey.count)
    else { throw .backend("X25519") }
    defer { unsafe EVP_PKEY_free(peer) }
    guard let context = unsafe EVP_PKEY_CTX_new_from_pkey(nil, pointer, nil) else {
      throw .backend("X25519")
    }
    defer { unsafe EVP_PKEY_CTX_free(context) }
    var secret = SecretBytes(zeros: X25519Box.keyByteCount)
    var count = X25519Box.keyByteCount
    guard unsafe EVP_PKEY_derive_init(context) == 1,
      unsafe EVP_PKEY_derive_set_peer(context, peer) == 1,
      unsafe secret.withUnsafeMutableBytes({ bytes in
        unsafe EVP_PKEY_derive(
          context, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), &count)
      }) == 1, count == X25519Box.keyByteCount
    else {
      ERR_clear_error()
      throw .backend("X25519")
    }
    return secret
  }
}
