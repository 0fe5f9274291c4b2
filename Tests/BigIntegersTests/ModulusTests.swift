// SPDX-License-Identifier: Apache-2.0

import BigIntegers
import TestSupport
import Testing

/// Arithmetic modulo m, for public and for secret numbers, against the methods of school.
@Suite struct ModulusTests {
  private static let seed: UInt64 = 0x5EED_0010

  /// Numbers at which carries and borrows happen, and some without order.
  private func operands<let n: Int>(
    below modulus: Modulus<n>, random: Int, _ generator: inout SeededGenerator
  ) throws -> [Natural<n>] {
    let m = Schoolbook(modulus.value)
    var values = [Schoolbook(0), Schoolbook(1), Schoolbook(2), m - Schoolbook(1)]
    values.append(m.dividedBySmall(2))
    values.append(m.dividedBySmall(2) + Schoolbook(1))
    for limb in 0..<modulus.size {
      // All ones up to a limb's end, and the one above.
      let power = Schoolbook.power(ofTwo: 64 * limb + 63)
      values += [power - Schoolbook(1), power, power + power - Schoolbook(1)]
      if limb > 4 { break }
    }
    for _ in 0..<random { values.append(generator.number(bits: m.bitWidth)) }
    return try Set(values.map { $0 % m }).sorted().map { try $0.natural() }
  }

  private func checkRing<let n: Int>(
    _ value: Natural<n>, random: Int, seed: UInt64 = ModulusTests.seed
  ) throws {
    var generator = SeededGenerator(seed: seed)
    let modulus = try Modulus(value)
    let m = Schoolbook(value)
    let all = try operands(below: modulus, random: random, &generator)
    for a in all {
      for b in all {
        let (x, y) = (Schoolbook(a), Schoolbook(b))
        let comment: Comment = "\(a.hex()) and \(b.hex()) mod \(value.hex()), seed \(seed)"
        let sum: Natural<n> = try ((x + y) % m).natural()
        let difference: Natural<n> = try ((x + m - y) % m).natural()
        let product: Natural<n> = try ((x * y) % m).natural()
        #expect(modulus.vartimeAdd(a, b) == sum, comment)
        #expect(modulus.vartimeSubtract(a, b) == difference, comment)
        #expect(modulus.vartimeMultiply(a, b) == product, comment)
        let s = modulus.secret(a)
        let t = modulus.secret(b)
        let secretSum: Natural<n> = modulus.add(s, t).revealed()
        let secretDifference: Natural<n> = modulus.subtract(s, t).revealed()
        let secretProduct: Natural<n> = modulus.multiply(s, t).revealed()
        #expect(secretSum == sum, comment)
        #expect(secretDifference == difference, comment)
        #expect(secretProduct == product, comment)
        let first: Natural<n> = modulus.select(1, s, t).revealed()
        let second: Natural<n> = modulus.select(0, s, t).revealed()
        #expect(first == a && second == b, comment)
      }
      if let inverse = modulus.vartimeInverse(a) {
        #expect(modulus.vartimeMultiply(a, inverse) == Natural(1), "1/\(a.hex())")
      }
    }
  }

  @Test func smallModuli() throws {
    for m in [3, 5, 15, 127, 255, 65_521, 0xFFFF_FFFD] as [UInt] {
      try checkRing(Natural<1>(m), random: 4)
      try checkRing(Natural<4>(m), random: 4)
    }
  }

  @Test func oneLimb() throws {
    try checkRing(Natural<1>(UInt.max), random: 10)
    try checkRing(Natural<1>(UInt.max - 58), random: 10)
    try checkRing(Natural<2>(UInt.max), random: 10)
  }

  @Test func moduliAtTheEdgesOfLimbs() throws {
    for exponent in [64, 65, 127, 128, 192] {
      try checkRing(try Natural<4>.power(ofTwo: exponent, minus: 1), random: 4)
      let above = try (Schoolbook.power(ofTwo: exponent) + Schoolbook(1)).natural(Natural<4>.self)
      try checkRing(above, random: 4)
    }
  }

  @Test func orderOfElectionGuard() throws {
    try checkRing(try Natural<4>.power(ofTwo: 256, minus: 189), random: 20)
    try checkRing(try Natural<4>.power(ofTwo: 256, minus: 1), random: 10)
  }

  @Test func wideModuli() throws {
    try checkRing(try Natural<64>.power(ofTwo: 4096, minus: 1), random: 1)
    try checkRing(try Natural<64>.power(ofTwo: 3072, minus: 3), random: 1)
  }

  @Test func randomModuli() throws {
    var generator = SeededGenerator(seed: Self.seed &+ 1)
    for _ in 0..<25 {
      let bits = Int.random(in: 2...320, using: &generator)
      var m = generator.number(bits: bits)
      if !m.bit(0) { m = m + Schoolbook(1) }
      if m < Schoolbook(3) { m = Schoolbook(3) }
      try checkRing(try m.natural(Natural<6>.self), random: 2, seed: generator.next())
    }
  }

