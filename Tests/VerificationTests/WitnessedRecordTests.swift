// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Election
import ElectionFixtures
import Foundation
import Ledger
import LedgerFiles
import TestSupport
import Testing
import Verification

/// LOG-11: a record counts only with the cosignatures that its election asks for.
@Suite struct WitnessedRecordTests {
  static let names = ["first", "second", "third"]

  static func cosigner(_ name: String) throws -> Cosigner {
    try Cosigner(name: "\(name).example.org", key: Identity("witness/\(name)").key())
  }

  /// Two of three.
  static func policy() throws -> WitnessPolicy {
    var text = ""
    for name in names { text += "witness \(name) \(try cosigner(name).verifierKey.vkey)\n" }
    return try WitnessPolicy(
      Array((text + "group all 2 \(names.joined(separator: " "))\nquorum all\n").utf8))
  }

  /// A record of an election with witnesses, its checkpoint cosigned by some of them.
  static func record(cosignedBy signers: [String]) throws -> RecordOnDisk {
    var setup = ElectionSetup()
    setup.witnessPolicy = try policy()
    var fixture = try ElectionFixture(setup)
    try fixture.advance(from: .empty, to: .certified)
    let record = try RecordOnDisk(
      fixture.entries.map { .init(entry: $0.entry, payload: $0.payload) }, in: fixture.group)
    try cosign(record, signers)
    return record
  }

  static func cosign(_ record: RecordOnDisk, _ signers: [String]) throws {
    let path = record.path + "/checkpoint"
    let note = try SignedNote([UInt8](Data(contentsOf: URL(fileURLWithPath: path))))
    let lines = try signers.map { name in
      try cosigner(name).cosign(checkpoint: note.text, time: 1_800_000_000)
    }
    try Data(try note.adding(lines).bytes).write(to: URL(fileURLWithPath: path))
  }

  // adversary: L-03
  @Test func aQuorumIsNeeded() async throws {
    #expect(try await Self.record(cosignedBy: []).failing() == [.log11])
    #expect(try await Self.record(cosignedBy: ["second"]).failing() == [.log11])
    #expect(try await Self.record(cosignedBy: ["first", "third"]).failing() == [])
    #expect(try await Self.record(cosignedBy: Self.names).failing() == [])
  }

  /// A quorum beside a line of a known witness that does not hold is no quorum.
  @Test func everyLineOfAKnownWitnessHolds() async throws {
    let record = try Self.record(cosignedBy: ["first", "second"])
    let path = record.path + "/checkpoint"
    let note = try SignedNote([UInt8](Data(contentsOf: URL(fileURLWithPath: path))))
    let other = try Checkpoint(
      origin: ElectionSetup.logName, size: 0, root: MerkleTree.emptyRoot)
    let wrong = try Self.cosigner("third").cosign(checkpoint: other.text, time: 1)
    try Data(try note.adding([wrong]).bytes).write(to: URL(fileURLWithPath: path))
    #expect(try await record.failing() == [.log11])
  }

  /// An election without witnesses says so, and is not reported as incomplete for it.
  @Test func withoutWitnessesTheRuleDoesNotApply() async throws {
    var fixture = try ElectionFixture(ElectionSetup())
    try fixture.advance(from: .empty, to: .certified)
    let record = try RecordOnDisk(
      fixture.entries.map { .init(entry: $0.entry, payload: $0.payload) }, in: fixture.group)
    let verification = try await record.verify()
    #expect(verification.notApplicable[.log11] != nil)
    #expect(verification.findings.counts[.log11] == nil)
  }
}
