// SPDX-License-Identifier: Apache-2.0

internal import HTTPTypes
internal import Hummingbird
internal import Ledger
internal import Logging
internal import Metrics
internal import Service
internal import Synchronization

/// `POST /add-checkpoint` and `GET /<hex SHA-256(origin)>/checkpoint` (c2sp.org/tlog-witness).
struct WitnessRoutes: Sendable {
  let witness: WitnessCosigner
  /// Origins of the known logs by the first component of their monitoring path.
  let origins: [String: String]
  let limits: ServiceLimits
  let health: WitnessHealth
  let answers: WitnessMetrics

  init(
    witness: WitnessCosigner, origins: [String], limits: ServiceLimits, health: WitnessHealth,
    answers: WitnessMetrics
  ) {
    self.witness = witness
    var paths: [String: String] = [:]
    for origin in origins {
      let path = Checkpoint.monitoringPath(origin: origin)
      if let hash = path.split(separator: "/").first { paths[String(hash)] = origin }
    }
    self.origins = paths
    self.limits = limits
    self.health = health
    self.answers = answers
  }

  func add(to router: Router<ServiceContext>) {
    router.post("\(AddCheckpointRequest.path)") { request, _ in
      let body = try await request.boundedBody(
        AddCheckpointRequest.maximumByteCount, limits: limits)
      return try response(
        to: try await health.watching { () throws(StoreError) in
          try await witness.addCheckpoint(body)
        })
    }
    router.get("{log}/checkpoint") { _, context in
      guard let origin = origins[try context.parameters.require("log")] else {
        throw Problem(.notFound, detail: "The log is not known here.")
      }
      let note = try await health.watching { () throws(StoreError) in
        try await witness.latestNote(origin: origin)
      }
      guard let note else {
        throw Problem(.notFound, detail: "Nothing was cosigned for this log yet.")
      }
      return Response.shortLived(note, seconds: 2)
    }
  }

  private func response(to answer: WitnessCosigner.Answer) throws -> Response {
    switch answer {
    case .cosignature(let lines):
      answers.count(200)
      return .uncached(.ok, lines, contentType: "text/plain; charset=utf-8")
    case .refused(let refusal):
      answers.count(refusal.status)
      return .uncached(
        HTTPResponse.Status(code: refusal.status), refusal.body, contentType: refusal.contentType)
    case .tooOften:
      answers.count(429)
      throw Problem(
        .tooManyRequests, detail: "The log asks too often.", headers: [.retryAfter: "1"])
    }
  }
}

/// Whether the store still works. Once it does not, nothing is cosigned until the next start.
final class WitnessHealth: Sendable {
  private let failure = Mutex<String?>(nil)
  private let logger: Logger

  init(logger: Logger) { self.logger = logger }

  /// Runs a step on the store.
  /// - Throws: ``Problem`` 503 once the store failed.
  func watching<Value: Sendable>(
    _ body: () async throws(StoreError) -> Value
  ) async throws(Problem) -> Value {
    do { return try await body() } catch {
      let isFirst = failure.withLock { failure in
        defer { failure = "\(error)" }
        return failure == nil
      }
      if isFirst {
        logger.critical("the store failed: nothing is cosigned", metadata: ["reason": "\(error)"])
      }
      throw Problem.busy(retryAfter: 60, detail: "The witness does not work.")
    }
  }

  /// For `/readyz`.
  var state: ReadinessState {
    failure.withLock { $0 }.map { .notReady("the store failed: \($0)") } ?? .ready
  }
}

/// `witness_answers_total{status}`: answers to `add-checkpoint`.
struct WitnessMetrics: Sendable {
  let registry: MetricsRegistry

  init(registry: MetricsRegistry) {
    self.registry = registry
    registry.describe("witness_answers_total", "Answers to add-checkpoint, by status.")
  }

  func count(_ status: Int) {
    Counter(
      label: "witness_answers_total", dimensions: [("status", "\(status)")], factory: registry
    ).increment()
  }
}
