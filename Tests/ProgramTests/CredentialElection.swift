// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Election
import Foundation
import Ledger
import LedgerFiles
import StrictJSON
import Synchronization
import TestSupport
import Testing
import Verification

/// A small election with credentials by real processes: ballot box, witness, three issuers, and citizens of two
/// districts who have letters. The third issuer's keys are in a PKCS#11 module where SoftHSM is installed.
final class CredentialElection: Sendable {
  /// What an election is made for.
  struct Plan: Sendable {
    let citizens: Int
    /// Authorities that send letters.
    var authorities = 1
    /// The name of an identity provider, for one more citizen who gets no letter.
    var provider: String?
  }

  /// A citizen, and the files of one of their devices.
  struct Citizen: Sendable {
    let number: Int
    let district: (number: Int, label: String)
    /// i
    let index: Int
    /// What their letters say.
    let codes: [String]
    let wallet: String
    let letters: String
  }

  static let issuers = 1...3
  /// The issuer whose keys may be in a module.
  static let hardwareIssuer = 3
  static let isPossible: Bool = {
    let found = ToolRun.program("issuer") != nil
    if !found { print("SKIPPED: the programs were not built") }
    return found || Shared.isContinuousIntegration
  }()

  let registration: ClosedRange<Int>
  let activation: ClosedRange<Int>
  let electionID: Digest
  private let making: CredentialMaking
  private let styles: [(label: String, style: String)]
  private let citizens: [Citizen]
  private let taken = Mutex(0)
  private let servers: Servers

  struct Servers: Sendable {
    let box: ServerProcess
    let witness: ServerProcess
    let issuers: [ServerProcess]
  }

  var folder: TemporaryFolder { making.folder }
  var plan: Plan { making.plan }
  var module: SoftwareModule? { making.module }
  /// The variables that the programs are run with.
  var environment: [String: String] { making.clock.environment }
  var box: String { servers.box.address }
  var record: String { folder / "record" }
  /// Where the issuers listen.
  var addresses: [String] { servers.issuers.map(\.address) }

  // MARK: The beginning

  /// Makes keys, roll, letters and configuration, and starts the servers; the registration is open then.
  ///
  /// - Parameter untilExit: whether tests share it until the process ends.
  static func begin(_ plan: Plan, untilExit: Bool = false) async throws -> CredentialElection {
    let folder = try TemporaryFolder("credentials", untilExit: untilExit)
    let module = try await SoftwareModule.make(in: folder)
    let making = CredentialMaking(
      plan: plan, folder: folder, module: module, clock: try MovableClock(in: folder))
    try await making.makeKeys()
    if plan.provider != nil { try await making.makeAuditors() }
    let witness = try await making.startWitness()
    let styles = try await making.importManifest()
    let citizens = try await making.makeRoll(styles)
    try await making.makeIssuers(styles)
    let registration = making.clock.now...making.clock.now + 3600
    let activation = registration.upperBound + 1...registration.upperBound + 3600
    let electionID = try await making.configure(styles, registration, activation)
    let box = try await making.serveBox()
    let commission = ["--secret", folder / "commission.key"] + making.passphrase
    try await making.run(
      "election", ["open-registration", "--record", box.address, "--submit"] + commission)
    var issuers: [ServerProcess] = []
    for number in Self.issuers {
      issuers.append(
        try await making.serve(number, box: box.address, election: electionID))
    }
    return CredentialElection(
      making, electionID, registration, activation, styles, citizens,
      Servers(box: box, witness: witness, issuers: issuers))
  }

  private init(
    _ making: CredentialMaking, _ electionID: Digest, _ registration: ClosedRange<Int>,
    _ activation: ClosedRange<Int>, _ styles: [(label: String, style: String)],
    _ citizens: [Citizen], _ servers: Servers
  ) {
    self.making = making
    self.electionID = electionID
    self.registration = registration
    self.activation = activation
    self.styles = styles
    self.citizens = citizens
    self.servers = servers
  }

  private static let open = Task.detached {
    try await begin(Plan(citizens: 200), untilExit: true)
  }

  /// The election in which citizens register for an hour; one for all tests.
  static func registering() async throws -> CredentialElection { try await open.value }

  // MARK: Citizens

  /// A citizen whom no other test has.
  func citizen() throws -> Citizen {
    let position = taken.withLock { taken in
      defer { taken += 1 }
      return taken
    }
    try #require(citizens.indices.contains(position), "the roll has more citizens")
    let citizen = citizens[position]
    try makeWallet(citizen, citizen.wallet)
    return citizen
  }

