// SPDX-License-Identifier: Apache-2.0

/// Why a ballot was not encrypted.
public enum BallotError: Error, Equatable, Sendable {
  /// The manifest has no such ballot style.
  case unknownBallotStyle(Int)
  /// The choices name a contest twice, or one that is not on the ballot style.
  case wrongContest(Int)
  /// The choices have another number of options than the contest.
  case wrongOptionCount(contest: Int)
  /// A vote is below 0.
  case negativeVote(contest: Int)
  /// Contest data does not fit or is not allowed, or the contest has none.
  case contestData(contest: Int, ContestDataError)
  /// No randomness, or arithmetic refused a value.
  case cryptography
}

extension BallotError: CustomStringConvertible {
  /// The reason in words; contests and ballot styles by their number in the manifest.
  public var description: String {
    switch self {
    case .unknownBallotStyle(let style): "the manifest has no ballot style \(style)"
    case .wrongContest(let contest):
      "contest \(contest) is named twice, or is not on the ballot style"
    case .wrongOptionCount(let contest): "contest \(contest): another number of options"
    case .negativeVote(let contest): "contest \(contest): a vote below 0"
    case .contestData(let contest, let error): "contest \(contest): \(error)"
    case .cryptography: "no randomness, or arithmetic refused a value"
    }
  }
}

/// A filled-in ballot. Secret: whoever holds it does not print or keep it.
public struct PlaintextBallot: Sendable {
  /// The choices in one contest.
  public struct Contest: Sendable {
    /// The contest's index in the manifest, from 1.
    public var index: Int
    /// σ by option, in the manifest's order.
    public var votes: [Int]
    /// Names on write-in lines.
    public var writeIns: [ContestData.WriteIn]

    /// Choices from their parts.
    public init(index: Int, votes: [Int], writeIns: [ContestData.WriteIn] = []) {
      self.index = index
      self.votes = votes
      self.writeIns = writeIns
    }
  }

  /// The ballot style's index in the manifest, from 1.
  public var ballotStyle: Int
  /// Choices; a contest of the style that is not here is blank.
  public var contests: [Contest]

  /// A ballot from its parts.
  public init(ballotStyle: Int, contests: [Contest]) {
    self.ballotStyle = ballotStyle
    self.contests = contests
  }

  /// What is encrypted, for every contest of the ballot style.
  func contents(in manifest: ManifestOutline) throws(BallotError) -> [ContestContent] {
    guard let style = manifest.ballotStyle(ballotStyle) else {
      throw .unknownBallotStyle(ballotStyle)
    }
    for contest in contests where !style.contests.contains(contest.index) {
      throw .wrongContest(contest.index)
    }
    var contents: [ContestContent] = []
    for index in style.contests { contents.append(try content(of: index, in: manifest)) }
    return contents
  }

  /// What is encrypted for a contest: the votes, and contest data in whole blocks. An overvoted
  /// contest counts as blank, and its marks go into the contest data (3.3.5).
  func content(
    of index: Int, in manifest: ManifestOutline
  ) throws(BallotError) -> ContestContent {
    guard let contest = manifest.contest(index) else { throw .wrongContest(index) }
    let own = contests.filter { $0.index == index }
    guard own.count <= 1 else { throw .wrongContest(index) }
    let blank = Array(repeating: 0, count: contest.options.count)
    let votes = own.first?.votes ?? blank
    guard votes.count == blank.count else { throw .wrongOptionCount(contest: index) }
    guard votes.allSatisfy({ $0 >= 0 }) else { throw .negativeVote(contest: index) }
    let isOvervote =
      votes.contains { $0 > contest.optionLimit }
      || votes.reduce(0, { $0.addingReportingOverflow($1).partialValue })
        > contest.selectionLimit
    let writeIns = (own.first?.writeIns ?? []).sorted { $0.option < $1.option }
    guard contest.contestDataBlocks > 0 else {
      guard writeIns.isEmpty else {
        throw .contestData(contest: index, .tooLong(available: 0))
      }
      return ContestContent(index: index, votes: isOvervote ? blank : votes, data: nil)
    }
    let data = ContestData(writeIns: writeIns, overvote: isOvervote ? votes : nil)
    do {
      return ContestContent(
        index: index, votes: isOvervote ? blank : votes,
        data: try data.encoded(blocks: contest.contestDataBlocks))
    } catch { throw .contestData(contest: index, error) }
  }
}

/// What is encrypted for a contest. Secret.
struct ContestContent: Sendable {
  /// The contest's index in the manifest, from 1.
  let index: Int
  /// σ of every option.
  let votes: [Int]
  /// D, whole blocks; nil when the contest has no contest data.
  let data: [UInt8]?
}
