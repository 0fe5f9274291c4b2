// SPDX-License-Identifier: Apache-2.0

import COpenSSL

/// An RSA private key, held by libcrypto, for the raw operation that blind signatures need.
///
/// libcrypto computes it by the Chinese remainder theorem in constant time, with the input blinded by a random
/// factor. Whoever uses the result checks it against the public key.
@safe
public struct RSAPrivateKey: ~Copyable, @unchecked Sendable {
  // Unchecked: libcrypto's key is not changed after it is made, and every operation has its own context.
  private let handle: OpaquePointer
  /// n, big-endian.
  public let modulus: [UInt8]
  /// e
  public let exponent: UInt64

  /// Lengths of n that are made and taken, in bits.
  public static let modulusBits = [2048, 3072, 4096]

  /// Makes a key with e = 65537.
  ///
  /// - Parameter bits: 2048, 3072 or 4096.
  /// - Throws: ``CryptographyError/costOutOfRange`` for another length; ``CryptographyError/backend(_:)``.
  public static func generate(bits: Int) throws(CryptographyError) -> RSAPrivateKey {
    guard modulusBits.contains(bits) else { throw .costOutOfRange }
    guard let context = unsafe EVP_PKEY_CTX_new_from_name(nil, "RSA", nil) else {
      throw .backend("RSA")
    }
    defer { unsafe EVP_PKEY_CTX_free(context) }
    var key: OpaquePointer?
    guard unsafe EVP_PKEY_keygen_init(context) == 1,
      unsafe EVP_PKEY_CTX_set_rsa_keygen_bits(context, Int32(bits)) == 1,
      unsafe EVP_PKEY_generate(context, &key) == 1, let key = unsafe key
    else { throw .backend("making an RSA key") }
    return unsafe try RSAPrivateKey(owning: key)
  }

  /// Reads a key.
  ///
  /// - Parameter der: PKCS#8 or PKCS#1, DER, unencrypted; for RSA of 2048, 3072 or 4096 bits.
  /// - Throws: ``CryptographyError/malformedBox(_:)``.
  public init(der: borrowing SecretBytes) throws(CryptographyError) {
    var read = 0
    let key = unsafe der.withUnsafeBytes { bytes -> OpaquePointer? in
      guard let first = unsafe bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else {
        return nil
      }
      var start: UnsafePointer<UInt8>? = unsafe first
      let key = unsafe d2i_AutoPrivateKey(nil, &start, bytes.count)
      if let start = unsafe start { read = unsafe start - first }
      return unsafe key
    }
    ERR_clear_error()
    // Nothing may follow the key.
    guard let key = unsafe key, read == der.count else {
      unsafe EVP_PKEY_free(key)
      throw .malformedBox("an RSA key in DER")
    }
    unsafe try self.init(owning: key)
  }

  private init(owning key: OpaquePointer) throws(CryptographyError) {
    guard unsafe EVP_PKEY_is_a(key, "RSA") == 1,
      let modulus = unsafe Self.number(key, "n"), let exponent = unsafe Self.number(key, "e"),
      Self.modulusBits.contains(8 * modulus.count), exponent.count <= 8
    else {
      unsafe EVP_PKEY_free(key)
      throw .malformedBox("an RSA key of 2048, 3072 or 4096 bits")
    }
    unsafe handle = unsafe key
    self.modulus = modulus
    self.exponent = exponent.reduce(0) { $0 << 8 | UInt64($1) }
  }

  deinit { unsafe EVP_PKEY_free(handle) }

  /// The key as PKCS#8, DER, unencrypted.
  ///
  /// - Throws: ``CryptographyError/backend(_:)``.
  public borrowing func der() throws(CryptographyError) -> SecretBytes {
    guard let info = unsafe EVP_PKEY2PKCS8(handle) else { throw .backend("PKCS#8") }
    defer { unsafe PKCS8_PRIV_KEY_INFO_free(info) }
    let count = unsafe i2d_PKCS8_PRIV_KEY_INFO(info, nil)
    guard count > 0 else { throw .backend("PKCS#8") }
    var bytes = SecretBytes(zeros: Int(count))
    let written = unsafe bytes.withUnsafeMutableBytes { bytes -> Int32 in
      var start = unsafe bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
      return unsafe i2d_PKCS8_PRIV_KEY_INFO(info, &start)
    }
    guard written == count else { throw .backend("PKCS#8") }
    return bytes
  }

  /// x^d mod n, without padding.
  ///
  /// - Parameter input: x < n, of n's length.
  /// - Returns: as many bytes; not checked.
  /// - Throws: ``CryptographyError/invalidLength(expected:actual:)``, ``CryptographyError/backend(_:)``.
  public borrowing func rawSignature(_ input: [UInt8]) throws(CryptographyError) -> [UInt8] {
    guard input.count == modulus.count else {
      throw .invalidLength(expected: modulus.count, actual: input.count)
    }
    guard let context = unsafe EVP_PKEY_CTX_new_from_pkey(nil, handle, nil) else {
      throw .backend("RSA")
    }
    defer { unsafe EVP_PKEY_CTX_free(context) }
    var output = [UInt8](repeating: 0, count: modulus.count)
    var count = output.count
    guard unsafe EVP_PKEY_sign_init(context) == 1,
      unsafe EVP_PKEY_CTX_set_rsa_padding(context, RSA_NO_PADDING) == 1,
      unsafe EVP_PKEY_sign(context, &output, &count, input, input.count) == 1,
      count == output.count
    else {
      ERR_clear_error()
      throw .backend("the raw RSA operation")
    }
    return output
  }

  private static func number(_ key: OpaquePointer, _ name: String) -> [UInt8]? {
    var number: OpaquePointer?
    guard unsafe EVP_PKEY_get_bn_param(key, name, &number) == 1, let number = unsafe number else {
      return nil
    }
    defer { unsafe BN_free(number) }
    let count = Int(unsafe BN_num_bits(number) + 7) / 8
    var bytes = [UInt8](repeating: 0, count: count)
    guard unsafe BN_bn2binpad(number, &bytes, Int32(count)) == Int32(count) else { return nil }
    return bytes
  }
}
