// SPDX-License-Identifier: Apache-2.0

/// Why a number was not read.
public enum NumberError: Error, Equatable, Sendable {
  /// The encoding has another length than the field demands.
  case wrongLength(expected: Int, found: Int)
  /// A character that is not one of `0…9A…F`; `position` counts from 0.
  case notUpperCaseHex(position: Int)
  /// The number is not in the range of the field.
  case outOfRange
}

extension Natural {
  /// Reads a big-endian number of exactly `byteCount` bytes, or of `width` bytes when the field is
  /// narrower than the type.
  /// - Throws: `NumberError.wrongLength`.
  public init(bigEndian bytes: some Collection<UInt8>, width: Int = limbCount * 8)
    throws(NumberError)
  {
    guard width <= limbCount * 8, bytes.count == width else {
      throw .wrongLength(expected: width, found: bytes.count)
    }
    self.init(wrappingBigEndian: Array(bytes))
  }

  /// int(bytes) mod 2^(64·limbCount): of a longer input the last bytes count.
  public init(wrappingBigEndian bytes: [UInt8]) {
    self.init()
    for (position, byte) in bytes.reversed().prefix(limbCount * 8).enumerated() {
      limbs[position / 8] |= UInt(byte) << UInt(position % 8 * 8)
    }
  }

  /// Reads exactly `2 * width` upper-case hexadecimal digits.
  /// - Throws: `NumberError.wrongLength` or `.notUpperCaseHex`.
  public init(hex: String, width: Int = limbCount * 8) throws(NumberError) {
    let digits = hex.utf8
    guard width <= limbCount * 8, digits.count == 2 * width else {
      throw .wrongLength(expected: 2 * width, found: digits.count)
    }
    self.init()
    var position = 2 * width
    for (offset, digit) in digits.enumerated() {
      position -= 1
      let value: UInt
      switch digit {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): value = UInt(digit - UInt8(ascii: "0"))
      case UInt8(ascii: "A")...UInt8(ascii: "F"): value = UInt(digit - UInt8(ascii: "A") + 10)
      default: throw .notUpperCaseHex(position: offset)
      }
      limbs[position / 16] |= value << UInt(position % 16 * 4)
    }
  }

  /// The number in `width` bytes, big-endian. Leading bytes that do not fit are zero by the caller's
  /// contract; the full width always fits.
  public func bigEndianBytes(width: Int = limbCount * 8) -> [UInt8] {
    var bytes = [UInt8]()
    bytes.reserveCapacity(width)
    for position in stride(from: width - 1, through: 0, by: -1) {
      bytes.append(
        position / 8 < limbCount
          ? UInt8(truncatingIfNeeded: limbs[position / 8] >> UInt(position % 8 * 8)) : 0)
    }
    return bytes
  }

  /// The number as `2 * width` upper-case hexadecimal digits.
  public func hex(width: Int = limbCount * 8) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    var text = [UInt8]()
    text.reserveCapacity(2 * width)
    for byte in bigEndianBytes(width: width) {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }
}
