// SPDX-License-Identifier: Apache-2.0

import CommandLineSupport
import Cryptography
import Election
import Foundation
import Ledger

/// From the first ballot to the closing.
extension DemoScene {
  mutating func vote(_ cast: VoterCast) async throws {
    step("\(cast.voters.count) voters encrypt their ballots")
    for voter in cast.voters {
      try Files.write(cast.choicesFile(voter), to: "\(work)/ballots/choices-\(voter.number).json")
    }
    if isOffline {
      try await encrypt(cast.voters, round: 1)
      try accept(cast.voters.map { entry("ballot-1-\($0.number)") })
    } else {
      let half = cast.voters.count / 2
      try await encrypt(Array(cast.voters.prefix(half)), round: 1)
      try await surviveCrash(Array(cast.voters.dropFirst(half)), round: 1)
    }
    try await attack(cast)

    let challengers = cast.voters.filter(\.challengesFirst)
    step("\(challengers.count) voters challenge their ballots and see what was encrypted")
    try await decide("challenge", challengers, round: 1)
    let casters = cast.voters.filter { !$0.challengesFirst && !$0.leaves }
    step("\(casters.count) voters cast; one leaves without a decision")
    try await decide("cast", casters, round: 1)
    if isOffline {
      try accept(
        challengers.map { entry("challenge-1-\($0.number)") }
          + casters.map { entry("cast-1-\($0.number)") })
    }

    step("the challengers vote again and cast")
    try await encrypt(challengers, round: 2)
    if isOffline { try accept(challengers.map { entry("ballot-2-\($0.number)") }) }
    try await decide("cast", challengers, round: 2)
    if isOffline { try accept(challengers.map { entry("cast-2-\($0.number)") }) }
  }

  func encrypt(_ voters: [DemoVoter], round: Int) async throws {
    try await processes.parallel(voters) { voter in
      try processes.expect("voter", voteArguments(voter, round: round))
    }
  }

  func voteArguments(_ voter: DemoVoter, round: Int) -> [String] {
    [
      "vote", "--record", place, "--wallet", secret("voter-\(voter.number)"), "--choices",
      "\(work)/ballots/choices-\(voter.number).json",
    ]
      + (isOffline
        ? ["--output", entry("ballot-\(round)-\(voter.number)")]
        : [
          "--submit", "--promise", promise(voter, round: round), "--receipt",
          receipt(voter, round: round),
        ])
  }

  private func decide(_ verb: String, _ voters: [DemoVoter], round: Int) async throws {
    try await processes.parallel(voters) { voter in
      try processes.expect(
        "voter",
        [verb, "--record", place, "--wallet", secret("voter-\(voter.number)")]
          + (isOffline
            ? ["--output", entry("\(verb)-\(round)-\(voter.number)")] : ["--submit"]))
    }
  }

  /// The ballot that a voter sent in a round, as a file.
  private func ballotFile(_ voter: DemoVoter, round: Int) -> String {
    isOffline
      ? entry("ballot-\(round)-\(voter.number)")
      : secret("voter-\(voter.number)") + ".ballot-\(round).entry"
  }

  /// Sent again, a ballot counts once: the server gives the same promise, the command refuses it.
  private func replay(_ victim: DemoVoter) throws {
    let file = ballotFile(victim, round: 1)
    guard let box = servers.box else {
      try refuse(file, rules: ["BAL-4"], what: "a ballot that is sent again")
      return
    }
    _ = try submit([file], to: box.address)
    let leaf = try Files.readEntry(file).entry.leafHash.hex
    guard
      try Files.read("\(work)/kept/\(leaf).promise") == Files.read(promise(victim, round: 1))
    else { throw ProgramError(.wrong, "a ballot that is sent again gets another promise") }
    step("a ballot that is sent again gets the same promise, and is in the log once")
  }

  /// Three things that the box must stop, two of them by their rules.
  private func attack(_ cast: VoterCast) async throws {
    let victim = cast.voters[0]
    // Of the same ballot style, so that nothing but the copying is wrong.
    let attacker =
      cast.voters.dropFirst().first { $0.styleLabel == victim.styleLabel } ?? cast.voters[1]
    try replay(victim)

    let stolen = try Files.readEntry(ballotFile(victim, round: 1))
    let group = ElectionState().group
    var copied = try ProgramError.naming("ballot") {
      try BallotSubmitted(bytes: stolen.payload, in: group)
    }
    let own = try Files.readEntry(ballotFile(attacker, round: 1))
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
    if isOffline {
      try processes.expect(
        "ballot-box", ["close", "--keys", secret("box"), "--record", record, entry("closed")])
    } else {
      try accept([entry("closed")])
    }
    step("voters check that their ballots stand in the record")
    try await processes.parallel(Array(cast.voters.prefix(8))) { voter in
      try processes.expect(
        "voter", ["check", "--record", place, "--wallet", secret("voter-\(voter.number)")])
    }
  }
}
