// SPDX-License-Identifier: Apache-2.0

public import Hummingbird
internal import HTTPTypes
internal import Ledger
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
  private let files: FileIO

  /// Routes over a record's folder.
  public init(folder: String, logKey: String, head: PublishedHead) {
    self.folder = folder
    self.logKey = logKey
    self.head = head
    files = FileIO(threadPool: .singleton)
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
    router.get("tile/**") { request, context in
      try await tile(request.uri.path, context)
    }
  }

  /// A tile has one path and no other spelling of it, so that caches keep it once.
  private func tile(_ path: String, _ context: ServiceContext) async throws -> Response {
    guard let tile = TilePath(String(path.dropFirst())),
      let required = TilePath.required(
        tile.kind, index: tile.index, size: head.checkpoint.size),
      tile.width <= required.width
    else { throw Problem(.notFound) }
    do {
      let body = try await files.loadFile(path: "\(folder)/\(tile.path)", context: context)
      var response = Response.immutable([])
      response.body = body
      return response
    } catch let error as HTTPError where error.status == .notFound { throw Problem(.notFound) }
  }
}
