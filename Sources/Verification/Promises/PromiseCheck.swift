// SPDX-License-Identifier: Apache-2.0

public import Cryptography
public import Election
public import Ledger
public import LedgerFiles

/// Whether a promise of the ballot box was kept, decided from a record (`Specs/promises.md`).
///
/// The promise says that a checkpoint which contains the leaf is published by the deadline. Three things show
/// that it was not:
///
/// * the box's own words: the log's tree holds a batch of a time behind the deadline, and does not hold the
///   leaf before it. An honest log appends, and its batches' times do not run backwards: what was in it by
///   the deadline stands before such a batch;
/// * the course of the election: the tree does not hold the leaf and is in a phase in which an entry of its
///   kind can come no more;
/// * the witnesses' words: of every quorum that the policy allows at least one witness says that behind the
///   deadline the largest tree it had seen was one without the leaf. So no quorum had cosigned the leaf by
///   then, and nobody could hold a receipt.
///
/// The record must have been folded without failures, under a checkpoint that the log signed. A record that
/// shows nothing of a time behind the deadline decides nothing: neither an old copy nor a box that stays
/// silent proves anything.
public struct PromiseCheck: Sendable {
  /// What the record says about a promise.
  public enum Verdict: Hashable, Sendable {
    /// The leaf stands at this place, in a batch of this time, under the quorum.
    case kept(entry: Int, time: Int)
    /// It was not kept.
    case broken(Breach)
    /// The record decides nothing.
    case undecided(Reason)
  }

  /// What shows that a promise was not kept.
  public enum Breach: Hashable, Sendable, CustomStringConvertible {
    /// The leaf stands at this place, in a batch of a time behind the deadline.
    case late(entry: Int, time: Int)
    /// The log holds a batch of a time behind the deadline, and not the leaf.
    case laterBatch(number: Int, time: Int)
    /// The election is in a phase in which the entry can come no more.
    case phase(ElectionPhase)
    /// Witnesses without whom there is no quorum saw, behind the deadline, a tree without the leaf.
    case witnesses([Statement])

    /// A witness's name in the policy, and the time of its cosignature.
    public struct Statement: Hashable, Sendable {
      /// The name.
      public let name: String
      /// Seconds since 1970-01-01T00:00:00Z.
      public let time: UInt64
    }

    /// Whether the box convicts itself, by what it and its log signed.
    public var isOwnWord: Bool {
      if case .witnesses = self { false } else { true }
    }

    /// The breach in one line.
    public var description: String {
      switch self {
      case .late(let entry, let time):
        "the entry stands at \(entry) in a batch of the time \(time), which is behind the deadline"
      case .laterBatch(let number, let time):
        "the log holds batch \(number) of the time \(time), behind the deadline, and not the entry"
      case .phase(let phase):
        "the election is in the phase \(phase.rawValue), and the entry is not in the log"
      case .witnesses(let statements):
        "behind the deadline witnesses saw a log without the entry: "
          + statements.map { "\($0.name) at \($0.time)" }.joined(separator: ", ")
      }
    }
  }

  /// Why a record decides nothing.
  public enum Reason: Hashable, Sendable {
    /// It does not hold the leaf, and shows nothing of a time behind the deadline.
    case notYet
    /// It holds the leaf, but not the cosignatures that the election demands.
    case notCosigned(entry: Int)
  }

  /// Why something is no promise of an election's box at all.
  public enum Invalid: Error, Hashable, Sendable {
    /// It names another election.
    case election
    /// The signature is not the box's.
    case signature
  }

  private let promise: InclusionPromise
  private let state: ElectionState
  private let configuration: ElectionConfiguration

  /// The check of a promise against the state that a record leads to.
  ///
  /// - Throws: ``Invalid``.
  public init(_ promise: InclusionPromise, _ state: ElectionState) throws(Invalid) {
    guard let configuration = state.configuration, promise.electionID == state.electionID else {
      throw .election
    }
    guard promise.isSignatureValid(key: configuration.ballotBoxKey) else { throw .signature }
    self.promise = promise
    self.state = state
    self.configuration = configuration
  }

  /// Decides.
  ///
  /// - Parameters:
  ///   - index: the place of the leaf in the record; nil when it is not there.
  ///   - note: the record's checkpoint, with all signatures.
  ///   - logKey: the log's key.
  /// - Throws: `LedgerError` for a checkpoint that is not the log's, or a witness's line that does not hold.
  public func verdict(
    at index: Int?, checkpoint note: [UInt8], logKey: NoteVerifierKey
  ) throws(LedgerError) -> Verdict {
    let witnessed = try configuration.witnessPolicy.examine(note, logKey: logKey)
    if let index {
      // The configuration alone stands before all batches, and nobody promises it.
      let time = state.batchTime(ofEntry: index) ?? 0
      guard time <= promise.deadline else { return .broken(.late(entry: index, time: time)) }
      return witnessed.isQuorumMet
        ? .kept(entry: index, time: time) : .undecided(.notCosigned(entry: index))
    }
    if let batch = state.batch, batch.time > promise.deadline {
      return .broken(.laterBatch(number: batch.number, time: batch.time))
    }
    if Self.isTooLate(state.phase, isAboutBallot: promise.confirmationCode != nil) {
      return .broken(.phase(state.phase))
    }
    let late = witnessed.cosignatures.filter {
      Int(clamping: $0.cosignature.time) > promise.deadline
    }
    // Whether those who are left could still have been a quorum.
    let others = Set(configuration.witnessPolicy.witnesses.map(\.key)).subtracting(
      late.map(\.witness.key))
    if !late.isEmpty, !configuration.witnessPolicy.isSatisfied(by: others) {
      return .broken(
        .witnesses(
          late.map { Breach.Statement(name: $0.witness.name, time: $0.cosignature.time) }))
    }
    return .undecided(.notYet)
  }

  private static func isTooLate(_ phase: ElectionPhase, isAboutBallot: Bool) -> Bool {
    switch phase {
    case .setup, .keyCeremony, .registration, .activation, .frozen, .voting: false
    case .certified: true
    default: isAboutBallot
    }
  }
}

extension RecordDirectory {
  /// The place of a leaf; nil when the record does not hold it.
  ///
  /// - Throws: `FileError` for a bundle that is missing or malformed.
  public func index(ofLeaf leaf: Digest) throws(FileError) -> Int? {
    for bundle in 0..<bundleCount {
      for (offset, bytes) in try entries(inBundle: bundle).enumerated()
      where MerkleTree.leafHash(bytes) == leaf {
        return Int(clamping: bundle) * TilePath.fullWidth + offset
      }
    }
    return nil
  }
}
