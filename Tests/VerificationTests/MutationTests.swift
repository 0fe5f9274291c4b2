// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Election
import ElectionFixtures
import Ledger
import StrictJSON
import TestSupport
import Testing
import Verification

/// Every leaf of a good record deleted, doubled, exchanged with its neighbour, given another type, or
/// changed in one digit and signed anew by its author. The chain is made anew each time.
// adversary: V-06
@Suite struct MutationTests {
  enum Mutation: CaseIterable, Sendable { case deleted, doubled, exchanged, retyped }

  /// All entries of the toy election, and those that only one with credentials has.
  enum World: CaseIterable, Sendable {
    case listed, credentialed

    func fixture() throws -> ElectionFixture {
      try self == .listed
        ? ElectionFixture.toy(.certified) : ElectionFixture.credentialed(.certified)
    }

    func positions() throws -> [Int] {
      let known: Set<String> =
        self == .listed ? [] : Set(try Self.listed.fixture().entries.map(\.entry.type))
      let entries = try fixture().entries
      return entries.indices.filter { !known.contains(entries[$0].entry.type) }
    }
  }

  @Test(arguments: Mutation.allCases, World.allCases)
  func noChangedOrderOrTypePasses(_ mutation: Mutation, _ world: World) async throws {
    let fixture = try world.fixture()
    for position in try world.positions() {
      if mutation == .exchanged && position + 1 == fixture.entries.count { continue }
      let record = try fixture.rewritten { items in
        switch mutation {
        case .deleted: items.remove(at: position)
        case .doubled: items.insert(items[position], at: position)
        case .exchanged: items.swapAt(position, position + 1)
        case .retyped:
          let type = try #require(EntryType(rawValue: items[position].entry.type))
          let next = EntryType.allCases[(type.rank + 1) % EntryType.allCases.count]
          items[position] = try fixture.resigned(items[position], type: next)
        }
      }
      let verdict = try await record.verdict()
      // The box decides which batch an entry stands in: an exchange with a batch's own entry, or the
      // last batch joined to the one before, is another good record with the same result.
      if verdict == .passed, mutation == .exchanged || mutation == .deleted {
        let types = [position, position + (mutation == .exchanged ? 1 : 0)].map {
          fixture.entries[$0].entry.type
        }
        #expect(types.contains(EntryType.batch.rawValue), "entry \(position)")
        #expect(try await record.verify().state.result == fixture.state.result)
        continue
      }
      let place = "entry \(position) \(fixture.entries[position].entry.type) \(mutation)"
      // Without its last entry the election is not over, which is not the same as wrong.
      let isTail = mutation == .deleted && position + 1 == fixture.entries.count
      #expect(verdict == (isTail ? .incomplete : .failed), "\(place)")
    }
  }

  /// What may change without the record being wrong, when its author signs it: the time of a batch
  /// within the order of times.
  static func isFree(_ type: String, _ text: String) -> Bool {
    type == EntryType.batch.rawValue && text.hasSuffix("\"time\":")
  }

  @Test(arguments: World.allCases) func noChangedDigitPasses(_ world: World) async throws {
    let fixture = try world.fixture()
    var generator = SeededGenerator(seed: 20_261_124)
    for position in try world.positions() {
      let payload = fixture.entries[position].payload
      let type = fixture.entries[position].entry.type
      // The manifest's texts, and the name of the election, are bound by their digests.
      let digits = payload.indices.filter { (0x30...0x39).contains(payload[$0]) }
      guard !digits.isEmpty else { continue }
      for _ in 0..<5 {
        let chosen = try #require(digits.randomElement(using: &generator))
        let before = String(decoding: payload[..<chosen], as: UTF8.self)
        let label = String(before.reversed().drop { $0.isNumber }.reversed())
        if Self.isFree(type, label) { continue }
        let digit = payload[chosen] == 0x39 ? 0x38 : payload[chosen] + 1
        let record = try fixture.rewritten { items in
          items[position] = try fixture.resigned(
            items[position], payload: payload.replacing(at: chosen, digit))
        }
        let verdict = try await record.verdict()
        #expect(
          verdict == .failed,
          "entry \(position) \(type), byte \(chosen), seed \(generator.seed)")
      }
    }
  }

  /// The lists of one entry of every type made shorter, longer, empty, or turned round: nothing passes,
  /// and nothing traps.
  // adversary: V-02, B-08
  @Test(arguments: EntryType.allCases)
  func noChangedListPasses(_ type: EntryType) async throws {
    var fixture = try World.listed.fixture()
    if fixture.positions(type).isEmpty { fixture = try World.credentialed.fixture() }
    // Complaints and cancellations there are none.
    guard let position = fixture.positions(type).first else {
      #expect(type == .trusteeComplaint || type == .credentialCancelled)
      return
    }
    let value = try JSONValue(parsing: fixture.entries[position].payload)
    var variants: [(place: String, value: JSONValue)] = []
    Self.varyLists(value, path: "$") { variants.append(($0, $1)) }
    for variant in variants {
      let payload = variant.value.canonicalBytes()
      if payload == fixture.entries[position].payload { continue }
      let record = try fixture.rewritten { items in
        if type == .configuration {
          let entry = try LedgerEntry.signed(
            type: type.rawValue, by: .commission, payload: payload,
            electionID: SHA256.hash(payload), key: fixture.commission.key())
          items[position] = RecordOnDisk.Item(entry: entry, payload: payload)
        } else {
          items[position] = try fixture.resigned(items[position], payload: payload)
        }
      }
      // An opening names contests and options by label, in whatever order.
      let isFree = type == .ballotChallenged && variant.place.hasSuffix("turned round")
      #expect(
        try await record.verdict() == (isFree ? .passed : .failed), "\(type) \(variant.place)")
    }
  }

  /// Calls `body` with the value in which one list is changed. Of the items of a list only the first
  /// is looked into.
  private static func varyLists(
    _ value: JSONValue, path: String, _ body: (String, JSONValue) -> Void
  ) {
    switch value {
    case .object(let members):
      for (index, member) in members.enumerated() {
        varyLists(member.value, path: "\(path).\(member.name)") { place, new in
          var changed = members
          changed[index] = JSONMember(name: member.name, value: new)
          body(place, .object(changed))
        }
      }
    case .array(let items):
      body("\(path) empty", .array([]))
      guard let first = items.first else { return }
      body("\(path) shorter", .array(Array(items.dropLast())))
      body("\(path) longer", .array(items + [first]))
      body("\(path) turned round", .array(items.reversed()))
      varyLists(first, path: "\(path)[0]") { place, new in
        body(place, .array([new] + items.dropFirst()))
      }
    default: return
    }
  }
}
