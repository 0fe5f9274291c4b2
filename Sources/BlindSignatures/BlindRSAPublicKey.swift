// SPDX-License-Identifier: Apache-2.0

internal import BigIntegers
public import Cryptography

/// A signer's public key (n, e) with the encoding that it signs under.
public final class BlindRSAPublicKey: Sendable {
  /// n
  let modulus: Modulus<64>
  /// e
  public let exponent: UInt64
  /// The encoding that this key signs under, and no other.
  public let encoding: BlindRSAVariant.Encoding
  /// modulus_len: the length of n in bytes, and of every request and signature.
  public let byteCount: Int

  /// Lengths of n that are taken, in bits.
  public static let modulusBits = RSAPrivateKey.modulusBits

  /// A key from its numbers.
  ///
  /// - Parameters:
  ///   - modulus: n, big-endian, without a leading zero; 2048, 3072 or 4096 bits, the highest one set.
  ///   - exponent: e, odd, from 65537 up to 2³³ − 1, as libraries take it.
  /// - Throws: ``BlindRSAError/key(_:)``.
  public init(
    modulus: [UInt8], exponent: UInt64, encoding: BlindRSAVariant.Encoding
  ) throws(BlindRSAError) {
    guard Self.modulusBits.contains(8 * modulus.count), let first = modulus.first, first >= 0x80
    else { throw .key("a modulus of 2048, 3072 or 4096 bits") }
    guard exponent % 2 == 1, (65_537..<1 << 33).contains(exponent) else {
      throw .key("an odd exponent from 65537 to 2^33 − 1")
    }
    let value = Natural<64>(wrappingBigEndian: modulus)
    do { self.modulus = try Modulus(value) } catch { throw .key("an odd modulus") }
    self.exponent = exponent
    self.encoding = encoding
    byteCount = modulus.count
  }

  /// n, big-endian.
  public var modulusBytes: [UInt8] { modulus.value.bigEndianBytes(width: byteCount) }

  /// key_id: SHA-256 of the DER of the SubjectPublicKeyInfo, ``subjectPublicKeyInfo``.
  public var keyID: Digest { SHA256.hash(subjectPublicKeyInfo) }

  var bits: Int { 8 * byteCount }

  /// Whether public bytes of the modulus' length are a number below it.
  func isReduced(_ bytes: [UInt8]) -> Bool {
    Natural<64>(wrappingBigEndian: bytes) < modulus.value
  }

  // MARK: Prepare and verify

  /// Prepare (RFC 9474, section 4.1): the message with 32 random bytes in front, or the message.
  ///
  /// - Throws: ``BlindRSAError/randomnessUnavailable``.
  public static func prepare(
    _ message: [UInt8], _ preparation: BlindRSAVariant.Preparation
  ) throws(BlindRSAError) -> [UInt8] {
    do { return try SecureRandom.bytes(preparation.prefixByteCount) + message } catch {
      throw .randomnessUnavailable
    }
  }

  /// Verify (RFC 9474, section 4.5): RSASSA-PSS with the salt of exactly this key's length.
  ///
  /// - Parameters:
  ///   - signature: modulus_len bytes.
  ///   - preparedMessage: the whole of it; whoever uses a randomized variant removes 32 bytes before
  ///     reading the message.
  public func vartimeIsValid(_ signature: [UInt8], preparedMessage: [UInt8]) -> Bool {
    guard signature.count == byteCount else { return false }
    let number = Natural<64>(wrappingBigEndian: signature)
    guard number < modulus.value else { return false }
    let encoded = modulus.vartimePow(number, Natural<1>(UInt(exponent)))
    return PSSEncoding.vartimeIsValid(
      encoded.bigEndianBytes(width: byteCount), preparedMessage,
      saltByteCount: encoding.saltByteCount, modulusBits: bits)
  }

  /// Whether a blind signature is right for a request: `s^e = blinded_msg (mod n)`. What fails here
  /// convicts the signer to anybody who has both.
  ///
  /// - Parameters:
  ///   - blindSignature: blind_sig.
  ///   - request: blinded_msg.
  public func vartimeIsValid(blindSignature: [UInt8], request: [UInt8]) -> Bool {
    guard blindSignature.count == byteCount, request.count == byteCount else { return false }
    let number = Natural<64>(wrappingBigEndian: blindSignature)
    let message = Natural<64>(wrappingBigEndian: request)
    guard number < modulus.value, message < modulus.value else { return false }
    return modulus.vartimePow(number, Natural<1>(UInt(exponent))) == message
  }

  /// Whether a factor opens a request: `blinded_msg = m · r^e (mod n)`, m the encoding of the message without
  /// salt. An opening says what somebody may have blinded, not that it was blinded: with own and foreign
  /// signatures other factors can be computed for other messages (`Specs/credentials.md`).
  ///
  /// - Parameters:
  ///   - request: blinded_msg, modulus_len bytes.
  ///   - factor: r, modulus_len bytes, 1 < r < n.
  public func vartimeOpens(
    _ request: [UInt8], preparedMessage: [UInt8], factor: [UInt8]
  ) -> Bool {
    guard encoding == .pssZero, request.count == byteCount, factor.count == byteCount,
      let encoded = PSSEncoding.encode(preparedMessage, salt: [], modulusBits: bits)
    else { return false }
    let number = Natural<64>(wrappingBigEndian: factor)
    guard number < modulus.value, number > Natural<64>(1) else { return false }
    let product = modulus.vartimeMultiply(
      Natural<64>(wrappingBigEndian: encoded),
      modulus.vartimePow(number, Natural<1>(UInt(exponent))))
    return product.bigEndianBytes(width: byteCount) == request
  }
}

extension BlindRSAPublicKey: Hashable {
  /// Whether numbers and encoding are the same.
  public static func == (left: BlindRSAPublicKey, right: BlindRSAPublicKey) -> Bool {
    left.modulus.value == right.modulus.value && left.exponent == right.exponent
      && left.encoding == right.encoding
  }

  /// Hashes numbers and encoding.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(modulus.value)
    hasher.combine(exponent)
    hasher.combine(encoding)
  }
}
