// SPDX-License-Identifier: Apache-2.0

/// The files of a machine as its programs see them, and what of that a loss of power may take back.
///
/// * A file's contents are on the disk when its write ends; a write that is cut off leaves a part.
/// * A name that was made, replaced or removed is on the disk when its directory was synchronized
///   after that. Until then, each name for itself may come back as it was at any moment since.
///
/// The end of a process takes nothing back. It is a value: a copy is a backup.
package struct DiskImage: Sendable {
  struct Node: Hashable, Sendable {
    var bytes: [UInt8]
    /// Whether the contents are on the disk.
    var isSynchronized = true
  }

  /// Files by path, as programs see them.
  private(set) var files: [String: Node] = [:]
  /// Directories; the top is always there.
  private(set) var directories: Set<String> = []
  /// For names whose directory was not synchronized since: what they stood for, oldest first.
  private var earlier: [String: [Node?]] = [:]
  private var newDirectories: Set<String> = []

  /// An empty disk.
  package init() {}

  static func parent(_ path: String) -> String {
    path.split(separator: "/").dropLast().joined(separator: "/")
  }

  /// The bytes of a file; nil if there is none.
  package func bytes(_ path: String) -> [UInt8]? { files[path]?.bytes }

  /// Every file's path.
  package var paths: [String] { files.keys.sorted() }

  func isDirectory(_ path: String) -> Bool { path.isEmpty || directories.contains(path) }

  func names(in directory: String) -> [String] {
    let prefix = directory.isEmpty ? "" : directory + "/"
    func name(_ path: String) -> String? {
      guard path.hasPrefix(prefix) else { return nil }
      let rest = path.dropFirst(prefix.count)
      return rest.isEmpty || rest.contains("/") ? nil : String(rest)
    }
    return (files.keys.compactMap(name) + directories.compactMap(name).map { $0 + "/" }).sorted()
  }

  mutating func set(_ path: String, _ node: Node?) {
    earlier[path, default: []].append(files[path])
    files[path] = node
  }

  mutating func makeDirectory(_ path: String) {
    if directories.insert(path).inserted { newDirectories.insert(path) }
  }

  mutating func removeDirectory(_ path: String) { directories.remove(path) }

  mutating func rename(_ path: String, to newPath: String) {
    let node = files[path]
    set(path, nil)
    set(newPath, node)
  }

  mutating func synchronize(_ directory: String) {
    for path in earlier.keys where Self.parent(path) == directory { earlier[path] = nil }
    for path in newDirectories where Self.parent(path) == directory { newDirectories.remove(path) }
  }

  /// Takes back what was not synchronized, as chance wills.
  package mutating func losePower(_ generator: inout some RandomNumberGenerator) {
    for (path, states) in earlier.sorted(by: { $0.key < $1.key }) {
      files[path] = (states + [files[path]]).randomElement(using: &generator) ?? nil
    }
    for (path, node) in files.sorted(by: { $0.key < $1.key }) where !node.isSynchronized {
      let kept = Int.random(in: 0...node.bytes.count, using: &generator)
      // The length may have reached the disk without the contents.
      let zeros = Bool.random(using: &generator) ? node.bytes.count - kept : 0
      files[path] = Node(bytes: node.bytes.prefix(kept) + [UInt8](repeating: 0, count: zeros))
    }
    for directory in newDirectories.sorted() where Bool.random(using: &generator) {
      directories = directories.filter { $0 != directory && !$0.hasPrefix(directory + "/") }
      files = files.filter { !$0.key.hasPrefix(directory + "/") }
    }
    earlier = [:]
    newDirectories = []
  }

  /// The same disk after everything was synchronized.
  package var settled: DiskImage {
    var disk = self
    disk.earlier = [:]
    disk.newDirectories = []
    disk.files = files.mapValues { Node(bytes: $0.bytes) }
    return disk
  }
}
