// SPDX-License-Identifier: Apache-2.0

internal import Cryptography

/// Takes words out of a text, with the numbers before them. Holds a place in the text and nothing of it.
struct WordReader {
  private var place = 0

  /// The next word as a key of ``SeedWordList``; nil at the end of the text.
  ///
  /// - Parameters:
  ///   - number: which word it is, from 1.
  ///   - limit: words with higher numbers are counted, and not read.
  /// - Throws: ``SeedWordsError/word(number:)`` for what can be no word, ``SeedWordsError/numbering(number:)``.
  mutating func next(
    _ text: borrowing SecretBytes, number: Int, limit: Int
  ) throws(SeedWordsError) -> UInt64? {
    skip(text)
    guard place < text.count else { return nil }
    guard number <= limit else {
      while place < text.count, !Self.isBlank(byte(text)) { place += 1 }
      return 0
    }
    if Self.isDigit(byte(text)) {
      try readNumber(text, number)
      skip(text)
      guard place < text.count else { throw .numbering(number: number) }
    }
    var key: UInt64 = 0
    var letters = 0
    while place < text.count, !Self.isBlank(byte(text)) {
      // A capital differs from the small letter by this bit.
      let letter = byte(text) | 0x20
      guard Self.isLetter(byte(text)), letters < SeedWordList.longest else {
        throw .word(number: number)
      }
      key = key << 8 | UInt64(letter)
      letters += 1
      place += 1
    }
    return key << UInt64(8 * (SeedWordList.longest - letters))
  }

  /// One or two digits without a leading zero, and a dot or a bracket.
  private mutating func readNumber(
    _ text: borrowing SecretBytes, _ number: Int
  ) throws(SeedWordsError) {
    var value = 0
    var digits = 0
    while place < text.count, Self.isDigit(byte(text)), digits < 2 {
      value = 10 * value + Int(byte(text) - UInt8(ascii: "0"))
      digits += 1
      place += 1
    }
    guard place < text.count, byte(text) == UInt8(ascii: ".") || byte(text) == UInt8(ascii: ")"),
      value == number, digits == (number < 10 ? 1 : 2)
    else { throw .numbering(number: number) }
    place += 1
  }

  private mutating func skip(_ text: borrowing SecretBytes) {
    while place < text.count, Self.isBlank(byte(text)) { place += 1 }
  }

  private func byte(_ text: borrowing SecretBytes) -> UInt8 {
    unsafe text.withUnsafeBytes { unsafe $0[place] }
  }

  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || (9...13).contains(byte)
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) && byte < 0x80
  }
}
