// SPDX-License-Identifier: Apache-2.0

import CommandLineSupport
import Cryptography
import Election
import StrictJSON

/// From the ballot definition to the confirmed keys.
extension DemoScene {
  func defineElection() throws -> Manifest {
    step("the commission imports \(definition.split(separator: "/").last ?? "")")
    let path = "\(work)/manifest.json"
    let outcome = try processes.expect(
      "election", ["import", "--from", "nist-1500-20", definition, "--output", path])
    for line in outcome.errors.split(separator: "\n") { Console.print("    \(line)") }
    let bytes = try Files.read(path)
    return try ProgramError.naming(path) { try Manifest(bytes: bytes) }
  }

  func makeKeys(_ cast: VoterCast) async throws {
    step("commission, ballot box, \(Self.trusteeCount) trustees and all voters make keys")
    let roles = ["commission"] + (1...Self.trusteeCount).map { "trustee-\($0)" }
    for role in roles {
      let words = Hex.encode(try SecureRandom.bytes(16))
      try Files.writeSecret(Array((words + "\n").utf8), to: secret("\(role).passphrase"))
    }
    try processes.expect(
      "election",
      [
        "keys", "--secret", secret("commission"), "--public", "\(work)/commission.json",
      ] + passphrase("commission"))
    try processes.expect(
      "ballot-box",
      [
        "keys", "--keys", secret("box"), "--public", "\(work)/box.json", "--origin",
        "demo.urna.example/election",
      ])
    try await processes.parallel(Array(1...Self.trusteeCount)) { trustee in
      try processes.expect(
        "trustee",
        [
          "enroll", "--secret", secret("trustee-\(trustee)"), "--public",
          "\(work)/trustee-\(trustee).json",
        ] + passphrase("trustee-\(trustee)"))
    }
    try await processes.parallel(cast.voters) { voter in
      try processes.expect(
        "voter",
        [
          "keys", "--wallet", secret("voter-\(voter.number)"), "--public",
          "\(work)/ballots/voter-\(voter.number).json",
        ])
    }
  }

  private func writeVoters(_ cast: VoterCast) throws {
    var listed: [JSONValue] = []
    for voter in cast.voters {
      let reader = try Files.readJSON("\(work)/ballots/voter-\(voter.number).json")
      let key = try ProgramError.naming("voter-\(voter.number).json") {
        try reader.fields(["key"])["key"].string()
      }
      listed.append([
        "ballotStyle": .string(voter.styleLabel), "district": .string(voter.district),
        "key": .string(key),
      ])
    }
    try Files.write(JSONValue.array(listed).prettyBytes(), to: "\(work)/voters.json")
  }

  mutating func configure(_ cast: VoterCast, _ times: CredentialTimes?) async throws {
    var arguments = [
      "init", "--name", "Demonstration", "--manifest", "\(work)/manifest.json",
      "--ballot-box", "\(work)/box.json", "--threshold", "\(Self.threshold)",
      "--open-contest-data", "--output", "\(work)/entries", "--secret", secret("commission"),
    ]
    for trustee in 1...Self.trusteeCount {
      arguments += ["--trustee", "\(work)/trustee-\(trustee).json"]
    }
    if !isOffline { arguments += ["--witness-policy", "\(work)/policy"] }
    if let times {
      arguments += credentialArguments(cast, times)
      try refuseWeakConfiguration(arguments)
    } else {
      try writeVoters(cast)
      arguments += ["--voters", "\(work)/voters.json"]
    }
    let outcome = try processes.expect("election", arguments + passphrase("commission"))
    step("the commission defines the election: \(outcome.output.prefix { $0 != "\n" })")
    try accept([entry("configuration"), entry("manifest")])
    if !isOffline {
      step("the ballot box begins the log, and serves it")
      try await startBox()
    }
  }

  func keyCeremony() throws {
    let trustees = 1...Self.trusteeCount
    for (verb, what) in [
      ("generate", "every trustee makes keys and proves to know their secrets"),
      ("share", "every trustee sends every other an encrypted share"),
      ("receive", "every trustee checks the shares that came"),
      ("confirm", "every trustee confirms the same joint key"),
    ] {
      step(what)
      for trustee in trustees { try runTrustee(trustee, verb) }
      try accept(trustees.map { entry("\(verb)-\($0)") })
    }
  }

  func openVoting() throws {
    step("the commission opens the voting; the box is empty")
    try commission("open", ["--output", entry("opened")])
    try accept([entry("opened")])
  }

  func runTrustee(_ trustee: Int, _ verb: String, as name: String? = nil) throws {
    try processes.expect(
      "trustee",
      [
        verb, "--record", place, "--secret", secret("trustee-\(trustee)"), "--output",
        entry(name ?? "\(verb)-\(trustee)"),
      ] + passphrase("trustee-\(trustee)"))
  }

  @discardableResult
  func commission(_ verb: String, _ arguments: [String]) throws -> Processes.Outcome {
    try processes.expect(
      "election",
      [verb, "--record", place, "--secret", secret("commission")] + arguments
        + passphrase("commission"))
  }
}
