// SPDX-License-Identifier: Apache-2.0

import BigIntegers
import TestSupport
import Testing

/// One number, one encoding.
@Suite struct EncodingTests {
  @Test func numbersRoundTrip() throws {
    var generator = SeededGenerator(seed: 0x5EED_0030)
    for _ in 0..<200 {
      let bits = Int.random(in: 1...256, using: &generator)
      let school = generator.number(bits: bits)
      let number: Natural<4> = try school.natural()
      let comment: Comment = "seed \(generator.seed)"
      #expect(number.bigEndianBytes() == school.bytes(count: 32), comment)
      #expect(try Natural<4>(hex: number.hex()) == number, comment)
      #expect(number.bitWidth == school.bitWidth, comment)
      #expect(number.isZero == (school == Schoolbook(0)), comment)
      // A field that is narrower than the type.
      let width = (bits + 7) / 8
      #expect(
        try Natural<4>(bigEndian: number.bigEndianBytes(width: width), width: width) == number,
        comment)
      #expect(try Natural<4>(hex: number.hex(width: width), width: width) == number, comment)
      // And one that is wider.
      #expect(number.bigEndianBytes(width: 40) == school.bytes(count: 40), comment)
    }
    #expect(Natural<4>().bitWidth == 0 && Natural<4>().isZero)
    #expect(Natural<2>(0xAB).hex() == "000000000000000000000000000000AB")
    #expect(Natural<64>.byteCount == 512)
  }

  @Test func orderIsThatOfNumbers() throws {
    var generator = SeededGenerator(seed: 0x5EED_0031)
    var schools = [Schoolbook(0), Schoolbook(1), .power(ofTwo: 64), .power(ofTwo: 191)]
    schools += (0..<30).map { _ in generator.number(bits: 192) }
    for a in schools {
      for b in schools {
        let (x, y): (Natural<3>, Natural<3>) = (try a.natural(), try b.natural())
        #expect((x < y) == (a < b), "seed \(generator.seed)")
        #expect((x == y) == (a == b), "seed \(generator.seed)")
        if x == y { #expect(x.hashValue == y.hashValue) }
      }
    }
  }

  // adversary: G-02
  @Test func everyOtherCharacterIsRefused() throws {
    let hex = "0123456789ABCDEF0123456789ABCDEF"
    let number = try Natural<2>(hex: hex)
    let allowed = Set("0123456789ABCDEF".unicodeScalars)
    for value in 0..<128 as Range<UInt32> {
      let scalar = try #require(Unicode.Scalar(value))
      for position in [0, 1, 15, 16, 30, 31] {
        var scalars = Array(hex.unicodeScalars)
        scalars[position] = scalar
        var text = ""
        text.unicodeScalars.append(contentsOf: scalars)
        if allowed.contains(scalar) {
          #expect(try Natural<2>(hex: text).hex() == text)
        } else {
          #expect(throws: NumberError.notUpperCaseHex(position: position), "U+\(value)") {
            try Natural<2>(hex: text)
          }
        }
      }
    }
    #expect(number.hex() == hex)
  }

  // adversary: G-02
  @Test func signsSpacesPrefixesAndForeignDigitsAreRefused() {
    let tail = String(repeating: "0", count: 24)
    let cases: [(String, NumberError)] = [
      ("+0000001", .notUpperCaseHex(position: 0)), ("-0000000", .notUpperCaseHex(position: 0)),
      (" 0000001", .notUpperCaseHex(position: 0)), ("0000001 ", .notUpperCaseHex(position: 7)),
      ("0x000001", .notUpperCaseHex(position: 1)), ("0X000001", .notUpperCaseHex(position: 1)),
      ("00001E+3", .notUpperCaseHex(position: 6)), ("0000001.", .notUpperCaseHex(position: 7)),
      ("000000\u{0}1", .notUpperCaseHex(position: 6)), ("0_000001", .notUpperCaseHex(position: 1)),
      ("abcdef00", .notUpperCaseHex(position: 0)), ("ABCDEf00", .notUpperCaseHex(position: 5)),
      // Full-width and Arabic digits: as many bytes as the field has, and still no digits.
      ("\u{FF10}00000", .notUpperCaseHex(position: 0)),
      ("\u{0661}000000", .notUpperCaseHex(position: 0)),
      ("000000\u{00B2}", .notUpperCaseHex(position: 6)),
      // As many characters as the field has digits, and more bytes.
      ("\u{FF11}0000001", .wrongLength(expected: 32, found: 34)),
      ("", .wrongLength(expected: 32, found: 24)), ("0", .wrongLength(expected: 32, found: 25)),
      ("0000000", .wrongLength(expected: 32, found: 31)),
      ("000000000", .wrongLength(expected: 32, found: 33)),
      ("0x00000000", .wrongLength(expected: 32, found: 34)),
    ]
    for (head, error) in cases {
      #expect(throws: error, "\(head)") { try Natural<2>(hex: head + tail) }
    }
  }

  // adversary: G-02
  @Test func bytesOfAnotherLengthAreRefused() {
    for count in [0, 1, 31, 33, 64] {
      let bytes = [UInt8](repeating: 0, count: count)
      #expect(throws: NumberError.wrongLength(expected: 32, found: count)) {
        try Natural<4>(bigEndian: bytes)
      }
    }
    #expect(throws: NumberError.wrongLength(expected: 33, found: 33)) {
      try Natural<4>(bigEndian: [UInt8](repeating: 0, count: 33), width: 33)
    }
    #expect(throws: NumberError.wrongLength(expected: 66, found: 66)) {
      try Natural<4>(hex: String(repeating: "0", count: 66), width: 33)
    }
  }

  // adversary: G-09
  @Test func longInputIsRefusedAtOnce() async {
    let digits = String(repeating: "1", count: 10_000_000)
    let isSoon = await Patience.isDone(within: .seconds(1)) {
      #expect(throws: NumberError.wrongLength(expected: 1024, found: 10_000_000)) {
        try Natural<64>(hex: digits)
      }
      #expect(throws: NumberError.wrongLength(expected: 512, found: 10_000_000)) {
        try Natural<64>(bigEndian: digits.utf8)
      }
    }
    #expect(isSoon)
  }

  /// The wrapping form takes any length and keeps the last bytes.
  @Test func wrappingKeepsTheLastBytes() throws {
    let bytes = (1...40).map { UInt8($0) }
    #expect(
      try Natural<4>(wrappingBigEndian: bytes) == Natural<4>(bigEndian: bytes.suffix(32)))
    #expect(
      try Natural<4>(wrappingBigEndian: [1, 2, 3]) == Natural<4>(bigEndian: [1, 2, 3], width: 3))
    #expect(Natural<4>(wrappingBigEndian: []) == Natural<4>())
  }
}
