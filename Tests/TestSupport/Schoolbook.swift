// SPDX-License-Identifier: Apache-2.0

/// A natural number of any size with the methods of school: digits of 32 bits, least significant
/// first, without leading zeros. Slow and obvious; it shares nothing with the arithmetic it checks.
public struct Schoolbook: Hashable, Comparable, Sendable {
  /// The digits; empty for zero.
  public private(set) var digits: [UInt32]

  private init(digits: [UInt32]) {
    self.digits = digits
    while self.digits.last == 0 { self.digits.removeLast() }
  }

  /// A small number.
  public init(_ small: UInt32) { self.init(digits: [small]) }

  /// A number of big-endian bytes.
  public init(bytes: some Collection<UInt8>) {
    var digits = [UInt32](repeating: 0, count: bytes.count / 4 + 1)
    var position = bytes.count
    for byte in bytes {
      position -= 1
      digits[position / 4] |= UInt32(byte) << UInt32(position % 4 * 8)
    }
    self.init(digits: digits)
  }

  /// A number in decimal digits.
  public init(decimal: String) {
    self.init(0)
    for digit in decimal.utf8 { self = timesSmall(10) + Schoolbook(UInt32(digit) - 48) }
  }

  /// The low `count` bytes, big-endian.
  public func bytes(count: Int) -> [UInt8] {
    (0..<count).reversed().map { position in
      position / 4 < digits.count
        ? UInt8(truncatingIfNeeded: digits[position / 4] >> UInt32(position % 4 * 8)) : 0
    }
  }

  /// Bits up to and with the highest one.
  public var bitWidth: Int {
    digits.isEmpty ? 0 : digits.count * 32 - (digits.last ?? 0).leadingZeroBitCount
  }

  /// The bit at a position.
  public func bit(_ position: Int) -> Bool {
    position / 32 < digits.count && digits[position / 32] >> UInt32(position % 32) & 1 == 1
  }

  /// 2^exponent
  public static func power(ofTwo exponent: Int) -> Schoolbook {
    Schoolbook(
      digits: [UInt32](repeating: 0, count: exponent / 32) + [1 << UInt32(exponent % 32)])
  }

  /// Order.
  public static func < (left: Schoolbook, right: Schoolbook) -> Bool {
    if left.digits.count != right.digits.count {
      return left.digits.count < right.digits.count
    }
    for (a, b) in zip(left.digits.reversed(), right.digits.reversed()) where a != b {
      return a < b
    }
    return false
  }

  /// Sum.
  public static func + (left: Schoolbook, right: Schoolbook) -> Schoolbook {
    var sum: [UInt32] = []
    var carry: UInt64 = 0
    for index in 0...max(left.digits.count, right.digits.count) {
      carry += UInt64(left.digit(index)) + UInt64(right.digit(index))
      sum.append(UInt32(truncatingIfNeeded: carry))
      carry >>= 32
    }
    return Schoolbook(digits: sum)
  }

  /// left − right, for right ≤ left.
  public static func - (left: Schoolbook, right: Schoolbook) -> Schoolbook {
    precondition(right <= left)
    var difference: [UInt32] = []
    var borrow: Int64 = 0
    for index in 0..<left.digits.count {
      let value = Int64(left.digit(index)) - Int64(right.digit(index)) - borrow
      borrow = value < 0 ? 1 : 0
      difference.append(UInt32(truncatingIfNeeded: value))
    }
    return Schoolbook(digits: difference)
  }

  /// Product, digit by digit.
  public static func * (left: Schoolbook, right: Schoolbook) -> Schoolbook {
    var product = [UInt32](repeating: 0, count: left.digits.count + right.digits.count + 1)
    for (i, a) in left.digits.enumerated() {
      var carry: UInt64 = 0
      for j in 0...right.digits.count {
        carry += UInt64(product[i + j]) + UInt64(a) * UInt64(right.digit(j))
        product[i + j] = UInt32(truncatingIfNeeded: carry)
        carry >>= 32
      }
    }
    return Schoolbook(digits: product)
  }

  /// Long division, bit by bit.
  public func dividedBy(_ divisor: Schoolbook) -> (quotient: Schoolbook, remainder: Schoolbook) {
    precondition(!divisor.digits.isEmpty)
    var quotient = [UInt32](repeating: 0, count: digits.count)
    var rest = Schoolbook(0)
    for position in stride(from: bitWidth - 1, through: 0, by: -1) {
      rest = rest.doubled(adding: bit(position))
      if rest >= divisor {
        rest = rest - divisor
        quotient[position / 32] |= 1 << UInt32(position % 32)
      }
    }
    return (Schoolbook(digits: quotient), rest)
  }

  /// Remainder.
  public static func % (left: Schoolbook, right: Schoolbook) -> Schoolbook {
    left < right ? left : left.dividedBy(right).remainder
  }

  /// Division by one digit.
  public func dividedBySmall(_ divisor: UInt32) -> Schoolbook {
    var quotient = digits
    var rest: UInt64 = 0
    for index in digits.indices.reversed() {
      rest = rest << 32 | UInt64(digits[index])
      quotient[index] = UInt32(rest / UInt64(divisor))
      rest %= UInt64(divisor)
    }
    return Schoolbook(digits: quotient)
  }

  /// Multiplication by one digit.
  public func timesSmall(_ factor: UInt32) -> Schoolbook { self * Schoolbook(factor) }

  /// base^exponent mod modulus, by squaring.
  public static func power(
    _ base: Schoolbook, _ exponent: Schoolbook, modulus: Schoolbook
  ) -> Schoolbook {
    var result = Schoolbook(1) % modulus
    for position in stride(from: exponent.bitWidth - 1, through: 0, by: -1) {
      result = (result * result) % modulus
      if exponent.bit(position) { result = (result * base) % modulus }
    }
    return result
  }

  private func digit(_ index: Int) -> UInt32 { index < digits.count ? digits[index] : 0 }

  private func doubled(adding bit: Bool) -> Schoolbook {
    var result = digits
    var carry: UInt32 = bit ? 1 : 0
    for index in result.indices {
      let next = result[index] >> 31
      result[index] = result[index] << 1 | carry
      carry = next
    }
    if carry != 0 { result.append(carry) }
    return Schoolbook(digits: result)
  }
}
