// SPDX-License-Identifier: Apache-2.0

public import Cryptography
internal import Foundation
internal import Ledger
internal import Synchronization

/// A ballot that was made ahead, with the decision to cast it.
public struct PreparedBallot: Sendable, Equatable {
  /// Its confirmation code.
  public let code: Digest
  /// The entry that submits it, an entry file.
  public let submission: [UInt8]
  /// The entry that casts it, an entry file.
  public let cast: [UInt8]

  /// A ballot from its parts.
  public init(code: Digest, submission: [UInt8], cast: [UInt8]) {
    self.code = code
    self.submission = submission
    self.cast = cast
  }

  /// The hash that an entry file's leaf has in the log.
  static func leafHash(_ file: [UInt8]) -> Digest {
    MerkleTree.leafHash(Array(file.prefix { $0 != 0x0A }))
  }
}

/// Many prepared ballots in one file, one behind the other, so that a run reads them as a stream:
/// `code (32) || u32 length || submission || u32 length || cast`, lengths big-endian.
public enum BallotBundle {
  /// Ballots of one file.
  public static let ballotCount = 4096

  /// The name of a bundle's file, counted from 0.
  public static func fileName(_ index: Int) -> String {
    let digits = String(index)
    return "ballots-" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }

  static func encode(_ ballot: PreparedBallot) -> [UInt8] {
    var bytes = ballot.code.bytes
    for part in [ballot.submission, ballot.cast] {
      bytes += (0..<4).map { UInt8(truncatingIfNeeded: part.count >> (24 - 8 * $0)) }
      bytes += part
    }
    return bytes
  }
}

/// Writes bundles one after the other.
public final class BallotBundleWriter {
  private let folder: String
  private var file: FileHandle?
  private var buffer: [UInt8] = []
  /// Ballots that were written.
  public private(set) var count = 0

  /// A writer into a folder that is there.
  public init(folder: String) { self.folder = folder }

  /// Adds a ballot.
  ///
  /// - Throws: ``LoadError/file(_:)``.
  public func add(_ ballot: PreparedBallot) throws(LoadError) {
    do {
      if count.isMultiple(of: BallotBundle.ballotCount) {
        try finish()
        let path = "\(folder)/\(BallotBundle.fileName(count / BallotBundle.ballotCount))"
        guard FileManager.default.createFile(atPath: path, contents: nil) else {
          throw LoadError.file("\(path): cannot be written")
        }
        file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
      }
      buffer += BallotBundle.encode(ballot)
      count += 1
      if buffer.count >= 1 << 20 { try flush() }
    } catch let error as LoadError { throw error } catch { throw .file("\(folder): \(error)") }
  }

  /// Writes what is left.
  ///
  /// - Throws: ``LoadError/file(_:)``.
  public func finish() throws(LoadError) {
    do {
      try flush()
      try file?.close()
      file = nil
    } catch { throw .file("\(folder): \(error)") }
  }

  private func flush() throws {
    try file?.write(contentsOf: Data(buffer))
    buffer = []
  }
}

/// Reads bundles as a stream: a mebibyte is in memory at a time, however many ballots there are.
public final class BallotBundleReader: Sendable {
  private struct State {
    var next = 0
    var file: FileHandle?
    var buffer: [UInt8] = []
    var position = 0
  }

  private let folder: String
  private let count: Int
  private let state = Mutex(State())

  /// A reader of the first `count` ballots of a folder.
  public init(folder: String, count: Int) {
    self.folder = folder
    self.count = count
  }

  /// The next ballot; nil behind the last.
  ///
  /// - Throws: ``LoadError`` for a file that is missing or cut off.
  public func next() throws(LoadError) -> PreparedBallot? {
    let result = state.withLock { state in
      Result { () throws(LoadError) in try self.next(&state) }
    }
    return try result.get()
  }

  private func next(_ state: inout State) throws(LoadError) -> PreparedBallot? {
    guard state.next < count else { return nil }
    let index = state.next / BallotBundle.ballotCount
    let path = "\(folder)/\(BallotBundle.fileName(index))"
    if state.next.isMultiple(of: BallotBundle.ballotCount) {
      do {
        try state.file?.close()
        state.file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
      } catch { throw .prepared("\(path): cannot be read; was ballot-box load prepare completed?") }
      state.buffer = []
      state.position = 0
    }
    state.next += 1
    guard let code = Digest(try take(32, &state, path)) else {
      throw .prepared("\(path): not a bundle of ballots")
    }
    let submission = try take(try length(&state, path), &state, path)
    let cast = try take(try length(&state, path), &state, path)
    return PreparedBallot(code: code, submission: submission, cast: cast)
  }

  private func length(_ state: inout State, _ path: String) throws(LoadError) -> Int {
    let length = try take(4, &state, path).reduce(0) { $0 << 8 | Int($1) }
    guard length <= EntryFile.maximumByteCount else {
      throw .prepared("\(path): not a bundle of ballots")
    }
    return length
  }

  private func take(
    _ count: Int, _ state: inout State, _ path: String
  ) throws(LoadError) -> [UInt8] {
    while state.buffer.count - state.position < count {
      let more: Data?
      do { more = try state.file?.read(upToCount: 1 << 20) } catch {
        throw .prepared("\(path): \(error)")
      }
      guard let more, !more.isEmpty else { throw .prepared("\(path): ends too early") }
      state.buffer.removeFirst(state.position)
      state.position = 0
      state.buffer += more
    }
    defer { state.position += count }
    return Array(state.buffer[state.position..<state.position + count])
  }
}
