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
import StrictJSON

/// `ballot-box load run`, and `ballot-box load` alone
struct LoadReplay: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Sends prepared ballots to a box over HTTP and verifies every receipt.",
    discussion: """
      With --voters the election is made first, in a temporary folder; load prepare keeps one for many \
      runs. Starts a box on a copy of the prepared record, and the witnesses of its policy. The profiles \
      estonia2023, oneday and flat send ballots when the profile says so, whatever the box answers; \
      saturate sends as fast as the box admits. Exit status 1 if a receipt is missing or does not hold, \
      4 if a server ends.
      """)

  enum Profile: String, ExpressibleByArgument, CaseIterable {
    case estonia2023, oneday, flat, saturate

    var curve: LoadProfile? {
      switch self {
      case .estonia2023: .estonia2023
      case .oneday: .oneDay
      case .flat: .flat
      case .saturate: nil
      }
    }
  }

  @Option(help: "The folder of `load prepare`.") var input: String?
  @Option(help: "Voters of an election that is made for this run.") var voters: Int?
  @Option(help: "When ballots come: estonia2023, oneday, flat or saturate.") var profile: Profile
  @Option(help: "Seconds of the profile that pass in one.") var speed: Double?
  @Option(help: "Ballots a second in the profile's busiest minute; decides the speed.")
  var rate: Double?
  @Option(help: "Only the profile's last hours.") var lastHours: Int?
  @Option(help: "Only so many ballots.") var limit: Int?
  @Option(help: "Clients of saturate.") var clients = 512
  @Option(help: "Connections at most.") var connections = 1024
  @Option(help: "Decides the times of arrival.") var seed: UInt64 = 2023
  @Flag(help: "Cast the ballots, too.") var cast = false
  @Flag(
    help:
      "Proofs count as checked, which no box in service can do: the server runs in this process.")
  var prepaid = false
  @Option(help: "Entries of one batch of the box.") var batchEntries = 256
  @Option(help: "A folder to make for the box's record; a temporary one without it.")
  var work: String?
  @Flag(help: "Print one JSON object instead of lines.") var json = false
  @Option(help: "How progress is shown: auto, plain or none.") var progress = ProgressStyle.auto

  func validate() throws {
    guard (input == nil) != (voters == nil) else {
      throw ValidationError("either --input or --voters")
    }
    if let voters { try LoadPrepare.validate(voters: voters) }
    guard speed == nil || rate == nil else { throw ValidationError("either --speed or --rate") }
    guard profile != .saturate || (speed == nil && rate == nil && lastHours == nil) else {
      throw ValidationError("--profile saturate has no time of its own")
    }
    guard profile == .saturate || speed != nil || rate != nil else {
      throw ValidationError("--speed or --rate is missing")
    }
    for (name, value) in [("--speed", speed), ("--rate", rate)] {
      guard value.map({ $0 > 0 && $0 <= 1_000_000 }) ?? true else {
        throw ValidationError("\(name): above 0, at most 1,000,000")
      }
    }
    for (name, value) in [
      ("--clients", clients), ("--connections", connections), ("--limit", limit ?? 1),
      ("--last-hours", lastHours ?? 1),
    ] {
      guard (1...1_000_000).contains(value) else {
        throw ValidationError("\(name): 1 to 1,000,000")
      }
    }
    guard (1...4096).contains(batchEntries) else {
      throw ValidationError("--batch-entries: 1 to 4096")
    }
  }

  mutating func run() async throws {
    let report = try await Load.naming { try await prepared { try await measure($0) } }
    if json {
      Console.print(bytes: report.json.prettyBytes())
    } else {
      for line in report.lines { Console.print(line) }
    }
    guard report.isClean else {
      throw ProgramError(
        .wrong, "not every ballot has a verified receipt: \(report.receipts) have")
    }
  }

  /// Has an election made, unless there is one.
  private func prepared<Value>(_ body: (LoadFolder) async throws -> Value) async throws -> Value {
    if let input { return try await body(LoadFolder(path: input)) }
    let path = "\(NSTemporaryDirectory())/urna-load-prepared-\(getpid())"
    let preparation = try LoadPrepare.parse([
      "--voters", "\(voters ?? 0)", "--output", path, "--progress", progress.rawValue,
    ])
    defer { Self.remove(path) }
    try await preparation.prepare()
    return try await body(LoadFolder(path: path))
  }

  private static func remove(_ path: String) {
    guard FileManager.default.fileExists(atPath: path) else { return }
    do { try FileManager.default.removeItem(atPath: path) } catch {
      Console.error("left behind: \(path)")
    }
  }

  private func measure(_ folder: LoadFolder) async throws -> LoadReport {
    OpenFiles.raise(to: connections + 512)
    let manifest = try folder.manifest()
    let work = self.work ?? "\(NSTemporaryDirectory())/urna-load-\(getpid())"
    try Files.refuseToOverwrite(work)
    try Files.makeFolder(work)
    defer { if self.work == nil { Self.remove(work) } }
    let place = try folder.copyPlace(to: work)
    let (electionID, configuration) = try Self.election(place)
    let ballots = min(limit ?? manifest.election.voters, manifest.election.voters)
    let settings = settings(ballots)
    let logKey = try NoteVerifierKey(vkey: configuration.logKey)
    let witnesses: [LoadWitness] = try manifest.witnessPorts.enumerated().map {
      try LoadWitness($0, of: manifest.election, logKey: logKey, port: $1)
    }
    let line = ProgressLine("receipts", style: progress)
    let step = max(1, ballots / 100)
    let server = LoadServer(
      place: place, keys: folder.keysPath, work: work, batchEntries: batchEntries)
    let servers: [Companions.Server] = witnesses.map { witness in
      { onListening in try await witness.run(onListening: onListening) }
    }
    return try await Companions.with(servers) { _ in
      try await server.serving(prepaid: prepaid) { process, port in
        Console.error("server: process \(process), port \(port)")
        return try await LoadRun(
          settings, folder: folder.path, port: port, electionID: electionID,
          configuration: configuration
        ).run(server: process) { if $0.isMultiple(of: step) { line.show($0, of: ballots) } }
      }
    }
  }

  private func settings(_ ballots: Int) -> LoadRun.Settings {
    let pace: LoadRun.Pace
    if let curve = profile.curve {
      let arrivals = Arrivals(
        lastHours.map { curve.last($0) } ?? curve, voters: ballots, seed: seed)
      pace = .open(
        arrivals, speed: speed ?? rate.map { arrivals.speed(forPeakRate: $0) } ?? 1)
    } else {
      pace = .closed(clients: clients)
    }
    var settings = LoadRun.Settings(pace: pace, ballots: ballots)
    settings.connections = connections
    settings.casts = cast
    return settings
  }

  /// The election's identity and configuration, from the record's first entry.
  private static func election(
    _ place: BoxPlace
  ) throws -> (id: Digest, configuration: ElectionConfiguration) {
    do {
      let payload = try RecordDirectory(path: place.record).payload(at: 0)
      return (
        SHA256.hash(payload), try ElectionConfiguration(bytes: payload, in: ElectionState().group)
      )
    } catch let error as FileError { throw ProgramError(error, in: place.record) } catch {
      throw ProgramError(.wrong, "\(place.record): \(error)")
    }
  }
}
