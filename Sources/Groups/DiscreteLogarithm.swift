// SPDX-License-Identifier: Apache-2.0

internal import BigIntegers

/// Finds t with base^t = x for 0 ≤ t ≤ bound, by baby steps and giant steps.
///
/// The table holds ⌈√(bound+1)⌉ baby steps, so a search costs as many multiplications at most.
/// Used for tallies: T = K^t with t at most the sum of all weights times R.
public struct DiscreteLogarithm: Sendable {
  /// The largest logarithm that is found.
  public let bound: UInt64
  private let group: Group
  private let steps: UInt64
  private let babySteps: [Element: UInt64]
  /// base^−steps
  private let giantStep: Element

  /// Builds the table for a base of the group.
  public init(base: Element, bound: UInt64, in group: Group) {
    self.group = group
    self.bound = bound
    var steps = max(1, UInt64(Double(bound).squareRoot()))
    while steps.multipliedReportingOverflow(by: steps).partialValue <= bound, steps < 1 << 31 {
      steps += 1
    }
    self.steps = steps
    var table = [Element: UInt64](minimumCapacity: Int(steps))
    var power = group.identity
    for exponent in 0..<steps {
      if table[power] == nil { table[power] = exponent }
      power = group.vartimeMultiply(power, base)
    }
    babySteps = table
    giantStep = group.vartimeInverse(power)
  }

  /// The smallest t ≤ bound with base^t = x.
  /// - Throws: `GroupError.logarithmNotFound` when there is none: a wrong tally is never a number.
  public func vartimeLogarithm(of x: Element) throws(GroupError) -> UInt64 {
    var rest = x
    var giant: UInt64 = 0
    while giant <= bound {
      if let baby = babySteps[rest], giant + baby <= bound { return giant + baby }
      rest = group.vartimeMultiply(rest, giantStep)
      giant += steps
    }
    throw .logarithmNotFound
  }
}
