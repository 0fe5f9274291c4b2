// SPDX-License-Identifier: Apache-2.0

import Cryptography
import ElectoralRoll
import Testing

@Suite struct LetterKeysTests {
  private static func draft() throws -> RollDraft { try Sample.draft(Sample.list(count: 12)) }

  private func refusals(_ lines: [String], _ draft: RollDraft) -> [String] {
    problems { () throws(RollFileError) in
      let text = lines.map { $0 + "\n" }.joined()
      _ = try LetterKeys(csv: Array(text.utf8), for: draft.districts)
    }
  }

  @Test func readsAndWrites() throws {
    let draft = try Self.draft()
    #expect(draft.districts.map(\.keyEntries) == [4, 4])
    let keys = try Sample.keys(draft, authority: 1)
    let csv = keys.csv()
    #expect(try LetterKeys(csv: csv, for: draft.districts) == keys)
    var lines = String(decoding: csv, as: UTF8.self).split(separator: "\n").map(String.init)
    #expect(lines.count == 9 && lines[0] == "district,index,key")
    let key = try #require(keys.key(district: 2, index: 3))
    #expect(lines[7] == "south,3,\(key.hex)")
    // Any order reads the same.
    lines[1...].reverse()
    let text = lines.map { $0 + "\n" }.joined()
    #expect(try LetterKeys(csv: Array(text.utf8), for: draft.districts) == keys)
    for (district, index) in [(0, 1), (3, 1), (1, 0), (1, 5), (.min, .min), (.max, .max)] {
      #expect(keys.key(district: district, index: index) == nil)
    }
  }

  @Test func wrongLinesAreNamed() throws {
    let draft = try Self.draft()
    let text = String(decoding: try Sample.keys(draft, authority: 1).csv(), as: UTF8.self)
    let good = text.split(separator: "\n").map(String.init)
    let key = String(good[1].suffix(64))
    for (row, expected) in [
      ("north,5,\(key)", "the roll has no such entry with keys"),
      ("north,0,\(key)", "the index is not a number from 1"),
      ("north,01,\(key)", "the index is not a number from 1"),
      ("north,+1,\(key)", "the index is not a number from 1"),
      ("north,9999999999999999999,\(key)", "the index is not a number from 1"),
      ("west,1,\(key)", "the district 'west' is not in the election"),
      (
        "north,1,\(key.lowercased())",
        "the key is not an Ed25519 key of 64 upper-case hexadecimal digits"
      ),
      (
        "north,1,\(key.dropLast(2))",
        "the key is not an Ed25519 key of 64 upper-case hexadecimal digits"
      ),
      (
        "north,1,\(String(repeating: "0", count: 64))",
        "the key is not an Ed25519 key of 64 upper-case hexadecimal digits"
      ),
      ("north,1,", "the key is not an Ed25519 key of 64 upper-case hexadecimal digits"),
      ("north,1", "2 columns instead of 3"),
    ] {
      var lines = good
      lines[1] = row
      #expect(refusals(lines, draft) == ["line 2: \(expected)"])
    }
    #expect(
      refusals(good + [good[1]], draft) == ["line 10: the entry stands on line 2 already"])
    var twice = good
    twice[2] = "north,2,\(key)"
    #expect(refusals(twice, draft) == ["line 3: the key stands on line 2 already"])
    #expect(
      refusals(good.filter { !$0.hasPrefix("north,2,") && !$0.hasPrefix("south,") }, draft)
        == ["5 entries are missing; the first is number 2 of the district 'north'"])
    #expect(refusals([good[0]], draft).count == 1)
  }

  // Neither authority may know the other's keys, and one key in both letters would be one letter.
  @Test func twoFilesDifferInEveryKey() throws {
    let draft = try Self.draft()
    let first = try Sample.keys(draft, authority: 1)
    let second = try Sample.keys(draft, authority: 2)
    let both = try LetterAuthorities(first, second)
    #expect(both.keys(district: 1, index: 1).count == 2)
    #expect(LetterAuthorities(first).keys(district: 1, index: 1).count == 1)
    #expect(both.keys(district: 1, index: 5).isEmpty)
    #expect(throws: RollError.sameKey(district: "north", index: 1)) {
      _ = try LetterAuthorities(first, first)
    }
    // The same key at another entry.
    let stolen = try #require(first.key(district: 2, index: 4))
    var lists = draft.districts.map { district in
      (1...district.keyEntries).compactMap { second.key(district: district.number, index: $0) }
    }
    lists[0][2] = stolen
    let changed = try #require(LetterKeys(lists, for: draft.districts))
    #expect(throws: RollError.sameKey(district: "north", index: 3)) {
      _ = try LetterAuthorities(first, changed)
    }
    lists[0][1] = stolen
    #expect(LetterKeys(lists, for: draft.districts) == nil)
    #expect(LetterKeys([], for: draft.districts) == nil)
    let other = try Sample.draft(Sample.list(count: 13))
    #expect(throws: RollError.letterKeys) {
      _ = try LetterAuthorities(first, Sample.keys(other, authority: 2))
    }
  }

  /// What goes to those who send letters: entries with keys, and neither salts nor references.
  @Test func listsOfLetters() throws {
    let draft = try Self.draft()
    let list = LetterList(draft)
    #expect(list.entries.count == 8)
    #expect(try LetterList(csv: list.csv(), for: draft.districts) == list)
    let written = String(decoding: list.csv(), as: UTF8.self)
    for row in draft.rows {
      #expect(!written.contains(row.salt.hex))
      #expect(written.contains(row.name) == row.hasKeys)
    }
    #expect(!written.contains("C-") && !"\(list.entries)".contains("Street"))
    func refusals(_ rows: String...) -> [String] {
      problems { () throws(RollFileError) in
        let text = "district,index,name,address\n" + rows.map { $0 + "\n" }.joined()
        _ = try LetterList(csv: Array(text.utf8), for: draft.districts)
      }
    }
    #expect(
      refusals(
        "north,1,Ada,S", "north,1,Bo,S", "north,5,Cy,S", "north,2,,S", "north,2,Di,",
        "north,2,Ed\u{7},S", "west,1,Fy,S", "north,1.0,Gus,S", "north,2") == [
          "line 3: the entry stands on line 2 already",
          "line 4: the roll has no such entry with keys", "line 5: the name is empty",
          "line 6: the address is empty", "line 7: the name has a control character",
          "line 8: the district 'west' is not in the election",
          "line 9: the index is not a number from 1", "line 10: 2 columns instead of 4",
        ])
    #expect(
      refusals("south,2,Ada,S")
        == ["7 entries are missing; the first is number 1 of the district 'north'"])
  }
}
