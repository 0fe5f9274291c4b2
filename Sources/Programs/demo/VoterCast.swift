// SPDX-License-Identifier: Apache-2.0

import Election
import StrictJSON

/// A repeatable generator for the demonstration's votes (SplitMix64). Never used for a secret.
struct DemoRandom: RandomNumberGenerator, Sendable {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// The votes of one voter in one contest.
struct ContestChoice: Sendable {
  let contest: Int
  var votes: [Int]
  var writeIns: [String?]
  var isOvervote = false
}

/// A voter of the demonstration, and what only the demonstration knows about them.
struct DemoVoter: Sendable {
  let number: Int
  let styleLabel: String
  let district: String
  let choices: [ContestChoice]
  let challengesFirst: Bool
  /// Never decides about the ballot, so it does not count.
  let leaves: Bool
}

extension DemoVoter {
  /// Whether the voter has a certificate; the others get letters.
  var hasCertificate: Bool { number % 2 == 0 }
  /// How the roll and the certificate name the voter.
  var identifier: String { "ID-\(number)" }

  /// A voter of whom only the number matters.
  init(number: Int) {
    self.init(
      number: number, styleLabel: "", district: "", choices: [], challengesFirst: false,
      leaves: false)
  }
}

/// All voters with their random votes.
struct VoterCast: Sendable {
  let voters: [DemoVoter]
  /// The districts that voters live in, each with its ballot style, where it has only one.
  let districts: [(label: String, style: String)]
  private let manifest: Manifest

  /// These voters without some.
  func without(_ leaves: (DemoVoter) -> Bool) -> VoterCast {
    VoterCast(
      voters: voters.filter { !leaves($0) }, districts: districts, manifest: manifest)
  }

  private init(
    voters: [DemoVoter], districts: [(label: String, style: String)], manifest: Manifest
  ) {
    self.voters = voters
    self.districts = districts
    self.manifest = manifest
  }

  /// - Parameter oneStyleADistrict: whether all voters of a district get one ballot style, as credentials ask.
  init(count: Int, manifest: Manifest, seed: UInt64, oneStyleADistrict: Bool) {
    self.manifest = manifest
    func district(_ style: BallotStyle) -> String {
      style.districts.first ?? manifest.districts.first?.label ?? ""
    }
    var styles = manifest.ballotStyles
    if oneStyleADistrict {
      var seen = Set<String>()
      styles = styles.filter { seen.insert(district($0)).inserted }
    }
    districts = styles.map { (district($0), $0.label) }
    var random = DemoRandom(seed: seed)
    var voters: [DemoVoter] = []
    for number in 1...count {
      let style = styles[(number - 1) % styles.count]
      let choices = style.contests.compactMap { contest in
        manifest.contest(at: contest).map {
          Self.choose(contest, $0, voter: number, &random)
        }
      }
      voters.append(
        DemoVoter(
          number: number, styleLabel: style.label,
          district: district(style),
          choices: choices, challengesFirst: number % 3 == 1 && number < count,
          leaves: number == count))
    }
    self.voters = voters
  }

  /// Random votes within the limits. Voter 3 marks too many options where that is possible.
  private static func choose(
    _ index: Int, _ contest: Contest, voter: Int, _ random: inout DemoRandom
  ) -> ContestChoice {
    let options = contest.options.count
    var choice = ContestChoice(
      contest: index, votes: Array(repeating: 0, count: options),
      writeIns: Array(repeating: nil, count: options))
    if voter == 3, contest.selectionLimit < options * contest.optionLimit,
      contest.contestDataBlocks > 0
    {
      choice.votes = Array(repeating: contest.optionLimit, count: options)
      choice.isOvervote = true
      return choice
    }
    var left = Int.random(in: 0...contest.selectionLimit, using: &random)
    for option in (0..<options).shuffled(using: &random) where left > 0 {
      let votes = min(left, Int.random(in: 0...contest.optionLimit, using: &random))
      choice.votes[option] = votes
      left -= votes
      if votes > 0, contest.options[option].isWriteIn {
        choice.writeIns[option] = "Candidate of voter \(voter)"
      }
    }
    return choice
  }

  /// The file that `voter vote` reads.
  func choicesFile(_ voter: DemoVoter) -> [UInt8] {
    let contests: [JSONValue] = voter.choices.compactMap { choice in
      guard let contest = manifest.contest(at: choice.contest) else { return nil }
      var selections: [JSONValue] = []
      for (option, votes) in zip(contest.options.indices, choice.votes) where votes > 0 {
        var members = [
          JSONMember(name: "option", value: .string(contest.options[option].label)),
          JSONMember(name: "votes", value: .integer(Int64(votes))),
        ]
        if let text = choice.writeIns[option] {
          members.append(JSONMember(name: "writeIn", value: .string(text)))
        }
        selections.append(.object(members))
      }
      return ["contest": .string(contest.label), "selections": .array(selections)]
    }
    return JSONValue.object([JSONMember(name: "contests", value: .array(contests))]).prettyBytes()
  }

  /// The totals by contest and option that the result must show: of everybody who cast. A contest
  /// with too many marks counts as blank.
  func expectedTotals() -> [[Int]] {
    var totals = manifest.contests.map { Array(repeating: 0, count: $0.options.count) }
    for voter in voters where !voter.leaves {
      for choice in voter.choices where !choice.isOvervote {
        for (option, votes) in choice.votes.enumerated() {
          totals[choice.contest - 1][option] += votes
        }
      }
    }
    return totals
  }

  /// The names that the result must show, as "contest, option: name". A name is written once.
  func expectedNames() -> Set<String> {
    var names: Set<String> = []
    for voter in voters where !voter.leaves {
      for choice in voter.choices where !choice.isOvervote {
        guard let contest = manifest.contest(at: choice.contest) else { continue }
        for (option, name) in zip(contest.options, choice.writeIns) {
          if let name { names.insert("\(contest.label), \(option.label): \(name)") }
        }
      }
    }
    return names
  }
}
