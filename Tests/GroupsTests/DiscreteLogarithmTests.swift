// SPDX-License-Identifier: Apache-2.0

import BigIntegers
import Groups
import TestSupport
import Testing

@Suite struct DiscreteLogarithmTests {
  static let engines = EngineTests.groups
  static let groups = engines + [Group.reduced] + ToyGroups.all

  /// base^t by plain GMP, t not reduced.
  private func power(_ group: Group, _ base: Element, _ t: UInt64) -> Element {
    Element(group.field.vartimePow(base.value, Natural<1>(UInt(t))))
  }

  private func key(_ group: Group, _ generator: inout SeededGenerator) -> Element {
    power(group, group.generator.element, generator.next() | 1)
  }

  // adversary: G-11
  @Test(arguments: groups) func logarithmsAreFoundOrRefused(_ group: Group) throws {
    var generator = SeededGenerator(seed: 0x5EED_0101)
    let base = key(group, &generator)
    for bound in [0, 1, 2, 3, 99, 10_000, 60_000] as [UInt64] {
      for searches in [1, 50, 1_000_000] {
        let logarithm = DiscreteLogarithm(
          base: base, bound: bound, searches: searches, in: group)
        #expect(logarithm.bound == bound)
        for value in Set([0, 1, 2, bound / 2, bound &- 1, bound]) where value <= bound {
          #expect(try logarithm.vartimeLogarithm(of: power(group, base, value)) == value)
        }
        for beyond in [bound + 1, bound + 2, bound + bound / 100 + 1] {
          #expect(throws: GroupError.logarithmNotFound) {
            try logarithm.vartimeLogarithm(of: power(group, base, beyond))
          }
        }
        if bound == 60_000, searches == 50 { break }
      }
    }
  }

  @Test(arguments: groups) func randomTotalsAreFound(_ group: Group) throws {
    var generator = SeededGenerator(seed: 0x5EED_0102)
    let base = key(group, &generator)
    let isSmall = group.order.value.bitWidth == 16
    let logarithm = DiscreteLogarithm(
      base: base, bound: isSmall ? 65_000 : 5_000_000, searches: 40, in: group)
    for _ in 0..<40 {
      let value = generator.next() % (logarithm.bound + 1)
      #expect(
        try logarithm.vartimeLogarithm(of: power(group, base, value)) == value,
        "seed \(generator.seed)")
    }
    #expect(throws: GroupError.logarithmNotFound) {
      try logarithm.vartimeLogarithm(of: minusOne(group))
    }
  }

  @Test(arguments: engines) func aThousandMillionIsFound(_ group: Group) throws {
    let base = group.vartimePower(group.generator.element, group.scalar(123_456_789))
    let logarithm = DiscreteLogarithm(base: base, bound: 1_000_000_000, in: group)
    #expect(try logarithm.vartimeLogarithm(of: power(group, base, 1_000_000_000)) == 1_000_000_000)
    #expect(throws: GroupError.logarithmNotFound) {
      try logarithm.vartimeLogarithm(of: power(group, base, 1_000_000_001))
    }
  }

  /// Elements that look alike are told apart by exact powers.
  @Test(arguments: groups, [0, 1, 6, 0xFF00] as [UInt64])
  func equalKeysGiveNoFalseLogarithm(_ group: Group, _ mask: UInt64) throws {
    var generator = SeededGenerator(seed: 0x5EED_0103 + mask)
    let base = key(group, &generator)
    let bound: UInt64 = 300
    let logarithm = DiscreteLogarithm(
      base: base, bound: bound, searches: 3, keyMask: mask, in: group)
    for _ in 0..<20 {
      let value = generator.next() % (2 * bound)
      let x = power(group, base, value)
      if value <= bound {
        #expect(try logarithm.vartimeLogarithm(of: x) == value, "seed \(generator.seed)")
      } else {
        #expect(throws: GroupError.logarithmNotFound, "seed \(generator.seed)") {
          try logarithm.vartimeLogarithm(of: x)
        }
      }
    }
  }

  // The second table holds the whole group.
  @Test(arguments: [(ToyGroups.q16p48, 1), (ToyGroups.q16p48, 1 << 30), (ToyGroups.q24p64, 9)])
  func powersThatComeAgainHaveTheSmallestLogarithm(_ group: Group, _ searches: Int) throws {
    var generator = SeededGenerator(seed: 0x5EED_0104)
    let base = key(group, &generator)
    let order = UInt64(group.order.value.limbs[0])
    for bound in [order - 1, order, order + 1, 3 * order, UInt64.max - 1, .max] {
      let logarithm = DiscreteLogarithm(
        base: base, bound: bound, searches: searches, in: group)
      for value in [0, 1, order - 1, order, order + 1, generator.next()] {
        #expect(
          try logarithm.vartimeLogarithm(of: power(group, base, value)) == value % order,
          "seed \(generator.seed)")
      }
      #expect(throws: GroupError.logarithmNotFound) {
        try logarithm.vartimeLogarithm(of: minusOne(group))
      }
    }
  }

  private func minusOne(_ group: Group) -> Element {
    var number = group.parameters.p
    number.limbs[0] -= 1
    return Element(number)
  }

  @Test(arguments: groups) func basesOfSmallOrderEndTheTable(_ group: Group) throws {
    for searches in [1, 1_000] {
      let one = DiscreteLogarithm(
        base: group.identity, bound: 1_000, searches: searches, in: group)
      #expect(try one.vartimeLogarithm(of: group.identity) == 0)
      #expect(throws: GroupError.logarithmNotFound) {
        try one.vartimeLogarithm(of: group.generator.element)
      }
      let sign = DiscreteLogarithm(
        base: minusOne(group), bound: .max, searches: searches, in: group)
      #expect(try sign.vartimeLogarithm(of: group.identity) == 0)
      #expect(try sign.vartimeLogarithm(of: minusOne(group)) == 1)
      #expect(throws: GroupError.logarithmNotFound) {
        try sign.vartimeLogarithm(of: group.generator.element)
      }
    }
  }

  @Test func tablesHaveTheAnnouncedSize() {
    func count(_ bound: UInt64, _ searches: Int) -> Int {
      DiscreteLogarithm.babyStepCount(bound: bound, searches: searches)
    }
    #expect(count(0, 1) == 1)
    #expect(count(0, .max) == 1)
    #expect(count(1, 1) == 1)
    #expect(count(1, 2) == 2)
    #expect(count(1_000_000_000, 1) == 22_361)
    #expect(count(1_000_000_000, 100) == 223_607)
    #expect(count(99, -1) == count(99, 1))
    #expect(count(99, .max) == 100)
    #expect(count(.max, 1) == 4_194_304)
    #expect(count(.max, .max) == 4_194_304)
  }

  /// The walk on an engine against plain products, also by numbers whose form is next to 0 or p.
  @Test(arguments: engines) func walksAreThoseOfPlainProducts(_ group: Group) throws {
    var generator = SeededGenerator(seed: 0x5EED_0105)
    let field = group.field
    let engine = try #require(group.arithmetic.engine)
    let radix = field.vartimePow(
      Natural(2), Natural<1>(group.engine == .vector ? 4_160 : 4_096))
    let inverse = try #require(field.vartimeInverse(radix))
    let random = field.vartimeReduce(Natural<64>(wrappingBigEndian: generator.bytes(512)))
    let nextToP = field.vartimeMultiply(minusOne(group).value, inverse)
    // Forms: R, −R, any, p − 1, 1; the vector engine's product leaves the last one as p + 1.
    for start in [Natural(1), minusOne(group).value, random, nextToP, inverse] {
      for step in [Natural(1), minusOne(group).value, random, group.parameters.g] {
        let walk = MontgomeryProgression(from: start, by: step, in: engine)
        var number = start
        for _ in 0..<35 {
          let expected = field.vartimeMultiply(number, radix).limbs[0]
          #expect(walk.vartimeNext() == UInt64(expected), "seed \(generator.seed)")
          number = field.vartimeMultiply(number, step)
        }
      }
    }
  }
}
