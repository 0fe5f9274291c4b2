// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Foundation
import GRDB
public import Ledger
import Synchronization

/// A ``SequencerStore`` in one SQLite file, kept as ``DatabaseFile`` says.
///
/// Whoever starts a box names a file that must exist, or makes one that must not: a wrong path must
/// not begin a second log. After a ``StoreError/failed(_:)`` the store refuses further work; it is
/// opened again. Holds nothing secret, no address, no time and no order of arrival. Shown to keep the
/// rules of the protocol by `StoreConformance`, also when its process is killed.
public struct SQLiteSequencerStore: SequencerStore {
  private let file: DatabaseFile

  /// Makes a database without a log; the directory exists already. Blocks.
  ///
  /// - Throws: ``StoreError/failed(_:)`` if there is a database at `path`, or it cannot be written.
  public static func createNew(path: String) throws(StoreError) -> SQLiteSequencerStore {
    SQLiteSequencerStore(file: try DatabaseFile.create(path, kind: .sequencer))
  }

  /// Opens the database at `path` and checks all of it. Blocks, longer the more claims there are.
  ///
  /// - Throws: ``StoreError/failed(_:)`` if there is none, it is another kind's or a newer version's,
  ///   it is damaged, or it cannot be written.
  public static func openExisting(path: String) throws(StoreError) -> SQLiteSequencerStore {
    let file = try DatabaseFile.open(path, kind: .sequencer) { try SequencerTables.check($0) }
    return SQLiteSequencerStore(file: file)
  }

  /// The lock and the staging; nil when no log was begun in this store.
  public func load() async throws(StoreError) -> StoredLog? {
    try await file.read("reading") { db in
      guard let log = try SequencerTables.log(db) else { return nil }
      return StoredLog(checkpoint: log.checkpoint, staged: try SequencerTables.staged(db))
    }
  }

  /// Begins a log with its first checkpoint.
  ///
  /// - Throws: ``StoreError/conflict`` if a log was begun already.
  public func create(checkpoint: [UInt8]) async throws(StoreError) {
    try await file.write("beginning the log") { db in
      guard try SequencerTables.log(db) == nil else { throw StoreError.conflict }
      try SequencerTables.setLog(db, LogRow(checkpoint: checkpoint, claims: ClaimSum()))
    }
  }

  /// Keeps a batch that continues the lock's checkpoint, in place of the one staged before.
  ///
  /// - Throws: ``StoreError/conflict`` if the lock is another one than `old`, or no log was begun;
  ///   ``StoreError/failed(_:)`` also for a batch of more than 10^9 bytes.
  public func stage(_ batch: StagedBatch, after old: [UInt8]) async throws(StoreError) {
    let bytes = try batch.encoded()
    try await file.write("staging") { db in
      guard try SequencerTables.log(db)?.checkpoint == old else { throw StoreError.conflict }
      try SequencerTables.setStaged(db, bytes, to: batch.checkpoint)
    }
  }

  /// Moves the lock from one checkpoint to the next and inserts the claims, in one transaction.
  ///
  /// - Throws: ``StoreError/conflict`` if the lock is another one than `commit.old`, or the staged
  ///   batch does not lead to `commit.new`; ``StoreError/claimed(_:)`` if a claim was made before.
  ///   Nothing is changed then.
  public func commit(_ commit: LogCommit) async throws(StoreError) {
    try await file.write("committing") { db in
      guard var log = try SequencerTables.log(db), log.checkpoint == commit.old,
        try SequencerTables.stagedCheckpoint(db) == commit.new
      else { throw StoreError.conflict }
      for (claim, leaf) in commit.claims {
        try SequencerTables.insert(db, claim, leaf, &log.claims)
      }
      log.checkpoint = commit.new
      try SequencerTables.setLog(db, log)
    }
  }

  /// The leaf that made a claim; nil if none did.
  public func leaf(claiming claim: LogClaim) async throws(StoreError) -> UInt64? {
    try await file.read("looking for a claim") { db in
      try Int64.fetchOne(
        db, sql: "SELECT leaf FROM claim WHERE digest = ?",
        arguments: [Data(claim.digest.bytes)]
      ).map { UInt64($0) }
    }
  }

  /// Number of claims.
  public func claimCount() async throws(StoreError) -> Int {
    try await file.read("counting claims") { try SequencerTables.log($0)?.claims.count ?? 0 }
  }

  /// Puts a log in place of whatever the store holds, in one transaction: for a database that is made
  /// again from a log's files. Nothing is staged afterwards.
  ///
  /// - Parameters:
  ///   - checkpoint: the text of the files' checkpoint.
  ///   - claims: calls its argument once for each claim, in any order. If it throws, the store stays
  ///     as it was.
  /// - Throws: what `claims` throws; ``StoreError/claimed(_:)`` for a claim that comes twice.
  public func replaceAll(
    checkpoint: [UInt8],
    claims:
      @escaping @Sendable (_ insert: (LogClaim, UInt64) throws(StoreError) -> Void) throws ->
      Void
  ) async throws {
    let thrown = Mutex<(any Error)?>(nil)
    do {
      try await file.write("rebuilding") { db in
        try db.execute(sql: "DELETE FROM staging; DELETE FROM claim; DELETE FROM log")
        var sum = ClaimSum()
        var refusal: StoreError?
        do {
          try claims { (claim, leaf) throws(StoreError) in
            do {
              try SequencerTables.insert(db, claim, leaf, &sum)
            } catch {
              let error = StoreError(error, while: "rebuilding")
              refusal = refusal ?? error
              throw error
            }
          }
        } catch {
          // Rolls back. An error of the database's own goes on below.
          thrown.withLock { $0 = refusal == nil ? error : nil }
          throw refusal ?? .conflict
        }
        if let refusal { throw refusal }
        try SequencerTables.setLog(db, LogRow(checkpoint: checkpoint, claims: sum))
      }
    } catch {
      throw thrown.withLock { $0 } ?? error
    }
  }

  /// Ends the connection. Not needed for safety: whatever a call returned from is on the disk.
  public func close() throws(StoreError) {
    try file.close()
  }
}
