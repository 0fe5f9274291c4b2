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
  /// Gives a file another name in one step, replacing what bears it.
  func rename(_ path: String, to newPath: String) throws(FileError)
  /// Waits until the names in a directory are on the disk.
  func synchronizeDirectory(_ path: String) throws(FileError)
  /// Removes a file.
  func remove(_ path: String) throws(FileError)
  /// Removes an empty directory.
  func removeDirectory(_ path: String) throws(FileError)
}

extension FileSystem {
  /// Either the old or the new contents bear the name, whatever happens in between.
  package func replace(
    _ path: String, with bytes: [UInt8], permissions: UInt32 = 0o644
  ) throws(FileError) {
    let temporary = path + ".tmp"
    try write(bytes, to: temporary, permissions: permissions)
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
