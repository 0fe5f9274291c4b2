// SPDX-License-Identifier: Apache-2.0

public import Ledger

/// The tiles of a record on disk, whatever checkpoint is published: for whoever makes proofs while the
/// record grows.
public struct RecordTiles: TileSource, Sendable {
  private let files: any FileSystem

  /// The tiles below a record's folder.
  public init(path: String) { files = LocalFileSystem(root: path) }

  package init(files: any FileSystem) { self.files = files }

  /// A tile of hashes. Where a partial one is gone, the full one.
  public func tile(level: Int, index: UInt64, width: Int) throws(LedgerError) -> [UInt8] {
    guard let path = TilePath(.hashes(level: level), index: index, width: width) else {
      throw LedgerError("tile/\(level)/\(index)", "level 0 to 63, width 1 to 256")
    }
    do throws(FileError) {
      let (found, bytes) = try Self.read(path, limit: TilePath.fullWidth * 32, files)
      guard bytes.count == found.width * 32 else {
        throw FileError(found.path, "\(found.width) hashes of 32 bytes")
      }
      return bytes
    } catch {
      throw LedgerError(error.file, error.rule)
    }
  }

  /// Reads a resource, or the full one where a partial one is gone.
  static func read(
    _ path: TilePath, limit: Int, _ files: any FileSystem
  ) throws(FileError) -> (TilePath, [UInt8]) {
    do {
      return (path, try files.read(path.path, limit: limit))
    } catch  where error.isMissing && path.isPartial {
      return (path.full, try files.read(path.full.path, limit: limit))
    } catch {
      throw error
    }
  }
}
