// SPDX-License-Identifier: Apache-2.0

import COpenSSL

/// HMAC-SHA-256 (RFC 2104, FIPS 198-1): `H((K ^ opad) || H((K ^ ipad) || message))`.
///
/// A key longer than 64 bytes is replaced by its hash, a shorter one is filled with zeros.
public enum HMACSHA256 {
  private static let blockSize = 64

  /// The code of a public message under a public key.
  public static func authenticate(key: [UInt8], _ message: [UInt8]) -> Digest {
    unsafe key.withUnsafeBytes { key in
      unsafe message.withUnsafeBytes { message in
        unsafe code(key: key, message)
      }
    }
  }

  /// The code of a public message under a public key of 32 bytes.
  public static func authenticate(key: Digest, _ message: [UInt8]) -> Digest {
    unsafe message.withUnsafeBytes { unsafe authenticate(key: key, bytes: $0) }
  }

  /// The code of a public message that is held elsewhere than in an array.
  public static func authenticate(key: Digest, span message: Span<UInt8>) -> Digest {
    unsafe message.withUnsafeBytes { unsafe authenticate(key: key, bytes: $0) }
  }

  /// The code of a secret message under a public key. The code is secret.
  public static func authenticate(
    key: Digest, secret message: borrowing SecretBytes
  ) -> SecretBytes {
    let storage = key.storage
    return unsafe message.withUnsafeBytes { message in
      unsafe withUnsafeBytes(of: storage) { unsafe secretCode(key: $0, message) }
    }
  }

  /// The code of a public message under a secret key. The code is secret.
  public static func authenticate(
    secretKey: borrowing SecretBytes, _ message: [UInt8]
  ) -> SecretBytes {
    unsafe secretKey.withUnsafeBytes { key in
      unsafe message.span.bytes.withUnsafeBytes { unsafe secretCode(key: key, $0) }
    }
  }

  /// The code of a secret message under a secret key. The code is secret.
  public static func authenticate(
    secretKey: borrowing SecretBytes, secret message: borrowing SecretBytes
  ) -> SecretBytes {
    unsafe secretKey.withUnsafeBytes { key in
      unsafe message.withUnsafeBytes { unsafe secretCode(key: key, $0) }
    }
  }

  private static func authenticate(key: Digest, bytes: UnsafeRawBufferPointer) -> Digest {
    let storage = key.storage
    return unsafe withUnsafeBytes(of: storage) { unsafe code(key: $0, bytes) }
  }

  private static func code(
    key: UnsafeRawBufferPointer, _ message: UnsafeRawBufferPointer
  ) -> Digest {
    var result = InlineArray<4, UInt64>(repeating: 0)
    unsafe withUnsafeMutableBytes(of: &result) {
      unsafe compute(key: key, message, into: $0)
    }
    return Digest(storage: result)
  }

  private static func secretCode(
    key: UnsafeRawBufferPointer, _ message: UnsafeRawBufferPointer
  ) -> SecretBytes {
    var result = SecretBytes(zeros: Digest.byteCount)
    unsafe result.withUnsafeMutableBytes { unsafe compute(key: key, message, into: $0) }
    return result
  }

  /// The one place that computes. Treats every input as secret: the padded key and the inner hash
  /// are wiped from the stack.
  private static func compute(
    key: UnsafeRawBufferPointer, _ message: UnsafeRawBufferPointer,
    into output: UnsafeMutableRawBufferPointer
  ) {
    let context = HashContext()
    var storage = InlineArray<8, UInt64>(repeating: 0)
    var inner = InlineArray<4, UInt64>(repeating: 0)
    unsafe withUnsafeMutableBytes(of: &storage) { block in
      unsafe withUnsafeMutableBytes(of: &inner) { inner in
        if key.count > blockSize {
          unsafe context.update(key)
          unsafe context.finish(
            into: UnsafeMutableRawBufferPointer(rebasing: block[..<Digest.byteCount]))
          context.restart()
        } else {
          unsafe block.copyMemory(from: key)
        }
        for index in 0..<blockSize { unsafe block[index] ^= 0x36 }
        unsafe context.update(UnsafeRawBufferPointer(block))
        unsafe context.update(message)
        unsafe context.finish(into: inner)
        context.restart()
        for index in 0..<blockSize { unsafe block[index] ^= 0x36 ^ 0x5C }
        unsafe context.update(UnsafeRawBufferPointer(block))
        unsafe context.update(UnsafeRawBufferPointer(inner))
        unsafe context.finish(into: output)
        unsafe OPENSSL_cleanse(block.baseAddress, block.count)
        unsafe OPENSSL_cleanse(inner.baseAddress, inner.count)
      }
    }
  }
}
