// SPDX-License-Identifier: Apache-2.0

import Election
import ElectionFixtures
import Ledger
import StrictJSON
import TestSupport

extension FuzzTarget {
  /// Entries as they stand in the log, and as programs hand them on.
  static let leaves = [
    FuzzTarget("leaf") {
      try ElectionFixture.toy(.certified).entries.map(\.entry.bytes)
    } rewrite: { bytes in
      try LedgerEntry(bytes: bytes).bytes
    },
    FuzzTarget("entry-file") {
      try ElectionFixture.toy(.certified).entries.map(\.bytes).filter { $0.count < 4096 }
    } rewrite: { bytes in
      try EntryFile(bytes: bytes).bytes
    },
    // Other spellings are read too; all have one canonical form, and that is its own.
    FuzzTarget("json") {
      try PayloadSample.all().map(\.payload).filter { $0.count < 4096 }
    } rewrite: { bytes in
      let value = try JSONValue(parsing: bytes)
      let form = value.canonicalBytes()
      mustHold { try JSONValue(parsingCanonical: form).canonicalBytes() == form }
      return bytes
    },
  ]

  /// The payloads of entries, by the entry's type, in the toy group that the fixtures use.
  static let payloads = EntryType.allCases.map { type in
    FuzzTarget(type.rawValue) {
      try PayloadSample.all().filter { $0.type == type }.map(\.payload)
    } rewrite: { bytes in
      let written = try type.rewritten(bytes, in: ToyGroups.q24p64)
      if type == .manifest { mustHold { try isReadAlike(bytes) } }
      return written
    }
  }

  /// A manifest keeps its bytes, so what it says is compared instead: its canonical form says the same.
  private static func isReadAlike(_ bytes: [UInt8]) throws -> Bool {
    let manifest = try Manifest(bytes: bytes)
    let other = try Manifest(
      bytes: JSONValue(parsing: bytes).canonicalBytes())
    return other.contests == manifest.contests && other.ballotStyles == manifest.ballotStyles
      && other.districts == manifest.districts
  }
}
