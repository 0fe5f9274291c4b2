// SPDX-License-Identifier: Apache-2.0

import Election
import ElectionFixtures
import Ledger
import TestSupport
import Testing
import Verification

/// A record whose chain and checkpoint were made anew by a dishonest box after a change.
@Suite struct RecordRewritingTests {
  struct Rewrite: Sendable, CustomTestStringConvertible {
    let title: String
    /// Rules that must be among the failing ones.
    let expected: Set<RuleID>
    let change: @Sendable (ElectionFixture, inout [RecordOnDisk.Item]) throws -> Void

    init(
      _ title: String, _ expected: Set<RuleID>,
      _ change: @escaping @Sendable (ElectionFixture, inout [RecordOnDisk.Item]) throws -> Void
    ) {
      (self.title, self.expected, self.change) = (title, expected, change)
    }

    var testDescription: String { title }
  }

  static let rewrites: [Rewrite] = [
    // adversary: L-01
    Rewrite("the first cast ballot left out", [.bal8, .eg9A, .eg9B]) { fixture, items in
      items.remove(at: fixture.positions(.ballotCast)[0])
    },
    // adversary: L-01
    Rewrite("the last cast ballot left out", [.bal8, .eg9A, .eg9B]) { fixture, items in
      items.remove(at: try #require(fixture.positions(.ballotCast).last))
    },
    // adversary: L-01
    Rewrite("a submitted ballot in the middle left out", [.bal4, .bal5, .bal8]) { fixture, items in
      items.remove(at: fixture.positions(.ballotSubmitted)[1])
    },
    Rewrite("an undecided ballot left out", [.bal8]) { fixture, items in
      items.remove(at: fixture.positions(.ballotSubmitted)[6])
    },
    Rewrite("the configuration left out", [.log7, .log8]) { _, items in items.removeFirst() },
    Rewrite("the manifest left out", [.log8]) { fixture, items in
      items.remove(at: fixture.positions(.manifest)[0])
    },
    Rewrite("the keys of one trustee left out", [.cer3, .cer5]) { fixture, items in
      items.remove(at: fixture.positions(.trusteeKeys)[2])
    },
    Rewrite("a confirmation left out", [.cer5]) { fixture, items in
      items.remove(at: fixture.positions(.trusteeConfirmation)[0])
    },
    Rewrite("the totals left out", [.log8]) { fixture, items in
      items.remove(at: fixture.positions(.tallyAggregated)[0])
    },
    Rewrite("a batch left out", [.log9]) { fixture, items in
      items.remove(at: fixture.positions(.batch)[7])
    },
    Rewrite("batches in another order", [.log9]) { fixture, items in
      let batches = fixture.positions(.batch)
      items.swapAt(batches[3], batches[4])
    },
    Rewrite("a batch whose time runs backwards", [.log9]) { fixture, items in
      let position = fixture.positions(.batch)[5]
      let batch = try BatchOpened(bytes: items[position].payload, in: fixture.group)
      items[position] = try fixture.resigned(
        items[position],
        payload: BatchOpened(number: batch.number, time: 5).bytes(in: fixture.group))
    },
    Rewrite("two entries of a batch exchanged", [.log9]) { fixture, items in
      let keys = fixture.positions(.trusteeKeys)
      items.swapAt(keys[0], keys[1])
    },
    // The phases of an election cannot change places.
    Rewrite("the closing before the ballots", [.log8, .bal8]) { fixture, items in
      let closing = items.remove(at: fixture.positions(.votingClosed)[0])
      items.insert(closing, at: fixture.positions(.votingOpened)[0] + 1)
    },
    Rewrite("the totals before the closing", [.log8]) { fixture, items in
      items.swapAt(fixture.positions(.votingClosed)[0], fixture.positions(.tallyAggregated)[0])
    },
    // adversary: L-11
    Rewrite("a second closing", [.log8]) { fixture, items in
      items.append(items[fixture.positions(.votingClosed)[0]])
    },
    // adversary: L-11
    Rewrite("a ballot after the result", [.log8]) { fixture, items in
      items.append(items[fixture.positions(.ballotSubmitted)[0]])
    },
    // adversary: L-11
    Rewrite("a batch after the result", [.log8]) { fixture, items in
      items.append(items[fixture.positions(.batch)[0]])
    },
    // adversary: L-11
    Rewrite("a second result", [.log8]) { fixture, items in
      items.append(items[fixture.positions(.resultCertified)[0]])
    },
    // The box must not decide which of a voter's ballots is the last one.
    Rewrite("the casts of one voter exchanged", [.bal8]) { fixture, items in
      let own = fixture.positions(.ballotCast).filter {
        items[$0].entry.author == .pseudonym(fixture.voterIdentities[3].publicKey)
      }
      let submitted = fixture.positions(.ballotSubmitted).filter {
        items[$0].entry.author == .pseudonym(fixture.voterIdentities[3].publicKey)
      }
      // submit 1, submit 2, cast 2, cast 1: the cast of the first ballot was held back.
      let (first, second) = (items[own[0]], items[own[1]])
      items[own[0]] = items[submitted[1]]
      items[submitted[1]] = second
      items[own[1]] = first
    },
    // adversary: E-02
    Rewrite("a voter removed from the list", [.log6]) { fixture, items in
      try items.editConfiguration(fixture) { $0.removeLast() }
    },
    // adversary: E-02
    Rewrite("a voter added to the list", [.log6]) { fixture, items in
      let stranger = try Identity("stranger").publicKey
      try items.editConfiguration(fixture) {
        $0.append(ListedVoter(key: stranger, district: "north", ballotStyle: 1))
      }
    },
    // adversary: E-02
    Rewrite("the list of voters in another order", [.log6]) { fixture, items in
      try items.editConfiguration(fixture) { $0.swapAt(0, 1) }
    },
    // adversary: E-02
    Rewrite("another weight of a voter", [.log6, .eg9A]) { fixture, items in
      try items.editConfiguration(fixture) { voters in
        voters[0] = ListedVoter(
          key: voters[0].key, district: voters[0].district, ballotStyle: voters[0].ballotStyle,
          weight: 2)
      }
    },
    // adversary: L-09
    Rewrite("another manifest", [.eg1F]) { fixture, items in
      var setup = fixture.setup
      setup.manifestName = "Citi"
      let position = fixture.positions(.manifest)[0]
      items[position] = try fixture.resigned(
        items[position], payload: setup.manifest().bytes)
    },
  ]

  @Test(arguments: rewrites)
  func failsByTheRightRules(_ rewrite: Rewrite) async throws {
    let fixture = try ElectionFixture.toy(.certified)
    let record = try fixture.rewritten { try rewrite.change(fixture, &$0) }
    let failing = try await record.failing()
    #expect(failing.isSuperset(of: rewrite.expected), "\(failing.map(\.rawValue).sorted())")
    #expect(failing.isDisjoint(with: [.log1, .log2, .log3, .log4]), "the tree itself is sound")
    #expect(try await record.verdict() == .failed)
  }

  // adversary: L-02
  /// A tail cut off leaves a good record of an unfinished election, and no verdict but that.
  @Test func aTailCutOffIsIncomplete() async throws {
    let fixture = try ElectionFixture.toy(.certified)
    for length in stride(from: fixture.entries.count - 1, to: 0, by: -1) {
      let record = try RecordOnDisk(Array(fixture.items.prefix(length)), in: fixture.group)
      #expect(try await record.verdict() == .incomplete, "\(length) entries")
      #expect(try await record.failing() == [], "\(length) entries")
    }
  }
}

extension [RecordOnDisk.Item] {
  fileprivate mutating func editConfiguration(
    _ fixture: ElectionFixture, _ change: (inout [ListedVoter]) -> Void
  ) throws {
    var configuration = try fixture.configuration()
    guard case .listed(var voters) = configuration.eligibility else { return }
    change(&voters)
    configuration.eligibility = .listed(voters)
    let file = try EntryFile.signed(
      configuration, by: .commission, electionID: nil, key: fixture.commission.key(),
      in: fixture.group)
    self[0] = RecordOnDisk.Item(entry: file.entry, payload: file.payload)
  }
}
