// SPDX-License-Identifier: Apache-2.0

internal import Election
public import Metrics
public import Service

/// The box's figures for operators. No label names a person, a district or a ballot.
public struct BoxMetrics: Sendable {
  private let queue: Gauge
  private let pending: Gauge
  private let size: Gauge
  private let time: Gauge
  private let decision: Timer
  private let integration: Timer
  private let factory: any MetricsFactory

  /// The figures, in a metrics system: the process's unless given.
  public init(factory: any MetricsFactory = MetricsSystem.factory) {
    self.factory = factory
    queue = Gauge(label: "ballotbox_queue_entries", factory: factory)
    pending = Gauge(label: "ballotbox_receipts_pending", factory: factory)
    size = Gauge(label: "ledger_tree_size_leaves", factory: factory)
    time = Gauge(label: "ledger_checkpoint_timestamp_seconds", factory: factory)
    decision = Timer(label: "ballotbox_verify_duration_seconds", factory: factory)
    integration = Timer(label: "ledger_integrate_duration_seconds", factory: factory)
  }

  /// Says what the figures mean, for `GET /metrics`.
  public func describe(in registry: MetricsRegistry) {
    for (name, help) in [
      ("ballotbox_queue_entries", "Entries that wait for their batch."),
      ("ballotbox_receipts_pending", "Published entries without a witnessed checkpoint."),
      ("ledger_tree_size_leaves", "Entries of the published checkpoint."),
      ("ledger_checkpoint_timestamp_seconds", "Time of the last batch."),
      ("ballotbox_verify_duration_seconds", "Deciding about a batch, proofs included."),
      ("ledger_integrate_duration_seconds", "Staging, committing and publishing a batch."),
      ("ballotbox_submissions_total", "Entries by what became of them."),
      ("ledger_cosignatures_total", "Requests to witnesses by what came of them."),
    ] {
      registry.describe(name, help)
    }
  }

  func set(queue count: Int) { queue.record(count) }

  func set(published: UInt64, witnessed: UInt64) {
    pending.record(Double(published - min(published, witnessed)))
  }

  func set(size: UInt64, time: Int) {
    self.size.record(Double(size))
    self.time.record(time)
  }

  func timeDecision<Value: Sendable>(
    _ body: () async throws -> Value
  ) async rethrows -> Value {
    try await measured(decision, body)
  }

  func timeIntegration<Value: Sendable>(
    _ body: () async throws -> Value
  ) async rethrows -> Value {
    try await measured(integration, body)
  }

  private func measured<Value: Sendable>(
    _ timer: Timer, _ body: () async throws -> Value
  ) async rethrows -> Value {
    let start = ContinuousClock.now
    let value = try await body()
    timer.record(duration: start.duration(to: .now))
    return value
  }

  func accepted(_ count: Int) { submissions("accepted", "none").increment(by: count) }

  func repeated() { submissions("repeated", "none").increment() }

  func refused(_ findings: Findings) {
    submissions("refused", findings.failures.first?.rule.rawValue ?? "none").increment()
  }

  func refused(reason: String) { submissions("refused", reason).increment() }

  func cosigned(by witness: String, _ result: String) {
    Counter(
      label: "ledger_cosignatures_total", dimensions: [("witness", witness), ("result", result)],
      factory: factory
    ).increment()
  }

  private func submissions(_ result: String, _ reason: String) -> Counter {
    Counter(
      label: "ballotbox_submissions_total", dimensions: [("result", result), ("reason", reason)],
      factory: factory)
  }
}
