// SPDX-License-Identifier: Apache-2.0

package import LedgerFiles
import Ledger
import Synchronization

/// The files of a record behind a URL, so that whatever reads a folder reads a server.
///
/// Reading waits on the caller's thread; nothing that it waits for needs a thread of the cooperative pool.
/// Tiles and bundles are kept, as they never change: hashes and leaves in memory, payloads, which may be
/// large, in files without names. Both are bounded, and what was not used longest goes first. The checkpoint
/// and the key are got every time.
///
/// A server cannot be asked for the names of its files; ``list(_:)`` is empty. It serves nothing else than
/// what it is asked for, so there is nothing beside the record.
///
/// The first failure of the server stays: nothing that is read afterwards could be told from something that is
/// missing.
package final class RemoteFiles: FileSystem {
  /// How much is kept.
  package struct Limits: Sendable {
    /// Bytes in memory.
    package var memory = 64 << 20
    /// Bytes in temporary files, beside the newest.
    package var files = 1 << 30
    /// How long one bundle of payloads may take.
    package var bundleTime: Duration = .seconds(900)

    package init() {}
  }

  private let client: WebClient
  private let limits: Limits
  private let cache: ResourceCache
  private let failure = Mutex<FileError?>(nil)

  /// The files below the client's address.
  package init(_ client: WebClient, limits: Limits = Limits()) {
    self.client = client
    self.limits = limits
    cache = ResourceCache(memory: limits.memory, files: limits.files)
  }

  package var unavailable: FileError? { failure.withLock { $0 } }

  /// How much is kept now, for tests.
  package var keptByteCount: (memory: Int, files: Int) { cache.size }

  package func read(_ path: String, limit: Int) throws(FileError) -> [UInt8] {
    let resource = try resource(path, limit: limit)
    guard resource.size <= limit else { throw FileError(path, "at most \(limit) bytes") }
    return try resource.read(resource.size, at: 0)
  }

  package func read(_ path: String, at offset: Int, count: Int) throws(FileError) -> [UInt8] {
    let resource = try resource(path, limit: nil)
    guard offset >= 0, count >= 0, offset <= resource.size, count <= resource.size - offset else {
      throw FileError(path, "long enough")
    }
    return try resource.read(count, at: offset)
  }

  package func size(_ path: String) throws(FileError) -> Int {
    try resource(path, limit: nil).size
  }

  package func list(_ path: String) throws(FileError) -> [String] { [] }

  /// A resource from the cache, or the server.
  private func resource(_ path: String, limit: Int?) throws(FileError) -> Resource {
    if let unavailable { throw unavailable }
    guard let tile = TilePath(path) else {
      return .memory(try bytes(path, limit: limit ?? SignedNote.maximumByteCount))
    }
    return try cache.resource(path) { () throws(FileError) in
      switch tile.kind {
      case .hashes:
        .memory(try self.bytes(path, limit: TilePath.fullWidth * 32))
      case .entries:
        .memory(
          try self.bytes(
            path, limit: TilePath.fullWidth * (2 + EntryBundle.maximumEntryByteCount)))
      case .payloads: try self.payloads(path, width: tile.width)
      }
    }
  }

  private func bytes(_ path: String, limit: Int) throws(FileError) -> [UInt8] {
    do throws(WebError) {
      let response = try client.waitFor(path, limit: limit)
      guard response.status == 200 else { throw .status(path, response.status) }
      return response.body
    } catch { throw failed(error) }
  }

  private func payloads(_ path: String, width: Int) throws(FileError) -> Resource {
    var file: SpoolFile?
    var size = 0
    var trouble: FileError?
    var times = client.times
    times.total = limits.bundleTime
    do throws(WebError) {
      let response = try client.waitForPieces(
        path, limit: width * (4 + PayloadBundle.maximumPayloadByteCount), times: times
      ) { piece throws(WebError) in
        do throws(FileError) {
          if file == nil { file = try SpoolFile() }
          try file?.append(piece)
          size += piece.count
        } catch {
          trouble = error
          throw .cancelled(path)
        }
      }
      guard response.status == 200 else { throw .status(path, response.status) }
    } catch {
      if let trouble { throw fail(.unavailable(path, trouble.description)) }
      throw failed(error)
    }
    guard let file else { return .memory([]) }
    return .file(file, size: size)
  }

  private func failed(_ error: WebError) -> FileError {
    switch error {
    case .status(let path, 404), .status(let path, 410): .missing(path)
    // What the server has is not what a record has: that decides.
    case .tooLarge(let path, let limit): FileError(path, "at most \(limit) bytes")
    default: fail(.unavailable(error.path, error.rule))
    }
  }

  private func fail(_ error: FileError) -> FileError {
    failure.withLock { $0 = $0 ?? error }
    return error
  }

  // MARK: A record behind a URL is only read

  private func refusal(_ path: String) -> FileError {
    FileError(path, "a record behind a URL is only read")
  }

  package func makeDirectory(_ path: String) throws(FileError) { throw refusal(path) }

  package func write(
    _ bytes: [UInt8], to path: String, permissions: UInt32
  ) throws(FileError) { throw refusal(path) }

  package func rename(_ path: String, to newPath: String) throws(FileError) {
    throw refusal(path)
  }

  package func synchronizeDirectory(_ path: String) throws(FileError) { throw refusal(path) }

  package func remove(_ path: String) throws(FileError) { throw refusal(path) }

  package func removeDirectory(_ path: String) throws(FileError) { throw refusal(path) }
}
