// SPDX-License-Identifier: Apache-2.0

public import Ledger
internal import Synchronization

/// The checkpoint that is published now.
public final class PublishedHead: Sendable {
  private let state: Mutex<(checkpoint: Checkpoint, note: [UInt8])>

  init(_ checkpoint: Checkpoint, _ note: [UInt8]) { state = Mutex((checkpoint, note)) }

  /// The tree.
  public var checkpoint: Checkpoint { state.withLock { $0.checkpoint } }

  /// The checkpoint as it is published, with all signatures.
  public var note: [UInt8] { state.withLock { $0.note } }

  func set(_ checkpoint: Checkpoint, _ note: [UInt8]) {
    state.withLock { $0 = (checkpoint, note) }
  }
}
