// SPDX-License-Identifier: Apache-2.0

import COpenSSL

/// Ed25519 signatures (RFC 8032, "pure": the message is signed as it is, without a context).
///
/// Verification is libcrypto's, cofactorless: `[S]B = R + [k]A` with `R` compared as bytes, so a
/// non-canonical `R` and `S >= L` fail, and so do the CCTV vectors flagged `low_order_residue`.
/// libcrypto alone would accept every encoding of `A`, low-order ones included, under which a
/// signature holds for many messages. ``PublicKey`` refuses those keys: of the CCTV vectors the
/// remaining accepted ones have a low-order `R` or a key with a mixed-order point, both harmless
/// here since only the key's owner can make them.
public enum Ed25519 {
  /// Length of a signature in bytes.
  public static let signatureByteCount = 64
  /// Length of a seed and of a public key in bytes.
  public static let keyByteCount = 32
}

extension Ed25519 {
  /// A public key: the 32-byte encoding of the point `A`.
  ///
  /// Refused are encodings with `y >= p`, "minus zero" and the eight points of low order. Whether
  /// `y` belongs to a point at all shows when a signature is checked: it never holds.
  public struct PublicKey: Hashable, Comparable, Sendable {
    private let encoding: Digest

    /// Takes exactly 32 bytes of an acceptable encoding; nil otherwise.
    public init?(_ bytes: some Collection<UInt8>) {
      guard let encoding = Digest(bytes), Self.isAcceptable(encoding.bytes) else { return nil }
      self.encoding = encoding
    }

    /// Takes exactly 64 upper-case hexadecimal digits; nil otherwise.
    public init?(hex: String) {
      guard let encoding = Digest(hex: hex) else { return nil }
      self.init(encoding.bytes)
    }

    /// The 32 bytes.
    public var bytes: [UInt8] { encoding.bytes }

    /// 64 upper-case hexadecimal digits.
    public var hex: String { encoding.hex }

    /// Lexicographic order of the encodings.
    public static func < (left: PublicKey, right: PublicKey) -> Bool {
      left.encoding < right.encoding
    }

    /// Whether `signature` holds for `message`. A signature that is not 64 bytes long does not.
    public func isValid(signature: [UInt8], for message: [UInt8]) -> Bool {
      guard signature.count == signatureByteCount,
        let key = PublicKeyHandle(bytes),
        let context = SigningContext()
      else { return false }
      return context.isValid(signature, for: message, under: key)
    }

    /// The `y` coordinates, little-endian, of the points of low order: 0, 1, -1 and the two of
    /// order 8.
    private static let lowOrder: [[UInt8]] = [
      [UInt8](repeating: 0, count: 32),
      [1] + [UInt8](repeating: 0, count: 31),
      [0xEC] + [UInt8](repeating: 0xFF, count: 30) + [0x7F],
      Hex.decode("26E8958FC2B227B045C3F489F2EF98F0D5DFAC05D3C63339B13802886D53FC05") ?? [],
      Hex.decode("C7176A703D4DD84FBA3C0B760D10670F2A2053FA2C39CCC64EC7FD7792AC037A") ?? [],
    ]

    private static func isAcceptable(_ bytes: [UInt8]) -> Bool {
      var y = bytes
      y[31] &= 0x7F
      let reachesPrime = y[31] == 0x7F && y[0] >= 0xED && y[1..<31].allSatisfy { $0 == 0xFF }
      return !reachesPrime && !lowOrder.contains(y)
    }
  }
}

extension Ed25519 {
  /// A private key. Secret: one copy inside libcrypto, wiped when the value goes.
  public struct PrivateKey: ~Copyable, Sendable {
    private let handle: PrivateKeyHandle

    /// The public key that belongs to it.
    public let publicKey: PublicKey

    /// The key that RFC 8032 (5.1.5) derives from a seed of 32 bytes.
    ///
    /// - Throws: ``CryptographyError/invalidLength(expected:actual:)``, or `backend`.
    public init(seed: borrowing SecretBytes) throws(CryptographyError) {
      guard seed.count == keyByteCount else {
        throw .invalidLength(expected: keyByteCount, actual: seed.count)
      }
      guard let handle = PrivateKeyHandle(seed), let publicKey = PublicKey(handle.publicKey())
      else {
        throw .backend("Ed25519 key")
      }
      self.handle = handle
      self.publicKey = publicKey
    }

