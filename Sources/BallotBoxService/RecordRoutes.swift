// SPDX-License-Identifier: Apache-2.0

public import Hummingbird
internal import HTTPTypes
internal import Ledger
internal import LedgerFiles
internal import NIOCore
internal import NIOPosix
public import Sequencing
public import Service

/// The record as static files (c2sp.org/tlog-tiles): `GET /checkpoint`, `/log.vkey`, `/tile/…`.
///
/// Only what the published checkpoint covers is served; all else is 404, and so is a partial tile that
/// the full one has replaced.
public struct RecordRoutes: Sendable {
  private let folder: String
  private let logKey: String
  private let head: PublishedHead
  private static let chunkByteCount = 128 << 10

  /// Routes over a record's folder.
  public init(folder: String, logKey: String, head: PublishedHead) {
    self.folder = folder
    self.logKey = logKey
    self.head = head
  }

  /// Adds the routes.
  public func add(to router: Router<ServiceContext>) {
    router.get("checkpoint") { _, _ in
      // Nobody is shown an old one for longer than a batch takes.
      Response.shortLived(head.note, seconds: 1)
    }
    router.get("log.vkey") { _, _ in
      Response.shortLived(Array((logKey + "\n").utf8), seconds: 60)
    }
    router.get("tile/**") { request, _ in try await tile(request.uri.path) }
  }

  /// A tile has one path and no other spelling of it, so that caches keep it once.
  private func tile(_ path: String) async throws -> Response {
    guard let tile = TilePath(String(path.dropFirst())),
      let required = TilePath.required(
        tile.kind, index: tile.index, size: head.checkpoint.size),
      tile.width <= required.width
    else { throw Problem(.notFound) }
    let name = "\(folder)/\(tile.path)"
    // Opened before its length is told: a partial tile may go at any time, and who was promised it gets it.
    let file: OpenFile
    do { file = try await Self.blocking { try OpenFile(name) } } catch let error as FileError
      where error.isMissing
    { throw Problem(.notFound) }
    var response = Response.immutable([])
    response.body = ResponseBody(contentLength: file.byteCount) { writer in
      var offset = 0
      while offset < file.byteCount {
        let (start, count) = (offset, min(Self.chunkByteCount, file.byteCount - offset))
        let part = try await Self.blocking { try file.read(count, at: start) }
        try await writer.write(ByteBuffer(bytes: part))
        offset += count
      }
      try await writer.finish(nil)
    }
    return response
  }

  /// Runs what waits for the disk on threads that are there for it.
  private static func blocking<Value: Sendable>(
    _ body: @escaping @Sendable () throws -> Value
  ) async throws -> Value { try await NIOThreadPool.singleton.runIfActive(body) }
}
