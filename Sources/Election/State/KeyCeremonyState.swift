// SPDX-License-Identifier: Apache-2.0

public import ElGamal

/// The trustees' key ceremony so far: one round after the other, until one ends without a complaint
/// that was upheld.
public struct KeyCeremonyState: Sendable {
  /// A trustee whose share was wrong.
  public struct Named: Sendable, Equatable {
    /// The round.
    public let round: Int
    /// The trustee.
    public let trustee: Int
  }

  /// The current round, from 1.
  public internal(set) var round = 1
  /// Keys of this round, by trustee.
  public internal(set) var keys: [Int: TrusteeKeys] = [:]
  /// Shares of this round, by sender.
  public internal(set) var shares: [Int: [ShareEncryption]] = [:]
  /// Who received all shares in this round.
  public internal(set) var receipts: Set<Int> = []
  /// Confirmed keys, by trustee.
  public internal(set) var confirmations: [Int: ElectionKeys] = [:]
  /// Trustees that complaints of any round were upheld against.
  public internal(set) var named: [Named] = []
  /// Complaints in all rounds, upheld or refuted.
  public internal(set) var complaintCount = 0

  init() {}

  /// The keys of trustees 1 … n in order; nil until all are there.
  public func allKeys(_ count: Int) -> [TrusteeKeys]? {
    let ordered = (1...max(count, 1)).compactMap { keys[$0] }
    return ordered.count == count ? ordered : nil
  }

  /// The encrypted share of one trustee for another.
  public func share(from sender: Int, to receiver: Int) -> ShareEncryption? {
    shares[sender]?.first { $0.to == receiver }
  }

  mutating func beginNextRound() {
    round += 1
    keys = [:]
    shares = [:]
    receipts = []
    confirmations = [:]
  }
}

/// A complaint that was admitted.
struct CeremonyComplaint: Sendable {
  let accused: Int
  let verdict: ComplaintVerdict
}
