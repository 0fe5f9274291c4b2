// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Foundation
import GRDB
import Ledger

/// What is read from and written to the tables of `DatabaseKind.sequencer`.
enum SequencerTables {
  /// The lock and what is claimed; nil if no log was begun.
  static func log(_ db: Database) throws -> LogRow? {
    guard
      let row = try Row.fetchOne(
        db, sql: "SELECT checkpoint, claim_count, claim_sum, digest FROM log")
    else { return nil }
    guard let checkpoint = Data.fromDatabaseValue(row[0]),
      let count = Int.fromDatabaseValue(row[1]),
      let sum = Data.fromDatabaseValue(row[2]), let digest = Data.fromDatabaseValue(row[3]),
      let claims = ClaimSum(count: count, bytes: [UInt8](sum))
    else { throw StoreError.failed("the lock is damaged") }
    let log = LogRow(checkpoint: [UInt8](checkpoint), claims: claims)
    guard Digest(digest) == log.digest else { throw StoreError.failed("the lock is damaged") }
    return log
  }

  static func setLog(_ db: Database, _ log: LogRow) throws {
    // An update in place where there is a row: the staging refers to it.
    try db.execute(
      sql: """
        INSERT INTO log (only, checkpoint, claim_count, claim_sum, digest) VALUES (1, ?, ?, ?, ?)
        ON CONFLICT (only) DO UPDATE SET checkpoint = excluded.checkpoint,
        claim_count = excluded.claim_count, claim_sum = excluded.claim_sum, digest = excluded.digest
        """,
      arguments: [
        Data(log.checkpoint), log.claims.count, Data(log.claims.bytes), Data(log.digest.bytes),
      ])
  }

  static func staged(_ db: Database) throws -> StagedBatch? {
    guard let row = try Row.fetchOne(db, sql: "SELECT batch, checkpoint FROM staging") else {
      return nil
    }
    guard let bytes = Data.fromDatabaseValue(row[0]),
      let checkpoint = Data.fromDatabaseValue(row[1]),
      let batch = StagedBatch(encoded: [UInt8](bytes)), batch.checkpoint == [UInt8](checkpoint)
    else { throw StoreError.failed("the staged batch is damaged") }
    return batch
  }

  /// Where the staged batch leads, without reading the batch.
  static func stagedCheckpoint(_ db: Database) throws -> [UInt8]? {
    try Data.fetchOne(db, sql: "SELECT checkpoint FROM staging").map { [UInt8]($0) }
  }

  static func setStaged(_ db: Database, _ batch: [UInt8], to checkpoint: [UInt8]) throws {
    try db.execute(
      sql: "INSERT OR REPLACE INTO staging (only, checkpoint, batch) VALUES (1, ?, ?)",
      arguments: [Data(checkpoint), Data(batch)])
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
    guard try sum == log(db)?.claims ?? ClaimSum() else {
      throw StoreError.failed("the claims are damaged: make the database again from the log")
    }
    _ = try staged(db)
  }
}

/// The only row of the table `log`.
struct LogRow {
  /// The text of the checkpoint that was committed last.
  var checkpoint: [UInt8]
  /// What is in the table `claim`.
  var claims: ClaimSum

  /// SHA-256 of the rest of the row: `checkpoint || count, 8 bytes big-endian || sum`.
  var digest: Digest {
    SHA256.hash(
      checkpoint + (0..<8).map { UInt8(truncatingIfNeeded: claims.count >> (56 - 8 * $0)) }
        + claims.bytes)
  }
}
