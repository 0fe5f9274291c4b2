// SPDX-License-Identifier: Apache-2.0

/// The 32 characters of a code, their values, and the check: a Reed-Solomon code over GF(32), polynomial
/// x^5 + x^2 + 1, of length 22 with the roots 1 and 2 (that is, x). Its distance is 3: any two wrong characters
/// are found, hence any swap of two.
///
/// Everything here runs in a time that does not depend on the characters.
enum CodeCheck {
  /// The character of a value below 32: Crockford's digits, without I, L, O and U.
  static func character(_ value: UInt8) -> UInt8 {
    UInt8(ascii: "0") &+ value &+ 7 &* isAbove(value, 9) &+ isAbove(value, 17)
      &+ isAbove(value, 19) &+ isAbove(value, 21) &+ isAbove(value, 26)
  }

  /// The value of a character as people write it: small letters count, O is 0, I and L are 1. 255 for others.
  static func value(_ written: UInt8) -> UInt8 {
    var found: UInt8 = 255
    let upper = written ^ (0x20 & mask(isAbove(written, 0x60)))
    for value in 0..<32 as Range<UInt8> {
      found = select(character(value), upper, value, found)
    }
    found = select(UInt8(ascii: "O"), upper, 0, found)
    found = select(UInt8(ascii: "I"), upper, 1, found)
    return select(UInt8(ascii: "L"), upper, 1, found)
  }

  /// Takes up one more value into the two sums, which are zero at the start and, over a whole code, at the end.
  static func add(_ value: UInt8, _ sums: inout (UInt8, UInt8)) {
    sums.0 ^= value
    sums.1 = double(sums.1) ^ value
  }

  /// The two values that end a code whose first twenty have these sums.
  ///
  /// With a and b behind them the sums are `s0 + a + b` and `4 s1 + 2 a + b`; both must be 0.
  static func check(_ sums: (UInt8, UInt8)) -> (UInt8, UInt8) {
    // Adding both: s0 + 4 s1 = 3 a, and 1/3 = 28.
    let a = multiply(sums.0 ^ double(double(sums.1)), 28)
    return (a, a ^ sums.0)
  }

  static func multiply(_ left: UInt8, _ right: UInt8) -> UInt8 {
    var product: UInt8 = 0
    var left = left
    for bit in 0..<5 as Range<UInt8> {
      product ^= left & mask((right >> bit) & 1)
      left = double(left)
    }
    return product
  }

  private static func double(_ value: UInt8) -> UInt8 {
    ((value << 1) & 31) ^ (5 & mask(value >> 4))
  }

  /// 1 if the value, below 128, is above the limit; 0 otherwise.
  private static func isAbove(_ value: UInt8, _ limit: UInt8) -> UInt8 { (limit &- value) >> 7 }

  /// All bits set for 1, none for 0.
  private static func mask(_ bit: UInt8) -> UInt8 { 0 &- bit }

  /// `chosen` if both characters, below 128, are equal.
  private static func select(
    _ left: UInt8, _ right: UInt8, _ chosen: UInt8, _ otherwise: UInt8
  ) -> UInt8 {
    let differ = mask(((left ^ right) &+ 0x7F) >> 7)
    return (chosen & ~differ) | (otherwise & differ)
  }
}
