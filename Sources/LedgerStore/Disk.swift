// SPDX-License-Identifier: Apache-2.0

import Ledger

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Questions to the file system that SQLite does not answer.
enum Disk {
  static func isRegularFile(_ path: String) -> Bool {
    var status = stat()
    return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
  }

  /// Whether there is anything under the name.
  static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

  /// Makes an empty file that only its owner may read, unless there is a file already. Where it cannot be made,
  /// SQLite will say so.
  static func makePrivate(_ path: String) {
    let number = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    if number >= 0 { _ = close(number) }
  }

  /// Waits until the names in the directory of `path` are on the disk.
  static func synchronizeDirectory(of path: String) throws(StoreError) {
    var directory = path.split(separator: "/").dropLast().joined(separator: "/")
    if path.hasPrefix("/") { directory = "/" + directory }
    let number = unsafe open(
      directory.isEmpty ? "." : directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard number >= 0 else { throw .failed("the directory cannot be opened") }
    defer { _ = close(number) }
    guard fsync(number) == 0 else { throw .failed("the directory does not reach the disk") }
  }
}
