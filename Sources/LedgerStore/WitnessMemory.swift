// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Ledger
import LedgerFiles
import Synchronization

/// The file beside a witness's database that says how far the witness has come:
///
/// ```
/// urna/witness-memory/v1
/// <count of notes, decimal>
/// <digest of the history, upper-case hexadecimal>
/// ```
///
/// It is written durably after each note is stored and before the witness answers. A database that is
/// put in place of a later one does not fit to it. It shows nothing if both files are put back
/// together: it belongs on another disk than the backups of the database, or better, neither is ever
/// restored.
final class WitnessMemory: Sendable {
  private struct State {
    var history: WitnessHistory
    var failure: StoreError?
  }

  private let path: String
  private let state: Mutex<State>
  private static let title = "urna/witness-memory/v1"

  /// Makes the file, for a database without notes.
  static func create(_ path: String) throws(StoreError) -> WitnessMemory {
    guard !Disk.exists(path) else { throw .refused("there is a memory already") }
    try write(.none, to: path)
    return WitnessMemory(path, .none)
  }

  /// Reads the file, and compares it with the history of the database.
  ///
  /// The database may be one note ahead: the process ended between storing and answering, so nobody
  /// has the cosignature. The file is then brought up to it.
  ///
  /// - Throws: ``StoreError/failed(_:)`` if the file is missing or no memory, or the database is not
  ///   the one that the file remembers.
  static func open(
    _ path: String, database: WitnessHistory
  ) throws(StoreError) -> WitnessMemory {
    let (count, digest) = try read(path)
    guard database.count >= count else {
      throw .refused(
        "rolled back: the database holds \(database.count) notes, the memory counts \(count)")
    }
    let isSame = database.count == count && database.digest == digest
    let isNext = database.count == count + 1 && database.before == digest
    guard isSame || isNext else {
      throw .refused("the database and the memory are of two histories")
    }
    if isNext { try write(database, to: path) }
    return WitnessMemory(path, database)
  }

  private init(_ path: String, _ history: WitnessHistory) {
    self.path = path
    state = Mutex(State(history: history))
  }

  /// What this process knows to be in the database.
  var history: WitnessHistory {
    get throws(StoreError) { try state.withLock { state in Self.current(state) }.get() }
  }

  /// Takes note of a history that the database has committed. After an error nothing is answered any
  /// more.
  func advance(to history: WitnessHistory) throws(StoreError) {
    try state.withLock { state -> Result<Void, StoreError> in
      guard case .success(let known) = Self.current(state) else {
        return Self.current(state).map { _ in }
      }
      guard history.before == known.digest, history.count == known.count + 1 else {
        return Self.fail(&state, .failed("the database went another way"))
      }
      do throws(StoreError) { try Self.write(history, to: path) } catch {
        return Self.fail(&state, error)
      }
      state.history = history
      return .success(())
    }.get()
  }

  private static func current(_ state: State) -> Result<WitnessHistory, StoreError> {
    state.failure.map { .failure($0) } ?? .success(state.history)
  }

  private static func fail(_ state: inout State, _ error: StoreError) -> Result<Void, StoreError> {
    state.failure = error
    return .failure(error)
  }

  private static func write(_ history: WitnessHistory, to path: String) throws(StoreError) {
    let text = "\(title)\n\(history.count)\n\(Hex.encode(history.digest.bytes))\n"
    do { try AtomicFile.write([UInt8](text.utf8), to: path) } catch {
      throw .failed("the memory cannot be written (\(error.rule))")
    }
  }

  private static func read(_ path: String) throws(StoreError) -> (UInt64, Digest) {
    let bytes: [UInt8]
    do { bytes = try BoundedFile.read(path, limit: 256) } catch {
      throw .failed("the memory cannot be read (\(error.rule))")
    }
    let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false).map {
      String(decoding: $0, as: UTF8.self)
    }
    guard lines.count == 4, lines[0] == title, lines[3].isEmpty, let count = UInt64(lines[1]),
      String(count) == lines[1], let digest = Digest(hex: lines[2])
    else { throw .failed("the memory is damaged") }
    return (count, digest)
  }
}
