// SPDX-License-Identifier: Apache-2.0

/// Padded base64 (RFC 4648, section 4) in which each byte string has exactly one spelling: no line
/// breaks, no missing padding, no bits set behind the last byte.
package enum Base64 {
  private static let alphabet = [UInt8](
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  /// The one spelling of `bytes`.
  package static func encode(_ bytes: [UInt8]) -> String {
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count + 2) / 3 * 4)
    var position = 0
    while position < bytes.count {
      let group = bytes[position..<min(position + 3, bytes.count)]
      var bits: UInt32 = 0
      for byte in group { bits = bits << 8 | UInt32(byte) }
      bits <<= UInt32(8 * (3 - group.count))
      for digit in 0..<4 {
        if digit <= group.count {
          text.append(alphabet[Int(bits >> UInt32(18 - 6 * digit)) & 63])
        } else {
          text.append(UInt8(ascii: "="))
        }
      }
      position += 3
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// The bytes behind `text`, or nil if it is not their one spelling.
  package static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
    let text = [UInt8](text)
    guard text.count.isMultiple(of: 4) else { return nil }
    let padding = text.reversed().prefix { $0 == UInt8(ascii: "=") }.count
    guard padding <= 2 else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count / 4 * 3)
    var bits: UInt32 = 0
    var count = 0
    for character in text.dropLast(padding) {
      guard let digit = value(of: character) else { return nil }
      bits = bits << 6 | UInt32(digit)
      count += 1
      if count == 4 {
        bytes.append(UInt8(truncatingIfNeeded: bits >> 16))
        bytes.append(UInt8(truncatingIfNeeded: bits >> 8))
        bytes.append(UInt8(truncatingIfNeeded: bits))
        bits = 0
        count = 0
      }
    }
    switch (count, padding) {
    case (0, 0):
      return bytes
    case (2, 2):
      guard bits & 0x0F == 0 else { return nil }
      return bytes + [UInt8(truncatingIfNeeded: bits >> 4)]
    case (3, 1):
      guard bits & 0x03 == 0 else { return nil }
      return bytes + [
        UInt8(truncatingIfNeeded: bits >> 10), UInt8(truncatingIfNeeded: bits >> 2),
      ]
    default:
      return nil
    }
  }

  private static func value(of character: UInt8) -> UInt8? {
    switch character {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): character - UInt8(ascii: "A")
    case UInt8(ascii: "a")...UInt8(ascii: "z"): character - UInt8(ascii: "a") + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0") + 52
    case UInt8(ascii: "+"): 62
    case UInt8(ascii: "/"): 63
    default: nil
    }
  }
}
