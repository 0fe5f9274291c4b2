// SPDX-License-Identifier: Apache-2.0

public import Issuance
public import Logging
public import Service
public import ServiceLifecycle
public import UnixSignals

/// An issuer as a server.
public struct IssuerServer: Sendable {
  private let runner: ServiceRunner

  /// A server.
  ///
  /// - Parameters:
  ///   - door: for citizens whose entry has an identifier.
  ///   - services: run beside the server, and end after it.
  ///   - onListening: called once with the port.
  public init(
    desk: IssuerDesk, follower: LedgerFollower, door: CitizenDoor?,
    configuration: ServiceConfiguration, metrics: MetricsRegistry, logger: Logger,
    services: [any Service] = [],
    onListening: @escaping @Sendable (Int) async -> Void = { _ in }
  ) {
    let routes = IssuerRoutes(
      desk: desk, ledger: follower, limits: configuration.limits, attempts: AttemptLimit(),
      metrics: IssuerMetrics(registry: metrics),
      asking: ConcurrencyLimit(configuration.limits.requests * 3 / 4), door: door)
    runner = ServiceRunner(
      configuration: configuration, logger: logger, metrics: metrics,
      readiness: Readiness {
        follower.problem.map { .notReady("the record is not followed: \($0)") } ?? .ready
      }, before: [follower] + services, onListening: onListening, routes: { routes.add(to: $0) })
  }

  /// Serves until a signal comes.
  ///
  /// - Throws: `ServiceError` or what kept the server from listening.
  public func run(signals: [UnixSignal] = [.sigterm, .sigint]) async throws {
    try await runner.run(signals: signals)
  }
}
