// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Election
import ElectionFixtures
import Ledger
import LedgerFiles
import Testing
import Verification

/// What a voter holds against a dishonest box.
@Suite struct ReceiptTests {
  func positions(_ fixture: ElectionFixture, of voter: Int) -> [Int] {
    fixture.state.ballots.ballots(of: fixture.voterIdentities[voter - 1].publicKey).map(\.entry)
  }

  // adversary: L-05, L-10
  @Test func aReceiptIsAboutOneBallot() throws {
    let fixture = try ElectionFixture.toy(.certified)
    let record = try RecordDirectory(path: Records.toy.get().path)
    let own = positions(fixture, of: 1)[0]
    let other = positions(fixture, of: 3)[0]
    let receipt = try record.receipt(at: UInt64(own))
    let leaves = [own, other].map { fixture.entries[$0].entry.leafHash }
    #expect(
      try receipt.verify(leafHash: leaves[0], logKey: record.logKey) == record.checkpoint)
    #expect(throws: LedgerError.self) {
      try receipt.verify(leafHash: leaves[1], logKey: record.logKey)
    }
    // The box gives voter 3 the receipt of voter 1: the leaf of the own ballot is not there.
    let clash = try InclusionReceipt(receipt.bytes)
    #expect(throws: LedgerError.self) {
      try clash.verify(leafHash: leaves[1], logKey: record.logKey)
    }
  }

  /// A box that admits another ballot than it was given cannot sign it.
  // adversary: L-10
  @Test func anotherBallotThanTheVotersIsNotTheVoters() async throws {
    let fixture = try ElectionFixture.toy(.certified)
    let (own, other) = (positions(fixture, of: 1)[0], positions(fixture, of: 7)[0])
    let record = try fixture.rewritten { items in
      items[own] = RecordOnDisk.Item(entry: items[own].entry, payload: items[own].payload)
      let payload = items[other].payload
      items[own].entry = try LedgerEntry.signed(
        type: items[own].entry.type, by: items[own].entry.author, payload: payload,
        electionID: fixture.electionID(), key: fixture.box.key())
      items[own].payload = payload
    }
    let failing = try await record.failing()
    #expect(failing.contains(.log6))
    #expect(failing.contains(.eg9A))
  }

  /// A ballot dropped after the receipt was given: the receipt's checkpoint is no former state.
  // adversary: L-01
  @Test func aDroppedBallotBelongsToNoFormerState() throws {
    let fixture = try ElectionFixture.toy(.certified)
    let own = positions(fixture, of: 1)[0]
    let size = own + 3
    let former = try RecordOnDisk(Array(fixture.items.prefix(size)), in: fixture.group)
    let receipt = try RecordDirectory(path: former.path).receipt(at: UInt64(own))
    let longer = try RecordOnDisk(fixture.items, in: fixture.group, firstAppend: size)
    let honest = try RecordDirectory(path: longer.path)
    let seen = try Checkpoint.verified(receipt.checkpoint, logKey: honest.logKey)
    #expect(seen.size == UInt64(size))
    #expect(try TileTree(honest, size: seen.size).root() == seen.root)
    var items = fixture.items
    items.remove(at: own)
    let dropped = try RecordOnDisk(items, in: fixture.group, firstAppend: size)
    let later = try RecordDirectory(path: dropped.path)
    #expect(try TileTree(later, size: seen.size).root() != seen.root)
  }
}
