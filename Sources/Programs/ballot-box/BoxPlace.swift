// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BallotBoxService
import CommandLineSupport
import Cryptography
import Election
import Ledger
import LedgerFiles
import LedgerStore
import Sequencing

/// Where a box keeps its log: the public record, and the database beside it.
struct BoxPlace: ParsableArguments {
  @Option(help: "The record's folder; made by the first entry.") var record: String
  @Option(help: "The box's database; the record's name with .sqlite behind it unless given.")
  var database: String?

  init() {}

  init(record: String, database: String?) {
    self.record = record
    self.database = database
  }

  var databasePath: String {
    if let database { return database }
    var name = record[...]
    // `record/` is the same folder, and has the same database.
    while name.count > 1, name.last == "/" { name.removeLast() }
    return name + ".sqlite"
  }

  /// Whether no entry is in the log yet.
  func isNew() throws(ProgramError) -> Bool {
    do {
      guard try RecordDirectory.exists(path: record) else { return true }
      return try RecordDirectory(path: record).size == 0
    } catch { throw ProgramError(error, in: record) }
  }

  /// Opens a box whose log has begun.
  func open(_ keys: consuming BoxKeys) async throws -> BallotBox {
    guard try !isNew() else {
      throw ProgramError(
        .incomplete, "\(record): the log has not begun",
        hint: "ballot-box accept CONFIGURATION MANIFEST --record \(record)")
    }
    let store = try existingStore()
    let signer = try keys.signer()
    let keysPath = keys.path
    do {
      return try await BallotBox.open(
        record: record, store: store, signer: signer, key: keys.intoEntryKey())
    } catch { throw Self.error(error, record, keys: keysPath) }
  }

  /// Begins the log with its configuration.
  func begin(_ configuration: EntryFile, _ keys: consuming BoxKeys) async throws -> BallotBox {
    let signer = try keys.signer()
    let (path, keysPath) = (databasePath, keys.path)
    do {
      return try await BallotBox.begin(
        configuration: configuration, record: record,
        store: { () throws(StoreError) in
          Files.exists(path)
            ? try SQLiteSequencerStore.openExisting(path: path)
            : try SQLiteSequencerStore.createNew(path: path)
        }, signer: signer, key: keys.intoEntryKey())
    } catch { throw Self.error(error, record, keys: keysPath) }
  }

  /// The database of a log that has begun. It is never made anew here: a box that begins a second time
  /// could write a second history.
  func existingStore() throws(ProgramError) -> SQLiteSequencerStore {
    guard Files.exists(databasePath) else {
      throw ProgramError(
        .incomplete, "\(databasePath): no such database, but \(record) has entries",
        hint: "ballot-box rebuild \(record) --database \(databasePath)")
    }
    do { return try .openExisting(path: databasePath) } catch {
      throw Self.error(error, databasePath)
    }
  }

  static func error(_ error: StoreError, _ path: String) -> ProgramError {
    ProgramError(.inputOutput, "\(path): \(error)")
  }

  /// What stopped a box, as a program's error.
  static func error(_ error: BoxError, _ record: String, keys: String? = nil) -> ProgramError {
    switch error {
    case .foreignKeys: ProgramError(.refused, "\(keys ?? record): \(error)")
    case .refused(let reason): ProgramError(.refused, reason)
    case .record(let error): ProgramError(error, in: record)
    case .sequencer(.inconsistent(let reason)):
      ProgramError(
        .refused, "\(record): \(reason)", hint: "ballot-box fsck \(record)")
    case .sequencer(let error): ProgramError(.inputOutput, "\(record): \(error)")
    case .cryptography(let reason): ProgramError(.inputOutput, reason)
    }
  }

  /// Runs what a box does, and turns what stopped it into a program's error.
  static func naming<Value>(
    _ record: String, _ body: () async throws(BoxError) -> Value
  ) async throws(ProgramError) -> Value {
    do { return try await body() } catch { throw Self.error(error, record) }
  }
}
