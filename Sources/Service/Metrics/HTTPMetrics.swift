// SPDX-License-Identifier: Apache-2.0

internal import CoreMetrics
internal import Hummingbird
internal import Metrics
internal import Synchronization

/// Counts requests by route and status: `http_requests_total{handler,code}` and
/// `http_request_duration_seconds{handler}`. `handler` is the route's pattern; a request without a
/// route is `none`.
struct HTTPMetrics: RouterMiddleware {
  typealias Context = ServiceContext

  let registry: MetricsRegistry

  init(registry: MetricsRegistry) {
    self.registry = registry
    registry.describe("http_requests_total", "Answered requests by route pattern and status.")
    registry.describe("http_request_duration_seconds", "Time to an answer, by route pattern.")
  }

  func handle(
    _ request: Request, context: ServiceContext,
    next: (Request, ServiceContext) async throws -> Response
  ) async throws -> Response {
    let start = ContinuousClock.now
    do {
      let response = try await next(request, context)
      record(context, code: response.status.code, since: start)
      return response
    } catch {
      record(context, code: 400, since: start)
      throw error
    }
  }

  private func record(_ context: ServiceContext, code: Int, since: ContinuousClock.Instant) {
    // Hummingbird calls a request without a route "NotFound".
    let path = context.endpointPath ?? "none"
    let handler = path.hasPrefix("/") ? path : "none"
    Counter(
      label: "http_requests_total", dimensions: [("handler", handler), ("code", "\(code)")],
      factory: registry
    ).increment()
    let elapsed = (ContinuousClock.now - since).components
    Timer(
      label: "http_request_duration_seconds", dimensions: [("handler", handler)],
      factory: registry
    ).recordNanoseconds(elapsed.seconds * 1_000_000_000 + elapsed.attoseconds / 1_000_000_000)
  }
}
