// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Election
import ElectionFixtures
import Groups
import Ledger
import TestSupport
import Testing

/// Rules of the log and of the configuration that a table of entries cannot break.
@Suite struct LogRuleTests {
  func rules(
    _ fixture: ElectionFixture, _ entry: LedgerEntry, _ payload: [UInt8]
  ) throws -> Set<RuleID> {
    var copy = fixture
    try copy.openBatch()
    let check = copy.state.check(
      RecordedEntry(index: copy.state.size, entry: entry, payload: payload),
      payloads: copy.payloads)
    return Set(check.complete().failures.map(\.rule))
  }

  /// LOG-4
  @Test func anotherPayloadThanTheLeafNames() throws {
    let fixture = try ElectionFixture.toy(.voting)
    let own = try fixture.entry(fixture.closing(), by: .commission)
    #expect(try rules(fixture, own.entry, own.payload) == [])
    var counts = fixture.counts
    counts.submitted = 1
    let other = VotingClosed(ballots: counts, voted: nil).bytes(in: fixture.group)
    #expect(try rules(fixture, own.entry, other) == [.log4, .bal8])
    #expect(try rules(fixture, own.entry, []) == [.log4, .log5])
  }

  /// An entry whose payload is another one changes nothing but the size.
  @Test func anEntryThatFailsByItsFormHasNoEffect() throws {
    var fixture = try ElectionFixture.toy(.decided)
    try fixture.openBatch()
    let forged = try fixture.entry(fixture.closing(), by: .commission, signer: .box)
    let size = fixture.state.size
    fixture.force(forged)
    #expect(fixture.state.size == size + 1)
    #expect(fixture.state.phase == .voting)
  }

  /// LOG-9: nothing but the configuration stands outside a batch.
  @Test func noBatchIsOpen() throws {
    var fixture = try ElectionFixture.toy(.empty)
    try fixture.append(fixture.entry(fixture.configuration(), by: .commission))
    let manifest = try fixture.manifestEntry()
    #expect(Set(fixture.findingsNow(manifest).failures.map(\.rule)) == [.log9])
    try fixture.openBatch()
    #expect(fixture.findingsNow(manifest).failures == [])
  }

  /// LOG-10: a ballot and a decision in the last second are admitted, and none before or after.
  @Test func ballotsComeInTheTimeOfTheVoting() throws {
    var setup = ElectionSetup()
    setup.votingWindow = 5_000...5_001
    var fixture = try ElectionFixture(setup)
    try fixture.advance(from: .empty, to: .voting)
    let ballot = try fixture.ballot(6, fixture.choices(6, [:])).submitted
    let submitted = try fixture.entry(ballot, by: .voter(6))
    let cast = try fixture.entry(
      BallotCast(confirmationCode: ballot.ballot.confirmationCode), by: .voter(6))
    fixture.time = 4_999
    #expect(try fixture.broken(submitted) == [.log10])
    fixture.time = 5_000
    try fixture.admit(submitted)
    fixture.time = 5_002
    #expect(try fixture.broken(cast) == [.log10])
    fixture.time = 5_001
    try fixture.admit(cast)
    fixture.time = 5_002
    #expect(try fixture.broken(fixture.entry(fixture.closing(), by: .commission)) == [])
  }

