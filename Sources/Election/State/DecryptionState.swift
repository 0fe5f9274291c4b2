// SPDX-License-Identifier: Apache-2.0

public import Cryptography
internal import ElGamal
public import Groups

/// What the trustees decrypt, recomputed from the record by whoever folds it: the totals of all
/// counted ballots, and their contest data when the election opens it.
public struct RecomputedTally: Sendable, Equatable {
  /// (A, B) of every option.
  public var totals: EncryptedTotals
  /// Contest data, in the order of the ballots in the log and of their contests.
  public var contestData: [DecryptionItem]

  /// A tally from its parts.
  public init(totals: EncryptedTotals, contestData: [DecryptionItem]) {
    self.totals = totals
    self.contestData = contestData
  }

  /// All items, in the order in which entries list them: totals first.
  public var items: [DecryptionItem] {
    var items: [DecryptionItem] = []
    for (contest, options) in totals.contests.enumerated() {
      for (option, ciphertext) in options.enumerated() {
        items.append(.tally(contest: contest + 1, option: option + 1, ciphertext))
      }
    }
    return items + contestData
  }
}

/// The decryption so far: one session after the other, until one ends without a named trustee.
public struct DecryptionState: Sendable {
  /// A trustee whose part or response was wrong.
  public struct Named: Sendable, Equatable {
    /// The session.
    public let session: Int
    /// The trustee.
    public let trustee: Int
  }

  /// The current session; 0 before the first one.
  public internal(set) var session = 0
  /// U of the current session, ascending.
  public internal(set) var available: [Int] = []
  /// d_i of the current session.
  public internal(set) var commitments: [Int: [Digest]] = [:]
  /// M_i, a_i and b_i of the current session.
  public internal(set) var parts: [Int: [PartialDecryption]] = [:]
  /// What follows from all parts; empty until the last one is there.
  public internal(set) var combined: [CombinedDecryption] = []
  /// v_i of the current session.
  public internal(set) var responses: [Int: [Scalar]] = [:]
  /// Trustees named in any session.
  public internal(set) var named: [Named] = []

  init() {}

  /// Whether every available trustee answered, and nobody was named in this session.
  public var isComplete: Bool {
    session > 0 && responses.count == available.count
      && !named.contains { $0.session == session }
  }

  mutating func open(_ opened: DecryptionOpened) {
    session = opened.session
    available = opened.trustees
    commitments = [:]
    parts = [:]
    combined = []
    responses = [:]
  }
}
