// SPDX-License-Identifier: Apache-2.0

package import BigIntegers
public import Cryptography

/// What the one who asks keeps between request and answer: r⁻¹ mod n. Secret: with it, whoever saw the
/// request knows the signature that came of it.
public struct BlindingState: ~Copyable, Sendable {
  /// inv, of the modulus' limbs.
  let inverse: SecretLimbs

  /// The bytes to keep, modulus_len of them, big-endian. They are as secret as the state.
  public borrowing func saved(for key: BlindRSAPublicKey) -> SecretBytes {
    var bytes = SecretBytes(zeros: key.byteCount)
    unsafe bytes.withUnsafeMutableBytes { unsafe inverse.write(bigEndian: $0) }
    return bytes
  }

  init(inverse: consuming SecretLimbs) { self.inverse = inverse }

  /// What was kept.
  ///
  /// - Throws: ``BlindRSAError/malformedState`` for another length, or a number that is not below n.
  public init(
    restoring bytes: borrowing SecretBytes, for key: BlindRSAPublicKey
  ) throws(BlindRSAError) {
    guard bytes.count == key.byteCount else { throw .malformedState }
    let number = unsafe bytes.withUnsafeBytes {
      unsafe SecretLimbs(bigEndian: $0, count: key.modulus.size)
    }
    guard key.modulus.isReduced(number) else { throw .malformedState }
    inverse = number
  }
}

/// A request and what is kept for its answer.
public struct BlindedMessage: ~Copyable, Sendable {
  /// blinded_msg, modulus_len bytes: goes to the signer, who learns nothing from it.
  public let request: [UInt8]
  /// What ``BlindRSAPublicKey/finalize(_:preparedMessage:_:)`` needs.
  public let state: BlindingState

  /// The state alone.
  public consuming func intoState() -> BlindingState { state }
}

extension BlindRSAPublicKey {
  /// Blind (RFC 9474, section 4.2): `blinded_msg = m · r^e mod n` with m the encoding of the prepared
  /// message under a random salt, and r random.
  ///
  /// - Throws: ``BlindRSAError/invalidInput``, ``BlindRSAError/blindingError``,
  ///   ``BlindRSAError/randomnessUnavailable``.
  public func blind(preparedMessage: [UInt8]) throws(BlindRSAError) -> BlindedMessage {
    let salt: [UInt8]
    do { salt = try SecureRandom.bytes(encoding.saltByteCount) } catch {
      throw .randomnessUnavailable
    }
    return try blind(preparedMessage: preparedMessage, salt: salt, factor: try randomFactor())
  }

  /// The same with a blinding factor that follows from a secret, so that a lost request can be made
  /// again. Only for keys without salt: an encoding with a salt would have to be derived as well.
  ///
  /// - Parameter material: modulus_len + 16 secret bytes, uniform: r is their value mod n.
  /// - Throws: ``BlindRSAError/unexpectedInputSize(expected:found:)`` for another length,
  ///   ``BlindRSAError/key(_:)`` for a key with salt; ``BlindRSAError/blindingError`` if r has no inverse,
  ///   and then other material is taken.
  public func blind(
    preparedMessage: [UInt8], factorMaterial material: borrowing SecretBytes
  ) throws(BlindRSAError) -> BlindedMessage {
    guard encoding == .pssZero else {
      throw .key("a derived factor needs an encoding without salt")
    }
    return try blind(preparedMessage: preparedMessage, salt: [], factor: try factor(from: material))
  }

  /// r that follows from a secret, as ``blind(preparedMessage:factorMaterial:)`` takes it: to open a request that
  /// is given up. Whoever has it knows the message.
  ///
  /// - Returns: modulus_len bytes.
  /// - Throws: ``BlindRSAError/unexpectedInputSize(expected:found:)``.
  public func openingFactor(
    factorMaterial material: borrowing SecretBytes
  ) throws(BlindRSAError) -> [UInt8] {
    let factor: Natural<64> = try self.factor(from: material).revealed()
    return factor.bigEndianBytes(width: byteCount)
  }

