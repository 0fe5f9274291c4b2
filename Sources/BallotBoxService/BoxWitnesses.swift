// SPDX-License-Identifier: Apache-2.0

internal import Election
internal import Ledger
public import Logging
internal import Sequencing
internal import WebClient

/// The witnesses of the election's policy, as a box asks them.
public struct BoxWitnesses: Sendable {
  /// Has checkpoints cosigned.
  public let loop: WitnessLoop
  /// Shows what a quorum has cosigned.
  public let board: WitnessedBoard
  /// Rung for every published checkpoint.
  public let news: NewsBell

  /// The witnesses of the box's configuration.
  ///
  /// - Throws: ``BoxError/refused(_:)`` if those that have an address are no quorum.
  public init(
    _ box: BallotBox, metrics: BoxMetrics, logger: Logger
  ) async throws(BoxError) {
    guard let policy = await box.state.configuration?.witnessPolicy else {
      throw .refused("\(box.record): no configuration")
    }
    var connections: [CosignerKey: any WitnessConnection] = [:]
    for witness in policy.witnesses {
      guard let url = witness.url else { continue }
      do { connections[witness.key] = try WitnessClient(url: url) } catch {
        throw .refused("the witness policy, \(witness.name): \(error)")
      }
    }
    guard policy.isTrivial || policy.isSatisfied(by: Set(connections.keys)) else {
      throw .refused("the witness policy names no address for a quorum of its witnesses")
    }
    let collector = CosignatureCollector(
      policy: policy, logKey: box.logKey, connections: connections, tiles: box.tiles)
    board = WitnessedBoard()
    news = NewsBell()
    loop = WitnessLoop(
      box: box, collector: collector, board: board, metrics: metrics, logger: logger, news: news)
  }
}
