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
    var end = bytes.count
    for index in 0..<limbCount where end > 0 {
      let start = max(0, end - 8)
      var limb: UInt = 0
      for position in start..<end { limb = limb << 8 | UInt(bytes[position]) }
      limbs[index] = limb
      end = start
    }
  }

  /// Reads exactly `2 * width` upper-case hexadecimal digits.
  /// - Throws: `NumberError.wrongLength` or `.notUpperCaseHex`.
  public init(hex: String, width: Int = limbCount * 8) throws(NumberError) {
    let digits = Array(hex.utf8)
    guard width <= limbCount * 8, digits.count == 2 * width else {
      throw .wrongLength(expected: 2 * width, found: digits.count)
    }
    self.init()
    var end = digits.count
    var index = 0
    while end > 0 {
      let start = max(0, end - 16)
      var limb: UInt = 0
      var isWrong = false
      for position in start..<end {
        let digit = digits[position]
        // 0…9 and A…F; what is below the one wraps round and is above the other.
        let (low, high) = (digit &- UInt8(ascii: "0"), digit &- UInt8(ascii: "A"))
        isWrong = isWrong || !(low < 10 || high < 6)
        limb = limb << 4 | UInt(low < 10 ? low : high &+ 10)
      }
      if isWrong { break }
      limbs[index] = limb
      index += 1
      end = start
    }
    guard end > 0 else { return }
    // The first wrong digit is the one to name.
    let allowed = Set("0123456789ABCDEF".utf8)
    throw .notUpperCaseHex(position: digits.firstIndex { !allowed.contains($0) } ?? 0)
  }

  /// The number in `width` bytes, big-endian. Leading bytes that do not fit are zero by the caller's
  /// contract; the full width always fits.
  public func bigEndianBytes(width: Int = limbCount * 8) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: width)
    var end = width
    for index in 0..<limbCount where end > 0 {
      var limb = limbs[index]
      let start = max(0, end - 8)
      var position = end
      while position > start {
        position -= 1
        bytes[position] = UInt8(truncatingIfNeeded: limb)
        limb >>= 8
      }
      end = start
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