  private func factor(from material: borrowing SecretBytes) throws(BlindRSAError) -> SecretLimbs {
    guard material.count == byteCount + 16 else {
      throw .unexpectedInputSize(expected: byteCount + 16, found: material.count)
    }
    let wide = unsafe material.withUnsafeBytes {
      unsafe SecretLimbs(bigEndian: $0, count: modulus.size + 2)
    }
    return modulus.reduce(wide)
  }

  /// Blind with salt and factor given: for the two above and for known answers.
  package func blind(
    preparedMessage: [UInt8], salt: [UInt8], factor: consuming SecretLimbs
  ) throws(BlindRSAError) -> BlindedMessage {
    guard
      let encoded = PSSEncoding.encode(preparedMessage, salt: salt, modulusBits: bits)
    else { throw .key("too short for the encoding") }
    let message = SecretLimbs(Natural<64>(wrappingBigEndian: encoded), count: modulus.size)
    // A factor in common with n would be seen through every blinding.
    guard try isInvertible(message) else { throw .invalidInput }
    guard let inverse = try inverse(of: factor) else { throw .blindingError }
    let blinded: Natural<64> = modulus.multiply(message, power(of: factor)).revealed()
    return BlindedMessage(
      request: blinded.bigEndianBytes(width: byteCount), state: BlindingState(inverse: inverse))
  }

  /// Finalize (RFC 9474, section 4.4): `sig = blind_sig · r⁻¹ mod n`, verified.
  ///
  /// - Parameters:
  ///   - blindSignature: the signer's answer, modulus_len bytes.
  ///   - preparedMessage: what was blinded.
  /// - Returns: the signature, modulus_len bytes.
  /// - Throws: ``BlindRSAError/unexpectedInputSize(expected:found:)``,
  ///   ``BlindRSAError/representativeOutOfRange``, ``BlindRSAError/invalidSignature``.
  public func finalize(
    _ blindSignature: [UInt8], preparedMessage: [UInt8], _ state: borrowing BlindingState
  ) throws(BlindRSAError) -> [UInt8] {
    guard blindSignature.count == byteCount else {
      throw .unexpectedInputSize(expected: byteCount, found: blindSignature.count)
    }
    let number = Natural<64>(wrappingBigEndian: blindSignature)
    guard number < modulus.value else { throw .representativeOutOfRange }
    let product: Natural<64> = modulus.multiply(
      SecretLimbs(number, count: modulus.size), state.inverse
    ).revealed()
    let signature = product.bigEndianBytes(width: byteCount)
    guard vartimeIsValid(signature, preparedMessage: preparedMessage) else {
      throw .invalidSignature
    }
    return signature
  }

  // MARK: Secret numbers

  /// Uniform in 2..<n, by rejection.
  func randomFactor() throws(BlindRSAError) -> SecretLimbs {
    for _ in 0..<128 {
      let bytes: SecretBytes
      do { bytes = try SecretBytes(random: byteCount) } catch { throw .randomnessUnavailable }
      let number = unsafe bytes.withUnsafeBytes {
        unsafe SecretLimbs(bigEndian: $0, count: modulus.size)
      }
      if modulus.isReduced(number) { return number }
    }
    throw .randomnessUnavailable
  }

  /// a^e mod n: e is public, a is not.
  private func power(of a: borrowing SecretLimbs) -> SecretLimbs {
    var result = a.copy()
    for bit in stride(from: 62 - exponent.leadingZeroBitCount, through: 0, by: -1) {
      result = modulus.multiply(result, result)
      if exponent >> UInt64(bit) & 1 == 1 { result = modulus.multiply(result, a) }
    }
    return result
  }

  /// a⁻¹ mod n, with a behind a random factor while it is inverted; nil if a has a factor in common with n.
  package func inverse(of a: borrowing SecretLimbs) throws(BlindRSAError) -> SecretLimbs? {
    let mask = try randomFactor()
    let masked: Natural<64> = modulus.multiply(a, mask).revealed()
    guard let inverse = modulus.vartimeInverse(masked) else { return nil }
    return modulus.multiply(mask, SecretLimbs(inverse, count: modulus.size))
  }

  private func isInvertible(_ a: borrowing SecretLimbs) throws(BlindRSAError) -> Bool {
    let mask = try randomFactor()
    let masked: Natural<64> = modulus.multiply(a, mask).revealed()
    return modulus.vartimeInverse(masked) != nil
  }
}
