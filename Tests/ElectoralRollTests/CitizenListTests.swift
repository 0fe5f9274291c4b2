// SPDX-License-Identifier: Apache-2.0

import Cryptography
import ElectoralRoll
import Testing

@Suite struct CitizenListTests {
  @Test func readsAndWrites() throws {
    let list = try Sample.list(
      "C-1,north,,\"Lovelace, Ada \"\"Countess\"\"\",\"Street 1\r\n12345 Town\"",
      "C-2,south,DE:123,,", "C-3,south,DE:124,Bo,")
    #expect(list.citizens.map(\.citizen) == ["C-1", "C-2", "C-3"])
    let ada = try #require(list.citizens.first)
    #expect(ada.name == "Lovelace, Ada \"Countess\"")
    #expect(ada.address == "Street 1\n12345 Town")
    #expect(ada.getsLetters && ada.identifier == nil)
    #expect(list.citizens[1].identifier == "DE:123" && !list.citizens[1].getsLetters)
    #expect(try CitizenList(csv: list.csv(), districts: Sample.districts) == list)
  }

  @Test func everyProblemIsNamed() {
    let csv = Sample.csv(
      "C-1,north,,Ada,S", "C-1,south,,Bo,S", "C-3,west,,Cy,S", "C-4,No label!,,Di,S",
      "C-5,north,id-1,,", "C-6,north,id-1,,", ",north,,Ed,S", " C-8,north,,Fy,S",
      "C-9,north\u{A0},,Gus,S", "C-10,north,id ,,", "C-11,north,,Hal,", "C-12,,,,S", "C-13,north")
    let found = problems { () throws(RollFileError) in
      _ = try CitizenList(csv: csv, districts: Sample.districts)
    }
    #expect(
      found == [
        "line 3: the citizen stands on line 2 already",
        "line 4: the district 'west' is not in the election",
        "line 5: the district is not in the election and not a label",
        "line 7: the identifier stands on line 6 already",
        "line 8: the citizen is empty",
        "line 9: the citizen begins or ends with a blank",
        "line 10: the district begins or ends with a blank",
        "line 11: the identifier begins or ends with a blank",
        "line 12: the address is empty, and a citizen without an identifier gets letters",
        "line 13: the district is empty",
        "line 13: the name is empty, and a citizen without an identifier gets letters",
        "line 14: 2 columns instead of 5",
      ])
  }

  /// Nothing of a row but the district's label is repeated, and of that only what has the form of a label.
  @Test func problemsHoldNothingPersonal() {
    let secret = "Zyx9"
    for row in [
      "\(secret),up,\(secret) ,\(secret)\t,\(secret)\t", "\(secret),\"\(secret) up\",,\(secret),",
      "\(secret),north,\(secret)", "\(secret),north,,\(secret)\"\(secret),\(secret)",
    ] {
      let found = problems { () throws(RollFileError) in _ = try Sample.list(row, row) }
      #expect(!found.isEmpty && !found.joined().contains(secret), "\(found)")
    }
  }

  @Test func atMostAHundredAreListed() throws {
    var csv = Array(Sample.header.utf8)
    for index in 0..<250 { csv += "C-\(index),west,,A,S\n".utf8 }
    let error = #expect(throws: RollFileError.self) {
      try CitizenList(csv: csv, districts: Sample.districts)
    }
    #expect(error?.problems.count == 100 && error?.others == 150)
    #expect(error?.description.hasSuffix("\nand 150 more") == true)
  }

  /// Citizens print as nothing, alone and in collections.
  @Test func citizensAreNotPrinted() throws {
    let list = try Sample.list("Ref-77,north,,Ada Lovelace,Street 1")
    let row = try #require(try Sample.draft(list).rows.first)
    var dumped = ""
    dump(list, to: &dumped)
    dump(row, to: &dumped)
    for text in ["\(list.citizens)", "\(row)", String(reflecting: [row]), dumped] {
      for part in ["Ref-77", "Lovelace", "Street", row.salt.hex] { #expect(!text.contains(part)) }
    }
  }

  @Test func aHundredThousandRows() throws {
    let file = Sample.file(count: 100_000)
    let clock = ContinuousClock()
    var list: CitizenList?
    let time = try clock.measure {
      list = try CitizenList(csv: file, districts: Sample.districts)
    }
    let read = try #require(list)
    #expect(read.citizens.count == 100_000)
    #expect(read.csv() == file)
    // Far above what it takes, so that a slow machine passes and quadratic work does not.
    #expect(time < .seconds(30))
    let draft = try RollDraft(read, districts: Sample.districts)
    #expect(draft.rows.count == 100_000)
  }
}
