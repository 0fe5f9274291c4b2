// SPDX-License-Identifier: Apache-2.0

/// HKDF with SHA-256 (RFC 5869): independent keys from one secret.
public enum HKDFSHA256 {
  /// Most bytes of one output.
  public static let maximumByteCount = 255 * Digest.byteCount

  /// `count` secret bytes.
  ///
  /// - Parameters:
  ///   - secret: IKM, the input keying material.
  ///   - salt: public.
  ///   - info: public; what the bytes are for.
  ///   - count: 0 to ``maximumByteCount``.
  /// - Throws: ``CryptographyError/invalidLength(expected:actual:)``.
  public static func derive(
    from secret: borrowing SecretBytes, salt: [UInt8], info: [UInt8], count: Int
  ) throws(CryptographyError) -> SecretBytes {
    guard (0...maximumByteCount).contains(count) else {
      throw .invalidLength(expected: maximumByteCount, actual: count)
    }
    let key = HMACSHA256.authenticate(secretKey: SecretBytes(copying: salt), secret: secret)
    var output = SecretBytes(zeros: 0)
    var block = SecretBytes(zeros: 0)
    var number: UInt8 = 1
    while output.count < count {
      block = HMACSHA256.authenticate(secretKey: key, secret: block.appending(info + [number]))
      output = output.appending(block)
      number &+= 1
    }
    guard let result = output.slice(0..<count) else {
      throw .invalidLength(expected: count, actual: output.count)
    }
    return result
  }
}
