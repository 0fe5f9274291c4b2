// SPDX-License-Identifier: Apache-2.0

import CommandLineSupport
import Cryptography
import Foundation
import Ledger
import StrictJSON

/// The servers of the demonstration: two witnesses of whom both must cosign, and the ballot box.
extension DemoScene {
  static let witnesses = ["north", "south"]

  /// Starts the witnesses, which watch over the box's log, and writes the policy that names them.
  mutating func startWitnesses() async throws {
    step("two witnesses start; both must cosign")
    let box = try Files.readJSON("\(work)/box.json")
    let log = try ProgramError.naming("box.json") {
      try box.fields(["key", "log"])["log"].string()
    }
    var policy = ""
    for name in Self.witnesses {
      let (key, settings) = (secret("witness-\(name)"), "\(work)/witness-\(name).json")
      try processes.expect(
        "witness",
        [
          "keys", "--secret", key, "--public", "\(work)/witness-\(name).vkey", "--name",
          "\(name).witness.example",
        ])
      let value: JSONValue = [
        "logs": .array([.string(log)]), "secret": .string(key),
        "database": .string("\(work)/witness-\(name).sqlite"),
        "log": ["level": "warning"],
      ]
      try Files.write(value.prettyBytes(), to: settings)
      try processes.expect("witness", ["init", "--config", settings])
      let server = try await Server.start(
        processes, "witness", ["serve", "--config", settings], log: "\(work)/witness-\(name).log",
        portFile: "\(work)/witness-\(name).port")
      servers.witnesses.append(server)
      let vkey = try Files.read("\(work)/witness-\(name).vkey", limit: 512)
      policy +=
        "witness \(name) \(String(decoding: vkey, as: UTF8.self).prefix { $0 != "\n" }) "
        + "\(server.address)\n"
    }
    policy += "group both all \(Self.witnesses.joined(separator: " "))\nquorum both\n"
    try Files.write(Array(policy.utf8), to: "\(work)/policy")
  }

  /// Starts the box on the record that was begun. The second start takes the same port.
  mutating func startBox() async throws {
    servers.box = try await Server.start(
      processes, "ballot-box",
      ["serve", "--keys", secret("box"), "--record", record, "--log-level", "warning"],
      port: servers.box?.port ?? 0, log: "\(work)/box.log", portFile: "\(work)/box.port")
  }

  func stopServers() async {
    servers.proxy?.stop()
    for server in servers.issuers { await server.stop() }
    await servers.box?.stop()
    for server in servers.witnesses { await server.stop() }
  }

  /// Sends entries, and keeps promises and receipts.
  func submit(_ files: [String], to address: String, status: Int32 = 0) throws
    -> Processes.Outcome
  {
    try processes.expect(
      "election", ["submit", "--box", address, "--keep", "\(work)/kept"] + files, status: status)
  }

  /// The box dies while voters vote, and comes back. Whoever got no answer sends the same ballot again.
  mutating func surviveCrash(_ voters: [DemoVoter], round: Int) async throws {
    guard let first = servers.box else { return }
    step("\(voters.count) more vote; the box is killed meanwhile, and starts again")
    try await encrypt(Array(voters.prefix(1)), round: round)
    let scene = self
    async let voting: Void = scene.processes.parallel(Array(voters.dropFirst())) { voter in
      _ = try scene.processes.run("voter", scene.voteArguments(voter, round: round))
    }
    try await waitForGrowth()
    first.kill()
    try await startBox()
    try await voting
    var again = 0
    for voter in voters.dropFirst() where !Files.exists(receipt(voter, round: round)) {
      again += 1
      try await sendAgain(voter, round: round)
    }
    step("\(again) of them had no receipt, sent the same ballot again, and have one now")
  }

  /// Waits until the box has published another batch, so that others are on their way.
  private func waitForGrowth() async throws {
    let before = try Files.read("\(record)/checkpoint")
    for _ in 0..<3000 {
      if try Files.read("\(record)/checkpoint") != before { return }
      try await Task.sleep(for: .milliseconds(10))
    }
    throw ProgramError(.wrong, "the box publishes nothing while voters vote")
  }

  private func sendAgain(_ voter: DemoVoter, round: Int) async throws {
    let wallet = secret("voter-\(voter.number)")
    let copy = "\(wallet).ballot-\(round).entry"
    if !Files.exists(copy) {
      // The program had no answer before it encrypted: nothing was made yet.
      try await encrypt([voter], round: round)
      return
    }
    let folder = "\(work)/kept-\(voter.number)-\(round)"
    try processes.expect("voter", ["submit", "--box", place, "--keep", folder, copy])
    let leaf = try Files.readEntry(copy).entry.leafHash.hex
    for (kind, path) in [
      ("promise", promise(voter, round: round)), ("tlog-proof", receipt(voter, round: round)),
    ] {
      try Files.write(try Files.read("\(folder)/\(leaf).\(kind)"), to: path)
    }
  }

  /// Every promise was kept and every receipt leads into the final record, whatever happened on the way.
  func checkKept(_ cast: VoterCast) async throws {
    guard !isOffline else { return }
    var promises = 0
    var receipts = 0
    for voter in cast.voters {
      for round in 1...2 where Files.exists(receipt(voter, round: round)) {
        try processes.expect(
          "voter",
          [
            "check", "--record", record, "--wallet", secret("voter-\(voter.number)"), "--receipt",
            receipt(voter, round: round),
          ])
        receipts += 1
        guard Files.exists(promise(voter, round: round)) else { continue }
        try processes.expect(
          "verifier", ["promise", promise(voter, round: round), "--record", record])
        promises += 1
      }
    }
    let expected = cast.voters.count + cast.voters.filter(\.challengesFirst).count
    guard receipts == expected else {
      throw ProgramError(.wrong, "\(receipts) receipts instead of \(expected)")
    }
    step("\(receipts) receipts verify against the final record, \(promises) promises were kept")
  }
}
