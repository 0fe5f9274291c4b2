// SPDX-License-Identifier: Apache-2.0

public import Logging
public import Service
internal import ServiceLifecycle
public import UnixSignals

/// A witness as a server.
public struct WitnessServer: Sendable {
  private let runner: ServiceRunner

  /// A server.
  ///
  /// - Parameters:
  ///   - witness: what answers.
  ///   - origins: the logs whose checkpoints are served.
  ///   - onListening: called once with the port.
  public init(
    witness: WitnessCosigner, origins: [String], configuration: ServiceConfiguration,
    metrics: MetricsRegistry, logger: Logger,
    onListening: @escaping @Sendable (Int) async -> Void = { _ in }
  ) {
    let health = WitnessHealth(logger: logger)
    let routes = WitnessRoutes(
      witness: witness, origins: origins, limits: configuration.limits, health: health,
      answers: WitnessMetrics(registry: metrics))
    runner = ServiceRunner(
      configuration: configuration, logger: logger, metrics: metrics,
      readiness: Readiness { health.state }, onListening: onListening,
      routes: { routes.add(to: $0) })
  }

  /// Serves until a signal comes.
  ///
  /// - Throws: `ServiceError` or what kept the server from listening.
  public func run(signals: [UnixSignal] = [.sigterm, .sigint]) async throws {
    try await runner.run(signals: signals)
  }
}
