// SPDX-License-Identifier: Apache-2.0

public import Cryptography
public import ElGamal
public import Groups

/// A trustee's public keys with proofs (ElectionGuard 2.1.0, 3.2.2). Public.
public struct TrusteeKeys: Hashable, Sendable {
  /// i
  public var trustee: Int
  /// K_{i,0} … K_{i,k−1}
  public var voteCommitments: [Element]
  /// K̂_{i,0} … K̂_{i,k−1}
  public var dataCommitments: [Element]
  /// κ_i
  public var communicationKey: Element
  /// The proof over K and κ.
  public var voteProof: TrusteeKeyProof
  /// The proof over K̂ and κ.
  public var dataProof: TrusteeKeyProof

  /// Keys from their parts.
  public init(
    trustee: Int, voteCommitments: [Element], dataCommitments: [Element],
    communicationKey: Element, voteProof: TrusteeKeyProof, dataProof: TrusteeKeyProof
  ) {
    self.trustee = trustee
    self.voteCommitments = voteCommitments
    self.dataCommitments = dataCommitments
    self.communicationKey = communicationKey
    self.voteProof = voteProof
    self.dataProof = dataProof
  }

  /// K_{i,j} or K̂_{i,j}
  public func commitments(_ kind: TrusteeKeyKind) -> [Element] {
    kind == .vote ? voteCommitments : dataCommitments
  }

  func statement(_ kind: TrusteeKeyKind, _ parameterBaseHash: Digest) -> TrusteeKeyProof.Statement {
    TrusteeKeyProof.Statement(
      kind: kind, trustee: trustee, commitments: commitments(kind),
      communicationKey: communicationKey, parameterBaseHash: parameterBaseHash)
  }

  /// CER-1: k commitments in each key set, as many as a polynomial of degree k−1 has.
  public func checkShape(threshold: Int, at place: String) -> Findings {
    var findings = Findings()
    for kind in TrusteeKeyKind.allCases {
      let count = commitments(kind).count
      findings.check(
        .cer1, count == threshold, at: place, "\(count) commitments instead of \(threshold)")
    }
    return findings
  }

  /// Verification 2: membership of every key, the range of the responses, and both proofs.
  public func checkProofs(parameterBaseHash: Digest, in group: Group, at place: String) -> Findings
  {
    var findings = Findings()
    for element in voteCommitments + dataCommitments + [communicationKey] {
      findings.check(.eg2A, group.isMember(element), at: place, "not an element of the group")
    }
    for (kind, proof) in [(TrusteeKeyKind.vote, voteProof), (.data, dataProof)] {
      for response in proof.responses {
        findings.check(.eg2B, group.isInRange(response), at: place, "a response is not below q")
      }
      findings.check(
        .eg2C, proof.isValid(statement(kind, parameterBaseHash), in: group), at: place,
        "the proof of \(kind.rawValue) does not hold")
    }
    return findings
  }

  /// g^(P_i(ℓ)) = ∏_j K_{i,j}^(ℓ^j): what a share of this trustee for trustee ℓ must be the logarithm
  /// of.
  public func shareImage(_ kind: TrusteeKeyKind, at receiver: Int, in group: Group) -> Element {
    // Horner: ((K_{k−1})^ℓ · K_{k−2})^ℓ …
    let exponent = group.scalar(UInt64(clamping: receiver))
    return commitments(kind).reversed().reduce(group.identity) { image, commitment in
      group.vartimeMultiply(group.vartimePower(image, exponent), commitment)
    }
  }

  /// Whether a pair of shares is the one that the commitments promise.
  public func matches(
    voteShare: borrowing SecretScalar, dataShare: borrowing SecretScalar, receiver: Int,
    in group: Group
  ) -> Bool {
    group.power(group.generator, voteShare) == shareImage(.vote, at: receiver, in: group)
      && group.power(group.generator, dataShare) == shareImage(.data, at: receiver, in: group)
  }
}

/// What follows from all trustees' keys together.
public enum JointKeys {
  /// K = ∏ K_{i,0}, or K̂.
  public static func key(_ kind: TrusteeKeyKind, _ trustees: [TrusteeKeys], in group: Group)
    -> Element
  {
    group.vartimeProduct(trustees.compactMap { $0.commitments(kind).first })
  }

  /// H_G = H(H_B; 13, K, K̂, K_{1,0} … K_{n,k−1}, K̂_{1,0} … K̂_{n,k−1}, κ_1 … κ_n)
  public static func trusteeKeysHash(
    _ trustees: [TrusteeKeys], electionBaseHash: Digest, in group: Group
  ) -> Digest {
    var input = HashInput(.trusteeKeys, in: group)
    for kind in TrusteeKeyKind.allCases { input.append(key(kind, trustees, in: group)) }
    for kind in TrusteeKeyKind.allCases {
      for trustee in trustees { for key in trustee.commitments(kind) { input.append(key) } }
    }
    for trustee in trustees { input.append(trustee.communicationKey) }
    return input.digest(key: electionBaseHash)
  }

  /// g^(z_i) = ∏_j g^(P_j(i)): the image of a trustee's share of the joint key.
  public static func shareImage(
    _ kind: TrusteeKeyKind, of trustee: Int, _ trustees: [TrusteeKeys], in group: Group
  ) -> Element {
    group.vartimeProduct(trustees.map { $0.shareImage(kind, at: trustee, in: group) })
  }
}
