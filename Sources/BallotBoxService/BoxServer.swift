// SPDX-License-Identifier: Apache-2.0

internal import Election
package import Hummingbird
internal import Ledger
public import Logging
internal import Sequencing
public import Service
internal import ServiceLifecycle
package import UnixSignals

/// The ballot box as a server: its parts put together.
public struct BoxServer: Sendable {
  private let box: BallotBox
  private let witnesses: BoxWitnesses
  private let pool: Intake.Limits
  /// Where entries wait.
  package let intake: Intake
  private let configuration: ServiceConfiguration
  private let registry: MetricsRegistry
  private let metrics: BoxMetrics
  private let logger: Logger

  /// A server over an open box.
  public init(
    box: BallotBox, witnesses: BoxWitnesses, pool: Intake.Limits,
    configuration: ServiceConfiguration, registry: MetricsRegistry, metrics: BoxMetrics,
    logger: Logger
  ) {
    self.box = box
    self.witnesses = witnesses
    self.pool = pool
    intake = Intake(limits: pool)
    self.configuration = configuration
    self.registry = registry
    self.metrics = metrics
    self.logger = logger
  }

  /// Asks the witnesses, then serves until a signal comes, or the box stops. When told to stop it takes
  /// in nothing more and finishes what it has taken in.
  ///
  /// - Parameter onListening: called with the port.
  /// - Throws: ``BoxError``, `ServiceError`.
  public func run(onListening: @escaping @Sendable (Int) async -> Void) async throws {
    try await run(signals: [.sigterm, .sigint], onListening: onListening)
  }

  /// The same, for tests: without signals it stops with the group of services that it runs in.
  package func run(
    signals: [UnixSignal], onListening: @escaping @Sendable (Int) async -> Void
  ) async throws {
    try await witnesses.loop.begin()
    let loop = BatchLoop(box: box, intake: intake, metrics: metrics) { [self] in
      await published()
    }
    await published()
    let routes = Self.routes(
      box, pool: intake, board: witnesses.board, limits: configuration.limits, metrics: metrics)
    // Stopping goes backwards: first the pool takes in nothing more and those who wait for receipts are
    // sent away, then the last requests get their answers, then the loops end.
    try await ServiceRunner(
      configuration: configuration, logger: logger, metrics: registry,
      readiness: Readiness { await readiness() }, before: [witnesses.loop, loop],
      after: [Closing(pool: intake, board: witnesses.board)], onListening: onListening
    ) { router in
      for add in routes { add(router) }
    }.run(signals: signals)
  }

  /// What adds the box's routes to a router.
  package static func routes(
    _ box: BallotBox, pool: Intake, board: WitnessedBoard, limits: ServiceLimits,
    metrics: BoxMetrics = BoxMetrics()
  ) -> [@Sendable (Router<ServiceContext>) -> Void] {
    let routes = BoxRoutes(
      box: box, intake: pool, board: board, metrics: metrics, limits: limits,
      // A quarter is left for those who read the record, whoever submits or waits.
      submitting: ConcurrencyLimit(limits.requests / 2),
      waiting: ConcurrencyLimit(limits.requests / 4))
    let record = RecordRoutes(
      folder: box.record, logKey: box.logKey.vkey, head: box.sequencer.head)
    return [{ routes.add(to: $0) }, { record.add(to: $0) }]
  }

  private func published() async {
    let checkpoint = box.sequencer.head.checkpoint
    metrics.set(size: checkpoint.size, time: await box.state.batch?.time ?? 0)
    metrics.set(
      published: checkpoint.size, witnessed: await witnesses.board.head?.checkpoint.size ?? 0)
    await witnesses.news.ring(size: checkpoint.size)
  }

  private func readiness() async -> ReadinessState {
    let published = box.sequencer.head.checkpoint.size
    let witnessed = await witnesses.board.head?.checkpoint.size ?? 0
    if witnessed == 0, published > 0 {
      return .notReady("no quorum of witnesses has cosigned a checkpoint")
    }
    return await intake.count < pool.entries ? .ready : .notReady("the pool is full")
  }
}

/// When the server is told to stop: has what waits in the pool decided at once, and sends those who wait
/// for receipts away. Requests end that way, and only when all have ended does the HTTP server.
private struct Closing: Service {
  let pool: Intake
  let board: WitnessedBoard

  func run() async throws {
    do { try await gracefulShutdown() } catch is CancellationError {}
    await pool.close()
    await board.close()
  }
}
