// SPDX-License-Identifier: Apache-2.0

import StrictJSON

/// A contest whose texts still wait for the languages.
struct DraftContest {
  let identifier: String
  let label: String
  let name: SourceText
  let text: SourceText?
  let district: String
  let vote: VoteRule
  let writeInLines: Int
  let options: [DraftOption]
}

struct DraftOption {
  let label: String
  let name: SourceText
  let party: String?
  /// 0 for an option without a write-in.
  let writeInLines: Int
}

struct DraftStyle {
  let label: String
  let name: SourceText
  let districts: [String]
  /// Indices from 1, ascending.
  let contests: [Int]
}

/// A variation with its limits.
struct VoteRule: Equatable {
  let variation: VoteVariation
  let selectionLimit: Int
  let optionLimit: Int
}

/// What the paper layout tells about a contest.
struct PaperFacts {
  /// Write-in lines of each option that only the layout has.
  var unnamedWriteIns: [Int] = []
  /// Write-in lines by option identifier.
  var writeInLines: [String: Int] = [:]
  /// The largest number of votes that one mark stands for.
  var votesPerMark = 1
}
