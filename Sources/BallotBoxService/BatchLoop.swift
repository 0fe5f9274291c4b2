// SPDX-License-Identifier: Apache-2.0

internal import Election
internal import Ledger
public import ServiceLifecycle

/// Takes batches from the pool, has them decided and written, and answers. While one batch is written
/// the next one is decided.
///
/// Ends when it is told to stop and the pool is empty, or with the error that stopped the box; then
/// everybody who waits gets that error, and the server goes down.
public struct BatchLoop: Service {
  private let box: BallotBox
  private let intake: Intake
  private let metrics: BoxMetrics
  private let published: @Sendable () async -> Void

  /// A loop from its parts.
  /// - Parameter published: called after every batch that was written.
  public init(
    box: BallotBox, intake: Intake, metrics: BoxMetrics,
    published: @escaping @Sendable () async -> Void
  ) {
    self.box = box
    self.intake = intake
    self.metrics = metrics
    self.published = published
  }

  /// Runs until it is told to stop and the pool is empty.
  public func run() async throws {
    let intake = intake
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        // What waits when the shutdown begins, or the task is cancelled, is decided and written before
        // the loop ends.
        do { try await gracefulShutdown() } catch is CancellationError {}
        await intake.close()
      }
      do { try await loop() } catch {
        await intake.fail(error)
        group.cancelAll()
        throw error
      }
      // The pool may be closed before this service is told to stop; it ends in its own turn.
      try await group.waitForAll()
    }
  }

  private func loop() async throws {
    var writing: Task<Void, any Error>?
    while let tickets = await intake.next() {
      await metrics.set(queue: intake.count)
      let batch: BallotBox.DecidedBatch
      do {
        batch = try await metrics.timeDecision { try await box.decide(tickets.map(\.file)) }
        try await writing?.value
      } catch {
        fail(tickets, error)
        // The batch that is being written gets its own answers before the loop ends.
        _ = await writing?.result
        throw error
      }
      for (position, findings) in batch.refused where tickets.indices.contains(position) {
        await refuse(tickets[position], findings)
      }
      writing = Task { try await write(batch, tickets) }
    }
    try await writing?.value
  }

  private func fail(_ tickets: [Intake.Ticket], _ error: any Error) {
    for ticket in tickets { ticket.callers.forEach { $0.resume(throwing: error) } }
  }

  private func write(_ batch: BallotBox.DecidedBatch, _ tickets: [Intake.Ticket]) async throws {
    let refused = Set(batch.refused.map(\.position))
    do {
      let promises = try await metrics.timeIntegration { try await box.write(batch) }
      for (position, promise) in promises where tickets.indices.contains(position) {
        for caller in tickets[position].callers { caller.resume(returning: .promised(promise)) }
      }
      metrics.accepted(promises.count)
    } catch {
      for position in tickets.indices where !refused.contains(position) {
        tickets[position].callers.forEach { $0.resume(throwing: error) }
      }
      // The loop may be waiting for entries: it ends now, and not with the next one that comes.
      await intake.fail(error)
      throw error
    }
    if batch.entryCount > 0 { await published() }
  }

  /// An entry that is in the log already breaks rules the second time; it gets the first answer again.
  /// Called when all earlier batches are written, so that the store knows their entries.
  private func refuse(_ ticket: Intake.Ticket, _ findings: Findings) async {
    var answer = Answer.refused(findings)
    do {
      if let promise = try await box.promise(forPublished: ticket.file) {
        answer = .promised(promise)
        metrics.repeated()
      } else {
        metrics.refused(findings)
      }
    } catch {
      ticket.callers.forEach { $0.resume(throwing: error) }
      return
    }
    for caller in ticket.callers { caller.resume(returning: answer) }
  }
}