    /// A new key from the operating system's generator.
    public static func generate() throws(CryptographyError) -> PrivateKey {
      try PrivateKey(seed: SecretBytes(random: keyByteCount))
    }

    /// The 64-byte signature of `message`; the same each time.
    public borrowing func signature(for message: [UInt8]) throws(CryptographyError) -> [UInt8] {
      guard let context = SigningContext(), let signature = context.sign(message, with: handle)
      else { throw .backend("Ed25519 signature") }
      return signature
    }

    /// A copy of the seed, for storage. Secret.
    public borrowing func seed() -> SecretBytes { handle.seed() }
  }
}

/// libcrypto's public key object.
@safe
struct PublicKeyHandle: ~Copyable {
  let pointer: OpaquePointer

  init?(_ bytes: [UInt8]) {
    let created = unsafe EVP_PKEY_new_raw_public_key_ex(nil, "ED25519", nil, bytes, bytes.count)
    guard let pointer = unsafe created else { return nil }
    unsafe self.pointer = unsafe pointer
  }

  deinit { unsafe EVP_PKEY_free(pointer) }
}

/// libcrypto's private key object. It is only read after it is made, which libcrypto allows from
/// several threads.
@safe
struct PrivateKeyHandle: ~Copyable, @unchecked Sendable {
  let pointer: OpaquePointer

  init?(_ seed: borrowing SecretBytes) {
    let created = unsafe seed.withUnsafeBytes { bytes in
      unsafe EVP_PKEY_new_raw_private_key_ex(
        nil, "ED25519", nil, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count)
    }
    guard let pointer = unsafe created else { return nil }
    unsafe self.pointer = unsafe pointer
  }

  deinit { unsafe EVP_PKEY_free(pointer) }

  /// The 32 bytes of the public key; fewer if libcrypto refuses.
  borrowing func publicKey() -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: Ed25519.keyByteCount)
    var count = bytes.count
    guard unsafe EVP_PKEY_get_raw_public_key(pointer, &bytes, &count) == 1 else { return [] }
    return [UInt8](bytes.prefix(count))
  }

  borrowing func seed() -> SecretBytes {
    var seed = SecretBytes(zeros: Ed25519.keyByteCount)
    unsafe seed.withUnsafeMutableBytes { bytes in
      var count = bytes.count
      let result = unsafe EVP_PKEY_get_raw_private_key(
        pointer, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), &count)
      // The handle was made from a raw seed, so reading it back cannot fail.
      precondition(result == 1 && count == Ed25519.keyByteCount)
    }
    return seed
  }
}

/// One signing or verifying operation of libcrypto.
@safe
private struct SigningContext: ~Copyable {
  private let context: OpaquePointer

  init?() {
    guard let context = unsafe EVP_MD_CTX_new() else { return nil }
    unsafe self.context = unsafe context
  }

  deinit { unsafe EVP_MD_CTX_free(context) }

  borrowing func sign(_ message: [UInt8], with key: borrowing PrivateKeyHandle) -> [UInt8]? {
    var signature = [UInt8](repeating: 0, count: Ed25519.signatureByteCount)
    var count = signature.count
    guard unsafe EVP_DigestSignInit(context, nil, nil, nil, key.pointer) == 1,
      unsafe EVP_DigestSign(context, &signature, &count, message, message.count) == 1,
      count == signature.count
    else { return nil }
    return signature
  }

  borrowing func isValid(
    _ signature: [UInt8], for message: [UInt8], under key: borrowing PublicKeyHandle
  ) -> Bool {
    guard unsafe EVP_DigestVerifyInit(context, nil, nil, nil, key.pointer) == 1 else {
      return false
    }
    let verdict = unsafe EVP_DigestVerify(
      context, signature, signature.count, message, message.count)
    // A failed check leaves entries in this thread's error queue.
    if verdict != 1 { ERR_clear_error() }
    return verdict == 1
  }
}
