// SPDX-License-Identifier: Apache-2.0

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// A regular file that is open for reading: it can be read to its end even if its name goes meanwhile. It is closed
/// with its last use.
public final class OpenFile: Sendable {
  private let descriptor: Descriptor
  private let name: String
  /// How long it was when it was opened.
  public let byteCount: Int

  /// Opens a file.
  /// - Throws: ``FileError``; see ``FileError/isMissing``.
  public init(_ path: String) throws(FileError) {
    descriptor = try Descriptor.open(path, flags: O_RDONLY | O_NOFOLLOW, name: path)
    byteCount = try descriptor.regularFileSize(name: path)
    name = path
  }

  /// Exactly `count` bytes from `offset` on. Blocks.
  /// - Throws: ``FileError`` for a file that has become shorter, or cannot be read.
  public func read(_ count: Int, at offset: Int) throws(FileError) -> [UInt8] {
    try descriptor.read(count, at: offset, name: name)
  }
}
