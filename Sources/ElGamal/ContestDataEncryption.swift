// SPDX-License-Identifier: Apache-2.0

public import Cryptography
public import Groups

/// Contest data (write-ins, overvotes), encrypted under K̂ (ElectionGuard 2.1.0, 3.3.10). Public.
///
///     C_0 = α = g^ξ,  β = K̂^ξ,  h = H(H_I; 26, ind_c, α, β),
///     C_1 = (D_1 ⊕ k_1) ‖ … ‖ (D_b ⊕ k_b),  C_2 = (c, v), a proof of knowledge of ξ
public struct ContestDataEncryption: Hashable, Sendable {
  /// C_0
  public let c0: Element
  /// C_1, 32·b_Λ bytes.
  public let c1: [UInt8]
  /// C_2
  public let c2: CompactProof

  /// Bytes of a block of contest data.
  public static let blockByteCount = 32

  /// An encryption from its parts.
  public init(c0: Element, c1: [UInt8], c2: CompactProof) {
    self.c0 = c0
    self.c1 = c1
    self.c2 = c2
  }

  /// Encrypts 32·b_Λ bytes of contest data.
  /// - Parameters:
  ///   - data: D, secret, already padded to whole blocks.
  ///   - nonce: ξ = H_q(H_I; 25, ind_c, ξ_B), secret.
  /// - Throws: `GroupError.wrongLength` unless D is whole blocks, `.randomnessUnavailable`.
  public static func encrypt(
    _ data: borrowing SecretBytes, nonce: borrowing SecretScalar, contest: Int,
    identifierHash: Digest, key: FixedBase, in group: Group
  ) throws(GroupError) -> ContestDataEncryption {
    var powers = SecretPowerBatch()
    let draft = try draft(
      hedge: data, nonce: nonce, contest: contest, identifierHash: identifierHash, key: key,
      powers: &powers, in: group)
    return try ContestDataEncryption(
      draft, data, contest: contest, identifierHash: identifierHash,
      powers: powers.run(in: group), in: group)
  }

  /// The same with a given u; for known answers.
  package static func encrypt(
    _ data: borrowing SecretBytes, nonce: borrowing SecretScalar,
    commitment: borrowing SecretScalar, contest: Int, identifierHash: Digest, key: FixedBase,
    in group: Group
  ) throws(GroupError) -> ContestDataEncryption {
    var powers = SecretPowerBatch()
    let draft = SharedKeyDraft(
      nonce: nonce, commitment: commitment, key: key, powers: &powers, in: group)
    return try ContestDataEncryption(
      draft, data, contest: contest, identifierHash: identifierHash,
      powers: powers.run(in: group), in: group)
  }

  /// Asks for the powers of an encryption.
  /// - Parameter hedge: the data, or nothing when they are not known yet: it only guards against a
  ///   generator that repeats itself (``HedgedNonces``).
  /// - Throws: `GroupError.randomnessUnavailable`.
  package static func draft(
    hedge: borrowing SecretBytes, nonce: borrowing SecretScalar, contest: Int,
    identifierHash: Digest, key: FixedBase, powers: inout SecretPowerBatch, in group: Group
  ) throws(GroupError) -> SharedKeyDraft {
    var input = HashInput(.contestDataProof, in: group)
    input.append(index: contest)
    input.append(identifierHash)
    let hedged = try HedgedNonces(
      statement: input, secrets: group.encoded(nonce).appending(hedge))
    return SharedKeyDraft(
      nonce: nonce, commitment: hedged.nonce(0, in: group), key: key, powers: &powers, in: group)
  }

  /// The encryption, once the powers are known.
  /// - Throws: `GroupError.wrongLength` unless D is whole blocks.
  package init(
    _ draft: SharedKeyDraft, _ data: borrowing SecretBytes, contest: Int, identifierHash: Digest,
    powers: borrowing SecretElements, in group: Group
  ) throws(GroupError) {
    c0 = draft.c0(powers)
    c1 = try Self.masked(
      data, c0: c0, shared: draft.shared(powers), contest: contest,
      identifierHash: identifierHash, in: group
    ).revealed()
    c2 = draft.proof(
      Self.challenge(
        commitment: draft.a(powers), c0: c0, c1: c1, contest: contest,
        identifierHash: identifierHash, in: group),
      in: group)
  }

