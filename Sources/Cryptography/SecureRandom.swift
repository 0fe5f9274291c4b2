// SPDX-License-Identifier: Apache-2.0

import COpenSSL

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// The operating system's generator: `getrandom(2)`, which waits until it is seeded.
public enum SecureRandom {
  /// `count` bytes for a public value, such as a nonce or a salt. A secret comes from
  /// ``SecretBytes/init(random:)``.
  ///
  /// - Throws: ``CryptographyError/randomnessUnavailable``;
  ///   ``CryptographyError/invalidLength(expected:actual:)`` for a negative count.
  public static func bytes(_ count: Int) throws(CryptographyError) -> [UInt8] {
    guard count >= 0 else { throw .invalidLength(expected: 0, actual: count) }
    var result = [UInt8](repeating: 0, count: count)
    let filled = unsafe result.withUnsafeMutableBytes { unsafe isFilled($0) }
    guard filled else { throw .randomnessUnavailable }
    return result
  }

  static func fill(_ buffer: UnsafeMutableRawBufferPointer) throws(CryptographyError) {
    guard unsafe isFilled(buffer) else { throw .randomnessUnavailable }
  }

  /// Fills the whole buffer. A read may be short or interrupted; it is repeated until all is there.
  private static func isFilled(_ buffer: UnsafeMutableRawBufferPointer) -> Bool {
    var offset = 0
    while offset < buffer.count {
      let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[offset...])
      let read = unsafe getrandom(rest.baseAddress, rest.count, 0)
      if read > 0 {
        offset += read
      } else if read == 0 || errno != EINTR {
        return false
      }
    }
    return true
  }
}
