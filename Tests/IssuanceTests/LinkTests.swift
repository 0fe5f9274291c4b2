// SPDX-License-Identifier: Apache-2.0

import BlindSignatures
import Cryptography
import Election
import ElectionFixtures
import Foundation
import Issuance
import IssuerStore
import Ledger
import TestSupport
import Testing

/// Whoever has everything that the issuers keep, and everything that is activated, finds nothing in common.
@Suite struct LinkTests {
  /// All strings of eight bytes.
  static func windows(_ bytes: [UInt8]) -> Set<UInt64> {
    var windows = Set<UInt64>()
    var window: UInt64 = 0
    for (index, byte) in bytes.enumerated() {
      window = window << 8 | UInt64(byte)
      if index >= 7 { windows.insert(window) }
    }
    return windows
  }

  @Test func whatIssuersKeepAndWhatIsActivatedShareNoEightBytes() async throws {
    let folder = try TemporaryFolder()
    let voters = [1, 3, 4, 5]
    let first = try TestDesk()
    var kept = Set<UInt64>()
    for issuer in 1...3 {
      let path = folder.path + "/issuer-\(issuer).sqlite"
      let store = try SQLiteIssuanceStore.createNew(path: path)
      let desk = try TestDesk(issuer: issuer, store: store, ledger: first.ledger)
      for voter in voters {
        let message = try desk.message(voter, issuer: issuer)
        let answer = try await desk.desk.issue(message, citizen: nil)
        let record = message.record
        kept.formUnion(Self.windows(message.blinded))
        kept.formUnion(Self.windows(answer.blindSignature))
        kept.formUnion(Self.windows(answer.receipt))
        kept.formUnion(Self.windows(answer.request.bytes))
        for part in record.blinded.map(\.bytes) + record.signatures + record.keys.map(\.bytes) {
          kept.formUnion(Self.windows(part))
        }
      }
      try store.close()
      // The files too, whatever else they hold: log and pages.
      for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
        kept.formUnion(Self.windows(try folder.bytes(name)))
      }
    }
    #expect(kept.count > 10_000)
    for voter in voters {
      let activation = try first.fixture.credential(voter)
      let pseudonym = first.fixture.voterIdentities[voter - 1].publicKey
      for part in activation.signatures.map(\.bytes) + [activation.nonce.bytes, pseudonym.bytes] {
        #expect(kept.isDisjoint(with: Self.windows(part)), "voter \(voter)")
      }
    }
  }
}
