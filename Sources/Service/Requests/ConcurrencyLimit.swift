// SPDX-License-Identifier: Apache-2.0

public import Hummingbird
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

  /// Takes a place; false if there is none.
  func enter() -> Bool {
    let (_, now) = running.add(1, ordering: .acquiringAndReleasing)
    if now <= maximum { return true }
    leave()
    return false
  }

  /// Gives a place back.
  func leave() { running.subtract(1, ordering: .acquiringAndReleasing) }

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
    guard limit.enter() else {
      onFull()
      throw Problem.busy(retryAfter: 2, detail: "Too many requests at once.")
    }
    defer { limit.leave() }
    return try await next(request, context)
  }
}
