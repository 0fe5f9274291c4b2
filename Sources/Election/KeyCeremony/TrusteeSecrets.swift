// SPDX-License-Identifier: Apache-2.0

public import Cryptography
public import ElGamal
public import Groups

/// A trustee's polynomials and communication secret during the ceremony. Secret.
public struct TrusteeSecrets: ~Copyable, Sendable {
  /// i
  public let trustee: Int
  /// a_{i,0} … a_{i,k−1}
  package let voteCoefficients: SecretScalars
  /// â_{i,0} … â_{i,k−1}
  package let dataCoefficients: SecretScalars
  /// ζ_i
  package let communicationSecret: SecretScalar

  package init(
    trustee: Int, voteCoefficients: consuming SecretScalars,
    dataCoefficients: consuming SecretScalars, communicationSecret: consuming SecretScalar
  ) {
    self.trustee = trustee
    self.voteCoefficients = voteCoefficients
    self.dataCoefficients = dataCoefficients
    self.communicationSecret = communicationSecret
  }

  /// Fresh secrets.
  /// - Throws: `GroupError.randomnessUnavailable`.
  public static func generate(
    trustee: Int, threshold: Int, in group: Group
  ) throws(GroupError) -> TrusteeSecrets {
    TrusteeSecrets(
      trustee: trustee, voteCoefficients: try .random(count: threshold, in: group),
      dataCoefficients: try .random(count: threshold, in: group),
      communicationSecret: try group.randomSecretScalar())
  }

  /// The public keys with fresh proofs.
  /// - Throws: `GroupError.randomnessUnavailable`.
  public borrowing func publicKeys(
    parameterBaseHash: Digest, in group: Group
  ) throws(GroupError) -> TrusteeKeys {
    let vote = images(voteCoefficients, in: group)
    let data = images(dataCoefficients, in: group)
    let key = group.power(group.generator, communicationSecret)
    func statement(_ kind: TrusteeKeyKind, _ images: [Element]) -> TrusteeKeyProof.Statement {
      TrusteeKeyProof.Statement(
        kind: kind, trustee: trustee, commitments: images, communicationKey: key,
        parameterBaseHash: parameterBaseHash)
    }
    return TrusteeKeys(
      trustee: trustee, voteCommitments: vote, dataCommitments: data, communicationKey: key,
      voteProof: try .prove(
        statement(.vote, vote), coefficients: voteCoefficients,
        communicationSecret: communicationSecret, in: group),
      dataProof: try .prove(
        statement(.data, data), coefficients: dataCoefficients,
        communicationSecret: communicationSecret, in: group))
  }

  private borrowing func images(
    _ coefficients: borrowing SecretScalars, in group: Group
  ) -> [Element] {
    var images: [Element] = []
    for index in 0..<coefficients.count {
      images.append(coefficients.with(index) { group.power(group.generator, $0) })
    }
    return images
  }

  /// P_i(ℓ) = Σ_j a_{i,j} ℓ^j mod q, or P̂_i(ℓ).
  public borrowing func share(
    _ kind: TrusteeKeyKind, for receiver: Int, in group: Group
  ) -> SecretScalar {
    kind == .vote
      ? Self.evaluate(voteCoefficients, at: receiver, in: group)
      : Self.evaluate(dataCoefficients, at: receiver, in: group)
  }

  private static func evaluate(
    _ coefficients: borrowing SecretScalars, at point: Int, in group: Group
  ) -> SecretScalar {
    let x = group.secret(group.scalar(UInt64(clamping: point)))
    var value = group.secret(.zero)
    for index in stride(from: coefficients.count - 1, through: 0, by: -1) {
      value = coefficients.with(index) { group.add(group.multiply(value, x), $0) }
    }
    return value
  }

  /// The encrypted shares for a receiver.
  /// - Throws: `GroupError.randomnessUnavailable`.
  public borrowing func encryptedShare(
    for receiver: TrusteeKeys, parameterBaseHash: Digest, in group: Group
  ) throws(GroupError) -> ShareEncryption {
    try ShareEncryption.encrypt(
      voteShare: share(.vote, for: receiver.trustee, in: group),
      dataShare: share(.data, for: receiver.trustee, in: group), from: trustee,
      to: receiver.trustee, key: receiver.communicationKey,
      parameterBaseHash: parameterBaseHash, in: group)
  }

  /// Decrypts a share of another trustee and compares it with their commitments.
  /// - Returns: nil when the share is not the one that the commitments promise.
  public borrowing func receive(
    _ encryption: ShareEncryption, from sender: TrusteeKeys, own: TrusteeKeys,
    parameterBaseHash: Digest, in group: Group
  ) -> ReceivedShare? {
    do {
      let bytes = try encryption.decrypted(
        communicationSecret: communicationSecret, key: own.communicationKey,
        parameterBaseHash: parameterBaseHash, in: group)
      return try ReceivedShare(bytes, from: sender, receiver: trustee, in: group)
    } catch { return nil }
  }

  /// The evidence for a complaint about a share: β and a proof that it is κ_ℓ^ξ.
  /// - Throws: `GroupError.randomnessUnavailable`.
  public borrowing func complaint(
    about encryption: ShareEncryption, parameterBaseHash: Digest, in group: Group
  ) throws(GroupError) -> ComplaintEvidence {
    try ComplaintEvidence.make(
      about: encryption, communicationSecret: communicationSecret,
      parameterBaseHash: parameterBaseHash, in: group)
  }
}

/// A pair of shares that matches the sender's commitments. Secret.
public struct ReceivedShare: ~Copyable, Sendable {
  /// P_i(ℓ)
  public let voteShare: SecretScalar
  /// P̂_i(ℓ)
  public let dataShare: SecretScalar

  /// Reads 64 bytes; nil unless they are two scalars that match.
  init?(
    _ bytes: borrowing SecretBytes, from sender: TrusteeKeys, receiver: Int, in group: Group
  ) throws(GroupError) {
    guard let first = bytes.slice(0..<32), let second = bytes.slice(32..<64) else { return nil }
    let vote = try group.secretScalar(bytes: first)
    let data = try group.secretScalar(bytes: second)
    guard sender.matches(voteShare: vote, dataShare: data, receiver: receiver, in: group) else {
      return nil
    }
    voteShare = vote
    dataShare = data
  }
}

/// z_i and ẑ_i: what a trustee keeps after the ceremony, and decrypts with. Secret.
public struct TrusteeShare: ~Copyable, Sendable {
  /// i
  public let trustee: Int
  /// z_i
  package let voteShare: SecretScalar
  /// ẑ_i
  package let dataShare: SecretScalar

  /// A share from its parts.
  public init(
    trustee: Int, voteShare: consuming SecretScalar, dataShare: consuming SecretScalar
  ) {
    self.trustee = trustee
    self.voteShare = voteShare
    self.dataShare = dataShare
  }

  /// The share with the one of another trustee added: z_i = Σ_j P_j(i).
  public borrowing func adding(_ received: borrowing ReceivedShare, in group: Group) -> TrusteeShare
  {
    TrusteeShare(
      trustee: trustee, voteShare: group.add(voteShare, received.voteShare),
      dataShare: group.add(dataShare, received.dataShare))
  }

  /// Whether this is the share that the keys of all trustees promise: g^(z_i) and g^(ẑ_i).
  public borrowing func matches(_ trustees: [TrusteeKeys], in group: Group) -> Bool {
    group.power(group.generator, voteShare)
      == JointKeys.shareImage(.vote, of: trustee, trustees, in: group)
      && group.power(group.generator, dataShare)
        == JointKeys.shareImage(.data, of: trustee, trustees, in: group)
  }
}
