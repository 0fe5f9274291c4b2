// SPDX-License-Identifier: Apache-2.0

internal import LedgerFiles
internal import Synchronization

/// The files of a folder, with a count of the waits for the disk.
struct CountingFiles: FileSystem {
  final class Counter: Sendable {
    private let number = Mutex(0)
    var value: Int { number.withLock { $0 } }
    func add(_ count: Int = 1) { number.withLock { $0 += count } }
  }

  let base: LocalFileSystem
  let waits: Counter

  func read(_ path: String, limit: Int) throws(FileError) -> [UInt8] {
    try base.read(path, limit: limit)
  }

  func read(_ path: String, at offset: Int, count: Int) throws(FileError) -> [UInt8] {
    try base.read(path, at: offset, count: count)
  }

  func size(_ path: String) throws(FileError) -> Int { try base.size(path) }

  func list(_ path: String) throws(FileError) -> [String] { try base.list(path) }

  func makeDirectory(_ path: String) throws(FileError) { try base.makeDirectory(path) }

  func write(_ bytes: [UInt8], to path: String, permissions: UInt32) throws(FileError) {
    waits.add()
    try base.write(bytes, to: path, permissions: permissions)
  }

  func write(_ contents: [FileContents]) throws(FileError) {
    waits.add(contents.count)
    try base.write(contents)
  }

  func rename(_ path: String, to newPath: String) throws(FileError) {
    try base.rename(path, to: newPath)
  }

  func synchronizeDirectory(_ path: String) throws(FileError) {
    waits.add()
    try base.synchronizeDirectory(path)
  }

  func synchronizeDirectories(_ paths: [String]) throws(FileError) {
    waits.add(paths.count)
    try base.synchronizeDirectories(paths)
  }

  func remove(_ path: String) throws(FileError) { try base.remove(path) }

  func removeDirectory(_ path: String) throws(FileError) { try base.removeDirectory(path) }
}