  /// Whether C_2 proves knowledge of ξ. Trustees check it before they decrypt (3.6.6).
  public func isProofValid(contest: Int, identifierHash: Digest, in group: Group) -> Bool {
    isProofValid(
      commitment: group.vartimeCommitment(c2, base: group.generator, image: c0),
      contest: contest, identifierHash: identifierHash, in: group)
  }

  /// Whether C_2 holds with its commitment a = g^v·C_0^c.
  public func isProofValid(
    commitment: Element, contest: Int, identifierHash: Digest, in group: Group
  ) -> Bool {
    Self.challenge(
      commitment: commitment, c0: c0, c1: c1, contest: contest, identifierHash: identifierHash,
      in: group) == c2.challenge
  }

  /// D = C_1 ⊕ (k_1 ‖ … ‖ k_b), given β.
  /// - Throws: `GroupError.wrongLength` unless C_1 is whole blocks.
  public func decrypted(
    shared: borrowing SecretElement, contest: Int, identifierHash: Digest, in group: Group
  ) throws(GroupError) -> SecretBytes {
    try Self.masked(
      SecretBytes(copying: c1), c0: c0, shared: shared, contest: contest,
      identifierHash: identifierHash, in: group)
  }

  /// D = C_1 ⊕ (k_1 ‖ … ‖ k_b), given a β that has been published (12.C), or recomputed from a
  /// published nonce (13.A).
  /// - Throws: `GroupError.wrongLength` unless C_1 is whole blocks.
  public func decrypted(
    publicShared: Element, contest: Int, identifierHash: Digest, in group: Group
  ) throws(GroupError) -> [UInt8] {
    try Self.masked(
      SecretBytes(copying: c1), c0: c0,
      encodedShared: SecretBytes(copying: group.bytes(publicShared)),
      contest: contest, identifierHash: identifierHash, in: group
    ).revealed()
  }

  private static func masked(
    _ text: borrowing SecretBytes, c0: Element, shared: borrowing SecretElement, contest: Int,
    identifierHash: Digest, in group: Group
  ) throws(GroupError) -> SecretBytes {
    try masked(
      text, c0: c0, encodedShared: group.encoded(shared), contest: contest,
      identifierHash: identifierHash, in: group)
  }

  /// Adds k_t = HMAC(h, b(t,4) ‖ "data_enc_keys" ‖ 00 ‖ "contest_data" ‖ b(ind_c,4) ‖ b(256·b,4)),
  /// t = 1 … b, to the blocks.
  private static func masked(
    _ text: borrowing SecretBytes, c0: Element, encodedShared: borrowing SecretBytes, contest: Int,
    identifierHash: Digest, in group: Group
  ) throws(GroupError) -> SecretBytes {
    let blocks = text.count / blockByteCount
    guard text.count % blockByteCount == 0 else {
      throw .wrongLength(expected: blocks * blockByteCount, found: text.count)
    }
    var input = HashInput(.contestDataKey, in: group)
    input.append(index: contest)
    input.append(c0)
    let key = input.secretDigest(key: identifierHash, appending: encodedShared)
    var pad = SecretBytes(zeros: 0)
    for block in 0..<blocks {
      var message = bigEndian(block + 1) + Array("data_enc_keys".utf8) + [0x00]
      message += Array("contest_data".utf8) + bigEndian(contest) + bigEndian(256 * blocks)
      pad = pad.appending(HMACSHA256.authenticate(secretKey: key, message))
    }
    do { return try pad.xor(text) } catch {
      throw .wrongLength(expected: pad.count, found: text.count)
    }
  }

  private static func bigEndian(_ number: Int) -> [UInt8] {
    let value = UInt32(clamping: number)
    return ([24, 16, 8, 0] as [UInt32]).map { UInt8(truncatingIfNeeded: value >> $0) }
  }

  private static func challenge(
    commitment: Element, c0: Element, c1: [UInt8], contest: Int, identifierHash: Digest,
    in group: Group
  ) -> Scalar {
    var input = HashInput(.contestDataProof, in: group)
    input.append(index: contest)
    input.append(commitment)
    input.append(c0)
    input.append(fixed: c1)
    return input.scalar(key: identifierHash)
  }
}