  /// LOG-9: by type, then by leaf hash, and nothing twice.
  @Test func entriesOfABatchHaveOneOrder() throws {
    let voting = try ElectionFixture.toy(.voting)
    var fixture = voting
    let first = try fixture.submit(6, fixture.choices(6, [:]))
    let second = try fixture.submit(7, fixture.choices(7, [:]))
    let casts = try [fixture.cast(first), fixture.cast(second)].sorted {
      $0.entry.leafHash < $1.entry.leafHash
    }
    let ballot = try fixture.entry(
      fixture.ballot(5, fixture.choices(5, [:])).submitted, by: .voter(5))
    try fixture.openBatch()
    var ordered = fixture
    try ordered.append(ballot)
    try ordered.append(casts[0])
    #expect(
      Set(ordered.findingsNow(casts[0]).failures.map(\.rule)) == [.log9, .bal5])
    #expect(ordered.findingsNow(casts[1]).failures == [])
    try fixture.append(casts[1])
    #expect(Set(fixture.findingsNow(casts[0]).failures.map(\.rule)) == [.log9])
    #expect(Set(fixture.findingsNow(ballot).failures.map(\.rule)) == [.log9])
  }

  /// LOG-8: every type in every phase.
  // adversary: L-11
  @Test func noEntryComesInAnotherPhase() throws {
    // One good entry of every type, from the stage where it belongs.
    let certified = try ElectionFixture.toy(.certified)
    var samples: [EntryType: EntryFile] = [:]
    for file in certified.entries {
      guard let type = EntryType(rawValue: file.entry.type) else { continue }
      samples[type] = file
    }
    for file in try ElectionFixture.credentialed(.certified).entries {
      guard let type = EntryType(rawValue: file.entry.type), samples[type] == nil else { continue }
      samples[type] = file
    }
    samples[.trusteeComplaint] = try {
      let fixture = try ElectionFixture.toy(.shares)
      return try fixture.entry(fixture.complaint(by: 2, about: 1), by: .trustee(2))
    }()
    samples[.credentialCancelled] = try {
      let fixture = try ElectionFixture.credentialed(.issued)
      return try fixture.entry(fixture.cancellation(1), by: .voter(1))
    }()
    #expect(samples.count == EntryType.allCases.count)
    for stage in Stage.allCases where stage > .empty {
      for kind in RecordKind.allCases {
        let fixture =
          switch kind {
          case .listed: try ElectionFixture.toy(stage)
          case .credentials: try ElectionFixture.credentialed(stage)
          case .petition: try ElectionFixture.petition(stage)
          }
        for (type, sample) in samples {
          let rules = Set(fixture.findingsNow(sample).failures.map(\.rule))
          let isAdmitted =
            type.phases(in: kind).contains(fixture.state.phase)
            && type != .configuration
          #expect(
            rules.contains(.log8) != isAdmitted,
            "\(type) at \(stage), \(kind)"
          )
        }
      }
    }
  }

  /// LOG-7: every type by every kind of author but the right one.
  @Test func nobodyMakesTheEntryOfAnother() throws {
    let certified = try ElectionFixture.credentialed(.certified)
    for file in certified.entries {
      guard let type = EntryType(rawValue: file.entry.type) else { continue }
      var kinds: [Role] = [.commission, .box, .trustee(1), .issuer(1), .citizen(8), .voter(1)]
      kinds.removeAll { Self.kind(certified.author($0)) == Self.kind(file.entry.author) }
      #expect(kinds.count == 5)
      for role in kinds {
        let forged = try certified.entry(type, file.payload, by: role)
        let rules = Set(certified.findingsNow(forged).failures.map(\.rule))
        #expect(rules.contains(.log7), "\(type) by \(role)")
        #expect(!rules.contains(.log6), "\(type) by \(role)")
      }
    }
  }

  private static func kind(_ author: Author) -> Int {
    switch author {
    case .commission: 0
    case .ballotBox: 1
    case .trustee: 2
    case .pseudonym: 3
    case .issuer: 4
    case .citizen: 5
    }
  }

  @Test func aTrusteeBeyondNMakesNoEntry() throws {
    let fixture = try ElectionFixture.toy(.shares)
    let receipt = TrusteeReceipt(round: 1)
    let sound = try fixture.entry(receipt, by: .trustee(3))
    #expect(try fixture.rules(sound) == [])
    let forged = try EntryFile.signed(
      receipt, by: .trustee(4), electionID: fixture.electionID(), key: Identity("trustee/4").key(),
      in: fixture.group)
    #expect(try fixture.rules(forged) == [.log7])
  }

  /// EG-1.B to EG-1.D
  // adversary: G-03
  @Test func onlyTheStandardGroupIsAdmitted() throws {
    for group in [Group.standard, .reduced, ToyGroups.q16p48, ToyGroups.q24p64] {
      let fixture = try ElectionFixture(ElectionSetup(group: group))
      let file = try fixture.entry(fixture.configuration(), by: .commission)
      let rules = Set(fixture.findingsNow(file).failures.map(\.rule))
      if group === Group.standard {
        #expect(rules == [])
      } else {
        #expect(rules.contains(.eg1B), "\(group.parameters.name)")
        #expect(rules.contains(.eg1D), "\(group.parameters.name)")
        #expect(rules.isSubset(of: [.eg1B, .eg1C, .eg1D]), "\(group.parameters.name)")
        // The state that people use reads no configuration that names another group.
        let strict = ElectionState().check(
          RecordedEntry(index: 0, entry: file.entry, payload: file.payload),
          payloads: fixture.payloads)
        #expect(
          Set(strict.findings.failures.map(\.rule)).contains(.log5), "\(group.parameters.name)")
      }
    }
    let toy = try ElectionFixture(ElectionSetup())
    let file = try toy.entry(toy.configuration(), by: .commission)
    #expect(Set(toy.findingsNow(file).failures.map(\.rule)) == [.eg1B, .eg1C, .eg1D])
  }

  /// A record of a forger never stops the verifier: parts of another number than the items.
  // adversary: V-02, B-08
  @Test func listsOfAnotherLengthDoNotTrap() throws {
    var fixture = try ElectionFixture.toy(.session)
    try fixture.openBatch()
    for trustee in 1...2 {
      var short = try fixture.commitments(of: trustee)
      short.commitments.removeLast(3)
      fixture.force(try fixture.entry(short, by: .trustee(trustee)))
    }
    try fixture.openBatch()
    let full = try fixture.entry(fixture.factors(of: 1), by: .trustee(1))
    #expect(!Set(fixture.findingsNow(full).failures.map(\.rule)).contains(.log5))
    fixture.force(full)
    var shorter = try fixture.factors(of: 2)
    shorter.parts.removeLast(2)
    fixture.force(try fixture.entry(shorter, by: .trustee(2)))
    try fixture.openBatch()
    for trustee in 1...2 {
      let responses = DecryptionResponded(
        session: 1, responses: Array(repeating: .one, count: try fixture.recomputed().items.count))
      let file = try fixture.entry(responses, by: .trustee(trustee))
      _ = fixture.findingsNow(file)
      fixture.force(file)
    }
    #expect(fixture.state.phase == .decryption)
  }
}
