// SPDX-License-Identifier: Apache-2.0

public import Cryptography
internal import HashTreeCollections

/// Which ballots there are, whose they are, and what was decided about them. No ciphertexts: those
/// stay in the record.
public struct BallotRegister: Sendable {
  /// What the voter decided.
  public enum Decision: Sendable, Equatable {
    /// Nothing yet. Such a ballot is published and not counted.
    case none
    /// Cast, by the entry at this index.
    case cast(entry: Int)
    /// Challenged, by the entry at this index. Such a ballot is opened and never counted.
    case challenged(entry: Int)
  }

  /// A submitted ballot.
  public struct Ballot: Sendable, Equatable {
    /// Index of the entry that submitted it.
    public let entry: Int
    /// P
    public let pseudonym: Ed25519.PublicKey
    /// Its number among the voter's ballots, from 1.
    public let sequence: Int
    /// SHA-256 of its payload.
    public let payloadDigest: Digest
    /// H_C
    public let confirmationCode: Digest
    /// The voter's weight.
    public let weight: Int
    /// What the voter decided.
    public internal(set) var decision: Decision
  }

  // Persistent maps: a copy of the state shares what did not change, so that a batch that is decided
  // on a copy costs what the batch is worth and not what the election is.
  private var ballots: TreeDictionary<Digest, Ballot> = [:]
  private var codesByVoter: TreeDictionary<Ed25519.PublicKey, [Digest]> = [:]
  private var identifiers: TreeSet<Digest> = []

  init() {}

  /// Whether no ballot was submitted.
  public var isEmpty: Bool { ballots.isEmpty }

  /// The ballot with a confirmation code.
  public func ballot(_ confirmationCode: Digest) -> Ballot? { ballots[confirmationCode] }

  /// A voter's ballots, in order.
  public func ballots(of voter: Ed25519.PublicKey) -> [Ballot] {
    (codesByVoter[voter] ?? []).compactMap { ballots[$0] }
  }

  /// Whether a ballot has this id_B.
  func contains(identifier: Digest) -> Bool { identifiers.contains(identifier) }

  /// Whether the voter has cast a ballot.
  func hasCast(_ voter: Ed25519.PublicKey) -> Bool {
    ballots(of: voter).contains { if case .cast = $0.decision { true } else { false } }
  }

  /// Whether the voter has cast a ballot with a higher number. A decision about an earlier one could
  /// only have been held back, and must not replace it.
  func hasCast(_ voter: Ed25519.PublicKey, after sequence: Int) -> Bool {
    ballots(of: voter).contains {
      if case .cast = $0.decision { $0.sequence > sequence } else { false }
    }
  }

  mutating func submit(_ ballot: Ballot, identifier: Digest) {
    ballots[ballot.confirmationCode] = ballot
    codesByVoter[ballot.pseudonym, default: []].append(ballot.confirmationCode)
    identifiers.insert(identifier)
  }

  mutating func decide(_ confirmationCode: Digest, _ decision: Decision) {
    ballots[confirmationCode]?.decision = decision
  }

  /// The ballots that count, in the order of the log: of every voter the last cast one when voters
  /// may cast again, else the first.
  public func countedBallots(revoting: Bool) -> [Ballot] {
    var counted = [Ballot]()
    for codes in codesByVoter.values {
      var best: (ballot: Ballot, entry: Int)?
      for code in codes {
        guard let ballot = ballots[code], case .cast(let entry) = ballot.decision else { continue }
        if let previous = best, revoting ? entry < previous.entry : entry > previous.entry {
          continue
        }
        best = (ballot, entry)
      }
      if let best { counted.append(best.ballot) }
    }
    return counted.sorted { $0.entry < $1.entry }
  }

  /// How many ballots there are.
  public func counts(revoting: Bool) -> BallotCounts {
    var counts = BallotCounts(submitted: ballots.count)
    for ballot in ballots.values {
      switch ballot.decision {
      case .none: break
      case .cast: counts.cast += 1
      case .challenged: counts.challenged += 1
      }
    }
    counts.counted = countedBallots(revoting: revoting).count
    return counts
  }
}
