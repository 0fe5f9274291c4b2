// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Election
import ElectionFixtures
import Groups
import Ledger
import Testing

/// One way to break a rule: an entry that is right and one that differs from it in one thing.
struct RuleBreak: Sendable, CustomTestStringConvertible {
  typealias Pair = (sound: EntryFile, broken: EntryFile)

  /// The rule that this is about.
  let rule: RuleID
  let title: String
  /// Where the election stands when the entries arrive.
  let stage: Stage
  /// Whether voters have credentials; otherwise the configuration lists them.
  var hasCredentials = false
  /// Exactly the rules that the broken entry must break.
  let expected: Set<RuleID>
  let make: @Sendable (inout ElectionFixture) throws -> Pair

  init(
    _ rule: RuleID, _ title: String, at stage: Stage, also others: Set<RuleID> = [],
    _ make: @escaping @Sendable (inout ElectionFixture) throws -> Pair
  ) {
    self.init(rule, title, at: stage, exactly: others.union([rule]), make)
  }

  /// For rules that the types already keep: another rule refuses the bytes.
  init(
    _ rule: RuleID, _ title: String, at stage: Stage, exactly expected: Set<RuleID>,
    _ make: @escaping @Sendable (inout ElectionFixture) throws -> Pair
  ) {
    self.rule = rule
    self.title = title
    self.stage = stage
    self.expected = expected
    self.make = make
  }

  var testDescription: String { "\(rule.rawValue) \(title)" }

  static let all =
    log + ceremony + credentials + openings + ballots + proofs + decisions + tallies + results
}

extension Group {
  /// p − 1: in range, of order 2, and not of the group.
  var minusOne: Element {
    get throws {
      var bytes = Array(parameters.encoded.prefix(elementByteCount))
      bytes[bytes.count - 1] -= 1
      return try element(bytes: bytes)
    }
  }
}

extension Digest {
  /// A digest that differs in one bit.
  var flipped: Digest {
    var bytes = bytes
    bytes[31] ^= 1
    return Digest(bytes) ?? self
  }
}

extension ElectionFixture {
  /// The rules that an entry breaks, without those that say that a toy group is no real one.
  func rules(_ file: EntryFile) throws -> Set<RuleID> {
    let rules = try broken(file)
    return file.entry.type == EntryType.configuration.rawValue
      ? rules.subtracting([.eg1B, .eg1C, .eg1D]) : rules
  }

  /// A ballot that voter 6, who has not voted before the tally, could submit.
  func spare(_ votes: [Int: [Int]] = [1: [1, 0, 0], 2: [1, 2, 0], 3: [0, 1]]) throws -> MadeBallot {
    try ballot(6, choices(6, votes, writeIn: "Ann"))
  }

  /// The spare ballot as it is, and with a change; hashes are made anew when a forger would.
  func sparePair(
    rehash: Bool = true, _ change: (inout BallotSubmitted) throws -> Void
  ) throws -> RuleBreak.Pair {
    let ballot = try spare()
    var changed = ballot.submitted
    try change(&changed)
    if rehash { changed.ballot = try rehashed(changed.ballot) }
    return (
      try entry(ballot.submitted, by: .voter(6)), try entry(changed, by: .voter(6))
    )
  }
}
