// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BallotBoxLoad
import BallotBoxService
import CommandLineSupport
import Cryptography
import Election
import Foundation
import Ledger
import LedgerFiles
import LedgerStore
import Verification

/// `ballot-box load`
struct Load: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "load",
    abstract: "Measures a ballot box with an election made for that.",
    discussion: "Specs/load-profiles.md says what is measured and how.",
    subcommands: [LoadPrepare.self, LoadReplay.self, LoadLedger.self],
    defaultSubcommand: LoadReplay.self)

  /// Runs `body` and gives what stopped it an exit status.
  static func naming<Value>(_ body: () async throws -> Value) async throws -> Value {
    do { return try await body() } catch let error as LoadError {
      switch error {
      case .prepared: throw ProgramError(.incomplete, "\(error)")
      case .server, .file: throw ProgramError(.inputOutput, "\(error)")
      case .election: throw ProgramError(.wrong, "\(error)")
      case .usage: throw ProgramError(.usage, "\(error)")
      }
    } catch let error as ProgramError { throw error } catch let code as ExitCode {
      throw code
    } catch let error as BoxError { throw BoxPlace.error(error, "load") } catch {
      throw ProgramError(.inputOutput, "\(error)")
    }
  }
}

/// What `load prepare` leaves in a folder.
struct LoadFolder {
  let path: String

  var manifestPath: String { "\(path)/\(LoadManifest.fileName)" }
  var keysPath: String { "\(path)/box.keys" }
  var place: BoxPlace { BoxPlace(record: "\(path)/record", database: nil) }

  func manifest() throws -> LoadManifest {
    let reader = try Files.readJSON(manifestPath)
    return try ProgramError.naming(manifestPath) { try LoadManifest(reader) }
  }

  /// Copies record and database, so that a run changes nothing of what was prepared.
  func copyPlace(to folder: String) throws -> BoxPlace {
    let copy = BoxPlace(record: "\(folder)/record", database: nil)
    do {
      let manager = FileManager.default
      try manager.copyItem(atPath: place.record, toPath: copy.record)
      // What the database has not yet taken over lies beside it.
      for suffix in ["", "-wal"] where manager.fileExists(atPath: place.databasePath + suffix) {
        try manager.copyItem(
          atPath: place.databasePath + suffix, toPath: copy.databasePath + suffix)
      }
    } catch { throw ProgramError(.inputOutput, "\(folder): \(error.localizedDescription)") }
    return copy
  }
}

/// `ballot-box load prepare`
struct LoadPrepare: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prepare",
    abstract: "Makes an election in the standard group, and a ballot of every voter.",
    discussion: """
      The keys of commission, trustee, voters and witnesses follow from a seed in load.json: it is no \
      election of anybody. Without --witness the policy names two witnesses on free ports of this \
      machine, which `load run` starts; a port that is taken by then ends the run with a message.
      """)

  @Option(help: "Voters, each with one ballot.") var voters: Int
  @Option(help: "The folder to make.") var output: String
  @Option(help: "Options of the contest, one of which is chosen.") var options = 4
  @Option(
    parsing: .singleValue,
    help: "A witness, \"VKEY URL\"; given twice, for witnesses that run elsewhere.")
  var witness: [String] = []
  @Option(help: "How progress is shown: auto, plain or none.") var progress = ProgressStyle.auto

  static func validate(voters: Int) throws {
    guard (1...1_000_000).contains(voters) else {
      throw ValidationError("--voters: 1 to 1,000,000")
    }
  }

  func validate() throws {
    try Self.validate(voters: voters)
    guard (2...64).contains(options) else { throw ValidationError("--options: 2 to 64") }
    guard witness.isEmpty || witness.count == 2 else {
      throw ValidationError("--witness: two of them, or none")
    }
  }

  mutating func run() async throws {
    try await prepare()
    Console.print("made \(output): \(voters) ballots")
  }

  /// Makes the folder, and says nothing.
  func prepare() async throws {
    try Files.refuseToOverwrite(output)
    try Files.makeFolder(output)
    try await Load.naming { try await make() }
  }

  private func make() async throws {
    let folder = LoadFolder(path: output)
    let election = LoadElection(
      seed: try SecureRandom.bytes(32), voters: voters, options: options)
    try Files.writeSecret(
      try BoxKeys.generate(origin: "load.example/election").revealed(), to: folder.keysPath)
    let ports = witness.isEmpty ? try FreePorts.find(2) : []
    let keys = try BoxKeys.read(folder.keysPath)
    let logKey = keys.logKey
    let configuration = try election.configuration(
      boxKey: keys.entries.publicKey, logKey: logKey,
      policy: election.policy(try witnesses(election, ports)))
    let box = try await folder.place.begin(configuration, keys)
    try await election.openVoting(box)
    guard let context = await box.state.context, let electionID = await box.state.electionID else {
      throw LoadError.election("the voting is not open")
    }
    let line = ProgressLine("ballots", style: progress)
    let total = voters
    try await election.writeBallots(
      to: output, context: context, electionID: electionID, cores: Cores.count
    ) { line.show($0, of: total) }
    // Last, so that a folder with this file is complete.
    try Files.write(
      LoadManifest(election: election, witnessPorts: ports).bytes, to: folder.manifestPath)
  }

  private func witnesses(
    _ election: LoadElection, _ ports: [Int]
  ) throws -> [(vkey: String, url: String)] {
    guard witness.isEmpty else {
      return try witness.map { text in
        let parts = text.split(separator: " ").map(String.init)
        guard parts.count == 2 else { throw LoadError.usage("--witness: \"VKEY URL\"") }
        return (vkey: parts[0], url: parts[1])
      }
    }
    return zip(try election.ownWitnessKeys(), ports).map {
      (vkey: $0, url: "http://127.0.0.1:\($1)")
    }
  }
}
