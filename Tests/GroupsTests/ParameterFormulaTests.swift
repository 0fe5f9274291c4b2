// SPDX-License-Identifier: Apache-2.0

import BigIntegers
import Foundation
import Groups
import TestSupport
import Testing

/// The built-in parameters, computed again from the formula of the specification (ElectionGuard 2.1.0,
/// 3.1.1 and the appendix): nothing in them was chosen freely.
@Suite struct ParameterFormulaTests {
  /// p = 2^n − 2^(n−256) + 2^256·(⌊2^(n−512)·ln 2⌋ + δ) + 2^256 − 1
  struct Formula: Sendable, CustomTestStringConvertible {
    let bits: Int
    let delta: String
    let parameters: GroupParameters
    var testDescription: String { parameters.name }
  }

  /// `Tests/Vectors/electionguard-parameters.json`: the hexadecimal figures of the specification.
  struct Vectors: Decodable {
    struct Set: Decodable {
      let p: String
      let q: String
      let r: String
      let g: String
    }
    let standard: Set
    let reduced: Set

    enum CodingKeys: String, CodingKey {
      case standard = "standard_4096"
      case reduced = "reduced_3072"
    }
  }

  static let formulas = [
    Formula(
      bits: 4096,
      delta: "287975203778583638958138611533602521491887169409704874643524560756486080635197037903",
      parameters: .electionGuard4096),
    Formula(
      bits: 3072,
      delta: "298707407953437995876300625370749906325322663598036756391867662926569213935809577593",
      parameters: .electionGuard3072),
  ]

  /// q = 2^256 − 189
  static let order = Schoolbook.power(ofTwo: 256) - Schoolbook(189)

  /// ⌊2^bits · ln 2⌋ by ln 2 = Σ 1/(k·2^k), with 64 bits more than needed. Nil in the unlikely case
  /// that the error of the last of them reaches the others.
  static func scaledLogarithmOfTwo(bits: Int) -> Schoolbook? {
    var power = Schoolbook.power(ofTwo: bits + 64)
    var sum = Schoolbook(0)
    var terms: UInt32 = 0
    while power > Schoolbook(0) {
      terms += 1
      power = power.dividedBySmall(2)
      sum = sum + power.dividedBySmall(terms)
    }
    // Every term was rounded down by less than 1, and what is left of the series is less than 1.
    let unit = Schoolbook.power(ofTwo: 64)
    let lower = sum.dividedBy(unit).quotient
    let upper = (sum + Schoolbook(terms + 1)).dividedBy(unit).quotient
    return lower == upper ? lower : nil
  }

  /// ln 2 = 18·artanh(1/26) − 2·artanh(1/4801) + 8·artanh(1/8749): another way to the same digits.
  static func logarithmBySecondSeries(bits: Int) -> Schoolbook {
    func artanh(_ n: UInt32) -> Schoolbook {
      var power = Schoolbook.power(ofTwo: bits + 64).dividedBySmall(n)
      var sum = Schoolbook(0)
      var odd: UInt32 = 1
      while power > Schoolbook(0) {
        sum = sum + power.dividedBySmall(odd)
        power = power.dividedBySmall(n * n)
        odd += 2
      }
      return sum
    }
    let sum = artanh(26).timesSmall(18) + artanh(8749).timesSmall(8)
    return (sum - artanh(4801).timesSmall(2)).dividedBy(.power(ofTwo: 64)).quotient
  }

  @Test func logarithmOfTwo() throws {
    for bits in [64, 2560, 3584] {
      let first = try #require(Self.scaledLogarithmOfTwo(bits: bits))
      #expect(first == Self.logarithmBySecondSeries(bits: bits))
      // The number that everybody knows, with the 53 bits of a `Double`.
      let known = UInt64(0.6931471805599453 * 0x1p53)
      let double = Schoolbook(
        bytes: stride(from: 56, through: 0, by: -8).map {
          UInt8(truncatingIfNeeded: known >> UInt64($0))
        })
      #expect(first.dividedBy(.power(ofTwo: bits - 53)).quotient == double)
    }
  }

