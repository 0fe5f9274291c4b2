// SPDX-License-Identifier: Apache-2.0

public import Cryptography
public import ElGamal
public import Groups

/// What a complaint about a share turned out to be.
public enum ComplaintVerdict: String, Sendable {
  /// The share is not the one that the accused's commitments promise.
  case upheld
  /// The share is right: the accused is innocent.
  case refuted
  /// The evidence itself is wrong; such a complaint is not admitted.
  case invalidEvidence
}

/// Evidence for a complaint: β = κ_ℓ^ξ = C_0^(ζ_ℓ) with a Chaum-Pedersen proof that log_g κ_ℓ =
/// log_{C_0} β. With β everybody decrypts the share and decides.
///
///     c = H_q(H_P; E0, "urna/complaint/v1", i, ℓ, κ_ℓ, C_0, C_1, β, a, b)
///
/// The specification (3.2.2) lets a trustee complain and says no more. Publishing β shows nothing but
/// the pair of shares that the complaint is about, and those are the complainant's own. The domain
/// byte E0 is not used by the specification.
public struct ComplaintEvidence: Hashable, Sendable {
  /// β
  public var shared: Element
  /// (c, v)
  public var proof: CompactProof

  /// Evidence from its parts.
  public init(shared: Element, proof: CompactProof) {
    self.shared = shared
    self.proof = proof
  }

  static func make(
    about encryption: ShareEncryption, communicationSecret: borrowing SecretScalar,
    parameterBaseHash: Digest, in group: Group
  ) throws(GroupError) -> ComplaintEvidence {
    let shared = group.power(encryption.c0, communicationSecret)
    let key = group.power(group.generator, communicationSecret)
    let hedged = try HedgedNonces(
      statement: input(encryption, key: key, shared: shared, in: group),
      secrets: group.encoded(communicationSecret))
    let nonce = hedged.nonce(0, in: group)
    let challenge = challenge(
      encryption, key: key, shared: shared, a: group.power(group.generator, nonce),
      b: group.power(encryption.c0, nonce), parameterBaseHash: parameterBaseHash, in: group)
    let response = group.response(
      nonce: nonce, challenge: challenge, secret: communicationSecret)
    return ComplaintEvidence(
      shared: shared, proof: CompactProof(challenge: challenge, response: response))
  }

  /// Decides about a complaint of the receiver of `encryption` about its sender.
  public func verdict(
    about encryption: ShareEncryption, from sender: TrusteeKeys, to receiver: TrusteeKeys,
    parameterBaseHash: Digest, in group: Group
  ) -> ComplaintVerdict {
    let key = receiver.communicationKey
    guard group.isMember(shared) else { return .invalidEvidence }
    let expected = Self.challenge(
      encryption, key: key, shared: shared,
      a: group.vartimeCommitment(proof, base: group.generator, image: key),
      b: group.vartimeCommitment(proof, base: encryption.c0, image: shared),
      parameterBaseHash: parameterBaseHash, in: group)
    guard expected == proof.challenge else { return .invalidEvidence }
    do {
      let bytes = try encryption.decrypted(
        publicShared: shared, key: key, parameterBaseHash: parameterBaseHash, in: group)
      guard
        try ReceivedShare(bytes, from: sender, receiver: receiver.trustee, in: group) != nil
      else { return .upheld }
      return .refuted
    } catch { return .upheld }
  }

  private static func challenge(
    _ encryption: ShareEncryption, key: Element, shared: Element, a: Element, b: Element,
    parameterBaseHash: Digest, in group: Group
  ) -> Scalar {
    var input = input(encryption, key: key, shared: shared, in: group)
    input.append(a)
    input.append(b)
    return input.scalar(key: parameterBaseHash)
  }

  /// The input of the challenge up to the commitments.
  private static func input(
    _ encryption: ShareEncryption, key: Element, shared: Element, in group: Group
  ) -> HashInput {
    var input = HashInput(ownDomain: 0xE0, in: group)
    input.append(fixed: Array("urna/complaint/v1".utf8))
    input.append(index: encryption.from)
    input.append(index: encryption.to)
    input.append(key)
    input.append(encryption.c0)
    input.append(fixed: encryption.c1)
    input.append(shared)
    return input
  }
}
