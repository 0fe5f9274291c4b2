// SPDX-License-Identifier: Apache-2.0

internal import BigIntegers

/// A ``CommitmentRequest`` with the answers that somebody claims. Public.
public struct CommitmentClaim: Sendable {
  /// What would have to be computed.
  public let request: CommitmentRequest
  /// The claimed base^v · x^c, one for every pair (v, c) of the request.
  public let values: [Element]
  /// Whether x has to be tested; false when the caller knows it to be a product of members.
  public let testsMembership: Bool

  /// A claim from its parts.
  public init(request: CommitmentRequest, values: [Element], testsMembership: Bool) {
    self.request = request
    self.values = values
    self.testsMembership = testsMembership
  }
}

extension Group {
  /// Whether all claims hold: every x is an element of the group, and every claimed value is
  /// base^v · x^c. One random linear combination of 128 bits for all of them,
  ///
  ///     ∏ a_j^(e_j) = ∏ base^(Σ e_j·v_j) · ∏ x^(Σ e_j·c_j),
  ///
  /// with the tests of ``vartimeAreMembers(_:)`` on the x and the residue test on the a_j: an a_j that is
  /// the right one times −1 would pass the equation half of the time. An error slips through with
  /// probability 3·2^−128 at most.
  /// - Returns: false as well in a group without engine: nothing is known then.
  /// - Throws: `GroupError.randomnessUnavailable`.
  public func vartimeClaimsHold(_ claims: [CommitmentClaim]) throws(GroupError) -> Bool {
    guard let engine = arithmetic.engine,
      claims.allSatisfy({ $0.values.count == $0.request.terms.count })
    else { return false }
    let members = claims.filter(\.testsMembership).map(\.request.x)
    guard try vartimeAreMembers(members) else { return false }
    let exponents = try randomExponents(claims.reduce(0) { $0 + $1.values.count })
    var next = exponents.startIndex
    var claimed: [PowerFactor] = []
    var powers: [PowerFactor] = []
    var bases: [Element: (base: FixedBase, exponent: Scalar)] = [:]
    claimed.reserveCapacity(exponents.count)
    powers.reserveCapacity(claims.count)
    for claim in claims {
      var (fixed, exponent) = (Scalar.zero, Scalar.zero)
      for ((v, c), value) in zip(claim.request.terms, claim.values) {
        let e = Scalar(exponents[next])
        next += 1
        claimed.append(PowerFactor(x: value.value, exponent: e.value))
        fixed = vartimeAdd(fixed, vartimeMultiply(e, v))
        exponent = vartimeAdd(exponent, vartimeMultiply(e, c))
      }
      powers.append(PowerFactor(x: claim.request.x.value, exponent: exponent.value))
      let base = claim.request.base
      let sum = bases[base.element]?.exponent ?? .zero
      bases[base.element] = (base, vartimeAdd(sum, fixed))
    }
    let left = engine.vartimeMultiPower(
      claimed, bits: Self.batchSecurityBits, testsResidues: true)
    guard left.subsetsAreResidues else { return false }
    let right = engine.vartimeMultiPower(powers, bits: 256, testsResidues: false)
    let expected = bases.values.reduce(Element(right.product)) { product, base in
      vartimeMultiply(product, vartimePower(base.base, base.exponent))
    }
    return left.product == expected.value
  }
}