  func citizens(_ count: Int) throws -> [Citizen] { try (0..<count).map { _ in try citizen() } }

  /// A new wallet, as `voter keys` makes it.
  func makeWallet(_ citizen: Citizen, _ path: String) throws {
    try FileManager.default.createDirectory(
      atPath: URL(fileURLWithPath: path).deletingLastPathComponent().path,
      withIntermediateDirectories: true)
    let run = try ToolRun(
      "\(ToolRun.programs)/voter", ["keys", "--wallet", path, "--public", "\(path).public"])
    try #require(run.status == 0, "\(run.text)")
  }

  /// Runs a command of the citizen's own program to its end.
  func voter(
    _ verb: String, _ citizen: Citizen, _ more: [String] = [], wallet: String? = nil,
    record: String? = nil, environment: [String: String] = [:]
  ) throws -> ToolRun {
    try ToolRun(
      "\(ToolRun.programs)/voter",
      [verb, "--record", record ?? box, "--wallet", wallet ?? citizen.wallet] + more,
      environment: making.variables(environment))
  }

  /// `voter register` at these issuers, all unless given.
  func register(
    _ citizen: Citizen, at issuers: [String]? = nil, wallet: String? = nil,
    environment: [String: String] = [:]
  ) throws -> ToolRun {
    try voter(
      "register", citizen, registerArguments(citizen, at: issuers ?? addresses), wallet: wallet,
      environment: environment)
  }

  func registerArguments(_ citizen: Citizen, at issuers: [String]) -> [String] {
    [
      "--letters", citizen.letters, "--district", citizen.district.label, "--index",
      "\(citizen.index)",
    ] + issuers.flatMap { ["--issuer", $0] }
  }

  // MARK: Issuers and the commission

  /// Another process with the keys of an issuer, and a database of its own.
  func serve(
    _ number: Int, database: String, name: String, environment: [String: String] = [:]
  ) async throws -> ServerProcess {
    try await making.serve(
      number, box: box, election: electionID, database: database, name: name,
      environment: environment)
  }

  func stopIssuers() async throws {
    for issuer in servers.issuers { try await issuer.kill() }
  }

  /// Ends all servers.
  func end() async throws {
    try await stopIssuers()
    for server in [servers.box, servers.witness] { try await server.kill() }
  }

  /// An entry of the commission.
  func commission(_ verb: String, _ more: [String] = []) async throws {
    try await making.run(
      "election",
      [verb, "--record", box, "--secret", folder / "commission.key", "--submit"] + more
        + making.passphrase)
  }

  /// Runs another program of the election, which must end well.
  @discardableResult
  func run(
    _ program: String, _ arguments: [String], withPassphrase: Bool = true
  ) async throws -> ToolRun {
    try await making.run(
      program, arguments + (withPassphrase ? making.passphrase : []),
      environment: module?.environment ?? [:])
  }

  /// Moves the time of day of all programs on until a second is over.
  func move(past second: Int) throws { try making.clock.move(past: second) }

  // MARK: The record

  /// What the record leads to; every rule must hold.
  func state(
    sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> ElectionState {
    let fold = try await RecordFold.fold(RecordDirectory(path: record), depth: .structure)
    #expect(fold.findings.failures.isEmpty, "\(fold.findings)", sourceLocation: sourceLocation)
    return fold.state
  }

  /// The wallet as the program keeps it.
  func kept(_ wallet: String) throws -> KeptWallet { try KeptWallet(wallet) }
}

/// What a wallet's file has.
struct KeptWallet: Equatable {
  let seed: [UInt8]
  /// By issuer, unblinded.
  var signatures: [Int: [UInt8]] = [:]
  /// The seeds of the entry's keys.
  var entrySeeds: [[UInt8]] = []

  init(_ path: String) throws {
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    let fields = try JSONReader(JSONValue(parsing: [UInt8](bytes))).openFields()
    seed = try fields["seed"].hex(bytes: 32)
    guard let credential = try fields.optional("credentials")?.array(1...1).first?.openFields()
    else { return }
    for item in try credential["signatures"].array(0...16) {
      let members = try item.openFields()
      signatures[try members["issuer"].integer(1...16)] = try members["signature"].hex(
        bytes: 1...512)
    }
    entrySeeds = try credential["entrySeeds"].array(0...2).map { try $0.hex(bytes: 32) }
  }
}
