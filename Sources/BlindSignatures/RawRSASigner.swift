// SPDX-License-Identifier: Apache-2.0

public import Cryptography

/// Whoever holds a private key: a file, a hardware module, another process.
public protocol RawRSASigner: Sendable {
  /// x^d mod n.
  ///
  /// - Parameter input: x < n, of the modulus' length, big-endian.
  /// - Returns: as many bytes.
  /// - Throws: ``BlindRSAError/backend(_:)``.
  func rawSignature(_ input: [UInt8]) async throws(BlindRSAError) -> [UInt8]
}

/// A signer: BlindSign (RFC 9474, section 4.3) over a key that somebody holds.
public struct BlindSigner<Holder: RawRSASigner>: Sendable {
  /// What requests are for.
  public let key: BlindRSAPublicKey
  package let holder: Holder

  /// A signer.
  ///
  /// - Parameter holder: holds the private key that belongs to `key`.
  public init(_ key: BlindRSAPublicKey, holder: Holder) {
    self.key = key
    self.holder = holder
  }

  /// Signs a request. Every answer is checked before it goes out: a fault in the computation would give
  /// the key away.
  ///
  /// - Parameter request: blinded_msg, modulus_len bytes.
  /// - Returns: blind_sig, modulus_len bytes.
  /// - Throws: ``BlindRSAError/unexpectedInputSize(expected:found:)``,
  ///   ``BlindRSAError/representativeOutOfRange``, ``BlindRSAError/signingFailure``,
  ///   ``BlindRSAError/backend(_:)``.
  public func blindSignature(of request: [UInt8]) async throws(BlindRSAError) -> [UInt8] {
    guard request.count == key.byteCount else {
      throw .unexpectedInputSize(expected: key.byteCount, found: request.count)
    }
    guard key.isReduced(request) else { throw .representativeOutOfRange }
    let signature = try await holder.rawSignature(request)
    guard key.vartimeIsValid(blindSignature: signature, request: request) else {
      throw .signingFailure
    }
    return signature
  }
}

/// A private key in this process, held by OpenSSL: constant-time exponentiation by the Chinese remainder
/// theorem, with base blinding.
public final class LocalRSASigner: RawRSASigner {
  private let key: RSAPrivateKey

  /// A key.
  public init(_ key: consuming RSAPrivateKey) { self.key = key }

  /// x^d mod n.
  public func rawSignature(_ input: [UInt8]) async throws(BlindRSAError) -> [UInt8] {
    try rawSignatureNow(input)
  }

  package func rawSignatureNow(_ input: [UInt8]) throws(BlindRSAError) -> [UInt8] {
    do { return try key.rawSignature(input) } catch { throw .backend("\(error)") }
  }

  /// The public part, under an encoding.
  ///
  /// - Throws: ``BlindRSAError/key(_:)``.
  public func publicKey(
    _ encoding: BlindRSAVariant.Encoding
  ) throws(BlindRSAError) -> BlindRSAPublicKey {
    try BlindRSAPublicKey(modulus: key.modulus, exponent: key.exponent, encoding: encoding)
  }
}