  // adversary: G-03
  @Test(arguments: formulas) func primeFollowsTheFormula(_ formula: Formula) throws {
    let bits = formula.bits
    let logarithm = try #require(Self.scaledLogarithmOfTwo(bits: bits - 512))
    let middle = logarithm + Schoolbook(decimal: formula.delta)
    let limb = Schoolbook.power(ofTwo: 256)
    let ends = Schoolbook.power(ofTwo: bits) - .power(ofTwo: bits - 256)
    let p = ends + limb * middle + limb - Schoolbook(1)
    let parameters = formula.parameters
    #expect(Schoolbook(bytes: parameters.p.bigEndianBytes()) == p)
    #expect(Schoolbook(bytes: parameters.q.bigEndianBytes()) == Self.order)
    #expect(parameters.elementByteCount == bits / 8)
    #expect(p.bitWidth == bits)

    // g = 2^r with r = (p − 1)/q
    let (r, remainder) = (p - Schoolbook(1)).dividedBy(Self.order)
    #expect(remainder == Schoolbook(0))
    let field = try Modulus(parameters.p)
    let exponent = try Natural<64>(bigEndian: r.bytes(count: 512))
    #expect(field.vartimePow(Natural(2), exponent) == parameters.g)
    #expect(parameters.g != Natural(1))

    let url = Shared.repository.appendingPathComponent(
      "Tests/Vectors/electionguard-parameters.json")
    let vectors = try JSONDecoder().decode(Vectors.self, from: Data(contentsOf: url))
    let vector = bits == 4096 ? vectors.standard : vectors.reduced
    #expect(parameters.p.hex(width: bits / 8) == vector.p)
    #expect(parameters.q.hex() == vector.q)
    #expect(parameters.g.hex(width: bits / 8) == vector.g)
    let written = String(vector.r.drop { $0 == "0" })
    #expect(exponent.hex().drop { $0 == "0" } == written)
  }

  /// p, q and (p − 1)/2q are prime, so that ±1 are the only elements of small order.
  @Test(arguments: formulas) func factorsArePrime(_ formula: Formula) throws {
    let p = Schoolbook(bytes: formula.parameters.p.bigEndianBytes())
    let cofactor = (p - Schoolbook(1)).dividedBy(Self.order).quotient.dividedBySmall(2)
    #expect(try Self.isProbablyPrime(p))
    #expect(try Self.isProbablyPrime(Self.order))
    #expect(try Self.isProbablyPrime(cofactor))
    #expect(cofactor % Self.order != Schoolbook(0))
    // The test itself finds composites, also those that pass Fermat's test (561, 1729).
    for composite in [9, 15, 561, 1729, 2047, 3_215_031_751] as [UInt32] {
      #expect(!(try Self.isProbablyPrime(Schoolbook(composite))), "\(composite)")
    }
    #expect(!(try Self.isProbablyPrime(p - Schoolbook(2))))
  }

  /// Miller and Rabin's test with the first primes as bases. The numbers are constants of the
  /// specification, so fixed bases are no weakness here.
  static func isProbablyPrime(_ n: Schoolbook) throws -> Bool {
    let modulus = try Modulus(try Natural<64>(bigEndian: n.bytes(count: 512)))
    let minusOne = n - Schoolbook(1)
    let natural = try Natural<64>(bigEndian: minusOne.bytes(count: 512))
    var odd = minusOne
    var twos = 0
    while !odd.bit(0) {
      odd = odd.dividedBySmall(2)
      twos += 1
    }
    let exponent = try Natural<64>(bigEndian: odd.bytes(count: 512))
    for base in [2, 3, 5, 7, 11, 13, 17, 19] as [UInt32] where Schoolbook(base) < n {
      var power = modulus.vartimePow(Natural(UInt(base)), exponent)
      if power == Natural(1) || power == natural { continue }
      var witness = true
      for _ in 1..<max(twos, 1) where witness {
        power = modulus.vartimeMultiply(power, power)
        if power == natural { witness = false }
      }
      if witness { return false }
    }
    return true
  }

  /// The appendix' toy groups of the test support have prime p and q as well.
  @Test(arguments: ToyGroups.all) func toyGroupsHavePrimeOrder(_ group: Group) throws {
    let p = Schoolbook(bytes: group.parameters.p.bigEndianBytes())
    let q = Schoolbook(bytes: group.parameters.q.bigEndianBytes())
    #expect(try Self.isProbablyPrime(p))
    #expect(try Self.isProbablyPrime(q))
    #expect((p - Schoolbook(1)) % q == Schoolbook(0))
  }
}
