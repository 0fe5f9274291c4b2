// SPDX-License-Identifier: Apache-2.0

import CommandLineSupport
import Election
import Foundation
import StrictJSON

/// The demonstration: who plays, where the files lie, and the course of events.
struct DemoScene: Sendable {
  static let trusteeCount = 5
  static let threshold = 3
  /// The trustee who stays away from the decryption.
  static let absentTrustee = 2
  /// The trustee who sends a wrong share.
  static let wrongTrustee = 4

  let processes: Processes
  let work: String
  let record: String
  let definition: String
  let voterCount: Int
  let seed: UInt64
  /// Whether everything goes by files, and no server runs.
  let isOffline: Bool
  /// Whether voters get credentials; otherwise the configuration lists them.
  let hasCredentials: Bool
  /// Whether TLS with citizens ends in the issuers, and not in a proxy.
  let issuersSpeakTLS: Bool
  var servers = Servers()

  /// The servers that run.
  struct Servers: Sendable {
    var box: Server?
    var witnesses: [Server] = []
    var issuers: [Server] = []
    var proxy: IssuerProxy?
  }

  /// What programs are told as the record: the box's address, or the folder.
  var place: String { servers.box?.address ?? record }

  init(
    programs: String, output: String?, definition: String?, voters: Int, seed: UInt64,
    isOffline: Bool, hasCredentials: Bool, issuersSpeakTLS: Bool
  ) throws(ProgramError) {
    processes = Processes(programs: programs)
    let folder =
      output
      ?? FileManager.default.temporaryDirectory
      .appendingPathComponent("urna-demo-\(UUID().uuidString.prefix(8))").path
    try Files.refuseToOverwrite(folder)
    record = folder
    work = folder + "-work"
    try Files.refuseToOverwrite(work)
    for path in [
      work, "\(work)/secrets", "\(work)/certificates", "\(work)/entries", "\(work)/ballots",
      "\(work)/kept",
    ] {
      try Files.makeFolder(path)
    }
    self.definition =
      definition
      ?? URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../../Ceremonies/demo-county.json").standardized.path
    voterCount = voters
    self.seed = seed
    self.isOffline = isOffline
    self.hasCredentials = hasCredentials
    self.issuersSpeakTLS = issuersSpeakTLS
  }

  /// Plays the whole election, and leaves no server running.
  mutating func play() async throws {
    do { try await playAll() } catch {
      await stopServers()
      throw error
    }
  }

  private mutating func playAll() async throws {
    let start = Date()
    Console.print("A demonstration election: \(voterCount) voters, seed \(seed)")
    let manifest = try defineElection()
    let cast = VoterCast(
      count: voterCount, manifest: manifest, seed: seed, oneStyleADistrict: hasCredentials)
    try await makeKeys(cast)
    if !isOffline { try await startWitnesses() }
    if hasCredentials {
      try await makeRoll(cast)
      try await makeIssuers(cast)
      let times = CredentialTimes(from: UniversalTime.now, voters: voterCount)
      try await configure(cast, times)
      try await register(cast)
      try keyCeremony()
      try await activate(cast, times)
    } else {
      try await configure(cast, nil)
      try keyCeremony()
    }
    try openVoting()
    try await vote(cast.without { !votes($0) })
    try await close(cast.without { !votes($0) })
    try decrypt()
    try publish()
    await stopServers()
    servers = Servers()
    let result = try verify()
    try compare(
      result.certified, result.decrypted, with: cast.without { !votes($0) }, manifest)
    try await checkKept(cast.without { !votes($0) })
    try await Tampering(scene: self).play()
    let seconds = Int(Date().timeIntervalSince(start).rounded())
    Console.print("")
    Console.print("verdict: passed; all five tampered copies were rejected (\(seconds) s)")
    Console.print("the record: \(record)")
    Console.print("everybody's secrets, for the curious: \(work)")
    Console.print("verify it again: verifier record \(record)")
  }

  // MARK: Steps that every part uses

  func step(_ text: String) { Console.print("- \(text)") }

  func entry(_ name: String) -> String { "\(work)/entries/\(name).entry" }

  func secret(_ name: String) -> String { "\(work)/secrets/\(name)" }

  /// `--passphrase-file` of a role.
  func passphrase(_ role: String) -> [String] {
    ["--passphrase-file", secret("\(role).passphrase")]
  }

  /// Where a voter keeps a ballot's promise.
  func promise(_ voter: DemoVoter, round: Int) -> String {
    "\(work)/kept/ballot-\(round)-\(voter.number).promise"
  }

  /// Where a voter keeps a ballot's receipt.
  func receipt(_ voter: DemoVoter, round: Int) -> String {
    "\(work)/kept/ballot-\(round)-\(voter.number).tlog-proof"
  }

  /// The box accepts all of these files.
  func accept(_ files: [String]) throws {
    if let box = servers.box {
      _ = try submit(files, to: box.address)
      return
    }
    try processes.expect(
      "ballot-box",
      ["accept", "--keys", secret("box"), "--record", record, "--receipts", "\(work)/receipts"]
        + files)
  }

  /// The box refuses this file, and names this rule.
  func refuse(_ file: String, rules: Set<String>, what: String) throws {
    if let box = servers.box {
      let complaint = try submit([file], to: box.address, status: 1).errors
      let named = rules.filter { complaint.contains($0) }.sorted()
      guard !named.isEmpty else {
        throw ProgramError(.wrong, "\(what): refused by another rule: \(complaint)")
      }
      step("the box refuses \(what): \(named.joined(separator: ", "))")
      return
    }
    let outcome = try processes.expect(
      "ballot-box", ["accept", "--keys", secret("box"), "--record", record, "--json", file],
      status: 1)
    let reader = try ProgramError.naming("ballot-box accept") {
      JSONReader(try JSONValue(parsing: Array(outcome.output.utf8)))
    }
    var named: [String] = []
    for item in try reader.openFields()["refused"].array() {
      for rule in try item.openFields()["rules"].array() {
        named.append(try rule.openFields()["id"].string())
      }
    }
    guard !rules.isDisjoint(with: named) else {
      throw ProgramError(
        .wrong, "\(what): refused by \(named.joined(separator: ", ")), not by \(rules.sorted())")
    }
    step("the box refuses \(what): \(rules.intersection(named).sorted().joined(separator: ", "))")
  }
}
