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

  /// A number of a range, all of them equally likely.
  ///
  /// - Throws: ``CryptographyError/randomnessUnavailable``.
  public static func number(in range: ClosedRange<Int>) throws(CryptographyError) -> Int {
    let width = UInt64(bitPattern: Int64(range.upperBound &- range.lowerBound))
    let mask = UInt64.max >> UInt64(width.leadingZeroBitCount % 64)
    // Each turn succeeds with one half or more.
    for _ in 0..<128 {
      let number = try bytes(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) } & (width == 0 ? 0 : mask)
      if number <= width { return range.lowerBound &+ Int(truncatingIfNeeded: number) }
    }
    throw .randomnessUnavailable
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
