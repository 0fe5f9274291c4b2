// SPDX-License-Identifier: Apache-2.0

internal import Glibc
public import Hummingbird
internal import HummingbirdCore
internal import LedgerFiles
public import Logging
internal import NIOCore
public import ServiceLifecycle
public import UnixSignals

/// A server: routes behind limits, problems, metrics, health, and an orderly end.
///
/// Order: `before` start first, then the HTTP server, then `after`; they stop in the opposite order.
/// So what routes need is still there while the last requests are answered. When the server is told to
/// stop, it accepts nothing, `/readyz` says 503, and requests get `limits.shutdownSeconds` to end;
/// then they are cancelled.
public struct ServiceRunner: Sendable {
  /// How to listen and what to grant.
  public let configuration: ServiceConfiguration
  /// The server's log.
  public let logger: Logger
  /// What `GET /metrics` shows.
  public let metrics: MetricsRegistry
  /// What `GET /readyz` asks.
  public var readiness: Readiness
  /// Services that routes need.
  public var before: [any Service]
  /// Services that need the HTTP server.
  public var after: [any Service]
  /// Called once with the port, when the server listens.
  public var onListening: @Sendable (Int) async -> Void
  private let routes: @Sendable (Router<ServiceContext>) -> Void

  /// A server.
  ///
  /// - Parameter routes: adds the routes. HEAD comes with GET; other methods of their paths answer 405.
  public init(
    configuration: ServiceConfiguration, logger: Logger, metrics: MetricsRegistry,
    readiness: Readiness = .always, before: [any Service] = [], after: [any Service] = [],
    onListening: @escaping @Sendable (Int) async -> Void = { _ in },
    routes: @escaping @Sendable (Router<ServiceContext>) -> Void
  ) {
    self.configuration = configuration
    self.logger = logger
    self.metrics = metrics
    self.readiness = readiness
    self.before = before
    self.after = after
    self.onListening = onListening
    self.routes = routes
  }

  /// Serves until a signal comes, or a service ends.
  ///
  /// - Throws: ``ServiceError`` or a service's own error.
  public func run(signals: [UnixSignal] = [.sigterm, .sigint]) async throws {
    defer { LogSink.standardError.flush() }
    var limits = configuration.limits
    let possible = FileLimit.prepare(
      connections: limits.connections, requests: limits.requests)
    if possible < limits.connections {
      logger.warning(
        "the system grants fewer open files than limits.connections needs",
        metadata: ["connections": "\(possible)", "asked": "\(limits.connections)"])
      limits.connections = possible
    }
    let shutdown = ShutdownFlag()
    let registry = ConnectionRegistry(limits: limits, metrics: metrics)
    let failure = StartFailure()
    let application = Application(
      router: router(limits: limits, registry: registry, shutdown: shutdown),
      server: try ServerBuilder.builder(configuration, limits: limits, registry: registry),
      configuration: ApplicationConfiguration(
        address: .hostname(configuration.host, port: configuration.port), backlog: 1024,
        availableConnectionsDelegate: ConnectionAdmission(maximum: limits.connections)),
      onServerRunning: { channel in await listening(channel, failure) },
      logger: QuietLogHandler.logger(logger, shutdown: shutdown))
    var services = before.map { Self.entry($0, "before") }
    services.append(Self.entry(application, "http"))
    services.append(Self.entry(ShutdownWatch(flag: shutdown), "shutdown"))
    services += after.map { Self.entry($0, "after") }
    var group = ServiceGroupConfiguration(
      services: services, gracefulShutdownSignals: signals, logger: logger)
    group.maximumGracefulShutdownDuration = .seconds(limits.shutdownSeconds)
    do {
      try await ServiceGroup(configuration: group).run()
    } catch is CancellationError where shutdown.isSet {
      logger.warning("requests were still worked on when the time to stop was over")
    }
    if let error = failure.error { throw error }
    logger.info("stopped")
  }

  /// A service whose end, good or bad, stops the others in their order.
  private static func entry(
    _ service: any Service, _ name: String
  ) -> ServiceGroupConfiguration.ServiceConfiguration {
    .init(
      service: service, successTerminationBehavior: .gracefullyShutdownGroup,
      failureTerminationBehavior: .gracefullyShutdownGroup, serviceName: name)
  }

  private func router(
    limits: ServiceLimits, registry: ConnectionRegistry, shutdown: ShutdownFlag
  ) -> Router<ServiceContext> {
    let router = Router(context: ServiceContext.self, options: [.autoGenerateHeadEndpoints])
    router.add(middleware: HTTPMetrics(registry: metrics))
    router.add(middleware: ProblemMiddleware(faults: FaultLog(logger)))
    OperationalRoutes(readiness: readiness, metrics: metrics, shutdown: shutdown).add(to: router)
    let limit = ConcurrencyLimit(limits.requests)
    router.add(
      middleware: ConcurrencyMiddleware(limit: limit, onFull: { registry.dropSlowBodies() }))
    routes(router)
    router.refuseOtherMethods()
    return router
  }

  private func listening(_ channel: any Channel, _ failure: StartFailure) async {
    do {
      try await channel.pipeline.addHandler(AcceptErrorHandler(), position: .first).get()
      guard let port = channel.localAddress?.port else {
        throw ServiceError.operatingSystem("the server has no port")
      }
      if let path = configuration.portFile {
        do { try AtomicFile.write(Array("\(port)\n".utf8), to: path) } catch {
          throw ServiceError.file(path: path, rule: error.rule)
        }
      }
      logger.info("listening", metadata: ["port": "\(port)"])
      await onListening(port)
    } catch {
      failure.set(error)
      channel.close(promise: nil)
    }
  }
}

/// Sets the flag when the group begins to stop.
private struct ShutdownWatch: Service {
  let flag: ShutdownFlag

  func run() async throws {
    await withGracefulShutdownHandler {
      do { try await gracefulShutdown() } catch { return }
    } onGracefulShutdown: {
      flag.set()
    }
  }
}
