// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Foundation
import RecoverySheet
import TestSupport
import Testing

/// Secret bytes as text, for tests alone.
func text(_ secret: borrowing SecretBytes) -> String {
  String(decoding: secret.revealed(), as: UTF8.self)
}

@Suite struct SeedWordsTests {
  /// The vectors of BIP-39 with 256 bits, from `vectors.json` of the Python package `mnemonic` 0.21.
  static let vectors: [(entropy: String, words: String)] = [
    (
      "0000000000000000000000000000000000000000000000000000000000000000",
      "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon "
        + "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon "
        + "abandon art"
    ),
    (
      "7F7F7F7F7F7F7F7F7F7F7F7F7F7F7F7F7F7F7F7F7F7F7F7F7F7F7F7F7F7F7F7F",
      "legal winner thank year wave sausage worth useful legal winner thank year wave sausage "
        + "worth useful legal winner thank year wave sausage worth title"
    ),
    (
      "8080808080808080808080808080808080808080808080808080808080808080",
      "letter advice cage absurd amount doctor acoustic avoid letter advice cage absurd amount "
        + "doctor acoustic avoid letter advice cage absurd amount doctor acoustic bless"
    ),
    (
      "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF",
      "zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo "
        + "zoo vote"
    ),
    (
      "68A79EACA2324873EACC50CB9C6ECA8CC68EA5D936F98787C60C7EBC74E6CE7C",
      "hamster diagram private dutch cause delay private meat slide toddler razor book happy "
        + "fancy gospel tennis maple dilemma loan word shrug inflict delay length"
    ),
    (
      "9F6A2878B2520799A44EF18BC7DF394E7061A224D2C33CD015B157D746869863",
      "panda eyebrow bullet gorilla call smoke muffin taste mesh discover soft ostrich alcohol "
        + "speed nation flash devote level hobby quick inner drive ghost inside"
    ),
    (
      "066DCA1A2BB7E8A1DB2832148CE9933EEA0F3AC9548D793112D9A95C9407EFAD",
      "all hour make first leader extend hole alien behind guard gospel lava path output census "
        + "museum junior mass reopen famous sing advance salt reform"
    ),
    (
      "F585C11AEC520DB57DD353C69554B21A89B20FB0650966FA0A9D6F74FD989D8F",
      "void come effort suffer camp survey warrior heavy shoot primary clutch crush open "
        + "amazing screen patrol group space point ten exist slush involve unfold"
    ),
  ]

  private func seed(_ words: String) throws(SeedWordsError) -> [UInt8] {
    try SeedWords.seed(from: SecretBytes(copying: words.utf8)).revealed()
  }

  private func words(_ seed: [UInt8]) throws(SeedWordsError) -> String {
    text(try SeedWords.words(of: SecretBytes(copying: seed)))
  }

  private func refusal(_ words: String) -> SeedWordsError? {
    do throws(SeedWordsError) {
      _ = try seed(words)
      return nil
    } catch { return error }
  }

