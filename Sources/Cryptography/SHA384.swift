// SPDX-License-Identifier: Apache-2.0

/// SHA-384 (FIPS 180-4), for signatures that others verify.
public enum SHA384 {
  /// Length of a hash.
  public static let byteCount = 48

  /// The hash of `bytes`, 48 bytes.
  public static func hash(_ bytes: some Collection<UInt8>) -> [UInt8] {
    let context = HashContext(.sha384)
    unsafe withContiguousBytes(bytes) { unsafe context.update($0) }
    var result = [UInt8](repeating: 0, count: byteCount)
    unsafe result.withUnsafeMutableBytes { unsafe context.finish(into: $0) }
    return result
  }
}
