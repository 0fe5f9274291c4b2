// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Foundation
import GRDB
import Ledger

/// What is read from and written to the tables of `DatabaseKind.sequencer`.
enum SequencerTables {
  /// The lock; nil if no log was begun.
  static func checkpoint(_ db: Database) throws -> [UInt8]? {
    try Data.fetchOne(db, sql: "SELECT checkpoint FROM log").map { [UInt8]($0) }
  }

  static func staged(_ db: Database) throws -> StagedBatch? {
    guard let bytes = try Data.fetchOne(db, sql: "SELECT batch FROM staging") else { return nil }
    guard let batch = StagedBatch(encoded: [UInt8](bytes)) else {
      throw StoreError.failed("the staged batch is damaged")
    }
    return batch
  }

  static func claimSum(_ db: Database) throws -> ClaimSum {
    guard let row = try Row.fetchOne(db, sql: "SELECT claim_count, claim_sum FROM log") else {
      return ClaimSum()
    }
    guard let count = Int.fromDatabaseValue(row[0]), let sum = Data.fromDatabaseValue(row[1]),
      let result = ClaimSum(count: count, bytes: [UInt8](sum))
    else {
      throw StoreError.failed("the sum of the claims is damaged")
    }
    return result
  }

  static func setLog(_ db: Database, _ checkpoint: [UInt8], _ sum: ClaimSum) throws {
    // An update in place where there is a row: the staging refers to it.
    try db.execute(
      sql: """
        INSERT INTO log (only, checkpoint, claim_count, claim_sum) VALUES (1, ?, ?, ?)
        ON CONFLICT (only) DO UPDATE SET checkpoint = excluded.checkpoint,
        claim_count = excluded.claim_count, claim_sum = excluded.claim_sum
        """,
      arguments: [Data(checkpoint), sum.count, Data(sum.bytes)])
  }

  static func insert(
    _ db: Database, _ claim: LogClaim, _ leaf: UInt64, _ sum: inout ClaimSum
  ) throws {
    guard let leaf = Int64(exactly: leaf) else {
      throw StoreError.failed("a leaf beyond 2^63 cannot be claimed for")
    }
    let digest = claim.digest.bytes
    do {
      try db.cachedStatement(sql: "INSERT INTO claim (digest, leaf) VALUES (?, ?)")
        .execute(arguments: [Data(digest), leaf])
    } catch let error as DatabaseError
      where error.extendedResultCode == .SQLITE_CONSTRAINT_PRIMARYKEY
    {
      throw StoreError.claimed(claim)
    }
    sum.add(digest, leaf: leaf)
  }

  /// Compares the claims with their number and sum, and reads the staged batch.
  static func check(_ db: Database) throws {
    var sum = ClaimSum()
    let rows = try Row.fetchCursor(db, sql: "SELECT digest, leaf FROM claim")
    while let row = try rows.next() {
      guard let digest = Data.fromDatabaseValue(row[0]), let leaf = Int64.fromDatabaseValue(row[1])
      else { throw StoreError.failed("the claims are damaged") }
      sum.add(digest, leaf: leaf)
    }
    guard try sum == claimSum(db) else {
      throw StoreError.failed("the claims are damaged: make the database again from the log")
    }
    _ = try staged(db)
  }
}
