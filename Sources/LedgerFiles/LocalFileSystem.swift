// SPDX-License-Identifier: Apache-2.0

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// The files below one directory of this machine.
///
/// Each component of a path is opened in the one before it and must not be a symbolic link; `.`,
/// `..`, empty components and NUL are refused. So nothing outside the directory is reached.
package struct LocalFileSystem: FileSystem {
  /// The directory as the operator named it; it may itself be a symbolic link.
  package let root: String

  /// The files below `root`.
  package init(root: String) {
    self.root = root
  }

  package func read(_ path: String, limit: Int) throws(FileError) -> [UInt8] {
    let file = try open(path)
    let size = try file.regularFileSize(name: path)
    guard size <= limit else { throw FileError(path, "at most \(limit) bytes") }
    return try file.read(size, at: 0, name: path)
  }

  package func read(_ path: String, at offset: Int, count: Int) throws(FileError) -> [UInt8] {
    let file = try open(path)
    let size = try file.regularFileSize(name: path)
    guard offset >= 0, count >= 0, offset <= size, count <= size - offset else {
      throw FileError(path, "long enough")
    }
    return try file.read(count, at: offset, name: path)
  }

  package func size(_ path: String) throws(FileError) -> Int {
    try open(path).regularFileSize(name: path)
  }

  package func list(_ path: String) throws(FileError) -> [String] {
    let directory = try self.directory(path)
    // The stream takes over the duplicate, and closes it.
    let duplicate = directory.perform { dup($0) }
    guard duplicate >= 0 else { throw FileError(path, "can be listed") }
    guard let stream = unsafe fdopendir(duplicate) else {
      _ = close(duplicate)
      throw FileError(path, "can be listed")
    }
    defer { _ = unsafe closedir(stream) }
    unsafe rewinddir(stream)
    var names: [String] = []
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) {
        unsafe String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name == "." || name == ".." { continue }
      var status = stat()
      let known = directory.perform {
        unsafe fstatat($0, name, &status, AT_SYMLINK_NOFOLLOW) == 0
      }
      let isDirectory = known && status.st_mode & S_IFMT == S_IFDIR
      names.append(isDirectory ? name + "/" : name)
    }
    return names.sorted()
  }

  package func makeDirectory(_ path: String) throws(FileError) {
    let place = try place(path)
    let result = place.directory.perform { unsafe mkdirat($0, place.name, 0o755) }
    guard result == 0 || errno == EEXIST else {
      throw FileError(path, "can be made (\(Descriptor.reason(errno)))")
    }
  }

  package func write(
    _ bytes: [UInt8], to path: String, permissions: UInt32
  ) throws(FileError) {
    try write(to: path, permissions: permissions) { write throws(FileError) in try write(bytes) }
  }

  package func write(
    to path: String, permissions: UInt32,
    _ pieces: ((_ piece: [UInt8]) throws(FileError) -> Void) throws(FileError) -> Void
  ) throws(FileError) {
    try written(to: path, permissions: permissions, pieces).synchronize(name: path)
  }

  /// Writes and does not wait for the disk.
  private func written(
    to path: String, permissions: UInt32,
    _ pieces: ((_ piece: [UInt8]) throws(FileError) -> Void) throws(FileError) -> Void
  ) throws(FileError) -> Descriptor {
    let place = try place(path)
    let file = try place.directory.open(
      place.name, flags: O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_NONBLOCK,
      mode: mode_t(permissions), name: path)
    _ = try file.regularFileSize(name: path)
    try pieces { piece throws(FileError) in try file.write(piece, name: path) }
    return file
  }

  /// Waits for all files at once: the disk then serves them together, which takes little longer than one.
  package func write(_ contents: [FileContents]) throws(FileError) {
    var files: [FileWait] = []
    for file in contents {
      let descriptor = try written(to: file.path, permissions: 0o644) { write throws(FileError) in
        try write(file.bytes)
      }
      files.append(FileWait(descriptor, name: file.path))
    }
    try FileWait.all(files)
  }

  package func synchronizeDirectories(_ paths: [String]) throws(FileError) {
    var directories: [FileWait] = []
    for path in paths { directories.append(FileWait(try directory(path), name: path)) }
    try FileWait.all(directories)
  }

  package func rename(_ path: String, to newPath: String) throws(FileError) {
    let old = try place(path)
    let new = try place(newPath)
    let result = old.directory.perform { from in
      new.directory.perform { to in unsafe renameat(from, old.name, to, new.name) }
    }
    guard result == 0 else {
      throw FileError(newPath, "can be replaced (\(Descriptor.reason(errno)))")
    }
  }

  package func synchronizeDirectory(_ path: String) throws(FileError) {
    try directory(path).synchronize(name: path)
  }

  package func remove(_ path: String) throws(FileError) {
    let place = try place(path)
    let result = place.directory.perform { unsafe unlinkat($0, place.name, 0) }
    guard result == 0 || errno == ENOENT else {
      throw FileError(path, "can be removed (\(Descriptor.reason(errno)))")
    }
  }

  package func removeDirectory(_ path: String) throws(FileError) {
    let place = try place(path)
    let result = place.directory.perform { unsafe unlinkat($0, place.name, AT_REMOVEDIR) }
    guard result == 0 || errno == ENOENT else {
      throw FileError(path, "can be removed (\(Descriptor.reason(errno)))")
    }
  }

  /// Opens or makes a file to lock on.
  func lockFile(_ path: String) throws(FileError) -> Descriptor {
    let place = try place(path)
    do {
      return try place.directory.open(
        place.name, flags: O_RDWR | O_CREAT | O_NOFOLLOW, mode: 0o644, name: path)
    } catch {
      // A disk that cannot be written says nothing against the record.
      throw error.isMissing ? error : .unavailable(error.file, error.rule)
    }
  }

  private func open(_ path: String) throws(FileError) -> Descriptor {
    let place = try place(path)
    // O_NONBLOCK: a pipe in place of the file is refused, not waited for.
    return try place.directory.open(
      place.name, flags: O_RDONLY | O_NOFOLLOW | O_NONBLOCK, name: path)
  }

  private struct Place: ~Copyable {
    let directory: Descriptor
    let name: String
  }

  private func place(_ path: String) throws(FileError) -> Place {
    guard let name = path.split(separator: "/").last.map(String.init), Self.isName(name) else {
      throw FileError(path, "a relative path without `..`")
    }
    return Place(directory: try directory(Self.parent(path)), name: name)
  }

  private func directory(_ path: String) throws(FileError) -> Descriptor {
    var directory = try Descriptor.open(root, flags: O_RDONLY | O_DIRECTORY, name: root)
    for component in path.split(separator: "/") {
      guard Self.isName(String(component)) else {
        throw FileError(path, "a relative path without `..`")
      }
      let next = try directory.open(
        String(component), flags: O_RDONLY | O_DIRECTORY | O_NOFOLLOW, name: path)
      directory = next
    }
    return directory
  }

  private static func isName(_ name: String) -> Bool {
    !name.isEmpty && name != "." && name != ".." && !name.utf8.contains(0)
      && !name.utf8.contains(UInt8(ascii: "/"))
  }
}
