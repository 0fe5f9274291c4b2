// SPDX-License-Identifier: Apache-2.0

import Election
import TestSupport
import Testing

/// Texts that voters write: encoded with one length, read strictly.
// adversary: B-15
@Suite struct ContestDataTests {
  func decode(_ bytes: [UInt8], options: Int = 3) throws(ContestDataError) -> ContestData {
    try ContestData(decoding: bytes, options: options)
  }

  /// 01, items, zeros up to 64 bytes.
  func padded(_ items: [UInt8]) -> [UInt8] {
    let bytes = [1] + items
    return bytes + [UInt8](repeating: 0, count: 64 - bytes.count)
  }

  func writeIn(_ option: UInt8, _ text: [UInt8]) -> [UInt8] {
    [1, 0, option, 0, UInt8(text.count)] + text
  }

  @Test func whatIsWrittenIsReadAgain() throws {
    let samples = [
      ContestData(), ContestData(writeIns: [.init(option: 1, text: "Ann")]),
      ContestData(writeIns: [.init(option: 1, text: "東"), .init(option: 3, text: "Zoë")]),
      ContestData(overvote: [1, 0, 2]),
      ContestData(writeIns: [.init(option: 2, text: "B")], overvote: [1, 1, 1]),
    ]
    for sample in samples {
      let bytes = try sample.encoded(blocks: 2)
      #expect(bytes.count == 64)
      #expect(try decode(bytes) == sample)
    }
    #expect(try decode(padded(writeIn(2, Array("Ann".utf8)))).writeIns.map(\.text) == ["Ann"])
  }

  @Test func randomTextsAreReadAgain() throws {
    var generator = SeededGenerator(seed: 99)
    let letters = Array("aZ09 -'äñ東🗳")
    for _ in 0..<300 {
      let sample = ContestData(
        writeIns: (1...3).filter { _ in Bool.random(using: &generator) }.map { option in
          ContestData.WriteIn(
            option: option,
            text: String(
              (0..<Int.random(in: 0...10, using: &generator)).compactMap { _ in
                letters.randomElement(using: &generator)
              }))
        }, overvote: Bool.random(using: &generator) ? [1, 2, 3] : nil)
      let bytes = try sample.encoded(blocks: 6)
      #expect(try decode(bytes) == sample, "seed \(generator.seed)")
    }
  }

  @Test func aTextThatDoesNotFitIsRefused() throws {
    let fits = String(repeating: "a", count: 64 - 6)
    #expect(
      try ContestData(writeIns: [.init(option: 1, text: fits)]).encoded(blocks: 2).count == 64)
    for text in [fits + "a", String(repeating: "a", count: 1 << 20)] {
      #expect(throws: ContestDataError.tooLong(available: 64)) {
        try ContestData(writeIns: [.init(option: 1, text: text)]).encoded(blocks: 2)
      }
    }
    #expect(throws: ContestDataError.tooLong(available: 64)) {
      try ContestData(writeIns: [.init(option: 0, text: "a")]).encoded(blocks: 2)
    }
    #expect(throws: ContestDataError.tooLong(available: 0)) {
      try ContestData().encoded(blocks: 0)
    }
  }

  /// Marks that do not fit are left out, and the overvote stays visible.
  @Test func marksThatDoNotFitAreLeftOut() throws {
    let data = ContestData(overvote: Array(repeating: 1, count: 20))
    let bytes = try data.encoded(blocks: 2)
    #expect(bytes.prefix(3) == [1, 3, 0])
    #expect(try decode(bytes, options: 20).overvote == [])
  }

  @Test func textsThatHideOrTurnAreRefused() throws {
    let texts = [
      "a\u{202E}b", "a\u{200F}", "\u{2066}a", "a\u{0}b", "a\nb", "a\u{7}", "\u{FEFF}a", "a\u{200B}",
      "a\u{2028}", "\u{E0041}", "\u{E000}", "\u{FFFE}", "\u{85}",
    ]
    for text in texts {
      let scalars = text.unicodeScalars.map { String($0.value, radix: 16) }
      #expect(throws: ContestDataError.forbiddenCharacter, "\(scalars)") {
        try ContestData(writeIns: [.init(option: 1, text: text)]).encoded(blocks: 2)
      }
      #expect(throws: ContestDataError.forbiddenCharacter, "\(scalars)") {
        try decode(padded(writeIn(1, Array(text.utf8))))
      }
    }
    // A script is text like any other; nothing here runs it.
    let script = "<script>alert(1)</script>"
    let bytes = try ContestData(writeIns: [.init(option: 1, text: script)]).encoded(blocks: 2)
    #expect(try decode(bytes).writeIns[0].text == script)
  }

  @Test func malformedBytesAreRefused() throws {
    let name = writeIn(2, Array("Ann".utf8))
    let malformed: [(String, [UInt8])] = [
      ("nothing", []), ("another version", [2] + padded([]).dropFirst()),
      ("zeros", Array(repeating: 0, count: 64)), ("an unknown kind", padded([4])),
      ("bytes behind the end", padded([0, 1])), ("no option", [1, 1]),
      ("half an option", [1, 1, 0]),
      ("no length", [1, 1, 0, 1]), ("a text cut off", [1, 1, 0, 1, 0, 5, 65]),
      ("option 0", padded(writeIn(0, [65]))), ("option 4 of 3", padded(writeIn(4, [65]))),
      ("an option twice", padded(name + name)),
      ("options in another order", padded(name + writeIn(1, [65]))),
      ("invalid UTF-8", padded(writeIn(1, [0xC3, 0x28]))),
      ("a lone surrogate", padded(writeIn(1, [0xED, 0xA0, 0x80]))),
      ("an overlong form", padded(writeIn(1, [0xC0, 0x80]))),
      ("a mark twice", padded([2, 0, 1, 0, 1, 2, 0, 1, 0, 1])),
      ("marks left out, and marks", padded([2, 0, 1, 0, 1, 3])),
      ("left out twice", padded([3, 3])), ("left out, and marks", padded([3, 2, 0, 1, 0, 1])),
    ]
    #expect(try decode(padded(name)).writeIns.count == 1)
    for (title, bytes) in malformed {
      #expect(throws: ContestDataError.malformed, "\(title)") { try decode(bytes) }
    }
  }

  // adversary: V-02
  @Test func randomBytesNeverTrap() {
    var generator = SeededGenerator(seed: 4)
    var read = 0
    for round in 0..<20_000 {
      var bytes = generator.bytes(Int.random(in: 0...70, using: &generator))
      if round % 2 == 0, !bytes.isEmpty { bytes = [1] + bytes.map { $0 % 5 } }
      do {
        let data = try ContestData(
          decoding: bytes, options: Int.random(in: 0...4, using: &generator))
        if data.writeIns.count < 5 { read += 1 }
      } catch { continue }
    }
    #expect(read > 0)
  }
}
