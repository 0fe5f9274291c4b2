// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
internal import Election
internal import Ledger
public import Logging
public import Sequencing
public import ServiceLifecycle

/// Has every published checkpoint cosigned, publishes it again with the cosignatures, and shows it to
/// those who wait for receipts.
///
/// One round follows the other; a round always takes the newest checkpoint, so slow witnesses delay
/// receipts and nothing else.
public struct WitnessLoop: Service {
  private let box: BallotBox
  private let collector: CosignatureCollector
  private let board: WitnessedBoard
  private let metrics: BoxMetrics
  private let logger: Logger
  private let news: NewsBell

  /// How long after a round without a quorum the next one begins.
  private static let pause = Duration.seconds(1)

  /// A loop from its parts.
  /// - Parameter news: rung when a checkpoint was published.
  public init(
    box: BallotBox, collector: CosignatureCollector, board: WitnessedBoard, metrics: BoxMetrics,
    logger: Logger, news: NewsBell
  ) {
    self.box = box
    self.collector = collector
    self.board = board
    self.metrics = metrics
    self.logger = logger
    self.news = news
  }

  /// Asks all witnesses about the checkpoint that is published, before the box takes anything in.
  ///
  /// - Throws: ``BoxError/refused(_:)`` if one of them has seen more than this box knows, or another
  ///   history: the box's state is an old copy then, and going on would fork the log.
  public func begin() async throws(BoxError) {
    let round: CosignatureCollector.Round
    do {
      round = try await collector.collect(
        box.sequencer.head.note, waitingForAll: true)
    } catch { throw .refused("\(error)") }
    if let dispute = round.dispute { throw .refused(dispute) }
    do { try await keep(round) } catch { throw .sequencer(error) }
  }

  /// Runs until the service stops.
  public func run() async throws {
    try await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        let note = box.sequencer.head.note
        let round = try await collector.collect(note)
        try await keep(round)
        await news.waitIfQuiet(
          since: round.witnessed.checkpoint.size,
          atMost: round.witnessed.isQuorumMet ? nil : Self.pause)
      }
    }
  }

  private func keep(
    _ round: CosignatureCollector.Round
  ) async throws(SequencerError) {
    for (name, outcome) in round.outcomes {
      switch outcome {
      case .cosigned: metrics.cosigned(by: name, "cosigned")
      case .disputed(let reason):
        metrics.cosigned(by: name, "disputed")
        logger.critical("a witness disputes the log", metadata: ["witness": "\(name): \(reason)"])
      case .failed(let reason):
        metrics.cosigned(by: name, "failed")
        logger.warning("a witness did not cosign", metadata: ["witness": "\(name): \(reason)"])
      }
    }
    let checkpoint = round.witnessed.checkpoint
    if !round.outcomes.isEmpty {
      _ = try await box.sequencer.publish(round.note, of: checkpoint)
    }
    guard round.witnessed.isQuorumMet else { return }
    await board.show(.init(checkpoint: checkpoint, note: round.note))
    metrics.set(published: box.sequencer.head.checkpoint.size, witnessed: checkpoint.size)
  }
}

/// Rung when a checkpoint was published, for the one who waits for it.
public actor NewsBell {
  private var size: UInt64 = 0
  private var waiter: CheckedContinuation<Void, Never>?

  /// A bell that was never rung.
  public init() {}

  /// Says that a tree of so many entries is published.
  public func ring(size: UInt64) {
    self.size = max(self.size, size)
    wake()
  }

  private func wake() {
    waiter?.resume()
    waiter = nil
  }

  /// Waits until a larger tree than `size` is published, at most so long, or until cancelled.
  func waitIfQuiet(since size: UInt64, atMost time: Duration?) async {
    guard self.size <= size else { return }
    let alarm = time.map { time in
      Task { [weak self] in
        do { try await Task.sleep(for: time) } catch { return }
        await self?.wake()
      }
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        if Task.isCancelled { continuation.resume() } else { waiter = continuation }
      }
    } onCancel: {
      // The one who waits hangs on this; it decides nothing.
      Task { await self.wake() }
    }
    alarm?.cancel()
  }
}