  // adversary: G-03
  @Test func evenAndTrivialModuliAreRefused() throws {
    for wrong in [0, 1, 2, 4, 1 << 63] as [UInt] {
      #expect(throws: NumberError.outOfRange) { try Modulus(Natural<4>(wrong)) }
    }
    #expect(throws: NumberError.outOfRange) {
      try Modulus(try Natural<4>.power(ofTwo: 255))
    }
    #expect(try Modulus(Natural<4>(3)).size == 1)
    #expect(try Modulus(try Natural<4>.power(ofTwo: 192, minus: 1)).size == 3)
  }

  @Test func inverseExistsUnlessThereIsACommonFactor() throws {
    let modulus = try Modulus(Natural<2>(15))
    let inverses = (0..<15).map { modulus.vartimeInverse(Natural(UInt($0))) }
    let expected: [UInt?] = [
      nil, 1, 8, nil, 4, nil, nil, 13, 2, nil, nil, 11, nil, 7, 14,
    ]
    #expect(inverses == expected.map { $0.map { Natural($0) } })
  }

  @Test func reductionOfWideNumbers() throws {
    var generator = SeededGenerator(seed: Self.seed &+ 2)
    for bits in [3, 17, 64, 65, 130, 256] {
      var m = generator.number(bits: bits)
      if !m.bit(0) { m = m + Schoolbook(1) }
      if m < Schoolbook(3) { m = Schoolbook(3) }
      let modulus = try Modulus(try m.natural(Natural<5>.self))
      let comment: Comment = "seed \(generator.seed), \(bits) bits"
      for width in 1...5 {
        let wide = generator.number(bits: width * 64)
        let expected: Natural<5> = try (wide % m).natural()
        let number: Natural<5> = try wide.natural()
        #expect(modulus.vartimeReduce(number) == expected, comment)
        let reduced: Natural<5> = modulus.reduce(SecretLimbs(number, count: width)).revealed()
        #expect(reduced == expected, comment)
      }
      let edges = [m, m - Schoolbook(1), m + m, Schoolbook(0)]
      for edge in edges {
        let number: Natural<5> = try edge.natural()
        #expect(modulus.vartimeReduce(number) == (try (edge % m).natural()), comment)
      }
    }
  }

  @Test func onlyNumbersBelowTheModulusAreReduced() throws {
    let m = Schoolbook.power(ofTwo: 256) - Schoolbook(189)
    let modulus = try Modulus(try m.natural(Natural<4>.self))
    for (number, expected) in [
      (Schoolbook(0), true), (m - Schoolbook(1), true), (m, false), (m + Schoolbook(1), false),
      (Schoolbook.power(ofTwo: 256) - Schoolbook(1), false),
    ] {
      let isReduced = modulus.isReduced(modulus.secret(try number.natural()))
      #expect(isReduced == expected)
    }
    for count in [1, 3, 5] {
      let isReduced = modulus.isReduced(SecretLimbs(zeros: count))
      #expect(!isReduced, "\(count) limbs")
    }
  }

  // MARK: - Jacobi symbols

  @Test func jacobiSymbolIsEulersCriterion() throws {
    let primes = (3..<260).filter { n in n % 2 == 1 && !(2..<n).contains { n % $0 == 0 } }
    for p in primes {
      let modulus = try Modulus(Natural<2>(UInt(p)))
      for a in 0..<p {
        var power = 1
        for _ in 0..<(p - 1) / 2 { power = power * a % p }
        let expected = power == p - 1 ? -1 : power
        #expect(modulus.vartimeJacobi(Natural(UInt(a))) == expected, "(\(a) / \(p))")
      }
    }
    // (a / m·n) = (a / m)·(a / n)
    for (m, n) in [(3, 5), (3, 3), (7, 11), (13, 13), (5, 251)] as [(UInt, UInt)] {
      let (first, second) = (try Modulus(Natural<1>(m)), try Modulus(Natural<1>(n)))
      let both = try Modulus(Natural<1>(m * n))
      for a in 0..<m * n {
        #expect(
          both.vartimeJacobi(Natural(a))
            == first.vartimeJacobi(Natural(a % m)) * second.vartimeJacobi(Natural(a % n)))
      }
    }
  }

  @Test func jacobiSymbolIsMultiplicative() throws {
    var generator = SeededGenerator(seed: Self.seed &+ 3)
    // The largest prime below 2^256, and 2^127 − 1.
    for value in [
      try Natural<4>.power(ofTwo: 256, minus: 189), try Natural<4>.power(ofTwo: 127, minus: 1),
    ] {
      let modulus = try Modulus(value)
      let m = Schoolbook(value)
      let half: Natural<4> = try m.dividedBySmall(2).natural()
      for _ in 0..<200 {
        let a: Natural<4> = try (generator.number(bits: 256) % m).natural()
        let b: Natural<4> = try (generator.number(bits: 256) % m).natural()
        let comment: Comment = "seed \(generator.seed)"
        #expect(
          modulus.vartimeJacobi(modulus.vartimeMultiply(a, b))
            == modulus.vartimeJacobi(a) * modulus.vartimeJacobi(b), comment)
        #expect(modulus.vartimeJacobi(modulus.vartimeMultiply(a, a)) == 1, comment)
        let euler = modulus.vartimePow(a, half)
        #expect(
          modulus.vartimeJacobi(a) == (euler == Natural(1) ? 1 : -1), comment)
      }
    }
  }
}
