// SPDX-License-Identifier: Apache-2.0

internal import BigIntegers
internal import Cryptography

/// Tests of many public elements at once. The integers modulo p without 0 are C_2 × C_q × C_r′ with
/// primes q and r′ of 256 and 3840 bits, because (p − 1)/2q is prime. So an element outside the group
/// is a non-residue, or has a part in C_r′, and
///
///     (∏ x_i^(e_i))^q = 1   and   every ∏ x_i over the i with bit b in e_i is a quadratic residue
///
/// for random e_i of 128 bits, drawn when the x_i are fixed, holds with probability 2^−128 at most when
/// one x_i is outside: C_r′ has no smaller subgroup, and each of the 128 products is a non-residue
/// with probability one half when one x_i is one.
extension Group {
  /// Bits of a random exponent, and of the bound on the error.
  public static let batchSecurityBits = 128

  /// Whether all are elements of the group, up to an error of 2^−128. Alone or in a group without
  /// engine they are tested exactly.
  /// - Throws: `GroupError.randomnessUnavailable`.
  public func vartimeAreMembers(_ elements: [Element]) throws(GroupError) -> Bool {
    guard let engine = arithmetic.engine, elements.count > 8 else {
      return elements.allSatisfy(isMember)
    }
    let exponents = try randomExponents(elements.count)
    let power = engine.vartimeMultiPower(
      zip(elements, exponents).map { PowerFactor(x: $0.value, exponent: $1) },
      bits: Self.batchSecurityBits, testsResidues: true)
    return power.subsetsAreResidues && field.vartimePow(power.product, order.value) == Natural(1)
  }

  /// The positions of all that are not elements of the group. A batch that fails is halved until the
  /// culprits stand alone, and those are tested exactly.
  /// - Throws: `GroupError.randomnessUnavailable`.
  public func vartimeStrangers(among elements: [Element]) throws(GroupError) -> [Int] {
    var strangers: [Int] = []
    var open = [elements.indices]
    while let range = open.popLast() {
      if range.isEmpty { continue }
      if range.count == 1 {
        if !isMember(elements[range.lowerBound]) { strangers.append(range.lowerBound) }
        continue
      }
      if try vartimeAreMembers(Array(elements[range])) { continue }
      let middle = range.lowerBound + range.count / 2
      open.append(middle..<range.upperBound)
      open.append(range.lowerBound..<middle)
    }
    return strangers
  }

  /// `count` random exponents of 128 bits.
  func randomExponents(_ count: Int) throws(GroupError) -> [Natural<4>] {
    let bytes: [UInt8]
    do { bytes = try SecureRandom.bytes(16 * count) } catch { throw .randomnessUnavailable }
    return (0..<count).map { index in
      Natural(wrappingBigEndian: Array(bytes[16 * index..<16 * (index + 1)]))
    }
  }
}
