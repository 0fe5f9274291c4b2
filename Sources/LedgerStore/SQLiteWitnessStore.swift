// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
public import Ledger
import Synchronization

/// A ``WitnessStore`` in one SQLite file, kept as ``DatabaseFile`` says, and a small file beside it that
/// remembers how far the witness has come (``WitnessMemory``).
///
/// What it promises:
///
/// * Comparing and storing are one IMMEDIATE transaction.
/// * When `replace` returns, the note and then the memory are on the disk.
/// * A database older than the memory, or of another history, is refused when it is opened, and also
///   when its contents are changed under a running process.
/// * One process at a time: a second one is refused.
///
/// What it cannot see: both files put back together to an earlier state, or a copy of both running on
/// another machine. The log sees the first, as the witness then answers with a smaller size than it
/// cosigned.
public struct SQLiteWitnessStore: WitnessStore {
  private let file: DatabaseFile
  private let memory: WitnessMemory
  /// Nil for a store that only reads.
  private let lock: ProcessLock?

  /// Makes a database and a memory; their directories exist already. Blocks.
  ///
  /// - Throws: ``StoreError/failed(_:)`` if there is a file at one of the paths, or one cannot be
  ///   written.
  public static func createNew(
    path: String, memory: String
  ) throws(StoreError) -> SQLiteWitnessStore {
    let lock = try ProcessLock(path + ".lock")
    guard !Disk.exists(path) else { throw .refused("there is a database already") }
    let remembered = try WitnessMemory.create(memory)
    let file = try DatabaseFile.create(path, kind: .witness)
    return SQLiteWitnessStore(file: file, memory: remembered, lock: lock)
  }

  /// Opens both files. Blocks.
  ///
  /// - Throws: ``StoreError/failed(_:)`` if one is missing, damaged or of another kind, if they do not
  ///   fit to each other, or if another process has them.
  public static func openExisting(
    path: String, memory: String
  ) throws(StoreError) -> SQLiteWitnessStore {
    let lock = try ProcessLock(path + ".lock")
    let (file, history) = try open(path)
    return SQLiteWitnessStore(
      file: file, memory: try WitnessMemory.open(memory, database: history), lock: lock)
  }

  private static func open(_ path: String) throws(StoreError) -> (DatabaseFile, WitnessHistory) {
    var history = WitnessHistory.none
    let file = try DatabaseFile.open(path, kind: .witness) { history = try .read($0) }
    return (file, history)
  }

  /// The notes that a database holds, in the order of their origins' bytes. Also while another process
  /// serves them. Blocks.
  ///
  /// - Throws: ``StoreError/failed(_:)`` as ``openExisting(path:memory:)`` does, but for the memory and
  ///   the other process.
  public static func notes(path: String) throws(StoreError) -> [[UInt8]] {
    var notes: [[UInt8]] = []
    let file = try DatabaseFile.open(path, kind: .witness) { db in
      notes = try Data.fetchAll(db, sql: "SELECT note FROM cosigned ORDER BY origin")
        .map { [UInt8]($0) }
    }
    try file.close()
    return notes
  }

  /// The note that was stored last for `origin`; nil if none was.
  public func latest(origin: String) async throws(StoreError) -> [UInt8]? {
    _ = try memory.history
    return try await file.read("reading") { db in try Self.note(db, origin) }
  }

  /// Stores `new` if what is stored for `origin` is still `old`.
  ///
  /// - Throws: ``StoreError/conflict`` if something else is stored; ``StoreError/failed(_:)`` for an
  ///   error of the disk, after which nothing is stored or read any more.
  public func replace(
    origin: String, old: [UInt8]?, new: [UInt8]
  ) async throws(StoreError) {
    let outcome = Mutex<Result<Void, StoreError>?>(nil)
    let memory = memory
    try await file.write("storing") { db in
      let history = try WitnessHistory.read(db)
      guard try history == memory.history else {
        throw StoreError.failed("the database was changed by somebody else")
      }
      guard try Self.note(db, origin) == old else { throw StoreError.conflict }
      try db.execute(
        sql: "INSERT OR REPLACE INTO cosigned (origin, note) VALUES (?, ?)",
        arguments: [Data(origin.utf8), Data(new)])
      let next = history.adding(new, origin: origin)
      try next.write(db)
      // Behind the commit and before the next transaction, so the memory counts in order.
      db.afterNextTransaction { _ in
        let result = Result { () throws(StoreError) in try memory.advance(to: next) }
        outcome.withLock { $0 = result }
      }
    }
    guard let result = outcome.withLock({ $0 }) else {
      throw .failed("the transaction ended without an outcome")
    }
    try result.get()
  }

  private static func note(_ db: Database, _ origin: String) throws -> [UInt8]? {
    try Data.fetchOne(
      db, sql: "SELECT note FROM cosigned WHERE origin = ?", arguments: [Data(origin.utf8)]
    ).map { [UInt8]($0) }
  }

  /// Ends the connection. Not needed for safety.
  public func close() throws(StoreError) {
    try file.close()
    lock?.release()
  }
}
