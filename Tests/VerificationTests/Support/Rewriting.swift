// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Election
import ElectionFixtures
import Ledger

/// What a dishonest box can do with the entries of others, and authors with their own.
extension ElectionFixture {
  /// The entries with one change, in a record whose chain and checkpoint are made anew.
  func rewritten(
    _ change: (inout [RecordOnDisk.Item]) throws -> Void
  ) throws -> RecordOnDisk {
    var items = items
    try change(&items)
    return try RecordOnDisk(items, in: group)
  }

  /// The key of whoever made an entry.
  func identity(_ author: Author) throws -> Identity {
    switch author {
    case .commission: return commission
    case .ballotBox: return box
    case .trustee(let index): return trusteeIdentities[index - 1]
    case .issuer(let index): return CredentialSetup.issuers[index - 1].identity
    case .citizen(let key):
      guard
        let citizen = CredentialSetup.rollIdentities.joined().first(where: { $0.publicKey == key })
      else { throw NotAdmitted(type: "author", failures: []) }
      return citizen
    case .pseudonym(let key):
      guard let voter = voterIdentities.first(where: { $0.publicKey == key }) else {
        throw NotAdmitted(type: "author", failures: [])
      }
      return voter
    }
  }

  /// An entry with another payload or type, signed by its author.
  func resigned(
    _ item: RecordOnDisk.Item, payload: [UInt8]? = nil, type: EntryType? = nil
  ) throws -> RecordOnDisk.Item {
    let bytes = payload ?? item.payload
    let entry = try LedgerEntry.signed(
      type: type?.rawValue ?? item.entry.type, by: item.entry.author, payload: bytes,
      electionID: electionID(), key: identity(item.entry.author).key())
    return RecordOnDisk.Item(entry: entry, payload: bytes)
  }

  /// Positions of the entries of a type.
  func positions(_ type: EntryType) -> [Int] {
    entries.indices.filter { entries[$0].entry.type == type.rawValue }
  }
}
