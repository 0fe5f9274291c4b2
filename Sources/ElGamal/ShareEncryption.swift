// SPDX-License-Identifier: Apache-2.0

public import Cryptography
public import Groups

/// The shares P_i(ℓ) and P̂_i(ℓ) of trustee i for trustee ℓ, encrypted under κ_ℓ
/// (ElectionGuard 2.1.0, 3.2.2). Public.
///
///     α = C_0 = g^ξ,  β = κ_ℓ^ξ,  k = H(H_P; 11, i, ℓ, κ_ℓ, α, β)
///     C_1 = (P_i(ℓ) ⊕ k_1) ‖ (P̂_i(ℓ) ⊕ k_2)
///     C_2 = (c̄, v̄), a proof of knowledge of ξ that binds i, ℓ, C_0 and C_1
public struct ShareEncryption: Hashable, Sendable {
  /// i, the sender.
  public var from: Int
  /// ℓ, the receiver.
  public var to: Int
  /// C_0
  public var c0: Element
  /// C_1, 64 bytes.
  public var c1: [UInt8]
  /// C_2
  public var c2: CompactProof

  /// Bytes of C_1.
  public static let maskedByteCount = 64

  /// An encryption from its parts.
  public init(from: Int, to: Int, c0: Element, c1: [UInt8], c2: CompactProof) {
    self.from = from
    self.to = to
    self.c0 = c0
    self.c1 = c1
    self.c2 = c2
  }

  /// Encrypts a pair of shares with fresh randomness.
  /// - Parameters:
  ///   - voteShare: P_i(ℓ), secret.
  ///   - dataShare: P̂_i(ℓ), secret.
  ///   - key: κ_ℓ.
  /// - Throws: `GroupError.randomnessUnavailable`.
  public static func encrypt(
    voteShare: borrowing SecretScalar, dataShare: borrowing SecretScalar, from: Int, to: Int,
    key: Element, parameterBaseHash: Digest, in group: Group
  ) throws(GroupError) -> ShareEncryption {
    let nonce = try group.randomSecretScalar()
    var input = HashInput(.shareProof, in: group)
    input.append(index: from)
    input.append(index: to)
    input.append(key)
    input.append(parameterBaseHash)
    let secrets = group.encoded(nonce).appending(group.encoded(voteShare))
      .appending(group.encoded(dataShare))
    let hedged = try HedgedNonces(statement: input, secrets: secrets)
    return try encrypt(
      voteShare: voteShare, dataShare: dataShare, from: from, to: to, key: key,
      parameterBaseHash: parameterBaseHash, nonce: nonce,
      commitment: hedged.nonce(0, in: group), in: group)
  }

  /// The same with given ξ and ū; for known answers.
  package static func encrypt(
    voteShare: borrowing SecretScalar, dataShare: borrowing SecretScalar, from: Int, to: Int,
    key: Element, parameterBaseHash: Digest, nonce: borrowing SecretScalar,
    commitment: borrowing SecretScalar, in group: Group
  ) throws(GroupError) -> ShareEncryption {
    let c0 = group.power(group.generator, nonce)
    let pad = pad(
      from: from, to: to, key: key, c0: c0,
      shared: group.encoded(group.secretPower(key, nonce)),
      parameterBaseHash: parameterBaseHash, in: group)
    let shares = group.encoded(voteShare).appending(group.encoded(dataShare))
    let c1: [UInt8]
    do { c1 = try pad.xor(shares).revealed() } catch {
      throw .wrongLength(expected: pad.count, found: shares.count)
    }
    let challenge = challenge(
      commitment: group.power(group.generator, commitment), from: from, to: to, c0: c0, c1: c1,
      parameterBaseHash: parameterBaseHash, in: group)
    let response = group.response(nonce: commitment, challenge: challenge, secret: nonce)
    return ShareEncryption(
      from: from, to: to, c0: c0, c1: c1,
      c2: CompactProof(challenge: challenge, response: response))
  }

  /// Whether C_2 proves knowledge of ξ.
  public func isProofValid(parameterBaseHash: Digest, in group: Group) -> Bool {
    guard c1.count == Self.maskedByteCount else { return false }
    let commitment = group.vartimeCommitment(c2, base: group.generator, image: c0)
    return Self.challenge(
      commitment: commitment, from: from, to: to, c0: c0, c1: c1,
      parameterBaseHash: parameterBaseHash, in: group) == c2.challenge
  }

  /// P_i(ℓ) ‖ P̂_i(ℓ), 64 bytes, for the receiver who knows ζ_ℓ.
  /// - Throws: `GroupError.wrongLength` for a C_1 of another length.
  public func decrypted(
    communicationSecret: borrowing SecretScalar, key: Element, parameterBaseHash: Digest,
    in group: Group
  ) throws(GroupError) -> SecretBytes {
    try unmasked(
      shared: group.encoded(group.secretPower(c0, communicationSecret)), key: key,
      parameterBaseHash: parameterBaseHash, in: group)
  }

  /// The same for everybody, once β was published with a complaint.
  /// - Throws: `GroupError.wrongLength` for a C_1 of another length.
  public func decrypted(
    publicShared: Element, key: Element, parameterBaseHash: Digest, in group: Group
  ) throws(GroupError) -> SecretBytes {
    try unmasked(
      shared: SecretBytes(copying: group.bytes(publicShared)), key: key,
      parameterBaseHash: parameterBaseHash, in: group)
  }

  private func unmasked(
    shared: borrowing SecretBytes, key: Element, parameterBaseHash: Digest, in group: Group
  ) throws(GroupError) -> SecretBytes {
    let pad = Self.pad(
      from: from, to: to, key: key, c0: c0, shared: shared,
      parameterBaseHash: parameterBaseHash, in: group)
    do { return try pad.xor(SecretBytes(copying: c1)) } catch {
      throw .wrongLength(expected: pad.count, found: c1.count)
    }
  }

  /// k_1 ‖ k_2 with k_n = HMAC(k, n ‖ "share_enc_keys" ‖ 00 ‖ "share_encrypt" ‖ i ‖ ℓ ‖ 0200)
  private static func pad(
    from: Int, to: Int, key: Element, c0: Element, shared: borrowing SecretBytes,
    parameterBaseHash: Digest, in group: Group
  ) -> SecretBytes {
    var input = HashInput(.shareKey, in: group)
    input.append(index: from)
    input.append(index: to)
    input.append(key)
    input.append(c0)
    let k = input.secretDigest(key: parameterBaseHash, appending: shared)
    func part(_ counter: UInt8) -> SecretBytes {
      var message = [counter] + Array("share_enc_keys".utf8) + [0]
      message += Array("share_encrypt".utf8)
      for index in [from, to] {
        let value = UInt32(clamping: index)
        message += ([24, 16, 8, 0] as [UInt32]).map { UInt8(truncatingIfNeeded: value >> $0) }
      }
      return HMACSHA256.authenticate(secretKey: k, message + [0x02, 0x00])
    }
    return part(1).appending(part(2))
  }

  private static func challenge(
    commitment: Element, from: Int, to: Int, c0: Element, c1: [UInt8],
    parameterBaseHash: Digest, in group: Group
  ) -> Scalar {
    var input = HashInput(.shareProof, in: group)
    input.append(index: from)
    input.append(index: to)
    input.append(commitment)
    input.append(c0)
    input.append(fixed: c1)
    return input.scalar(key: parameterBaseHash)
  }
}
