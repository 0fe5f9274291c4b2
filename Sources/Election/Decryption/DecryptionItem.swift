// SPDX-License-Identifier: Apache-2.0

public import Cryptography
public import ElGamal
public import Groups

/// One ciphertext that the trustees decrypt together: a total, or the contest data of a counted
/// ballot. Public.
public enum DecryptionItem: Sendable, Equatable {
  /// (A, B) of an option; the key is z.
  case tally(contest: Int, option: Int, Ciphertext)
  /// (C_0, C_1, C_2) of a ballot; the key is ẑ.
  case contestData(
    ballot: Digest, identifierHash: Digest, contest: Int, ContestDataEncryption)

  /// A or C_0, the base that every trustee raises to their share.
  public var base: Element {
    switch self {
    case .tally(_, _, let ciphertext): ciphertext.alpha
    case .contestData(_, _, _, let encryption): encryption.c0
    }
  }

  /// Which shares of the trustees decrypt it.
  public var kind: TrusteeKeyKind {
    switch self {
    case .tally: .vote
    case .contestData: .data
    }
  }

  /// d_i = H(H_E; 30, ind_c, ind_o, i, A, B, a_i, b_i, M_i, #U, U), and for contest data
  /// H(H_I; 32, ind_c, i, C_0, C_1, C_2, a_i, b_i, m_i, #U, U) (ElectionGuard 2.1.0, 3.6.5, 3.6.6).
  public func commitment(
    of trustee: Int, _ partial: PartialDecryption, available: [Int], extendedBaseHash: Digest,
    in group: Group
  ) -> Digest {
    var input: HashInput
    let key: Digest
    switch self {
    case .tally(let contest, let option, let ciphertext):
      key = extendedBaseHash
      input = HashInput(.tallyCommitment, in: group)
      input.append(index: contest)
      input.append(index: option)
      input.append(index: trustee)
      input.append(ciphertext)
    case .contestData(_, let identifierHash, let contest, let encryption):
      key = identifierHash
      input = HashInput(.contestDataCommitment, in: group)
      input.append(index: contest)
      input.append(index: trustee)
      input.append(encryption)
    }
    input.append(partial.a)
    input.append(partial.b)
    input.append(partial.factor)
    input.append(index: available.count)
    for index in available { input.append(index: index) }
    return input.digest(key: key)
  }

  /// c = H_q(H_E; 31, ind_c, ind_o, A, B, a, b, M), and for contest data H_q(H_I; 33, ind_c, C_0, C_1,
  /// C_2, a, b, β).
  public func challenge(
    a: Element, b: Element, factor: Element, extendedBaseHash: Digest, in group: Group
  ) -> Scalar {
    var input: HashInput
    let key: Digest
    switch self {
    case .tally(let contest, let option, let ciphertext):
      key = extendedBaseHash
      input = HashInput(.tallyProof, in: group)
      input.append(index: contest)
      input.append(index: option)
      input.append(ciphertext)
    case .contestData(_, let identifierHash, let contest, let encryption):
      key = identifierHash
      input = HashInput(.contestDataDecryption, in: group)
      input.append(index: contest)
      input.append(encryption)
    }
    input.append(a)
    input.append(b)
    input.append(factor)
    return input.scalar(key: key)
  }
}

extension HashInput {
  /// C_0 ‖ C_1 ‖ c ‖ v
  mutating func append(_ encryption: ContestDataEncryption) {
    append(encryption.c0)
    append(fixed: encryption.c1)
    append(encryption.c2.challenge)
    append(encryption.c2.response)
  }
}

/// What a trustee reveals of an item: M_i = A^(z_i) and the commitments a_i = g^(u_i),
/// b_i = A^(u_i). Public once it is revealed.
public struct PartialDecryption: Sendable, Equatable {
  /// M_i, or m_i.
  public var factor: Element
  /// a_i
  public var a: Element
  /// b_i
  public var b: Element

  /// A part from its parts.
  public init(factor: Element, a: Element, b: Element) {
    self.factor = factor
    self.a = a
    self.b = b
  }
}
