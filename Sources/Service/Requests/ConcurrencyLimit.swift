// SPDX-License-Identifier: Apache-2.0

internal import HTTPTypes
public import Hummingbird
internal import NIOCore
internal import Synchronization

/// How many requests a group of routes works on at once. Beyond it the answer is 503, at once: nothing
/// queues.
///
/// A route that waits (long polling) belongs into a group with a limit of its own, below the server's,
/// so that those who wait cannot keep out those who submit.
public final class ConcurrencyLimit: Sendable {
  private let maximum: Int
  private let running = Atomic<Int>(0)

  /// A limit of `maximum` requests.
  public init(_ maximum: Int) { self.maximum = max(1, maximum) }

  /// Requests that are worked on now.
  public var count: Int { running.load(ordering: .relaxed) }

  /// Takes a place; nil if there is none.
  func enter() -> Place? {
    let (_, now) = running.add(1, ordering: .acquiringAndReleasing)
    guard now <= maximum else {
      leave()
      return nil
    }
    return Place(limit: self)
  }

  private func leave() { running.subtract(1, ordering: .acquiringAndReleasing) }

  /// A place among the requests that are worked on, given back with its last use: an answer that is
  /// never written takes its place with it.
  final class Place: Sendable {
    private let limit: ConcurrencyLimit

    init(limit: ConcurrencyLimit) { self.limit = limit }

    deinit { limit.leave() }
  }

  /// The limit as middleware.
  public func middleware() -> some RouterMiddleware<ServiceContext> {
    ConcurrencyMiddleware(limit: self, onFull: {})
  }
}

/// Answers 503 when all places are taken.
struct ConcurrencyMiddleware: RouterMiddleware {
  typealias Context = ServiceContext

  let limit: ConcurrencyLimit
  let onFull: @Sendable () -> Void

  func handle(
    _ request: Request, context: ServiceContext,
    next: (Request, ServiceContext) async throws -> Response
  ) async throws -> Response {
    guard let place = limit.enter() else {
      onFull()
      throw Problem.busy(retryAfter: 2, detail: "Too many requests at once.")
    }
    var response = try await next(request, context)
    response.body = Self.holding(place, response.body)
    return response
  }

  /// A large answer, or one that comes out of a file, keeps its place until it is taken: otherwise those
  /// who ask for large ones and do not read them would be bounded by nothing.
  private static func holding(
    _ place: ConcurrencyLimit.Place, _ body: ResponseBody
  ) -> ResponseBody {
    if let length = body.contentLength, length <= ConnectionState.pieceBytes { return body }
    return ResponseBody(contentLength: body.contentLength) { writer in
      try await body.write(PieceWriter(base: writer))
      withExtendedLifetime(place) {}
    }
  }
}

/// Writes large buffers piece by piece: back-pressure comes between writes, and one that is written at
/// once would be out of the route's hands before anybody has taken a byte.
private struct PieceWriter: ResponseBodyWriter {
  var base: any ResponseBodyWriter

  mutating func write(_ buffer: ByteBuffer) async throws {
    var rest = buffer
    while rest.readableBytes > ConnectionState.pieceBytes,
      let piece = rest.readSlice(length: ConnectionState.pieceBytes)
    {
      try await base.write(piece)
    }
    try await base.write(rest)
  }

  consuming func finish(_ trailingHeaders: HTTPFields?) async throws {
    try await base.finish(trailingHeaders)
  }
}
