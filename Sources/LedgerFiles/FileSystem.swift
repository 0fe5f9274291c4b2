// SPDX-License-Identifier: Apache-2.0

/// The steps of which every write consists, below one directory; paths are relative to it. Tests
/// put a failing one in between.
package protocol FileSystem: Sendable {
  /// The whole of a regular file of at most `limit` bytes.
  func read(_ path: String, limit: Int) throws(FileError) -> [UInt8]
  /// `count` bytes of a regular file from `offset` on.
  func read(_ path: String, at offset: Int, count: Int) throws(FileError) -> [UInt8]
  /// The size of a regular file.
  func size(_ path: String) throws(FileError) -> Int
  /// Names in a directory, sorted, with a slash behind directories.
  func list(_ path: String) throws(FileError) -> [String]
  /// Makes a directory if it is not there. Durable only after ``synchronizeDirectory(_:)`` of its
  /// parent.
  func makeDirectory(_ path: String) throws(FileError)
  /// Writes a new or emptied file and waits until the contents are on the disk.
  func write(_ bytes: [UInt8], to path: String, permissions: UInt32) throws(FileError)
  /// Writes a new or emptied file in pieces and waits until the contents are on the disk.
  func write(
    to path: String, permissions: UInt32,
    _ pieces: ((_ piece: [UInt8]) throws(FileError) -> Void) throws(FileError) -> Void
  ) throws(FileError)
  /// The same for several files: the contents of all are on the disk when this returns. An error means
  /// that those of any may not be.
  func write(_ contents: [FileContents]) throws(FileError)
  /// Gives a file another name in one step, replacing what bears it.
  func rename(_ path: String, to newPath: String) throws(FileError)
  /// Waits until the names in a directory are on the disk.
  func synchronizeDirectory(_ path: String) throws(FileError)
  /// The same for several directories.
  func synchronizeDirectories(_ paths: [String]) throws(FileError)
  /// Removes a file.
  func remove(_ path: String) throws(FileError)
  /// Removes an empty directory.
  func removeDirectory(_ path: String) throws(FileError)
  /// Why files can no longer be had, when they come from a server that failed. Whoever read anything
  /// asks this before it concludes anything from what was missing.
  var unavailable: FileError? { get }
}

/// What a file is to hold; everybody may read it.
package struct FileContents: Sendable {
  package let path: String
  package let bytes: [UInt8]

  package init(path: String, bytes: [UInt8]) {
    self.path = path
    self.bytes = bytes
  }
}

extension FileSystem {
  package var unavailable: FileError? { nil }

  package func write(
    to path: String, permissions: UInt32,
    _ pieces: ((_ piece: [UInt8]) throws(FileError) -> Void) throws(FileError) -> Void
  ) throws(FileError) {
    var bytes: [UInt8] = []
    try pieces { piece throws(FileError) in bytes += piece }
    try write(bytes, to: path, permissions: permissions)
  }

  /// One after the other.
  package func write(_ contents: [FileContents]) throws(FileError) {
    for file in contents { try write(file.bytes, to: file.path, permissions: 0o644) }
  }

  /// One after the other.
  package func synchronizeDirectories(_ paths: [String]) throws(FileError) {
    for path in paths { try synchronizeDirectory(path) }
  }

  /// Either the old or the new contents bear the name, whatever happens in between.
  package func replace(
    _ path: String, with bytes: [UInt8], permissions: UInt32 = 0o644
  ) throws(FileError) {
    try replace(path, permissions: permissions) { write throws(FileError) in try write(bytes) }
  }

  /// The same, in pieces. If `pieces` throws, the old contents stay.
  package func replace(
    _ path: String, permissions: UInt32 = 0o644,
    _ pieces: ((_ piece: [UInt8]) throws(FileError) -> Void) throws(FileError) -> Void
  ) throws(FileError) {
    let temporary = path + ".tmp"
    try write(to: temporary, permissions: permissions, pieces)
    try rename(temporary, to: path)
    try synchronizeDirectory(Self.parent(path))
  }

  /// Makes the directories above `path`, each durable before the next.
  package func makeParents(_ path: String) throws(FileError) {
    var made = ""
    for component in path.split(separator: "/").dropLast() {
      let next = made.isEmpty ? String(component) : "\(made)/\(component)"
      try makeDirectory(next)
      try synchronizeDirectory(made)
      made = next
    }
  }

  package static func parent(_ path: String) -> String {
    path.split(separator: "/").dropLast().joined(separator: "/")
  }
}
