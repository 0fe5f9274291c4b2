// SPDX-License-Identifier: Apache-2.0

public import Cryptography
internal import Glibc
public import Ledger
public import LedgerFiles
public import StrictJSON

/// Reading and writing the files that programs exchange, with errors that name them.
public enum Files {
  /// Reads a file of at most `limit` bytes.
  /// - Throws: `ProgramError`, status 3 for a missing file and 4 for one that cannot be read.
  public static func read(_ path: String, limit: Int = 16 << 20) throws(ProgramError) -> [UInt8] {
    do { return try BoundedFile.read(path, limit: limit) } catch { throw ProgramError(error) }
  }

  /// Reads a file that holds a secret: nobody but its owner may be able to.
  /// - Throws: `ProgramError`, status 5 when others can read it.
  public static func readSecret(
    _ path: String, limit: Int = 2 << 20
  ) throws(ProgramError) -> SecretBytes {
    var status = stat()
    if unsafe stat(path, &status) == 0, status.st_mode & 0o077 != 0 {
      throw ProgramError(
        .refused, "\(path): others may read this secret file", hint: "chmod 600 \(path)")
    }
    var bytes = try read(path, limit: limit)
    return SecretBytes.wiping(&bytes)
  }

  /// Reads and parses JSON.
  /// - Throws: `ProgramError` naming file, JSON path and rule.
  public static func readJSON(
    _ path: String, limits: JSONLimits = .standard
  ) throws(ProgramError) -> JSONReader {
    let bytes = try read(path, limit: limits.maxBytes)
    return try ProgramError.naming(path) {
      JSONReader(try JSONValue(parsing: bytes, limits: limits))
    }
  }

  /// Reads an entry with its payload.
  /// - Throws: `ProgramError` naming file and rule.
  public static func readEntry(_ path: String) throws(ProgramError) -> EntryFile {
    let bytes = try read(path, limit: EntryFile.maximumByteCount)
    return try ProgramError.naming(path) { try EntryFile(bytes: bytes) }
  }

  /// Writes a file that everybody may read, at once or not at all.
  /// - Throws: `ProgramError`, status 4.
  public static func write(_ bytes: [UInt8], to path: String) throws(ProgramError) {
    do { try AtomicFile.write(bytes, to: path) } catch {
      throw ProgramError(.inputOutput, "\(error)")
    }
  }

  /// Writes a file that only its owner may read, at once or not at all. Secrets that a killed process left
  /// beside it, unfinished and under another name, are removed.
  /// - Throws: `ProgramError`, status 4.
  public static func writeSecret(_ bytes: [UInt8], to path: String) throws(ProgramError) {
    do {
      try AtomicFile.write(bytes, to: path, permissions: 0o600)
      try AtomicFile.removeLeftovers(of: path)
    } catch {
      throw ProgramError(.inputOutput, "\(error)")
    }
  }

  /// Whether there is something under the name, so that it would be overwritten.
  public static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

  /// Refuses to overwrite.
  /// - Throws: `ProgramError`, status 5.
  public static func refuseToOverwrite(_ path: String) throws(ProgramError) {
    guard !exists(path) else {
      throw ProgramError(
        .refused, "\(path): exists already", hint: "choose another name, or move the file away")
    }
  }

  /// Makes a folder, unless it is there.
  /// - Throws: `ProgramError`, status 4.
  public static func makeFolder(_ path: String) throws(ProgramError) {
    guard unsafe mkdir(path, 0o755) == 0 || errno == EEXIST else {
      throw ProgramError(.inputOutput, "\(path): \(unsafe String(cString: strerror(errno)))")
    }
  }
}

extension ProgramError {
  /// An error about a file: missing ones make the work incomplete, all others are input and output.
  public init(_ error: FileError) {
    self.init(error.isMissing ? .incomplete : .inputOutput, "\(error)")
  }

  /// An error about a file below a folder or a URL: a missing one makes the work incomplete, a wrong one
  /// is wrong, one that a server did not give is a matter of input and output.
  public init(_ error: FileError, in folder: String) {
    let path = error.file == folder ? "\(error)" : "\(folder)/\(error)"
    self.init(
      error.isMissing ? .incomplete : error.isUnavailable ? .inputOutput : .wrong, path)
  }
}
