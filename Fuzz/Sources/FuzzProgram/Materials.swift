// SPDX-License-Identifier: Apache-2.0

import BlindSignatures
import Cryptography
import Election
import ElectionFixtures
import Issuance
import Ledger

/// A small log with its witnesses, from which seeds are made and against which inputs are checked.
enum Materials {
  static let origin = "example.com/log"
  static let leaves = (0..<9).map { MerkleTree.leafHash(utf8(String($0))) }

  private static func key(_ seed: UInt8) throws -> Ed25519.PrivateKey {
    try Ed25519.PrivateKey(seed: SecretBytes(copying: [UInt8](repeating: seed, count: 32)))
  }

  static func signer(_ name: String = origin, seed: UInt8 = 1) throws -> NoteSigner {
    try NoteSigner(name: name, key: key(seed))
  }

  static func cosigner(_ number: UInt8) throws -> Cosigner {
    try Cosigner(name: "w\(number).example", key: key(number))
  }

  static func checkpoint(_ size: Int) throws -> Checkpoint {
    try Checkpoint(
      origin: origin, size: UInt64(size), root: MerkleTree.root(of: leaves.prefix(size)))
  }

  /// A checkpoint of the log, cosigned by this many witnesses.
  static func note(_ size: Int, cosigners: UInt8 = 0) throws -> [UInt8] {
    let checkpoint = try checkpoint(size)
    let note = try SignedNote(checkpoint.signed(by: signer()))
    var lines: [SignedNote.Signature] = []
    for number in 0..<cosigners {
      lines.append(try cosigner(number + 2).cosign(checkpoint: note.text, time: 1_700_000_000))
    }
    return try note.adding(lines).bytes
  }

  static func policy() throws -> String {
    var text = "# of the tests\nlog \(try signer().verifierKey.vkey) https://log.example\n"
    for number: UInt8 in 2...5 {
      text += "witness w\(number) \(try cosigner(number).verifierKey.vkey)\n"
    }
    return text + "group g 2 w2 w3 w4\n\tgroup all-of-it all g w5\nquorum all-of-it\n"
  }

  /// What wallets send: with keys of the entry, and with an ID token.
  static func issueMessages() throws -> [[UInt8]] {
    let fixture = try ElectionFixture.credentialed(.registering)
    return try [1, 6].map { voter in
      let place = fixture.rollPlace(voter)
      let key = CredentialSetup.issuers[0].signers[place.district - 1].key
      return try IssueMessage(
        record: fixture.issuance(voter),
        blinded: fixture.credentialSecrets(voter).blinded(for: key, issuer: 1).request,
        idToken: voter == 6 ? utf8("e30.e30.AA") : nil
      ).bytes(in: fixture.group)
    }
  }
}
