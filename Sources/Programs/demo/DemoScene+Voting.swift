// SPDX-License-Identifier: Apache-2.0

import CommandLineSupport
import Cryptography
import Election
import Foundation
import Ledger

/// From the first ballot to the closing.
extension DemoScene {
  func vote(_ cast: VoterCast) async throws {
    step("\(cast.voters.count) voters encrypt their ballots")
    for voter in cast.voters {
      try Files.write(cast.choicesFile(voter), to: "\(work)/ballots/choices-\(voter.number).json")
    }
    try await encrypt(cast.voters, round: 1)
    try accept(cast.voters.map { entry("ballot-1-\($0.number)") })
    try await attack(cast)

    let challengers = cast.voters.filter(\.challengesFirst)
    step("\(challengers.count) voters challenge their ballots and see what was encrypted")
    try await decide("challenge", challengers, round: 1)
    let casters = cast.voters.filter { !$0.challengesFirst && !$0.leaves }
    step("\(casters.count) voters cast; one leaves without a decision")
    try await decide("cast", casters, round: 1)
    try accept(
      challengers.map { entry("challenge-1-\($0.number)") }
        + casters.map { entry("cast-1-\($0.number)") })

    step("the challengers vote again and cast")
    try await encrypt(challengers, round: 2)
    try accept(challengers.map { entry("ballot-2-\($0.number)") })
    try await decide("cast", challengers, round: 2)
    try accept(challengers.map { entry("cast-2-\($0.number)") })
  }

  private func encrypt(_ voters: [DemoVoter], round: Int) async throws {
    try await processes.parallel(voters) { voter in
      try processes.expect(
        "voter",
        [
          "vote", "--record", record, "--wallet", secret("voter-\(voter.number)"), "--choices",
          "\(work)/ballots/choices-\(voter.number).json", "--output",
          entry("ballot-\(round)-\(voter.number)"),
        ])
    }
  }

  private func decide(_ verb: String, _ voters: [DemoVoter], round: Int) async throws {
    try await processes.parallel(voters) { voter in
      try processes.expect(
        "voter",
        [
          verb, "--record", record, "--wallet", secret("voter-\(voter.number)"), "--output",
          entry("\(verb)-\(round)-\(voter.number)"),
        ])
    }
  }

  /// Three things that the box must refuse, each by its rule.
  private func attack(_ cast: VoterCast) async throws {
    let victim = cast.voters[0]
    let attacker = cast.voters[1]
    try refuse(
      entry("ballot-1-\(victim.number)"), rules: ["BAL-4"], what: "a ballot that is sent again")

    let stolen = try Files.readEntry(entry("ballot-1-\(victim.number)"))
    let group = ElectionState().group
    var copied = try ProgramError.naming("ballot") {
      try BallotSubmitted(bytes: stolen.payload, in: group)
    }
    let own = try Files.readEntry(entry("ballot-1-\(attacker.number)"))
    copied.sequence = 2
    copied.previous = own.entry.payloadDigest
    try sign(copied, as: attacker, to: entry("attack-copy"))
    try refuse(
      entry("attack-copy"), rules: ["BAL-1", "EG-5.A"],
      what: "a voter's ballot that another voter sends as their own")

    let excessive = try await excessiveBallot(of: attacker)
    try sign(excessive, as: attacker, to: entry("attack-range"))
    try refuse(
      entry("attack-range"), rules: ["EG-6.D"], what: "a ballot with a vote too many")
  }

  func close(_ cast: VoterCast) async throws {
    step("the commission closes the voting")
    try commission("close", ["--output", entry("closed")])
    try processes.expect(
      "ballot-box", ["close", "--keys", secret("box"), "--record", record, entry("closed")])
    step("voters check that their ballots stand in the record")
    try await processes.parallel(Array(cast.voters.prefix(8))) { voter in
      try processes.expect(
        "voter", ["check", "--record", record, "--wallet", secret("voter-\(voter.number)")])
    }
  }
}
