// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
public import Ledger

/// Asks one witness.
public protocol WitnessConnection: Sendable {
  /// Sends a request and reads the answer, within a time of its own.
  func add(
    _ request: AddCheckpointRequest
  ) async throws(WitnessUnreachable) -> WitnessAnswer
}

/// A witness that gave no answer that can be read.
public struct WitnessUnreachable: Error, Hashable, Sendable {
  /// Why, in one line.
  public let reason: String

  /// A reason.
  public init(_ reason: String) { self.reason = reason }
}

/// Gathers the cosignatures that a policy asks for (c2sp.org/tlog-witness, the log's side).
///
/// Remembers for every witness the size that it cosigned last, and learns it from the witness when it
/// does not know. A witness that knows a larger tree, or refuses this one as inconsistent, is the
/// strongest sign that this log's state is an old copy: see ``Outcome/disputed(_:)``.
public actor CosignatureCollector {
  /// What came of asking one witness.
  public enum Outcome: Hashable, Sendable {
    /// It cosigned.
    case cosigned
    /// It has seen another history, or a longer one. The log must not go on.
    case disputed(String)
    /// It did not answer, or refused for another reason. It can be asked again.
    case failed(String)
  }

  /// What came of asking all.
  public struct Round: Sendable {
    /// The checkpoint with the cosignatures that came in time.
    public let note: [UInt8]
    /// What those are worth.
    public let witnessed: WitnessedCheckpoint
    /// By the witness's name in the policy; those that were not waited for are missing.
    public let outcomes: [String: Outcome]

    /// The first witness that disputes the log's history.
    public var dispute: String? {
      for (name, outcome) in outcomes.sorted(by: { $0.key < $1.key }) {
        if case .disputed(let reason) = outcome { return "witness \(name): \(reason)" }
      }
      return nil
    }
  }

  private let policy: WitnessPolicy
  private let logKey: NoteVerifierKey
  private let connections: [CosignerKey: any WitnessConnection]
  private let tiles: any TileSource & Sendable
  private var knownSizes: [CosignerKey: UInt64] = [:]

  /// A collector from its parts.
  /// - Parameters:
  ///   - connections: the witnesses that can be asked.
  ///   - tiles: the log's own tree; consistency proofs are made from it.
  public init(
    policy: WitnessPolicy, logKey: NoteVerifierKey,
    connections: [CosignerKey: any WitnessConnection], tiles: any TileSource & Sendable
  ) {
    self.policy = policy
    self.logKey = logKey
    self.connections = connections
    self.tiles = tiles
  }

  /// Asks the witnesses for cosignatures of a published checkpoint.
  ///
  /// - Parameter waitingForAll: whether to wait for every witness, or only until the quorum is met.
  /// - Throws: `LedgerError` if `note` is not a checkpoint of this log.
  public func collect(
    _ note: [UInt8], waitingForAll: Bool = false
  ) async throws(LedgerError) -> Round {
    var gathered = try SignedNote(note)
    var witnessed = try policy.examine(note, logKey: logKey)
    var outcomes: [String: Outcome] = [:]
    let asked = policy.witnesses.filter { witness in
      connections[witness.key] != nil
        && (waitingForAll || !witnessed.cosigners.contains(witness.key))
    }
    if !waitingForAll, witnessed.isQuorumMet {
      return Round(note: note, witnessed: witnessed, outcomes: outcomes)
    }
    let checkpoint = witnessed.checkpoint
    let answers = await withTaskGroup(
      of: (WitnessPolicy.Witness, Outcome, [SignedNote.Signature]).self
    ) { group in
      for witness in asked {
        group.addTask { await self.ask(witness, checkpoint, note) }
      }
      var answers: [(WitnessPolicy.Witness, Outcome, [SignedNote.Signature])] = []
      var cosigners = witnessed.cosigners
      for await answer in group {
        answers.append(answer)
        if answer.1 == .cosigned { cosigners.insert(answer.0.key) }
        if !waitingForAll, policy.isSatisfied(by: cosigners) {
          group.cancelAll()
          break
        }
      }
      return answers
    }
    for (witness, outcome, signatures) in answers {
      outcomes[witness.name] = outcome
      if outcome == .cosigned { gathered = try gathered.adding(signatures, of: witness.key) }
    }
    witnessed = try policy.examine(gathered.bytes, logKey: logKey)
    return Round(note: gathered.bytes, witnessed: witnessed, outcomes: outcomes)
  }

  private func ask(
    _ witness: WitnessPolicy.Witness, _ checkpoint: Checkpoint, _ note: [UInt8]
  ) async -> (WitnessPolicy.Witness, Outcome, [SignedNote.Signature]) {
    guard let connection = connections[witness.key] else {
      return (witness, .failed("no connection"), [])
    }
    // Twice, as the first answer may only say which size the witness knows; a third time if another
    // request of this log came between.
    for _ in 0..<3 {
      let old = knownSizes[witness.key] ?? 0
      guard old <= checkpoint.size else {
        // Next time it is asked afresh: what it said once need not be so for ever.
        knownSizes[witness.key] = nil
        return (
          witness,
          .disputed("has seen \(old) entries, this log has only \(checkpoint.size)"), []
        )
      }
      do {
        let answer = try await connection.add(
          AddCheckpointRequest(
            oldSize: old, proof: try proof(from: old, to: checkpoint.size), note: note))
        switch answer {
        case .cosignatures(let signatures):
          // Whether the line holds is decided here, not by who answered.
          _ = try SignedNote(note).adding(signatures, of: witness.key)
          knownSizes[witness.key] = max(checkpoint.size, knownSizes[witness.key] ?? 0)
          return (witness, .cosigned, signatures)
        case .conflict(let size):
          knownSizes[witness.key] = size
        case .refused(status: 422, let reason):
          return (witness, .disputed("has seen another history (\(reason))"), [])
        case .refused(let status, let reason):
          return (witness, .failed("status \(status) \(reason)"), [])
        }
      } catch let error as WitnessUnreachable { return (witness, .failed(error.reason), []) } catch
      { return (witness, .failed("\(error)"), []) }
    }
    return (witness, .failed("its size keeps changing"), [])
  }

  private func proof(from old: UInt64, to size: UInt64) throws(LedgerError) -> [Digest] {
    if old == 0 || old == size { return [] }
    return try TileTree(AnyTileSource(tiles), size: size).consistencyProof(from: old)
  }
}

/// A source whose type is not known.
private struct AnyTileSource: TileSource {
  let base: any TileSource

  init(_ base: any TileSource) { self.base = base }

  func tile(level: Int, index: UInt64, width: Int) throws(LedgerError) -> [UInt8] {
    try base.tile(level: level, index: index, width: width)
  }
}
