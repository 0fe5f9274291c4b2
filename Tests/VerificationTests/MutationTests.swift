// SPDX-License-Identifier: Apache-2.0

import Election
import ElectionFixtures
import Ledger
import TestSupport
import Testing
import Verification

/// Every leaf of a good record deleted, doubled, exchanged with its neighbour, given another type, or
/// changed in one digit and signed anew by its author. The chain is made anew each time.
///
/// adversary: V-06
@Suite struct MutationTests {
  enum Mutation: CaseIterable, Sendable { case deleted, doubled, exchanged, retyped }

  @Test(arguments: Mutation.allCases)
  func noChangedOrderOrTypePasses(_ mutation: Mutation) async throws {
    let fixture = try ElectionFixture.toy(.certified)
    for position in fixture.entries.indices {
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

  @Test func noChangedDigitPasses() async throws {
    let fixture = try ElectionFixture.toy(.certified)
    var generator = SeededGenerator(seed: 20_261_124)
    for position in fixture.entries.indices {
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
}
