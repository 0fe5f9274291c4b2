// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Election
import ElectoralRoll
import TestSupport
import Testing

@Suite struct RollDraftTests {
  @Test func entriesWithKeysComeFirst() throws {
    let list = try Sample.list(count: 301)
    let draft = try Sample.draft(list)
    #expect(draft.districts.map(\.label) == Sample.districts)
    #expect(draft.districts.map(\.number) == [1, 2])
    #expect(draft.districts.map(\.voters) == [151, 150])
    #expect(draft.districts.map(\.keyEntries) == [100, 100])
    #expect(Set(draft.rows.map(\.salt)).count == 301)
    #expect(Set(draft.rows.map(\.citizen)).count == 301)
    let citizens = Dictionary(uniqueKeysWithValues: list.citizens.map { ($0.citizen, $0) })
    for district in draft.districts {
      let rows = draft.rows(of: district.number)
      #expect(rows.map(\.index) == Array(1...district.voters))
      for row in rows {
        let citizen = try #require(citizens[row.citizen])
        #expect(citizen.district == district.label)
        #expect(row.hasKeys == (row.index <= district.keyEntries))
        #expect(row.identifier == citizen.identifier.map(RollIdentity.digest))
        #expect(row.name == citizen.name && row.address == citizen.address)
      }
    }
    #expect(draft.rows(of: 0).isEmpty && draft.rows(of: 3).isEmpty)
    #expect(draft.district(0) == nil && draft.district(3) == nil)
  }

  /// Nothing of the list's order is left, and no two rolls are alike.
  @Test func theOrderIsRandom() throws {
    let list = try Sample.list(count: 2000)
    let first = try RollDraft(list, districts: Sample.districts)
    let second = try RollDraft(list, districts: Sample.districts)
    #expect(first.register != second.register)
    #expect(Set(first.rows.map(\.salt)).isDisjoint(with: second.rows.map(\.salt)))
    func order(_ draft: RollDraft) -> [Int] {
      draft.rows(of: 1).filter(\.hasKeys).compactMap { Int($0.citizen.dropFirst(2)) }
    }
    #expect(order(first) != order(second))
    // Of n in a random order n - 1 neighbours are in the list's order every other time, give or take.
    let order = order(first)
    let ascents = zip(order, order.dropFirst()).count { $0 < $1 }
    #expect((order.count / 2 - 60...order.count / 2 + 60).contains(ascents), "\(ascents)")
    #expect(try Sample.draft(list, seed: 7) == Sample.draft(list, seed: 7))
  }

  /// Every order of three comes up, none much more often than another.
  @Test func ordersAreEquallyLikely() throws {
    let list = try Sample.list("a,north,,A,S", "b,north,,A,S", "c,north,,A,S")
    var counts: [String: Int] = [:]
    for seed in 0..<1200 as Range<UInt64> {
      counts[try Sample.draft(list, seed: seed).rows.map(\.citizen).joined(), default: 0] += 1
    }
    #expect(counts.count == 6)
    #expect(counts.values.allSatisfy { (140...260).contains($0) }, "\(counts)")
  }

  @Test func rowsFromADatabaseAreChecked() throws {
    let draft = try Sample.draft(try Sample.list(count: 12))
    func restored(_ rows: [RollRow]) throws(RollError) -> RollDraft {
      try RollDraft(register: draft.register, districts: Sample.districts, rows: rows)
    }
    #expect(try restored(draft.rows) == draft)
    #expect(try restored([]).districts.map(\.voters) == [0, 0])
    #expect(throws: RollError.order(district: 1, index: 2)) {
      _ = try restored(Array(draft.rows.dropFirst()))
    }
    #expect(throws: RollError.order(district: 1, index: 1)) {
      _ = try restored(draft.rows + [draft.rows[0]])
    }
    #expect(throws: RollError.self) { _ = try restored(draft.rows.reversed()) }
    var swapped = draft.rows
    swapped.swapAt(0, 1)
    #expect(throws: RollError.order(district: 1, index: 2)) { _ = try restored(swapped) }
    // An entry with keys behind one without.
    var mixed = draft.rows
    let last = mixed[5]
    mixed[5] = RollRow(
      district: last.district, index: last.index, citizen: last.citizen, identifier: nil,
      salt: last.salt, name: "A", address: "S")
    #expect(throws: RollError.order(district: 1, index: 6)) { _ = try restored(mixed) }
  }

  @Test func wrongDistrictsAreRefused() throws {
    let list = try Sample.list("a,north,,A,S", "b,south,,A,S")
    for labels in [
      [], ["north", "north", "south"], ["north", "so uth", "south"], ["north", "1"],
    ] {
      #expect(throws: RollError.districts) { _ = try RollDraft(list, districts: labels) }
    }
    #expect(throws: RollError.unknownDistrict("south")) {
      _ = try RollDraft(list, districts: ["north"])
    }
    #expect(throws: RollError.districts) {
      _ = try RollDraft(list, districts: (0...RollDraft.maximumDistricts).map { "d\($0)" })
    }
  }

  @Test func missingRandomnessIsAnError() throws {
    let list = try Sample.list("a,north,,A,S")
    #expect(throws: RollError.cryptography(.randomnessUnavailable)) {
      _ = try RollDraft(
        list, districts: Sample.districts, randomness: RollRandomness { _ in [1, 2, 3] })
    }
  }
}
