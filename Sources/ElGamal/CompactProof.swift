// SPDX-License-Identifier: Apache-2.0

public import Groups

/// (c, v), a zero-knowledge proof in compact form: the challenge and the response. The verifier
/// recomputes the commitments and hashes them again. Public.
public struct CompactProof: Hashable, Sendable {
  /// c
  public let challenge: Scalar
  /// v
  public let response: Scalar

  /// A proof from its parts.
  public init(challenge: Scalar, response: Scalar) {
    self.challenge = challenge
    self.response = response
  }
}

extension CompactProof {
  /// Asks for base^v · x^c, the commitment of a proof of knowledge of log_base(x), and for the
  /// membership of x.
  public func commitmentRequest(base: FixedBase, image x: Element) -> CommitmentRequest {
    var request = CommitmentRequest(x: x, base: base)
    request.append(response: response, challenge: challenge)
    return request
  }
}

extension Group {
  /// base^v · x^c, the commitment that a compact proof of knowledge of log_base(x) stands for.
  public func vartimeCommitment(_ proof: CompactProof, base: FixedBase, image x: Element) -> Element
  {
    vartimeMultiply(
      vartimePower(base, proof.response), vartimePower(x, proof.challenge))
  }

  /// The same for a base without a table.
  public func vartimeCommitment(_ proof: CompactProof, base: Element, image x: Element) -> Element {
    vartimeMultiply(
      vartimePower(base, proof.response), vartimePower(x, proof.challenge))
  }
}
