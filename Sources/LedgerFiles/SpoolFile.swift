// SPDX-License-Identifier: Apache-2.0

import Cryptography

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// A file without a name, for what is too large to be held in memory. It goes with its last use.
package final class SpoolFile: Sendable {
  private let file: Descriptor

  /// A new file in the folder for temporary files (`TMPDIR`, or `/tmp`), readable by its owner only.
  package init() throws(FileError) {
    var folder = "/tmp"
    if let named = unsafe getenv("TMPDIR"), unsafe named.pointee != 0 {
      folder = unsafe String(cString: named)
    }
    let name: String
    do { name = ".urna-\(Hex.encode(try SecureRandom.bytes(16)))" } catch {
      throw FileError(folder, "a random name for a temporary file")
    }
    let directory = try Descriptor.open(folder, flags: O_RDONLY | O_DIRECTORY, name: folder)
    file = try directory.open(
      name, flags: O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o600, name: folder)
    _ = directory.perform { unsafe unlinkat($0, name, 0) }
  }

  /// Writes behind what is there.
  package func append(_ bytes: some Collection<UInt8>) throws(FileError) {
    try file.write([UInt8](bytes), name: "temporary file")
  }

  /// Exactly `count` bytes from `offset` on.
  package func read(_ count: Int, at offset: Int) throws(FileError) -> [UInt8] {
    try file.read(count, at: offset, name: "temporary file")
  }
}
