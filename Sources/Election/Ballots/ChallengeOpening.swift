// SPDX-License-Identifier: Apache-2.0

public import Cryptography
internal import ElGamal
public import Groups

/// What opens a challenged ballot: votes and nonces by contest, with the manifest's labels
/// (ElectionGuard 2.1.0, 3.6.7). Public once it is published; never ξ_B.
public struct ChallengeOpening: Hashable, Sendable {
  /// One option.
  public struct Selection: Hashable, Sendable {
    /// The option's label.
    public var label: String
    /// σ
    public var vote: Int
    /// ξ_{i,j}
    public var nonce: Scalar

    /// A selection from its parts.
    public init(label: String, vote: Int, nonce: Scalar) {
      self.label = label
      self.vote = vote
      self.nonce = nonce
    }
  }

  /// Contest data.
  public struct OpenedData: Hashable, Sendable {
    /// ξ_i
    public var nonce: Scalar
    /// D, whole blocks.
    public var bytes: [UInt8]

    /// Data from its parts.
    public init(nonce: Scalar, bytes: [UInt8]) {
      self.nonce = nonce
      self.bytes = bytes
    }
  }

  /// One contest.
  public struct Contest: Hashable, Sendable {
    /// The contest's label.
    public var label: String
    /// The options.
    public var selections: [Selection]
    /// Contest data; nil when the contest has none.
    public var data: OpenedData?

    /// A contest from its parts.
    public init(label: String, selections: [Selection], data: OpenedData?) {
      self.label = label
      self.selections = selections
      self.data = data
    }
  }

  /// The contests.
  public var contests: [Contest]

  /// An opening from its parts.
  public init(contests: [Contest]) { self.contests = contests }

  /// The opening of a ballot that was encrypted from these choices with these secrets.
  /// - Throws: `BallotError`.
  public init(
    _ ballot: PlaintextBallot, identifierHash: Digest, secrets: borrowing BallotSecrets,
    context: ElectionContext
  ) throws(BallotError) {
    guard let style = context.manifest.ballotStyle(ballot.ballotStyle) else {
      throw .unknownBallotStyle(ballot.ballotStyle)
    }
    let group = context.group
    contests = []
    for index in style.contests {
      let content = try ballot.content(of: index, in: context.manifest)
      let (votes, bytes) = (content.votes, content.data)
      guard let definition = context.manifest.contest(index) else { throw .wrongContest(index) }
      var selections: [Selection] = []
      for (offset, vote) in votes.enumerated() {
        let nonce = secrets.selectionNonce(
          contest: index, option: offset + 1, identifierHash: identifierHash, in: group)
        selections.append(
          Selection(
            label: definition.options[offset], vote: vote, nonce: group.revealed(nonce)))
      }
      var data: OpenedData?
      if let bytes {
        let nonce = secrets.contestDataNonce(
          contest: index, identifierHash: identifierHash, in: group)
        data = OpenedData(nonce: group.revealed(nonce), bytes: bytes)
      }
      contests.append(Contest(label: definition.label, selections: selections, data: data))
    }
  }
}
