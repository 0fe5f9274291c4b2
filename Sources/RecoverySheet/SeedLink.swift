// SPDX-License-Identifier: Apache-2.0

public import Cryptography

/// Why a text is no link of a recovery sheet. Holds nothing of it.
public enum SeedLinkError: Error, Equatable, Sendable {
  /// The text has another length than 76 bytes.
  case length(found: Int)
  /// It does not begin with `urna:seed?w=`.
  case start
  /// The digit with this number, from 1, is not one of 0-9 and A-F.
  case digit(number: Int)
  /// The seed has another length than 32 bytes.
  case seedLength(found: Int)
}

extension SeedLinkError: CustomStringConvertible {
  /// The reason in words.
  public var description: String {
    switch self {
    case .length(let found):
      "not the link of a recovery sheet: \(found) bytes instead of \(SeedLink.byteCount)"
    case .start: "not the link of a recovery sheet: it begins with \(SeedLink.start)"
    case .digit(let number): "not the link of a recovery sheet: digit \(number)"
    case .seedLength(let found): "a seed has \(SeedWords.seedByteCount) bytes, not \(found)"
    }
  }
}

/// What the QR code of a recovery sheet says. Secret, since it is the seed.
///
///     urna:seed?w=<the seed, 64 upper-case hexadecimal digits>
///
/// There is one spelling: what is read is exactly what ``text()`` writes. Digits are read and written in a time that
/// does not depend on them.
public struct SeedLink: ~Copyable, Sendable {
  /// Bytes of a link.
  public static let byteCount = 76
  static let start = "urna:seed?w="

  /// The wallet's seed, 32 bytes. Secret.
  public let seed: SecretBytes

  /// The link of a seed.
  ///
  /// - Throws: ``SeedLinkError/seedLength(found:)``.
  public init(seed: borrowing SecretBytes) throws(SeedLinkError) {
    guard seed.count == SeedWords.seedByteCount else { throw .seedLength(found: seed.count) }
    self.seed = seed.copy()
  }

  /// Reads a link.
  ///
  /// - Throws: ``SeedLinkError``.
  public init(_ text: borrowing SecretBytes) throws(SeedLinkError) {
    let head = Self.start.utf8.count
    guard text.count == Self.byteCount, let start = text.slice(0..<head) else {
      throw .length(found: text.count)
    }
    guard start.isEqualConstantTime(to: SecretBytes(copying: Self.start.utf8)) else { throw .start }
    var seed = SecretBytes(zeros: SeedWords.seedByteCount)
    var wrong: Int?
    unsafe text.withUnsafeBytes { text in
      unsafe seed.withUnsafeMutableBytes { seed in
        for place in 0..<2 * SeedWords.seedByteCount {
          let (value, isDigit) = Self.value(unsafe text[head + place])
          if !isDigit { wrong = wrong ?? place + 1 }
          unsafe seed[place / 2] |= place.isMultiple(of: 2) ? value << 4 : value
        }
      }
    }
    if let wrong { throw .digit(number: wrong) }
    self.seed = seed
  }

  /// The link. Secret.
  public borrowing func text() -> SecretBytes {
    var digits = SecretBytes(zeros: 2 * seed.count)
    unsafe seed.withUnsafeBytes { seed in
      unsafe digits.withUnsafeMutableBytes { digits in
        for place in digits.indices {
          let byte = unsafe seed[place / 2]
          unsafe digits[place] = Self.digit(place.isMultiple(of: 2) ? byte >> 4 : byte & 15)
        }
      }
    }
    return SecretBytes(copying: Self.start.utf8).appending(digits)
  }

  /// 0-9 are 30 to 39, A-F are 41 to 46 in ASCII: seven more from ten on.
  private static func digit(_ value: UInt8) -> UInt8 {
    // 0xFF from ten on, else 0.
    let isLetter = (9 &- value) >> 7 &* 0xFF
    return UInt8(ascii: "0") &+ value &+ (isLetter & 7)
  }

  /// The value of a digit, and whether it is one.
  private static func value(_ character: UInt8) -> (UInt8, Bool) {
    let number = character &- UInt8(ascii: "0")
    let letter = character &- UInt8(ascii: "A")
    // 0xFF where the character is a digit, or a letter, else 0.
    let isNumber = UInt8(truncatingIfNeeded: (UInt16(number) &- 10) >> 8)
    let isLetter = UInt8(truncatingIfNeeded: (UInt16(letter) &- 6) >> 8)
    return (number & isNumber | (letter &+ 10) & isLetter, isNumber | isLetter == 0xFF)
  }
}
