// SPDX-License-Identifier: Apache-2.0

import ElectoralRoll
import TestSupport
import Testing

/// Files that are not what they should be: each is refused with its line and the rule.
@Suite struct HostileFileTests {
  private static let row = "C-1,north,,Ada,Street 1"

  private func refusals(_ bytes: [UInt8]) -> [String] {
    problems { () throws(RollFileError) in
      _ = try CitizenList(csv: bytes, districts: Sample.districts)
    }
  }

  private func refusals(_ text: String) -> [String] { refusals(Array(text.utf8)) }

  @Test func quotationMarks() {
    let header = Sample.header
    #expect(
      refusals(header + "C-1,north,,\"Ada,Street\n\nC-2,north,,B,S\n")
        == ["line 2: the quoted field in column 4 does not end"])
    // The field that is not closed is named, not the place where it shows.
    #expect(
      refusals(header + "\(Self.row)\nC-2,north,,\"Ada,S\nC-3,north,,\"Bo\",S\n")
        == ["line 3: text follows the quoted field in column 4"])
    #expect(
      refusals(header + "C-1,north,,\"Ada\"x,S\n")
        == ["line 2: text follows the quoted field in column 4"])
    #expect(
      refusals(header + "C-1,north,,\"Ada\" ,S\n")
        == ["line 2: text follows the quoted field in column 4"])
    #expect(
      refusals(header + "C-1,north,,Ada \"Lo\" L,S\n")
        == ["line 2: a quotation mark stands inside the field in column 4"])
    #expect(
      refusals(header + "C-1,north,, \"Ada\",S\n")
        == ["line 2: a quotation mark stands inside the field in column 4"])
    #expect(
      refusals(header + "C-1,north,,Ada,\"")
        == ["line 2: the quoted field in column 5 does not end"])
    #expect(
      refusals(header + "C-1,north,,Ada,\"S\"")
        == ["line 2: the last line has no end; the file may be cut off"])
  }

  @Test func lineEnds() throws {
    let crlf = Sample.header.replacing("\n", with: "\r\n") + Self.row + "\r\n"
    #expect(try CitizenList(csv: Array(crlf.utf8), districts: Sample.districts).citizens.count == 1)
    #expect(
      refusals(crlf + "C-2,north,,B,S\n") == [
        "line 3: the line does not end as the first line does"
      ])
    #expect(
      refusals(Sample.header + Self.row + "\r\n")
        == ["line 2: the line does not end as the first line does"])
    let cut = "the last line has no end; the file may be cut off"
    #expect(refusals(Sample.header + Self.row) == ["line 2: \(cut)"])
    #expect(refusals(Sample.header + "\(Self.row)\nC-2,north,,") == ["line 3: \(cut)"])
    let alone = "a carriage return stands without a line feed"
    #expect(refusals(Sample.header.replacing("\n", with: "\r")) == ["line 1: \(alone)"])
    #expect(refusals(Sample.header + "C-1,north,,A\rB,S\n") == ["line 2: \(alone)"])
    #expect(refusals(Sample.header + "C-1,north,,A,\"S\rT\"\n") == ["line 2: \(alone)"])
    #expect(refusals(Sample.header + "C-1,north,,A,\"S\"\r") == ["line 2: \(alone)"])
    #expect(refusals(Sample.header + "C-1,north,,A,S\r") == ["line 2: \(alone)"])
    #expect(
      refusals(Sample.header + "\n\(Self.row)\n\n")
        == ["line 2: 1 columns instead of 5", "line 4: 1 columns instead of 5"])
  }

  @Test func headers() {
    let wanted = "the columns must be citizen,district,identifier,name,address"
    #expect(refusals("") == ["the file is empty"])
    #expect(
      refusals("\u{FEFF}" + Sample.header) == ["line 1: the file begins with a byte order mark"])
    for header in [
      "citizen,district,identifier,name,name\n", "citizen,citizen,district,identifier,name\n",
      "citizen,district,identifier,name\n", "citizen,district,identifier,name,address,\n",
      "Citizen,district,identifier,name,address\n", "citizen, district,identifier,name,address\n",
      "citizen;district;identifier;name;address\n", "\n",
      "district,citizen,identifier,name,address\n",
    ] {
      #expect(refusals(header + Self.row + "\n") == ["line 1: \(wanted)"])
    }
    #expect(refusals(Sample.header).isEmpty)
  }

  @Test func characters() {
    func name(_ bytes: [UInt8]) -> [String] {
      refusals(Array((Sample.header + "C-1,north,,A").utf8) + bytes + Array(",S\n".utf8))
    }
    #expect(name([0]) == ["line 2: the name has a control character"])
    #expect(name([9]) == ["line 2: the name has a control character"])
    #expect(name([0x7F]) == ["line 2: the name has a control character"])
    for wrong: [UInt8] in [
      [0xFF], [0xC3], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0x80],
      [0xE2, 0x82],
    ] {
      #expect(name(wrong) == ["line 2: the name is not UTF-8"])
    }
    for hidden in [
      "\u{85}", "\u{2028}", "\u{202E}", "\u{2067}", "\u{FEFF}", "\u{FFFE}", "\u{E0041}",
    ] {
      #expect(name(Array(hidden.utf8)) == ["line 2: the name has a control character"])
    }
    // ë as one character is right, as two it is not, and neither is a sign that another one stands for.
    #expect(name(Array("\u{EB}".utf8)).isEmpty)
    for other in ["e\u{308}", "\u{212B}", "\u{1100}\u{1161}", "q\u{307}\u{323}"] {
      #expect(name(Array(other.utf8)) == ["line 2: the name is not in the Unicode form NFC"])
    }
    for kept in [
      "Nguyễn", "Ευάγγελος", "Ὀδυσσεύς", "नेहा", "李", "می\u{200C}خواهم", "q\u{323}\u{307}", "𝒳",
    ] {
      #expect(name(Array(kept.utf8)).isEmpty, "\(kept)")
    }
    #expect(
      refusals(Sample.header + "C-1,north,,\"A\nB\",S\n")
        == ["line 2: the name has a control character"])
  }

  @Test func lengths() {
    let long = String(repeating: "x", count: 1_000_000)
    #expect(
      refusals(Sample.header + "C-1,north,,\(long),S\nC-2,west,,A,S\n")
        == [
          "line 2: the row has more than 8192 bytes",
          "line 3: the district 'west' is not in the election",
        ])
    #expect(
      refusals(Sample.header + "C-1,north,,A,\"\(long)\"\n")
        == ["line 2: the row has more than 8192 bytes"])
    #expect(
      refusals(Sample.header + String(repeating: ",", count: 1_000_000) + "\n")
        == ["line 2: the row has more than 8192 bytes"])
    for (column, limit) in [(0, 128), (2, 256), (3, 200), (4, 500)] {
      for excess in 0...1 {
        var fields = ["C-1", "north", "", "A", "S"]
        fields[column] = String(repeating: "x", count: limit + excess)
        let expected = ["line 2: the \(CitizenList.columns[column]) has more than \(limit) bytes"]
        #expect(
          refusals(Sample.header + fields.joined(separator: ",") + "\n")
            == (excess == 0 ? [] : expected))
      }
    }
    #expect(
      refusals(Sample.header + "C-1,north,,A,\"1\n2\n3\n4\n5\n6\"\nC-2,up,,B,S\n")
        == [
          "line 2: the address has more than 5 lines",
          "line 8: the district 'up' is not in the election",
        ])
  }

  /// What a spreadsheet would compute is text and nothing else.
  @Test func formulasAreText() throws {
    let formulas = ["=1+1", "+1", "@SUM(A1)", "-2", "=HYPERLINK(1)", "=cmd|' /C calc'!A0"]
    for formula in formulas {
      let list = try Sample.list("\(formula),north,\(formula),\(formula),\(formula)")
      let citizen = try #require(list.citizens.first)
      #expect(
        [citizen.citizen, citizen.identifier, citizen.name, citizen.address]
          == [formula, formula, formula, formula])
    }
  }

  /// Cut anywhere, changed anywhere: an answer, and never a trap. Cut files are refused.
  @Test func everyCutAndManyChanges() {
    let file = Array(
      (Sample.header + "C-1,north,,\"A \"\"B\"\"\",\"S\r\nT\"\nC-2,south,id,,\n").utf8)
    #expect(refusals(file).isEmpty)
    let ends = [Sample.header.utf8.count, file.count - 15]
    for count in 0..<file.count where !ends.contains(count) {
      #expect(!refusals(Array(file[..<count])).isEmpty)
    }
    var generator = SeededGenerator(seed: 0xC5F)
    let signs = Array("\",\n\r\0xé".utf8) + [0xFF]
    for _ in 0..<20_000 {
      var changed = file
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        let sign = signs[Int.random(in: 0..<signs.count, using: &generator)]
        changed[Int.random(in: 0..<changed.count, using: &generator)] = sign
      }
      if let list = try? CitizenList(csv: changed, districts: Sample.districts) {
        #expect((try? CitizenList(csv: list.csv(), districts: Sample.districts)) == list)
      }
    }
  }
}
