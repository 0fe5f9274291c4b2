// SPDX-License-Identifier: Apache-2.0

internal import BigIntegers

/// The commitments that compact proofs about one x stand for: base^v · x^c for every pair (v, c), and
/// whether x is an element of the group. Public.
public struct CommitmentRequest: Sendable {
  /// x
  public let x: Element
  /// g, K or K̂.
  public let base: FixedBase
  /// (v, c)
  public private(set) var terms: [(response: Scalar, challenge: Scalar)] = []

  /// A request without pairs.
  public init(x: Element, base: FixedBase) {
    self.x = x
    self.base = base
  }

  /// Asks for base^v · x^c.
  public mutating func append(response v: Scalar, challenge c: Scalar) { terms.append((v, c)) }
}

/// What was asked for in a ``CommitmentRequest``. Public.
public struct Commitments: Sendable {
  /// base^v · x^c, in the order of the request.
  public let values: [Element]
  /// Whether x^q = 1.
  public let isMember: Bool

  /// Answers from their parts.
  package init(values: [Element], isMember: Bool) {
    self.values = values
    self.isMember = isMember
  }
}

extension Group {
  /// Answers requests in their order. All powers of one x share their squarings, x^q among them, and
  /// the engine works on several x at a time: give it all that there is.
  public func vartimeCommitments(_ requests: [CommitmentRequest]) -> [Commitments] {
    guard let engine = arithmetic.engine else {
      return requests.map { request in
        Commitments(
          values: request.terms.map { v, c in
            vartimeMultiply(vartimePower(request.base, v), vartimePower(request.x, c))
          }, isMember: isMember(request.x))
      }
    }
    let powers = requests.map { request in
      PowerRequest(
        x: request.x.value, table: table(of: request.base, in: engine),
        terms: request.terms.map { PowerRequest.Term(fixed: $0.value, exponent: $1.value) })
    }
    return engine.vartimeAnswers(powers, orderComplement: arithmetic.orderComplement).map {
      Commitments(values: $0.products.map(Element.init), isMember: $0.isMember)
    }
  }

  /// The table of a base on this group's engine. A base of another engine, which only a test can
  /// bring here, gets a table of its own.
  private func table(of base: FixedBase, in engine: MontgomeryField) -> PowerTable {
    if case .engine(let powers) = base.powers, powers.engine === engine { return powers.forPublic }
    return PowerTable(base: base.element.value, in: engine)
  }
}
