// SPDX-License-Identifier: Apache-2.0

import StrictJSON

extension BallotDefinitionBuilder {
  /// The vote variations of the schema.
  private static let variations = [
    "approval", "borda", "cumulative", "majority", "n-of-m", "other", "plurality", "proportional",
    "range", "rcv", "super-majority",
  ]

  /// The variation and limits of a contest, or nil when homomorphic tallies cannot represent it:
  /// then the contest is left out, with a warning.
  func voteRule(
    _ contest: SourceObject, _ type: String, options: Int, _ facts: PaperFacts
  ) throws(JSONError) -> VoteRule? {
    let variation = try contest.take("VoteVariation")?.string(oneOf: Self.variations)
    if let ranks = try contest.integer("RanksAllowed", 0...1000), ranks > 1, variation != "rcv" {
      return leaveOut(contest, "votes by rank (RanksAllowed \(ranks))")
    }
    let allowed = try votesAllowed(contest, type)
    switch variation {
    case "rcv", "borda":
      return leaveOut(contest, "votes by rank (\(variation ?? ""))")
    case "other":
      let other = try contest.take("OtherVoteVariation")?.string() ?? ""
      return leaveOut(contest, "another vote variation \(other.debugDescription)")
    case "approval":
      if type == "CandidateContest", allowed != options {
        log.warn(
          "approval lets a voter select every option; the number of votes allowed is not used",
          at: contest.path + ".VotesAllowed")
      }
      return VoteRule(variation: .approval, selectionLimit: options, optionLimit: 1)
    case "cumulative":
      log.warn(
        "cumulative voting: all votes may go to one option (score with both limits \(allowed))",
        at: contest.path)
      return VoteRule(variation: .score, selectionLimit: allowed, optionLimit: allowed)
    case "range":
      let points = max(allowed, facts.votesPerMark)
      log.warn(
        "the schema has no largest number of points; the larger of VotesAllowed and the votes of a "
          + "mark is taken: \(points)", at: contest.path)
      return VoteRule(
        variation: .score, selectionLimit: points * options, optionLimit: points)
    case "majority", "super-majority", "proportional":
      log.warn(
        "\(variation ?? "") is a rule for the result; it is applied to the tally", at: contest.path)
    default: break
    }
    if type != "CandidateContest", options == 2, allowed == 1, !type.hasPrefix("Party"),
      type != "StraightPartyContest", variation != "n-of-m"
    {
      return VoteRule(variation: .yesNo, selectionLimit: 1, optionLimit: 1)
    }
    if allowed == 1, variation != "n-of-m" {
      return VoteRule(variation: .plurality, selectionLimit: 1, optionLimit: 1)
    }
    if allowed > options {
      log.warn(
        "more votes are allowed than there are options; \(options) is the limit",
        at: contest.path + ".VotesAllowed")
    }
    return VoteRule(
      variation: .nOfM, selectionLimit: min(allowed, options), optionLimit: 1)
  }

  private func leaveOut(_ contest: SourceObject, _ reason: String) -> VoteRule? {
    log.warn(
      "the contest is left out: \(reason) cannot be tallied; its options are left out with it",
      at: contest.path)
    return nil
  }

  /// Votes of a voter: of a candidate contest as the source says, of any other 1.
  private func votesAllowed(_ contest: SourceObject, _ type: String) throws(JSONError) -> Int {
    guard type == "CandidateContest" else { return 1 }
    if let allowed = try contest.integer("VotesAllowed", 1...ManifestLimits.optionLimit) {
      return allowed
    }
    log.warn("VotesAllowed is missing; 1 is taken", at: contest.path)
    return 1
  }
}
