// SPDX-License-Identifier: Apache-2.0

public import Cryptography
public import Groups

/// Which of a trustee's two key sets a proof is about.
public enum TrusteeKeyKind: String, Sendable, CaseIterable {
  /// K_{i,j}, for votes.
  case vote = "pk_vote"
  /// K̂_{i,j}, for all other ballot data.
  case data = "pk_data"
}

/// (c_i, v_{i,0} … v_{i,k}): the proof that a trustee knows all coefficients of one key set and the
/// secret of the communication key κ_i (ElectionGuard 2.1.0, 3.2.2). Public.
public struct TrusteeKeyProof: Hashable, Sendable {
  /// c_i
  public var challenge: Scalar
  /// v_{i,0} … v_{i,k}; the last one belongs to κ_i.
  public var responses: [Scalar]

  /// A proof from its parts.
  public init(challenge: Scalar, responses: [Scalar]) {
    self.challenge = challenge
    self.responses = responses
  }

  /// What a proof is about.
  public struct Statement: Sendable {
    /// Which key set.
    public let kind: TrusteeKeyKind
    /// i
    public let trustee: Int
    /// K_{i,0} … K_{i,k−1}, or K̂.
    public let commitments: [Element]
    /// κ_i
    public let communicationKey: Element
    /// H_P
    public let parameterBaseHash: Digest

    /// A statement from its parts.
    public init(
      kind: TrusteeKeyKind, trustee: Int, commitments: [Element], communicationKey: Element,
      parameterBaseHash: Digest
    ) {
      self.kind = kind
      self.trustee = trustee
      self.commitments = commitments
      self.communicationKey = communicationKey
      self.parameterBaseHash = parameterBaseHash
    }

    /// c_i = H_q(H_P; 10, "pk_vote", i, K_{i,0} …, κ_i, h_{i,0} … h_{i,k})
    package func input(_ nonceCommitments: [Element], in group: Group) -> HashInput {
      var input = HashInput(.keyProof, in: group)
      input.append(fixed: Array(kind.rawValue.utf8))
      input.append(index: trustee)
      for commitment in commitments { input.append(commitment) }
      input.append(communicationKey)
      for commitment in nonceCommitments { input.append(commitment) }
      return input
    }
  }

  /// Proves knowledge of the coefficients and of ζ_i.
  /// - Parameters:
  ///   - coefficients: a_{i,0} … a_{i,k−1}, secret.
  ///   - communicationSecret: ζ_i, secret.
  /// - Throws: `GroupError.randomnessUnavailable`.
  public static func prove(
    _ statement: Statement, coefficients: borrowing SecretScalars,
    communicationSecret: borrowing SecretScalar, in group: Group
  ) throws(GroupError) -> TrusteeKeyProof {
    var input = statement.input([], in: group)
    input.append(statement.parameterBaseHash)
    var secrets = group.encoded(communicationSecret)
    for index in 0..<coefficients.count {
      secrets = secrets.appending(coefficients.with(index) { group.encoded($0) })
    }
    let hedged = try HedgedNonces(statement: input, secrets: secrets)
    return prove(
      statement, coefficients: coefficients, communicationSecret: communicationSecret,
      nonces: try hedged.nonces(coefficients.count + 1, in: group), in: group)
  }

  /// The same with given u_{i,0} … u_{i,k}; for known answers.
  package static func prove(
    _ statement: Statement, coefficients: borrowing SecretScalars,
    communicationSecret: borrowing SecretScalar, nonces: borrowing SecretScalars,
    in group: Group
  ) -> TrusteeKeyProof {
    var commitments: [Element] = []
    for index in 0..<nonces.count {
      commitments.append(nonces.with(index) { group.power(group.generator, $0) })
    }
    let challenge = statement.input(commitments, in: group).scalar(
      key: statement.parameterBaseHash)
    var responses: [Scalar] = []
    for index in 0..<coefficients.count {
      responses.append(
        nonces.with(index) { nonce in
          coefficients.with(index) { secret in
            group.response(nonce: nonce, challenge: challenge, secret: secret)
          }
        })
    }
    responses.append(
      nonces.with(coefficients.count) { nonce in
        group.response(nonce: nonce, challenge: challenge, secret: communicationSecret)
      })
    return TrusteeKeyProof(challenge: challenge, responses: responses)
  }

  /// Whether the proof holds: h_{i,j} = g^(v_{i,j}) · K_{i,j}^(c_i) give the challenge (2.C).
  public func isValid(_ statement: Statement, in group: Group) -> Bool {
    let images = statement.commitments + [statement.communicationKey]
    guard responses.count == images.count else { return false }
    let commitments = zip(images, responses).map { image, response in
      group.vartimeCommitment(
        CompactProof(challenge: challenge, response: response), base: group.generator,
        image: image)
    }
    return statement.input(commitments, in: group).scalar(key: statement.parameterBaseHash)
      == challenge
  }
}
