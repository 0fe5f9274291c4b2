// SPDX-License-Identifier: Apache-2.0

import BigIntegers
import TestSupport

extension Schoolbook {
  init<let n: Int>(_ natural: Natural<n>) { self.init(bytes: natural.bigEndianBytes()) }

  /// The number in the width of the type, which it fits.
  func natural<let n: Int>(_ type: Natural<n>.Type = Natural<n>.self) throws -> Natural<n> {
    try Natural(bigEndian: bytes(count: n * 8))
  }
}

extension Natural {
  /// 2^exponent − subtrahend
  static func power(ofTwo exponent: Int, minus subtrahend: UInt32 = 0) throws -> Natural {
    try (Schoolbook.power(ofTwo: exponent) - Schoolbook(subtrahend)).natural()
  }
}

extension SeededGenerator {
  /// A number of up to `bits` bits.
  mutating func number(bits: Int) -> Schoolbook {
    Schoolbook(bytes: bytes((bits + 7) / 8)) % .power(ofTwo: bits)
  }
}

extension Modulus {
  /// A number as a secret of the modulus' width.
  func secret(_ value: Natural<limbCount>) -> SecretLimbs { SecretLimbs(value, count: size) }
}
