// SPDX-License-Identifier: Apache-2.0

package import GRDB
package import Ledger
import Synchronization

/// One SQLite file and one connection to it, as every store here needs them:
///
/// * write-ahead log, `synchronous = FULL`: a transaction is on the disk when the call returns;
/// * writes are IMMEDIATE transactions, so two processes take turns; a turn is waited for five seconds;
/// * the schema is not trusted, double-quoted strings are refused, foreign keys are checked;
/// * `application_id` and `user_version` say what the file is; another kind or a newer one is refused;
/// * after an error of SQLite every call is refused. What the system holds in memory then need not be
///   on the disk; opening again copies what the write-ahead log holds into the file and waits for the
///   disk, so what is read afterwards is durable.
///
/// The file must lie on a local file system: the write-ahead log shares memory between processes.
package final class DatabaseFile: Sendable {
  private let queue: DatabaseQueue
  private let failure = Mutex<StoreError?>(nil)

  /// Makes the file, mode 0600; SQLite's own files beside it get the same. Its directory is there already. A file
  /// in which a creation was cut off before anything was in it is taken over.
  ///
  /// - Throws: ``StoreError/failed(_:)`` if something is there already, or for any error of SQLite.
  package static func create(_ path: String, kind: DatabaseKind) throws(StoreError) -> DatabaseFile
  {
    let file = try DatabaseFile(path, kind: kind, isNew: true) { _ in }
    // The names of the database and its write-ahead log.
    try Disk.synchronizeDirectory(of: path)
    return file
  }

  /// Opens a file that is there. Checks it whole; the time grows with its size.
  ///
  /// - Parameter check: looks at what is in the tables of this kind, on a snapshot.
  /// - Throws: ``StoreError/failed(_:)`` if there is no such file, it is of another kind or a newer
  ///   program's, it is damaged, or it cannot be written.
  package static func open(
    _ path: String, kind: DatabaseKind, check: (Database) throws -> Void
  ) throws(StoreError) -> DatabaseFile {
    guard Disk.isRegularFile(path) else { throw .failed("there is no database at \(path)") }
    return try DatabaseFile(path, kind: kind, isNew: false, check: check)
  }

  private init(
    _ path: String, kind: DatabaseKind, isNew: Bool, check: (Database) throws -> Void
  ) throws(StoreError) {
    // A name that SQLite would take for something else than a path.
    guard !path.isEmpty, !path.utf8.contains(0) else { throw .failed("a database needs a path") }
    if isNew { Disk.makePrivate(path) }
    do {
      queue = try DatabaseQueue(
        path: path.hasPrefix("/") ? path : "./" + path, configuration: Self.configuration)
    } catch {
      throw StoreError(error, while: "opening")
    }
    do {
      try queue.writeWithoutTransaction { db in
        try isNew ? Self.requireNothing(in: db) : Self.require(kind, in: db)
        try Self.setUpJournal(db)
        if !isNew { try Self.checkPages(db) }
      }
      try kind.migrator.migrate(queue)
      try queue.read(check)
      try queue.writeWithoutTransaction { db in
        try Self.requireWritable(db)
        try Self.settle(db)
      }
    } catch {
      throw StoreError(error, while: isNew ? "creating" : "opening")
    }
  }

  private static var configuration: Configuration {
    var configuration = Configuration()
    configuration.busyMode = .timeout(5)
    configuration.prepareDatabase { db in
      try db.execute(sql: "PRAGMA trusted_schema = OFF")
      try db.execute(sql: "PRAGMA cell_size_check = ON")
      try db.execute(sql: "PRAGMA synchronous = FULL")
    }
    return configuration
  }

  /// GRDB's own switch to the write-ahead log lowers `synchronous` to NORMAL, so it is not used.
  private static func setUpJournal(_ db: Database) throws {
    guard try String.fetchOne(db, sql: "PRAGMA journal_mode = WAL") == "wal" else {
      throw StoreError.failed("the file system does not carry a write-ahead log")
    }
    // Room for a batch is kept, not the room that the largest batch ever needed.
    try db.execute(sql: "PRAGMA journal_size_limit = 67108864")
    guard try Int.fetchOne(db, sql: "PRAGMA synchronous") == 2 else {
      throw StoreError.failed("SQLite does not wait for the disk")
    }
  }

  private static func requireNothing(in db: Database) throws {
    let mark = try Int32.fetchOne(db, sql: "PRAGMA application_id")
    // The migrator's own table is there a moment before the first migration.
    let others = try Int.fetchOne(
      db, sql: "SELECT count(*) FROM sqlite_schema WHERE tbl_name <> 'grdb_migrations'")
    guard mark == 0, others == 0 else {
      throw StoreError.failed("there is a database already")
    }
  }

  private static func require(_ kind: DatabaseKind, in db: Database) throws {
    guard try Int32.fetchOne(db, sql: "PRAGMA application_id") == kind.applicationID else {
      throw StoreError.failed("not a database of \(kind.name)")
    }
    let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
    guard (1...kind.migrations.count).contains(version),
      try !kind.migrator.hasBeenSuperseded(db)
    else { throw StoreError.failed("a database of another version, \(version)") }
  }

  private static func checkPages(_ db: Database) throws {
    let answer = try String.fetchOne(db, sql: "PRAGMA quick_check(1)")
    guard answer == "ok" else { throw StoreError.failed("the database is damaged") }
  }

  private static func requireWritable(_ db: Database) throws {
    try db.inTransaction(.immediate) { .rollback }
  }

  /// Moves the write-ahead log into the file and waits for the disk.
  private static func settle(_ db: Database) throws {
    guard let row = try Row.fetchOne(db, sql: "PRAGMA wal_checkpoint(TRUNCATE)") else {
      throw StoreError.failed("the write-ahead log is not emptied")
    }
    guard Int.fromDatabaseValue(row[0]) == 0 else {
      throw StoreError.failed("SQLITE_BUSY while opening")
    }
  }

  /// Runs `body` on a snapshot.
  package func read<T: Sendable>(
    _ action: String, _ body: @escaping @Sendable (Database) throws -> T
  ) async throws(StoreError) -> T {
    try await perform(action) { try await $0.read(body) }
  }

  /// Runs `body` in an IMMEDIATE transaction: all of it is durable when this returns, or none after
  /// a ``StoreError`` that `body` threw itself.
  package func write<T: Sendable>(
    _ action: String, _ body: @escaping @Sendable (Database) throws -> T
  ) async throws(StoreError) -> T {
    try await perform(action) { try await $0.write(body) }
  }

  private func perform<T: Sendable>(
    _ action: String, _ body: @escaping @Sendable (DatabaseQueue) async throws -> T
  ) async throws(StoreError) -> T {
    // In a task of its own: GRDB would interrupt the database if the caller's task were cancelled.
    // A step that has begun is brought to its end, so that its outcome is known.
    let task = Task { [self] () async -> Result<T, StoreError> in
      if let earlier = failure.withLock({ $0 }) { return .failure(earlier) }
      do {
        return .success(try await body(queue))
      } catch let error as StoreError where !error.isFailure {
        return .failure(error)
      } catch {
        let reason = StoreError(error, while: action)
        failure.withLock { $0 = $0 ?? .failed("closed after an error (\(reason.reason))") }
        return .failure(reason)
      }
    }
    return try await task.value.get()
  }

  /// Ends the connection. Calls that wait for their turn come first.
  package func close() throws(StoreError) {
    failure.withLock { $0 = $0 ?? .failed("closed") }
    do {
      try queue.close()
    } catch {
      throw StoreError(error, while: "closing")
    }
  }
}
