// SPDX-License-Identifier: Apache-2.0

import Ledger

/// The payloads of one bundle, one after the other, so that a bundle of gigabytes needs the memory
/// of one payload.
public struct PayloadReader: Sendable {
  /// Number of payloads in the file; a full file may stand in for a partial one.
  public let width: Int
  private let files: any FileSystem
  private let path: TilePath
  private let size: Int
  private var offset = 0

  init(files: any FileSystem, path: TilePath) throws(FileError) {
    self.files = files
    self.path = path
    width = path.width
    size = try files.size(path.path)
    guard size <= path.width * (4 + PayloadBundle.maximumPayloadByteCount) else {
      throw FileError(path.path, "at most \(path.width) payloads of 16 MiB")
    }
  }

  /// The next payload.
  ///
  /// - Throws: ``FileError`` at the end, or for a length above 16 MiB or beyond the end.
  public mutating func next() throws(FileError) -> [UInt8] {
    let length = try nextLength()
    let payload = try files.read(path.path, at: offset + 4, count: length)
    offset += 4 + length
    return payload
  }

  /// Passes over the next payload without reading it.
  ///
  /// - Throws: as ``next()``.
  public mutating func skip() throws(FileError) {
    offset += 4 + (try nextLength())
  }

  /// - Throws: ``FileError`` if bytes are left over.
  public func finish() throws(FileError) {
    guard offset == size else {
      throw FileError(path.path, "nothing behind the last payload")
    }
  }

  private func nextLength() throws(FileError) -> Int {
    guard size - offset >= 4 else { throw FileError(path.path, "\(path.width) payloads") }
    let length = try files.read(path.path, at: offset, count: 4).reduce(0) { $0 << 8 | Int($1) }
    guard length <= PayloadBundle.maximumPayloadByteCount, length <= size - offset - 4 else {
      throw FileError(path.path, "a payload of at most 16 MiB, inside the file")
    }
    return length
  }
}
