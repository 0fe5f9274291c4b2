// SPDX-License-Identifier: Apache-2.0

import StrictJSON
import TestSupport
import Testing
import Verification

/// The mutation run: changes a leaf of the record, and something must notice.
@Suite(.needsShared) struct ElectionGuardMutationTests {
  enum Kind: CaseIterable {
    case plusOne, swapped, deleted, doubled, retyped
  }

  /// Changes that nobody can notice, and why.
  static let survivors: [String: String] = [
    // [1, 3] → [2, 3]: the combined proof does not say which trustees took part.
    "/available_guardians/0 plusOne": "any k trustees decrypt to the same total",
    // [1, 3] → [3, 1]: a set, in either order.
    "/available_guardians/0 swapped": "the order of the trustees says nothing",
    "/available_guardians/1 swapped": "the order of the trustees says nothing",
  ]

  /// What is changed: all leaves of a place, or one in so many.
  static let places: [(pointer: String, stride: Int)] = [
    ("/ballots/1", 1), ("/guardians/0", 1), ("/tally", 1), ("/challenged_ballot_openings", 1),
    ("/contest_data_decryptions", 1), ("/devices", 1), ("/available_guardians", 1),
    ("/ballots/2", 5),
  ]

  // adversary: V-06, V-01
  @Test(arguments: places) func everyChangeIsNoticed(_ pointer: String, _ stride: Int) async throws
  {
    let known = try KnownRecord()
    #expect(try await known.broken(known.record) == [])
    let leaves = try known.record.leaves(below: pointer)
    var generator = SeededGenerator(seed: 0x5EED)
    let offset = Int.random(in: 0..<stride, using: &generator)
    var tried = 0
    for leaf in leaves.enumerated().filter({ $0.offset % stride == offset }).map(\.element) {
      for kind in Kind.allCases {
        guard let variant = try Self.mutated(known.record, leaf, kind, among: leaves) else {
          continue
        }
        tried += 1
        let noticed = try await Self.isNoticed(variant, known)
        let name = "\(leaf) \(kind)"
        #expect(
          noticed == (Self.survivors[name] == nil), "\(name), seed \(generator.seed)")
      }
    }
    #expect(tried >= leaves.count / stride)
  }

  // adversary: V-06
  @Test func everyChangeAtTheTopIsNoticed() async throws {
    let known = try KnownRecord()
    guard case .object(let members) = known.record else { throw PointerError(pointer: "/") }
    let leaves = try members.map { "/\($0.name)" }.filter {
      try known.record.leaves(below: $0) == [$0]
    }
    #expect(leaves.count == 10)
    for leaf in leaves {
      for kind in Kind.allCases {
        guard let variant = try Self.mutated(known.record, leaf, kind, among: leaves) else {
          continue
        }
        #expect(try await Self.isNoticed(variant, known), "\(leaf) \(kind)")
      }
    }
  }

  private static func isNoticed(_ variant: JSONValue, _ known: KnownRecord) async throws -> Bool {
    do { return try await !known.broken(variant).isEmpty } catch is ElectionGuardRecordError {
      return true
    }
  }

  /// The variant, or nil where a change of this kind changes nothing.
  private static func mutated(
    _ record: JSONValue, _ leaf: String, _ kind: Kind, among leaves: [String]
  ) throws -> JSONValue? {
    let value = try record.value(at: leaf)
    switch kind {
    case .plusOne: return try record.replacing(leaf, with: plusOne(value))
    case .deleted: return try record.removing(leaf)
    case .doubled: return try record.changing(leaf) { [$0, $0] }
    case .retyped: return try record.replacing(leaf, with: retyped(value))
    case .swapped:
      // The next leaf of the same kind and length, behind or else before.
      let index = try #require(leaves.firstIndex(of: leaf))
      let candidates = leaves[(index + 1)...] + leaves[..<index].reversed()
      for candidate in candidates {
        let other = try record.value(at: candidate)
        guard other != value, other.kind == value.kind, length(other) == length(value) else {
          continue
        }
        return try record.replacing(leaf, with: other).replacing(candidate, with: value)
      }
      return nil
    }
  }

  private static func length(_ value: JSONValue) -> Int {
    if case .string(let text) = value { text.utf8.count } else { 0 }
  }

  /// The next number; of a text the last digit or letter.
  private static func plusOne(_ value: JSONValue) -> JSONValue {
    switch value {
    case .integer(let number): return .integer(number + 1)
    case .string(let text):
      guard let last = text.last else { return "1" }
      let next: Character =
        switch last {
        case "9": "A"
        case "F": "0"
        default: Character(UnicodeScalar(last.asciiValue.map { $0 + 1 } ?? 0x30))
        }
      return .string(String(text.dropLast()) + String(next))
    case .null: return 1
    default: return .null
    }
  }

  private static func retyped(_ value: JSONValue) -> JSONValue {
    switch value {
    case .string: 7
    case .integer(let number): .string("\(number)")
    default: "7"
    }
  }
}
