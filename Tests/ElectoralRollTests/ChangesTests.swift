// SPDX-License-Identifier: Apache-2.0

import ElectoralRoll
import Testing

@Suite struct ChangesTests {
  private static let header = "action,citizen,district,identifier,name,address,reason\n"

  private static func base() throws(RollFileError) -> CitizenList {
    try Sample.list(
      "C-1001,north,,Ada,Street 1", "C-1002,south,id-1002,,", "C-1003,south,,Cy Young,Street 3")
  }

  private func apply(_ rows: String...) throws -> ChangedList {
    let csv = Array((Self.header + rows.map { $0 + "\n" }.joined()).utf8)
    return try Self.base().applying(csv: csv, districts: Sample.districts)
  }

  private func refusals(_ rows: String...) -> [String] {
    problems { () throws(RollFileError) in
      let csv = Array((Self.header + rows.map { $0 + "\n" }.joined()).utf8)
      _ = try Self.base().applying(csv: csv, districts: Sample.districts)
    }
  }

  @Test func changesGiveANewList() throws {
    let changed = try apply(
      "add,C-2000,north,id-2000,,,came of age", "add,C-2001,south,,Di,Street 9,came of age",
      "remove,C-1001,,,,,deceased", "move,C-1002,north,,,,moved house",
      "change,C-1003,,id-1003,Cy Young,,got an identity card")
    #expect(
      changed.list
        == (try Sample.list(
          "C-1002,north,id-1002,,", "C-1003,south,id-1003,Cy Young,", "C-2000,north,id-2000,,",
          "C-2001,south,,Di,Street 9")))
    #expect(
      changed.summary.map { "\($0.action) \($0.reason) \($0.count)" } == [
        "add came of age 2", "remove deceased 1", "move moved house 1",
        "change got an identity card 1",
      ])
    let none = try apply()
    #expect(try none.list == Self.base() && none.summary.isEmpty)
  }

  /// Lines are applied in turn.
  @Test func identifiersBecomeFree() throws {
    let changed = try apply(
      "remove,C-1002,,,,,left the country", "add,C-5000,north,id-1002,,,error corrected",
      "remove,C-5000,,,,,error corrected", "add,C-5000,south,id-1002,,,error corrected")
    #expect(changed.list.citizens.last?.district == "south")
    #expect(changed.list.citizens.count == 3)
    #expect(
      refusals("change,C-1003,,id-1002,,,mistake found")
        == ["line 2: the identifier belongs to another citizen"])
    #expect(
      refusals("add,C-3000,north,id-1002,,,mistake found")
        == ["line 2: the identifier belongs to another citizen"])
  }

  @Test func wrongLinesAreNamed() {
    #expect(
      refusals(
        "add,C-1001,north,,Ada,Street 1,reason", "remove,C-9999,,,,,reason",
        "move,C-9999,north,,,,reason", "change,C-9999,,,Ada,S,reason",
        "move,C-1001,north,,,,reason", "change,C-1001,,,Ada,Street 1,reason",
        "Add,C-7,north,,A,S,reason", ",C-7,north,,A,S,reason", "remove,C-1001,,,,,",
        "remove,C-1001,north,,,,reason", "remove,C-1001,,,Ada,,reason",
        "move,C-1001,south,id,,,reason", "move,C-1001,west,,,,reason", "move,C-1001,,,,,reason",
        "change,C-1001,south,,Ada,S,reason", "change,C-1001,,,Ada,,reason",
        "add,C-7,north,,A,S,\(String(repeating: "x", count: 201))", "remove,C-1001",
        "remove,,,,,,reason")
        == [
          "line 2: the citizen is on the list already", "line 3: the citizen is not on the list",
          "line 4: the citizen is not on the list", "line 5: the citizen is not on the list",
          "line 6: the line changes nothing", "line 7: the line changes nothing",
          "line 8: the action is not add, remove, move or change",
          "line 9: the action is not add, remove, move or change", "line 10: the reason is empty",
          "line 11: the action 'remove' takes no district",
          "line 12: the action 'remove' takes no name",
          "line 13: the action 'move' takes no identifier",
          "line 14: the district 'west' is not in the election",
          "line 15: the district is empty", "line 16: the action 'change' takes no district",
          "line 17: the address is empty, and a citizen without an identifier gets letters",
          "line 18: the reason has more than 200 bytes", "line 19: 2 columns instead of 7",
          "line 20: the citizen is empty",
        ])
    #expect(
      refusals("remove,C-1001,,,,,deceased", "remove,C-1001,,,,,deceased")
        == ["line 3: the citizen is not on the list"])
  }

  /// Reasons are published.
  @Test func reasonsNameNobody() {
    let names = "the reason, which is published, names the citizen"
    #expect(
      refusals(
        "remove,C-1003,,,,,cy young has died", "move,C-1002,north,,,,ID-1002 moved",
        "change,C-1003,,,Bo Diddley,S 4,now called Bo Diddley", "remove,C-1001,,,,,C-1001 again")
        == (2...5).map { "line \($0): \(names)" })
  }
}
