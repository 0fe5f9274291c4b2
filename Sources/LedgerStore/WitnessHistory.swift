// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Foundation
import GRDB
import Ledger

/// How many notes a witness ever stored, and a digest over all of them. With `mark` =
/// `"urna/witness-history/v1" 00`, the digest of none is `SHA-256(mark)`; each note makes it
///
/// `SHA-256(mark || digest before || count (8 bytes) || SHA-256(origin) || SHA-256(note))`.
///
/// Two databases with the same count and digest have stored the same notes in the same order.
struct WitnessHistory: Equatable {
  /// Number of notes.
  let count: UInt64
  /// The digest over all of them.
  let digest: Digest
  /// The digest before the last note; that of none if there was none.
  let before: Digest

  private static let mark = [UInt8]("urna/witness-history/v1".utf8) + [0]

  /// Nothing was stored yet.
  static let none = WitnessHistory(
    count: 0, digest: SHA256.hash(mark), before: SHA256.hash(mark))

  /// The history with one note more.
  func adding(_ note: [UInt8], origin: String) -> WitnessHistory {
    let next = count + 1
    var hash = SHA256()
    hash.update(Self.mark)
    hash.update(digest)
    hash.update((0..<8).map { UInt8(truncatingIfNeeded: next >> UInt64(56 - 8 * $0)) })
    hash.update(SHA256.hash([UInt8](origin.utf8)))
    hash.update(SHA256.hash(note))
    return WitnessHistory(count: next, digest: hash.finalize(), before: digest)
  }

  static func read(_ db: Database) throws -> WitnessHistory {
    guard let row = try Row.fetchOne(db, sql: "SELECT count, digest, before FROM history") else {
      return .none
    }
    guard let count = Int64.fromDatabaseValue(row[0]), count > 0,
      let digest = Data.fromDatabaseValue(row[1]).flatMap({ Digest($0) }),
      let before = Data.fromDatabaseValue(row[2]).flatMap({ Digest($0) })
    else { throw StoreError.failed("the history is damaged") }
    return WitnessHistory(count: UInt64(count), digest: digest, before: before)
  }

  func write(_ db: Database) throws {
    guard let count = Int64(exactly: count) else { throw StoreError.failed("2^63 notes") }
    try db.execute(
      sql: "INSERT OR REPLACE INTO history (only, count, digest, before) VALUES (1, ?, ?, ?)",
      arguments: [count, Data(digest.bytes), Data(before.bytes)])
  }
}
