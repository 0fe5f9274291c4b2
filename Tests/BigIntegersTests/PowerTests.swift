// SPDX-License-Identifier: Apache-2.0

import BigIntegers
import TestSupport
import Testing

/// One power, computed in five ways.
@Suite struct PowerTests {
  private static let seed: UInt64 = 0x5EED_0020

  private func exponents(_ modulus: Schoolbook, bits: Int, _ generator: inout SeededGenerator)
    -> [Schoolbook]
  {
    let ones = Schoolbook.power(ofTwo: bits) - Schoolbook(1)
    var all = [Schoolbook(0), Schoolbook(1), Schoolbook(2), Schoolbook(15), Schoolbook(16), ones]
    all += [Schoolbook.power(ofTwo: bits - 1), ones - Schoolbook(1)]
    all += [modulus - Schoolbook(1), modulus - Schoolbook(2), modulus].filter { $0 <= ones }
    all += (0..<3).map { _ in generator.number(bits: bits) }
    return all
  }

  /// Compares the powers of some bases; `exact` also with school's power, which is slow.
  private func check<let n: Int>(
    _ value: Natural<n>, exponentLimbs: Int, exact: Bool, bases random: Int
  ) throws {
    var generator = SeededGenerator(seed: Self.seed)
    let modulus = try Modulus(value)
    let m = Schoolbook(value)
    var bases = [Schoolbook(0), Schoolbook(1), Schoolbook(2) % m, m - Schoolbook(1)]
    bases += (0..<random).map { _ in generator.number(bits: m.bitWidth) % m }
    for base in bases {
      let a: Natural<n> = try base.natural()
      let table = FixedBaseTable(base: a, modulus: modulus, exponentLimbs: exponentLimbs)
      #expect(table.base == a)
      for exponent in exponents(m, bits: exponentLimbs * 64, &generator) {
        let e: Natural<8> = try exponent.natural()
        let comment: Comment =
          "\(a.hex())^\(e.hex()) mod \(value.hex()), seed \(Self.seed)"
        let expected = modulus.vartimePow(a, e)
        if exact {
          let school: Natural<n> = try Schoolbook.power(base, exponent, modulus: m).natural()
          #expect(expected == school, comment)
        }
        let secret = SecretLimbs(e, count: exponentLimbs)
        let bySecret: Natural<n> = modulus.powmSecret(a, secret).revealed()
        #expect(bySecret == expected, comment)
        #expect(table.vartimePow(e) == expected, comment)
        let byTable: Natural<n> = table.powmSecret(secret).revealed()
        #expect(byTable == expected, comment)
      }
    }
  }

  @Test func smallModuli() throws {
    for m in [3, 15, 127, 65_521] as [UInt] {
      try check(Natural<1>(m), exponentLimbs: 1, exact: true, bases: 3)
      try check(Natural<4>(m), exponentLimbs: 2, exact: true, bases: 1)
    }
    try check(Natural<1>(UInt.max), exponentLimbs: 1, exact: true, bases: 2)
  }

  /// Every base and every exponent in a small field.
  @Test func wholeFieldOf31() throws {
    let modulus = try Modulus(Natural<1>(31))
    for base in 0..<31 as Range<UInt> {
      let table = FixedBaseTable(base: Natural(base), modulus: modulus, exponentLimbs: 1)
      var expected: UInt = 1
      for exponent in 0..<64 as Range<UInt> {
        let e = Natural<1>(exponent)
        #expect(modulus.vartimePow(Natural(base), e) == Natural(expected))
        #expect(table.vartimePow(e) == Natural(expected))
        let secret: Natural<1> = modulus.powmSecret(
          Natural(base), SecretLimbs(e, count: 1)
        ).revealed()
        #expect(secret == Natural(expected), "\(base)^\(exponent)")
        expected = expected * base % 31
      }
    }
  }

  @Test func orderOfElectionGuard() throws {
    try check(
      try Natural<4>.power(ofTwo: 256, minus: 189), exponentLimbs: 4, exact: false, bases: 10)
    try check(
      try Natural<4>.power(ofTwo: 192, minus: 237), exponentLimbs: 4, exact: false, bases: 4)
    try check(
      try Natural<2>.power(ofTwo: 128, minus: 159), exponentLimbs: 2, exact: true, bases: 0)
  }

  @Test func wideModuli() throws {
    try check(
      try Natural<64>.power(ofTwo: 4096, minus: 1), exponentLimbs: 4, exact: false, bases: 2)
    try check(
      try Natural<64>.power(ofTwo: 3072, minus: 3), exponentLimbs: 4, exact: false, bases: 1)
    // School's way with a short exponent.
    let value = try Natural<64>.power(ofTwo: 4096, minus: 1)
    let modulus = try Modulus(value)
    var generator = SeededGenerator(seed: Self.seed &+ 1)
    let base = generator.number(bits: 4095)
    let expected: Natural<64> = try Schoolbook.power(
      base, Schoolbook(0xBEEF), modulus: Schoolbook(value)
    ).natural()
    #expect(modulus.vartimePow(try base.natural(), Natural<1>(0xBEEF)) == expected)
  }

  /// a^(p−1) = 1 in a field, and a^x · a^y = a^(x+y).
  @Test func fermatAndSums() throws {
    var generator = SeededGenerator(seed: Self.seed &+ 2)
    let p = Schoolbook.power(ofTwo: 256) - Schoolbook(189)
    let modulus = try Modulus(try p.natural(Natural<4>.self))
    let order: Natural<4> = try (p - Schoolbook(1)).natural()
    for _ in 0..<50 {
      let base = generator.number(bits: 255) + Schoolbook(1)
      let a: Natural<4> = try base.natural()
      #expect(modulus.vartimePow(a, order) == Natural(1), "seed \(generator.seed)")
      let (x, y) = (generator.number(bits: 255), generator.number(bits: 255))
      let sum: Natural<4> = try (x + y).natural()
      let powers = try [x, y].map { modulus.vartimePow(a, try $0.natural(Natural<4>.self)) }
      #expect(
        modulus.vartimeMultiply(powers[0], powers[1]) == modulus.vartimePow(a, sum),
        "seed \(generator.seed)")
    }
  }
}
