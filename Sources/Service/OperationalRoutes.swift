// SPDX-License-Identifier: Apache-2.0

internal import Hummingbird
internal import ServiceLifecycle
internal import StrictJSON
internal import Synchronization

/// `GET /healthz`, `GET /readyz`, `GET /metrics`.
struct OperationalRoutes: Sendable {
  let readiness: Readiness
  let metrics: MetricsRegistry
  let shutdown: ShutdownFlag

  func add(to router: Router<ServiceContext>) {
    router.get("healthz") { _, _ in
      Response.uncached(.ok, Array("ok\n".utf8), contentType: "text/plain; charset=utf-8")
    }
    router.get("readyz") { [readiness, shutdown] _, _ -> Response in
      let state = shutdown.isSet ? .notReady("the server is stopping") : await readiness.state()
      switch state {
      case .ready:
        return .uncached(.ok, Array("ready\n".utf8), contentType: "text/plain; charset=utf-8")
      case .notReady(let reason): throw Problem.busy(retryAfter: 5, detail: reason)
      }
    }
    router.get("metrics") { [metrics] _, _ in
      Response.uncached(
        .ok, Array(metrics.exposition().utf8),
        contentType: "text/plain; version=0.0.4; charset=utf-8")
    }
  }
}

/// Set when the server begins to stop.
final class ShutdownFlag: Sendable {
  private let flag = Atomic<Bool>(false)

  var isSet: Bool { flag.load(ordering: .acquiring) }

  func set() { flag.store(true, ordering: .releasing) }
}