  @Test func theListIsThatOfTheStandard() {
    let words = SeedWordList.text.split(whereSeparator: \.isWhitespace).map(String.init)
    #expect(words.count == SeedWordList.count && words == words.sorted())
    // The file has a line for each word.
    #expect(
      SHA256.hash((words.joined(separator: "\n") + "\n").utf8).hex
        == "2F5EED53A4727B4BF8880D8F3F199EFC90E58503646D9FF8EFF3A2ED3B24DBDA")
    #expect(SeedWordList.keys.count == 2048 && SeedWordList.keys == SeedWordList.keys.sorted())
    #expect(words.allSatisfy { (3...8).contains($0.utf8.count) })
  }

  @Test func fourLettersTellEveryWord() {
    let words = SeedWordList.text.split(whereSeparator: \.isWhitespace)
    #expect(Set(words.map { $0.prefix(4) }).count == 2048)
  }

  @Test func vectorsOfTheStandard() throws {
    #expect(Self.vectors.count == 8)
    for vector in Self.vectors {
      let entropy = try #require(Hex.decode(vector.entropy))
      #expect(try words(entropy) == vector.words)
      #expect(try seed(vector.words) == entropy)
    }
  }

  @Test func everyWordComesAndGoes() throws {
    // Word 1 of a seed are its first eleven bits.
    let list = SeedWordList.text.split(whereSeparator: \.isWhitespace)
    for (index, word) in list.enumerated() {
      var bytes = [UInt8](repeating: 0x5A, count: 32)
      bytes[0] = UInt8(index >> 3)
      bytes[1] = UInt8(index & 7) << 5 | 0x1A
      let written = try words(bytes)
      #expect(written.hasPrefix("\(word) "))
      #expect(try seed(written) == bytes)
    }
  }

  @Test func seedsOfAnotherLengthHaveNoWords() {
    for count in [0, 16, 31, 33, 64] {
      #expect(throws: SeedWordsError.seedLength(found: count)) {
        _ = try words([UInt8](repeating: 1, count: count))
      }
    }
  }

  @Test func whatPeopleWriteIsUnderstood() throws {
    for vector in Self.vectors {
      let entropy = try #require(Hex.decode(vector.entropy))
      let list = vector.words.split(separator: " ").map(String.init)
      func numbered(_ mark: String, _ end: String) -> String {
        zip(1..., list).map { number, word in "\(number)\(mark)\(word)" }.joined(separator: end)
      }
      let prefixes = [4, 5].map { count in
        list.map { String($0.prefix(count)) }.joined(separator: " ")
      }
      let written: [String] = [
        vector.words.uppercased(), vector.words.capitalized, prefixes[0], prefixes[1].uppercased(),
        list.joined(separator: "\r\n") + "\n", "  \t" + list.joined(separator: "   "),
        numbered(". ", "\n"), numbered(") ", "  "), numbered(".", " "), numbered(".\n", "\n"),
        "1. " + vector.words, list.dropLast().joined(separator: " ") + " 24) " + list[23],
      ]
      for written in written {
        #expect(try seed(written) == entropy)
      }
    }
  }

  @Test func everythingElseIsRefusedByItsNumber() {
    let vector = Self.vectors[5].words
    let list = vector.split(separator: " ").map(String.init)
    func with(_ word: String, at number: Int) -> String {
      var list = list
      list[number - 1] = word
      return list.joined(separator: " ")
    }
    for number in [1, 2, 12, 24] {
      for word in [
        "pandas", "pand.", "abandan", "zzzz", "pan", "pa", "p", "panda,", "-panda", "pand\u{E4}",
        "panda1", "panda\u{0}", "abandonability", "\u{200B}panda", "\u{FF50}anda", "1panda1",
        "\u{212A}nife", "abcdefgh", "@@@@", "[]^_",
      ] {
        let error = refusal(with(word, at: number))
        if word.hasPrefix("1") {
          #expect(error == .numbering(number: number))
        } else {
          #expect(error == .word(number: number), "\(word)")
        }
        #expect(error?.description.contains("\(number)") == true)
        #expect(error?.description.contains("panda") == false)
      }
      for numbering in [
        "\(number + 1). ", "\(number) ", "0\(number). ", "\(number): ", "\(number).. ", "\(number)",
        "99999999999999999999. ", "0. ", "\(number). \(number). ", "-\(number). ",
      ] {
        let error = refusal(with(numbering + list[number - 1], at: number))
        #expect(
          error == .numbering(number: number) || error == .word(number: number),
          "\(numbering): \(String(describing: error))")
      }
    }
    #expect(refusal("") == .count(found: 0))
    #expect(refusal(" \n") == .count(found: 0))
    #expect(refusal("panda") == .count(found: 1))
    #expect(refusal(list.prefix(23).joined(separator: " ")) == .count(found: 23))
    #expect(refusal(vector + " inside") == .count(found: 25))
    #expect(refusal(vector + " no words of the list") == .count(found: 29))
    #expect(refusal(vector + " 25.") == .count(found: 25))
    #expect(refusal("1.") == .numbering(number: 1))
    #expect(refusal(list.prefix(12).joined(separator: " ")) == .count(found: 12))
    #expect(
      refusal(vector + String(repeating: " ", count: 4096)) == .textLength(limit: 4096))
    // The first words of the table's columns, and not of its rows.
    let numbered = zip(1..., list).map { number, word in "\(number). \(word)" }
    var columns: [String] = []
    for column in 0..<4 {
      for row in 0..<6 { columns.append(numbered[4 * row + column]) }
    }
    #expect(refusal(columns.joined(separator: " ")) == .numbering(number: 2))
  }

  /// The check has eight bits: of wrong words 1 in 256 goes through, and with it a wrong seed.
  @Test func wrongWordsAreNoticed() throws {
    var random = SeededGenerator(seed: .random(in: 0...UInt64.max))
    let list = SeedWordList.text.split(whereSeparator: \.isWhitespace).map(String.init)
    let trials = 20_000
    var replaced = 0
    var swapped = 0
    for _ in 0..<trials {
      let entropy = random.bytes(32)
      let right = try words(entropy).split(separator: " ").map(String.init)
      let place = Int.random(in: 0..<24, using: &random)
      var wrong = right
      while wrong[place] == right[place] {
        wrong[place] = list[Int.random(in: 0..<2048, using: &random)]
      }
      var other = right
      while other == right {
        other.swapAt(place, Int.random(in: 0..<24, using: &random))
      }
      for (written, isSwapped) in [(wrong, false), (other, true)] {
        switch refusal(written.joined(separator: " ")) {
        case nil: if isSwapped { swapped += 1 } else { replaced += 1 }
        case .checksum: break
        case let error: Issue.record("\(String(describing: error)), seed \(random.seed)")
        }
      }
    }
    // 78.1 expected, with a deviation of 8.8; six of them and more come once in 10^8 times.
    #expect((25...135).contains(replaced), "\(replaced) of \(trials), seed \(random.seed)")
    #expect((25...135).contains(swapped), "\(swapped) of \(trials), seed \(random.seed)")
  }

  @Test func anyBytesAreNoTrap() {
    var random = SeededGenerator(seed: .random(in: 0...UInt64.max))
    let alphabet = Array("az AZ19.)\n\u{0}\u{7F}@`{".utf8) + [0x80, 0xC2, 0xFF]
    for _ in 0..<20_000 {
      let count = Int.random(in: 0..<60, using: &random)
      let bytes = (0..<count).map { _ in
        alphabet[Int.random(in: 0..<alphabet.count, using: &random)]
      }
      #expect(throws: SeedWordsError.self, "seed \(random.seed)") {
        _ = try SeedWords.seed(from: SecretBytes(copying: bytes)).count
      }
    }
  }
}
