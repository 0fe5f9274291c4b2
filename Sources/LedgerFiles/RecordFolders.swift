// SPDX-License-Identifier: Apache-2.0

/// Files on their way into a record's folders. They are written together, so that the disk is waited for
/// once for all of their contents and once for all of their names, and not for one file after the other.
///
/// Nothing that was put is there before ``write(_:)``, and everything is durable after it; whoever writes a
/// checkpoint over it calls that first. A folder whose name is on the disk is remembered, so that its
/// parent is not waited for again: only the process that holds the record's lock makes and removes
/// folders. After an error the value is thrown away with its writer.
struct RecordFolders: Sendable {
  private var pending: [FileContents] = []
  /// Folders whose own names are on the disk.
  private var durable: Set<String> = []

  /// Takes a file.
  mutating func put(_ path: String, _ bytes: [UInt8]) {
    pending.append(FileContents(path: path, bytes: bytes))
  }

  /// Writes all files beside their names, waits until the contents are on the disk, renames them, and waits
  /// until the names are.
  mutating func write(_ files: any FileSystem) throws(FileError) {
    var made: Set<String> = []
    var changed: Set<String> = []
    for file in pending {
      let folder = Self.parent(file.path)
      try make(folder, files, &made, &changed)
      changed.insert(folder)
    }
    try files.write(pending.map { FileContents(path: $0.path + ".tmp", bytes: $0.bytes) })
    for file in pending { try files.rename(file.path + ".tmp", to: file.path) }
    try files.synchronizeDirectories(changed.sorted())
    durable.formUnion(made)
    pending = []
  }

  /// Makes a folder and those above it. One that is there already may have been made by a process that
  /// did not come to wait for the disk.
  private func make(
    _ folder: String, _ files: any FileSystem, _ made: inout Set<String>,
    _ changed: inout Set<String>
  ) throws(FileError) {
    guard !folder.isEmpty, !durable.contains(folder), !made.contains(folder) else { return }
    let parent = Self.parent(folder)
    try make(parent, files, &made, &changed)
    try files.makeDirectory(folder)
    made.insert(folder)
    changed.insert(parent)
  }

  /// The folder is removed, or may be.
  mutating func forget(_ folder: String) { durable.remove(folder) }

  private static func parent(_ path: String) -> String {
    path.split(separator: "/").dropLast().joined(separator: "/")
  }
}
