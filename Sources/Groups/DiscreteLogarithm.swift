// SPDX-License-Identifier: Apache-2.0

internal import BigIntegers

/// Finds t with base^t = x for 0 ≤ t ≤ bound, by baby steps and giant steps (ElectionGuard 2.1.0,
/// 3.6.4). Used for tallies: T = K^t with t at most the sum of all weights times the option limit.
///
/// The table holds m baby steps base^0 … base^(m−1), a search takes (t / m) + 1 giant steps. With n
/// searches m = √(n·(bound + 1) / 2) balances the table against searches that end halfway; m is
/// 4,194,304 at most, which is 64 MiB. Small totals are found first.
public struct DiscreteLogarithm: Sendable {
  /// The largest logarithm that is found.
  public let bound: UInt64
  private let group: Group
  private let base: Element
  /// The largest number that can be the smallest logarithm of an element.
  private let largest: UInt64
  /// m
  private let steps: UInt64
  private let babySteps: BabySteps
  /// base^−m
  private let giantStep: Element
  private let keyMask: UInt64

  /// Builds the table for a base of the group.
  /// - Parameter searches: how many logarithms will be looked for. More of them pay for a larger
  ///   table; the results do not depend on it.
  public init(base: Element, bound: UInt64, searches: Int = 1, in group: Group) {
    self.init(base: base, bound: bound, searches: searches, keyMask: .max, in: group)
  }

  /// The same, with fewer bits to tell elements apart: for tests of elements that look alike.
  package init(base: Element, bound: UInt64, searches: Int, keyMask: UInt64, in group: Group) {
    self.group = group
    self.base = base
    self.bound = bound
    self.keyMask = keyMask
    var largest = bound
    // In a small group powers come again before the bound.
    if group.order.value.bitWidth <= 64, group.isMember(base) {
      largest = min(bound, UInt64(group.order.value.limbs[0]) - 1)
    }
    let count = Self.babyStepCount(bound: largest, searches: searches)
    var table = BabySteps(count: count)
    var walk = ElementWalk(from: group.identity, by: base, in: group)
    let keyOfOne = walk.vartimeNext() & keyMask
    table.insert(0, key: keyOfOne)
    var exponent = 1
    while exponent < count {
      let key = walk.vartimeNext() & keyMask
      if key == keyOfOne, group.isPower(group.identity, of: base, UInt64(exponent)) {
        // The base has this order.
        largest = min(largest, UInt64(exponent) - 1)
        break
      }
      table.insert(exponent, key: key)
      exponent += 1
    }
    self.largest = largest
    steps = UInt64(exponent)
    babySteps = table
    giantStep = group.vartimeInverse(group.vartimePower(base, UInt64(exponent)))
  }

  /// m for a bound and a number of searches.
  package static func babyStepCount(bound: UInt64, searches: Int) -> Int {
    let range = Double(bound) + 1
    let balanced = (Double(max(1, searches)) * range / 2).squareRoot().rounded(.up)
    return Int(min(balanced, range, Double(BabySteps.capacity)))
  }

  /// The smallest t ≤ bound with base^t = x.
  /// - Throws: `GroupError.logarithmNotFound` when there is none: a wrong tally is never a number.
  public func vartimeLogarithm(of x: Element) throws(GroupError) -> UInt64 {
    var walk = ElementWalk(from: x, by: giantStep, in: group)
    var giant: UInt64 = 0
    while true {
      let baby = babySteps.vartimeFirst(key: walk.vartimeNext() & keyMask) { baby in
        let (sum, overflow) = giant.addingReportingOverflow(baby)
        return !overflow && sum <= largest && group.isPower(x, of: base, sum)
      }
      if let baby { return giant + baby }
      let (next, overflow) = giant.addingReportingOverflow(steps)
      guard !overflow, next <= largest else { throw .logarithmNotFound }
      giant = next
    }
  }
}

extension Group {
  /// base^t for a public t that is not reduced modulo q, so that the base may be any element.
  fileprivate func vartimePower(_ base: Element, _ t: UInt64) -> Element {
    Element(field.vartimePow(base.value, Natural<1>(UInt(t))))
  }

  /// Whether base^t = x.
  fileprivate func isPower(_ x: Element, of base: Element, _ t: UInt64) -> Bool {
    vartimePower(base, t) == x
  }
}
