// SPDX-License-Identifier: Apache-2.0

public import Cryptography
public import Groups

/// The ballot nonce ξ_B, encrypted under K̂ (ElectionGuard 2.1.0, 3.3.4). Public.
///
///     C_0 = α_B = g^ξ̂,  β_B = K̂^ξ̂,  h = H(H_I; 22, α_B, β_B),  C_1 = ξ_B ⊕ k_1,
///     C_2 = (c_B, v_B), a proof of knowledge of ξ̂ that binds C_0 and C_1
public struct BallotNonceEncryption: Hashable, Sendable {
  /// C_0
  public let c0: Element
  /// C_1, 32 bytes.
  public let c1: Digest
  /// C_2
  public let c2: CompactProof

  /// An encryption from its parts.
  public init(c0: Element, c1: Digest, c2: CompactProof) {
    self.c0 = c0
    self.c1 = c1
    self.c2 = c2
  }

  /// Encrypts ξ_B with fresh randomness.
  /// - Throws: `GroupError.randomnessUnavailable`.
  public static func encrypt(
    ballotNonce: borrowing SecretBytes, identifierHash: Digest, key: FixedBase, in group: Group
  ) throws(GroupError) -> BallotNonceEncryption {
    var powers = SecretPowerBatch()
    let draft = try draft(
      ballotNonce: ballotNonce, identifierHash: identifierHash, key: key, powers: &powers,
      in: group)
    return try BallotNonceEncryption(
      draft, ballotNonce: ballotNonce, identifierHash: identifierHash,
      powers: powers.run(in: group), in: group)
  }

  /// The same with given ξ̂ and u_B; for known answers.
  package static func encrypt(
    ballotNonce: borrowing SecretBytes, identifierHash: Digest, key: FixedBase,
    nonce: borrowing SecretScalar, commitment: borrowing SecretScalar, in group: Group
  ) throws(GroupError) -> BallotNonceEncryption {
    var powers = SecretPowerBatch()
    let draft = SharedKeyDraft(
      nonce: nonce, commitment: commitment, key: key, powers: &powers, in: group)
    return try BallotNonceEncryption(
      draft, ballotNonce: ballotNonce, identifierHash: identifierHash,
      powers: powers.run(in: group), in: group)
  }

  /// Asks for the powers of an encryption with fresh randomness.
  /// - Throws: `GroupError.randomnessUnavailable`.
  package static func draft(
    ballotNonce: borrowing SecretBytes, identifierHash: Digest, key: FixedBase,
    powers: inout SecretPowerBatch, in group: Group
  ) throws(GroupError) -> SharedKeyDraft {
    let nonce = try group.randomSecretScalar()
    var input = HashInput(.nonceProof, in: group)
    input.append(identifierHash)
    let hedged = try HedgedNonces(
      statement: input, secrets: group.encoded(nonce).appending(ballotNonce))
    return SharedKeyDraft(
      nonce: nonce, commitment: hedged.nonce(0, in: group), key: key, powers: &powers, in: group)
  }

  /// The encryption, once the powers are known.
  /// - Throws: `GroupError.wrongLength` unless ξ_B has 32 bytes.
  package init(
    _ draft: SharedKeyDraft, ballotNonce: borrowing SecretBytes, identifierHash: Digest,
    powers: borrowing SecretElements, in group: Group
  ) throws(GroupError) {
    c0 = draft.c0(powers)
    let pad = Self.pad(
      c0: c0, shared: draft.shared(powers), identifierHash: identifierHash, in: group)
    guard let c1 = Digest(try Self.xor(pad, ballotNonce).revealed()) else {
      throw .wrongLength(expected: Digest.byteCount, found: ballotNonce.count)
    }
    self.c1 = c1
    c2 = draft.proof(
      Self.challenge(
        commitment: draft.a(powers), c0: c0, c1: c1, identifierHash: identifierHash, in: group),
      in: group)
  }

  /// Whether C_2 proves knowledge of ξ̂. Trustees check it before they decrypt (3.6.7).
  public func isProofValid(identifierHash: Digest, in group: Group) -> Bool {
    isProofValid(
      commitment: group.vartimeCommitment(c2, base: group.generator, image: c0),
      identifierHash: identifierHash, in: group)
  }

  /// Whether C_2 holds with its commitment a_B = g^(v_B)·C_0^(c_B).
  public func isProofValid(
    commitment: Element, identifierHash: Digest, in group: Group
  ) -> Bool {
    Self.challenge(
      commitment: commitment, c0: c0, c1: c1, identifierHash: identifierHash, in: group)
      == c2.challenge
  }

  /// ξ_B = C_1 ⊕ k_1, given β_B.
  /// - Throws: never for a well-made value; `GroupError.wrongLength` otherwise.
  public func decrypted(
    shared: borrowing SecretElement, identifierHash: Digest, in group: Group
  ) throws(GroupError) -> SecretBytes {
    try Self.xor(
      Self.pad(c0: c0, shared: shared, identifierHash: identifierHash, in: group),
      SecretBytes(copying: c1.bytes))
  }

  private static func xor(
    _ pad: borrowing SecretBytes, _ text: borrowing SecretBytes
  ) throws(GroupError) -> SecretBytes {
    do { return try pad.xor(text) } catch {
      throw .wrongLength(expected: pad.count, found: text.count)
    }
  }

  /// k_1 = HMAC(h, 01 ‖ "ballot_nonce" ‖ 00 ‖ "ballot_nonce_encrypt" ‖ 0100)
  private static func pad(
    c0: Element, shared: borrowing SecretElement, identifierHash: Digest, in group: Group
  ) -> SecretBytes {
    var input = HashInput(.nonceKey, in: group)
    input.append(c0)
    let key = input.secretDigest(key: identifierHash, appending: group.encoded(shared))
    return HMACSHA256.authenticate(
      secretKey: key,
      [0x01] + Array("ballot_nonce".utf8) + [0x00] + Array("ballot_nonce_encrypt".utf8)
        + [0x01, 0x00])
  }

  private static func challenge(
    commitment: Element, c0: Element, c1: Digest, identifierHash: Digest, in group: Group
  ) -> Scalar {
    var input = HashInput(.nonceProof, in: group)
    input.append(commitment)
    input.append(c0)
    input.append(c1)
    return input.scalar(key: identifierHash)
  }
}
