// SPDX-License-Identifier: Apache-2.0

/// Upper-case hexadecimal (RFC 4648, section 8: "base16"), two digits a byte.
///
/// Runs in variable time: only for public bytes.
public enum Hex {
  private static let digits = [UInt8]("0123456789ABCDEF".utf8)

  /// The upper-case digits of `bytes`.
  public static func encode(_ bytes: some Sequence<UInt8>) -> String {
    var text: [UInt8] = []
    text.reserveCapacity(2 * bytes.underestimatedCount)
    for byte in bytes {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// The bytes behind `text`, or nil unless it consists of an even number of digits 0-9 and A-F.
  /// Lower-case digits are refused, so that a value has one spelling.
  public static func decode(_ text: String) -> [UInt8]? {
    decode(utf8: text.utf8)
  }

  /// The same for text that is held as bytes.
  public static func decode(utf8 text: some Collection<UInt8>) -> [UInt8]? {
    guard text.count.isMultiple(of: 2) else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count / 2)
    var high: UInt8?
    for character in text {
      guard let digit = value(of: character) else { return nil }
      if let first = high {
        bytes.append(first << 4 | digit)
        high = nil
      } else {
        high = digit
      }
    }
    return bytes
  }

  private static func value(of character: UInt8) -> UInt8? {
    switch character {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
    case UInt8(ascii: "A")...UInt8(ascii: "F"): character - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
