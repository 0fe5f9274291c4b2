// SPDX-License-Identifier: Apache-2.0

public import BlindSignatures
public import Cryptography

/// What a voter keeps of one credential: everything follows from the wallet's seed W, so that whoever has the seed
/// can ask again and gets the same answer.
///
///     HKDF-SHA256(W, salt "urna/wallet/v1", info = label ‖ 00 ‖ u16 length ‖ scope ‖ id ‖ u32 district ‖ u32 attempt)
///
/// with the labels `pseudonym` (the seed of P), `nonce`, `request` (the seed of K_i where a certificate or an
/// identity provider stands for the citizen), and `blind` with `u8 j ‖ u8 counter` behind (modulus_len + 16 bytes,
/// r is their value modulo n; the counter grows while r has no inverse). Secret: all of it but P once it is
/// activated.
public struct CredentialSecrets: ~Copyable, Sendable {
  private let seed: SecretBytes
  /// What the credential is good for.
  public let scope: CredentialScope
  /// The district's number.
  public let district: Int
  /// How many credentials were cancelled before.
  public let attempt: Int

  /// Bytes of a wallet's seed.
  public static let seedByteCount = 32
  private static let salt = Array("urna/wallet/v1".utf8)

  /// The secrets of a credential.
  ///
  /// - Parameter seed: W, 32 bytes.
  /// - Throws: ``CryptographyError/invalidLength(expected:actual:)``.
  public init(
    seed: borrowing SecretBytes, scope: CredentialScope, district: Int, attempt: Int = 0
  ) throws(CryptographyError) {
    guard seed.count == Self.seedByteCount else {
      throw .invalidLength(expected: Self.seedByteCount, actual: seed.count)
    }
    self.seed = seed.copy()
    self.scope = scope
    self.district = district
    self.attempt = attempt
  }

  /// P with its private key, which signs ballots.
  ///
  /// - Throws: ``CryptographyError``.
  public borrowing func pseudonym() throws(CryptographyError) -> Ed25519.PrivateKey {
    try Ed25519.PrivateKey(seed: derive("pseudonym", count: Ed25519.keyByteCount))
  }

  /// K_i with its private key, for an entry of the roll that has no keys.
  ///
  /// - Throws: ``CryptographyError``.
  public borrowing func requestKey() throws(CryptographyError) -> Ed25519.PrivateKey {
    try Ed25519.PrivateKey(seed: derive("request", count: Ed25519.keyByteCount))
  }

  /// M
  ///
  /// - Throws: ``CryptographyError``.
  public borrowing func message() throws(CryptographyError) -> CredentialMessage {
    // The nonce is secret until the credential is shown, which is when M is public.
    let nonce = try derive("nonce", count: Digest.byteCount).revealed()
    guard let nonce = Digest(nonce) else {
      throw .invalidLength(expected: Digest.byteCount, actual: nonce.count)
    }
    return CredentialMessage(
      scope: scope, district: district, nonce: nonce, pseudonym: try pseudonym().publicKey)
  }

  /// The blinded message for an issuer, with what its answer is unblinded with. The same every time.
  ///
  /// - Parameter issuer: j, from 1.
  /// - Throws: ``BlindRSAError``.
  public borrowing func blinded(
    for key: BlindRSAPublicKey, issuer: Int
  ) throws(BlindRSAError) -> BlindedMessage {
    let message: [UInt8]
    do { message = try self.message().bytes } catch { throw .backend("\(error)") }
    for counter in 0...255 {
      let material = try material(for: key, issuer: issuer, counter: counter)
      do { return try key.blind(preparedMessage: message, factorMaterial: material) } catch {
        guard error == .blindingError else { throw error }
      }
    }
    throw .blindingError
  }

  /// r_j: what opens the blinded message when the credential is given up.
  ///
  /// - Throws: ``BlindRSAError``.
  public borrowing func openingFactor(
    for key: BlindRSAPublicKey, issuer: Int
  ) throws(BlindRSAError) -> [UInt8] {
    let blinded = try blinded(for: key, issuer: issuer).request
    let message: [UInt8]
    do { message = try self.message().bytes } catch { throw .backend("\(error)") }
    for counter in 0...255 {
      let factor = try key.openingFactor(
        factorMaterial: try material(for: key, issuer: issuer, counter: counter))
      if key.vartimeOpens(blinded, preparedMessage: message, factor: factor) { return factor }
    }
    throw .blindingError
  }

  /// The request to all issuers of the terms, and the blinded messages in their order.
  ///
  /// - Parameter index: i, the number of the roll's entry.
  /// - Throws: ``BlindRSAError``.
  public borrowing func request(
    _ terms: CredentialTerms, index: Int
  ) throws(BlindRSAError) -> (request: IssueRequest, blinded: [[UInt8]]) {
    var blinded: [[UInt8]] = []
    for number in terms.issuers.indices.map({ $0 + 1 }) {
      guard let key = terms.credentialKey(issuer: number, district: district) else {
        throw .key("issuer \(number) has no key for district \(district)")
      }
      blinded.append(try self.blinded(for: key, issuer: number).request)
    }
    return (
      IssueRequest(
        scope: scope, district: district, index: index, attempt: attempt,
        blinded: blinded.map { SHA256.hash($0) }), blinded
    )
  }

  /// An issuer's signature over M, from its blind one.
  ///
  /// - Throws: ``BlindRSAError/invalidSignature`` if the issuer answered wrongly.
  public borrowing func signature(
    from blindSignature: [UInt8], key: BlindRSAPublicKey, issuer: Int
  ) throws(BlindRSAError) -> [UInt8] {
    let message: [UInt8]
    do { message = try self.message().bytes } catch { throw .backend("\(error)") }
    return try key.finalize(
      blindSignature, preparedMessage: message, try blinded(for: key, issuer: issuer).state)
  }

  private borrowing func material(
    for key: BlindRSAPublicKey, issuer: Int, counter: Int
  ) throws(BlindRSAError) -> SecretBytes {
    do {
      return try derive(
        "blind",
        [UInt8(truncatingIfNeeded: issuer), UInt8(truncatingIfNeeded: counter)],
        count: key.byteCount + 16)
    } catch { throw .backend("\(error)") }
  }

  private borrowing func derive(
    _ label: String, _ tail: [UInt8] = [], count: Int
  ) throws(CryptographyError) -> SecretBytes {
    var info = TaggedBytes(label)
    info.append(scope)
    info.append(u32: district)
    info.append(u32: attempt)
    return try HKDFSHA256.derive(
      from: seed, salt: Self.salt, info: info.bytes + tail, count: count)
  }
}
