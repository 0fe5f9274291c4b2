// SPDX-License-Identifier: Apache-2.0

import BigIntegers
import Groups
import TestSupport
import Testing

/// Numbers of foreign records: reduced, with a note of whether they were in range.
@Suite struct ForeignNumberTests {
  private static func hex(_ number: UInt, digits: Int) -> String {
    let text = String(number, radix: 16, uppercase: true)
    return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
  }

  // adversary: G-02
  @Test(arguments: ToyGroups.all) func elements(_ group: Group) throws {
    let p = group.parameters.p.limbs[0]
    for x: UInt in [1, 2, p - 1] {
      let good = try group.foreignElement(hex: Self.hex(x, digits: 16))
      #expect(good.isInRange)
      #expect(try good.value == group.element(hex: Self.hex(x, digits: 16)))
    }
    for x in [p + 1, p + 2, UInt.max] where x > p {
      let bad = try group.foreignElement(hex: Self.hex(x, digits: 16))
      #expect(!bad.isInRange)
      let reduced = x % p
      #expect(try bad.value == group.element(hex: Self.hex(reduced, digits: 16)))
    }
    // Multiples of p stand for no element.
    for zero in [0, p] {
      let bad = try group.foreignElement(hex: Self.hex(zero, digits: 16))
      #expect(!bad.isInRange)
      #expect(bad.value == group.identity)
    }
    // 2^64 + 5, in one digit more.
    let wide = try group.foreignElement(hex: "1" + Self.hex(5, digits: 16))
    #expect(!wide.isInRange)
    let reduced = (UInt.max % p + 1 + 5) % p
    #expect(try wide.value == group.element(hex: Self.hex(reduced, digits: 16)))
  }

  // adversary: F-11
  @Test(arguments: [Group.standard, .reduced] + ToyGroups.all) func scalars(_ group: Group) throws {
    let q = group.parameters.q
    let zero = try group.foreignScalar(hex: Self.hex(0, digits: 64))
    #expect(zero.isInRange)
    #expect(zero.value == .zero)
    let order = try group.foreignScalar(hex: q.hex())
    #expect(!order.isInRange)
    #expect(order.value == .zero)
    // 2^256 + 1: 16^64 is 2^256.
    let wide = try group.foreignScalar(hex: "1" + Self.hex(1, digits: 64))
    #expect(!wide.isInRange)
    var power = Scalar.one
    for _ in 0..<256 { power = group.vartimeAdd(power, power) }
    #expect(wide.value == group.vartimeAdd(power, .one))
  }

  // adversary: G-02
  @Test func otherShapesAreRefused() {
    let group = Group.standard
    let good = Self.hex(7, digits: 64)
    #expect(throws: GroupError.wrongLength(expected: 64, found: 65)) {
      try group.foreignScalar(hex: "0" + good)
    }
    #expect(throws: GroupError.wrongLength(expected: 64, found: 63)) {
      try group.foreignScalar(hex: String(good.dropLast()))
    }
    #expect(throws: GroupError.wrongLength(expected: 64, found: 66)) {
      try group.foreignScalar(hex: "11" + good)
    }
    #expect(throws: GroupError.notUpperCaseHex(position: 63)) {
      try group.foreignScalar(hex: String(good.dropLast()) + "a")
    }
    #expect(throws: GroupError.notUpperCaseHex(position: 1)) {
      try group.foreignScalar(hex: "a" + good)
    }
    #expect(throws: GroupError.wrongLength(expected: 1024, found: 64)) {
      try group.foreignElement(hex: good)
    }
  }
}
