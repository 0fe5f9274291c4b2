// SPDX-License-Identifier: Apache-2.0

public import Cryptography
public import Groups

/// A proof that a ciphertext holds one of 0, 1 … R, without saying which
/// (ElectionGuard 2.1.0, 3.3.7; for a contest's limit 0 … L, 3.3.8).
///
/// Compact form: a challenge c_j and a response v_j for every value j. Public.
public struct RangeProof: Hashable, Sendable {
  /// One branch a value, from j = 0.
  public let branches: [CompactProof]

  /// A proof from its branches; their number is checked when the proof is.
  public init(branches: [CompactProof]) { self.branches = branches }
}

/// What a range proof is about: everything that its challenge binds.
public struct RangeStatement: Sendable {
  /// H_I, which binds the election and the ballot.
  public let identifierHash: Digest
  /// ind_c(Λ), the contest's position in the manifest, from 1.
  public let contest: Int
  /// ind_o(λ), the option's position in the contest, from 1; nil for the contest's limit.
  public let option: Int?
  /// (α, β)
  public let ciphertext: Ciphertext
  /// R or L: the largest value, from the manifest and never from the ballot.
  public let bound: Int

  /// A statement from its parts.
  public init(
    identifierHash: Digest, contest: Int, option: Int?, ciphertext: Ciphertext, bound: Int
  ) {
    self.identifierHash = identifierHash
    self.contest = contest
    self.option = option
    self.ciphertext = ciphertext
    self.bound = bound
  }

  /// What tells this proof from all others of the election, but for the ciphertext.
  package func place(in group: Group) -> HashInput {
    Self.place(
      identifierHash: identifierHash, contest: contest, option: option, bound: bound, in: group)
  }

  /// The same before the ciphertext is known.
  package static func place(
    identifierHash: Digest, contest: Int, option: Int?, bound: Int, in group: Group
  ) -> HashInput {
    var input = HashInput(.rangeProof, in: group, capacity: 64)
    input.append(index: contest)
    if let option { input.append(index: option) }
    input.append(index: bound)
    input.append(identifierHash)
    return input
  }

  /// The input of the challenge, domain 24, up to the commitments.
  package func input(in group: Group) -> HashInput {
    var input = HashInput(.rangeProof, in: group, capacity: 16 + (2 * bound + 4) * 512)
    input.append(index: contest)
    if let option { input.append(index: option) }
    input.append(ciphertext)
    return input
  }
}

extension RangeProof {
  /// Whether the proof holds: R+1 branches, and the challenges sum to the hash of the recomputed
  /// commitments a_j = g^(v_j)·α^(c_j), b_j = K^(v_j − j·c_j)·β^(c_j). Verification 6.D and 7.D.
  ///
  /// Membership of α and β is another check (6.A); without it this one proves nothing.
  public func isValid(_ statement: RangeStatement, key: FixedBase, in group: Group) -> Bool {
    let requests = commitmentRequests(statement, key: key, in: group)
    let answers = group.vartimeCommitments([requests.alpha, requests.beta])
    return isValid(statement, alpha: answers[0].values, beta: answers[1].values, in: group)
  }

  /// What has to be computed before the proof can be checked, so that many proofs share one pass: the
  /// commitments a_j from α and b_j from β. A proof that has not R+1 branches asks for none; both
  /// requests answer whether α and β are members as well.
  public func commitmentRequests(
    _ statement: RangeStatement, key: FixedBase, in group: Group
  ) -> (alpha: CommitmentRequest, beta: CommitmentRequest) {
    var alpha = CommitmentRequest(x: statement.ciphertext.alpha, base: group.generator)
    var beta = CommitmentRequest(x: statement.ciphertext.beta, base: key)
    guard hasRightShape(statement) else { return (alpha, beta) }
    for (value, branch) in branches.enumerated() {
      let (c, v) = (branch.challenge, branch.response)
      let w = group.vartimeSubtract(v, group.vartimeMultiply(group.scalar(UInt64(value)), c))
      alpha.append(response: v, challenge: c)
      beta.append(response: w, challenge: c)
    }
    return (alpha, beta)
  }

  /// Whether the proof holds with the commitments a_j and b_j.
  public func isValid(
    _ statement: RangeStatement, alpha a: [Element], beta b: [Element], in group: Group
  ) -> Bool {
    guard hasRightShape(statement), a.count == branches.count, b.count == branches.count else {
      return false
    }
    var input = statement.input(in: group)
    var sum = Scalar.zero
    for (branch, (a, b)) in zip(branches, zip(a, b)) {
      input.append(a)
      input.append(b)
      sum = group.vartimeAdd(sum, branch.challenge)
    }
    return input.scalar(key: statement.identifierHash) == sum
  }

  private func hasRightShape(_ statement: RangeStatement) -> Bool {
    statement.bound >= 0 && branches.count == statement.bound + 1
  }
}
