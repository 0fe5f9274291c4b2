// SPDX-License-Identifier: Apache-2.0

import Cryptography

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Writes a file so that its name bears either the old or the new contents, whatever happens.
public enum AtomicFile {
  /// Writes `bytes` beside `path`, waits for the disk, gives it the name, waits again.
  ///
  /// - Parameter permissions: `0o600` for a secret, `0o644` for what everybody may read.
  /// - Throws: ``FileError``. The old file is then still in place, or already the new one.
  public static func write(
    _ bytes: [UInt8], to path: String, permissions: UInt32 = 0o644
  ) throws(FileError) {
    let (folder, name) = split(path)
    guard !name.isEmpty, !path.utf8.contains(0) else { throw FileError(path, "a file's path") }
    let suffix: String
    do {
      suffix = Hex.encode(try SecureRandom.bytes(8))
    } catch {
      throw FileError(path, "a random name for the temporary file")
    }
    let directory = try Descriptor.open(folder, flags: O_RDONLY | O_DIRECTORY, name: folder)
    let temporary = ".\(name).\(suffix).tmp"
    do throws(FileError) {
      let file = try directory.open(
        temporary, flags: O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW,
        mode: mode_t(permissions), name: path)
      // Says that somebody is at work here; see ``removeLeftovers(of:)``.
      _ = file.lock()
      try file.write(bytes, name: path)
      try file.synchronize(name: path)
      let result = directory.perform { unsafe renameat($0, temporary, $0, name) }
      guard result == 0 else {
        throw FileError(path, "can be replaced (\(Descriptor.reason(errno)))")
      }
    } catch {
      _ = directory.perform { unsafe unlinkat($0, temporary, 0) }
      throw error
    }
    try directory.synchronize(name: folder)
  }

  /// Removes what writers of `path` left beside it that were killed before the file had its name. What another
  /// writer is at work on is locked, and stays; so does what is not this user's.
  ///
  /// - Throws: ``FileError`` for a folder that cannot be read, or a file that cannot be removed.
  public static func removeLeftovers(of path: String) throws(FileError) {
    let (folder, name) = split(path)
    let directory = try Descriptor.open(folder, flags: O_RDONLY | O_DIRECTORY, name: folder)
    let (front, back) = (".\(name).", ".tmp")
    for leftover in try LocalFileSystem(root: folder).list("")
    where leftover.utf8.count == front.utf8.count + 16 + back.utf8.count
      && leftover.hasPrefix(front) && leftover.hasSuffix(back)
    {
      var status = stat()
      guard directory.perform({ unsafe fstatat($0, leftover, &status, AT_SYMLINK_NOFOLLOW) }) == 0,
        status.st_uid == geteuid()
      else { continue }
      do throws(FileError) {
        let file = try directory.open(
          leftover, flags: O_RDONLY | O_NOFOLLOW | O_NONBLOCK, name: "\(folder)/\(leftover)")
        guard file.lock() else { continue }
      } catch {
        // Its writer has just given it its name.
        if error.isMissing { continue }
        throw error
      }
      guard directory.perform({ unsafe unlinkat($0, leftover, 0) }) == 0 || errno == ENOENT else {
        throw FileError("\(folder)/\(leftover)", "can be removed (\(Descriptor.reason(errno)))")
      }
    }
  }

  private static func split(_ path: String) -> (folder: String, name: String) {
    guard let slash = path.lastIndex(of: "/") else { return (".", path) }
    let folder = path[..<slash]
    return (folder.isEmpty ? "/" : String(folder), String(path[path.index(after: slash)...]))
  }
}

/// Reads a file whose size is checked first.
public enum BoundedFile {
  /// The bytes of a regular file. Symbolic links in a path that the operator gave are followed.
  ///
  /// - Throws: ``FileError`` for a missing file, another kind of file, or more than `limit` bytes.
  public static func read(_ path: String, limit: Int) throws(FileError) -> [UInt8] {
    guard !path.isEmpty, !path.utf8.contains(0) else { throw FileError(path, "a file's path") }
    let file = try Descriptor.open(path, flags: O_RDONLY | O_NONBLOCK, name: path)
    let size = try file.regularFileSize(name: path)
    guard size <= limit else { throw FileError(path, "at most \(limit) bytes") }
    return try file.read(size, at: 0, name: path)
  }
}
