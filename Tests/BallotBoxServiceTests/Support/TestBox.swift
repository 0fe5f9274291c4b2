// SPDX-License-Identifier: Apache-2.0

import BallotBoxService
import Cryptography
import Election
import ElectionFixtures
import Foundation
import Groups
import Ledger
import LedgerFiles
import LedgerStore
import Logging
import Sequencing
import Service
import ServiceLifecycle
import Synchronization
import TestSupport
import Verification

/// How a box of a test runs, and where its record lies. The same one again is a restart.
struct BoxPlan: Sendable {
  private(set) var folder: TemporaryFolder
  let group: Group
  var pool: Intake.Limits = {
    var pool = Intake.Limits()
    pool.batchInterval = .milliseconds(20)
    return pool
  }()
  var limits: ServiceLimits = {
    var limits = ServiceLimits.patient
    limits.shutdownSeconds = 20
    return limits
  }()
  var clock: any WallClock = SystemClock()
  /// Puts a store of the test's own between the box and its database.
  var store: @Sendable (any SequencerStore) -> any SequencerStore = { $0 }
  var logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

  var record: String { folder.path + "/record" }
  var database: String { folder.path + "/record.sqlite" }

  /// A record with a fixture's entries, and its database.
  init(_ fixture: ElectionFixture) async throws {
    folder = try TemporaryFolder()
    group = fixture.group
    let writer = try RecordWriter.create(directory: record, signer: fixture.logSigner())
    let sequencer = try await Sequencer.begin(
      store: SQLiteSequencerStore.createNew(path: database), writer: writer)
    _ = try await sequencer.append(
      fixture.entries.map { .init(entry: $0.entry.bytes, payload: $0.payload, claims: []) })
  }

  /// The same plan in an empty folder of its own.
  init(copying plan: BoxPlan) throws {
    self = plan
    folder = try TemporaryFolder()
  }

  /// Opens the box, and asks nobody. Waits for the end of a box that was stopped in this process: its
  /// last task may still hold the record.
  func open() async throws -> BallotBox {
    let last = ContinuousClock.now + Patience.time
    while true {
      do { return try await openNow() } catch BoxError.record(let error)
        where error.rule.contains("no other process") && ContinuousClock.now < last
      {
        try await Task.sleep(for: .milliseconds(20))
      }
    }
  }

  private func openNow() async throws -> BallotBox {
    let store = self.store(try SQLiteSequencerStore.openExisting(path: database))
    return try await BallotBox.open(
      record: record, store: store,
      signer: NoteSigner(name: ElectionSetup.logName, key: Identity("log").key()),
      key: Identity("box").key(), clock: clock, proofs: .checked, in: group)
  }

  /// Runs a server while `body` runs, then stops it in the orderly way and waits for its end.
  @discardableResult
  func run<Result: Sendable>(
    _ body: @Sendable (TestBox) async throws -> Result
  ) async throws -> Result {
    let running = try await start()
    do {
      let result = try await body(running)
      await running.stop()
      try await running.end()
      return result
    } catch {
      await running.stop()
      _ = try? await running.end()
      throw error
    }
  }

  /// Starts a server; the caller stops it.
  func start() async throws -> TestBox {
    let box = try await open()
    let registry = MetricsRegistry()
    let metrics = BoxMetrics(factory: registry)
    var configuration = ServiceConfiguration(port: 0)
    configuration.limits = limits
    let witnesses = try await BoxWitnesses(box, metrics: metrics, logger: logger)
    let server = BoxServer(
      box: box, witnesses: witnesses, pool: pool, configuration: configuration, registry: registry,
      metrics: metrics, logger: logger)
    let (ports, continuation) = AsyncStream<Int>.makeStream()
    let group = ServiceGroup(
      services: [Server(server: server, onListening: { continuation.yield($0) })],
      logger: Logger(label: "group", factory: { _ in SwiftLogNoOpLogHandler() }))
    let task = Task {
      defer { continuation.finish() }
      try await group.run()
    }
    var iterator = ports.makeAsyncIterator()
    guard let port = await iterator.next() else {
      try await task.value
      throw ServiceError.operatingSystem("the server ended before it listened")
    }
    return TestBox(
      plan: self, box: box, intake: server.intake, board: witnesses.board, registry: registry,
      port: port, group: group,
      task: task)
  }

  private struct Server: Service {
    let server: BoxServer
    let onListening: @Sendable (Int) async -> Void

    func run() async throws { try await server.run(signals: [], onListening: onListening) }
  }
}

/// A ballot box behind a real server on a port of its own.
final class TestBox: Sendable {
  let plan: BoxPlan
  let box: BallotBox
  let intake: Intake
  let board: WitnessedBoard
  let registry: MetricsRegistry
  let port: Int
  private let group: ServiceGroup
  private let task: Task<Void, any Error>

  init(
    plan: BoxPlan, box: BallotBox, intake: Intake, board: WitnessedBoard,
    registry: MetricsRegistry, port: Int,
    group: ServiceGroup, task: Task<Void, any Error>
  ) {
    self.plan = plan
    self.box = box
    self.intake = intake
    self.board = board
    self.registry = registry
    self.port = port
    self.group = group
    self.task = task
  }

  /// Tells the server to stop, as SIGTERM does.
  func stop() async { await group.triggerGracefulShutdown() }

  /// Waits until the server has ended; throws what stopped it.
  func end() async throws { try await task.value }

  // MARK: Requests

  func send(_ call: Call) async throws -> Call.Answer {
    let answer = try await call.send(to: port)
    try OpenAPIDocument.expectDocumented(call, answer.status)
    return answer
  }

  func get(_ path: String) async throws -> Call.Answer { try await send(.get(path)) }

  /// Sends an entry to the address of its type.
  func post(_ file: EntryFile, to path: String? = nil) async throws -> Call.Answer {
    try await send(.post(path ?? Self.address(of: file, in: plan.group), file.bytes))
  }

  /// Sends an entry until it is decided about.
  func postUntilDecided(_ file: EntryFile) async throws -> Call.Answer {
    while true {
      let answer = try await post(file)
      guard answer.status == 503 || answer.status == 429 else { return answer }
      try await Task.sleep(for: .milliseconds(20))
    }
  }

  static func address(of file: EntryFile, in group: Group) -> String {
    let code = file.confirmationCode(in: group)?.hex ?? "none"
    switch EntryType(rawValue: file.entry.type) {
    case .ballotSubmitted: return "/ballots"
    case .ballotCast: return "/ballots/\(code)/cast"
    case .ballotChallenged: return "/ballots/\(code)/challenge"
    default: return "/entries"
    }
  }

  /// The value of a metric without labels.
  func metric(_ name: String) async throws -> Double? {
    for line in try await get("/metrics").text.split(separator: "\n")
    where line.hasPrefix(name + " ") {
      return Double(line.dropFirst(name.count + 1))
    }
    return nil
  }

  // MARK: The record

  /// Batches that are in the record.
  var writtenBatches: Int {
    get throws {
      try entries().filter { $0.entry.type == EntryType.batch.rawValue }.count
    }
  }

  /// The entries that are on the disk.
  func entries() throws -> [EntryFile] { try Self.entries(plan.record) }

  static func entries(_ path: String) throws -> [EntryFile] {
    var files: [EntryFile] = []
    try RecordDirectory(path: path).forEachEntry { _, entry, payload in
      files.append(try EntryFile(entry: LedgerEntry(bytes: entry), payload: payload))
    }
    return files
  }
}

extension ElectionFixture {
  /// Goes on to where a record is.
  mutating func follow(_ record: String) throws {
    for file in try TestBox.entries(record).dropFirst(entries.count) {
      if file.entry.type == EntryType.tallyAggregated.rawValue { keep(try tally()) }
      try append(file)
    }
  }

  /// An election of `count` voters of one style, in the phase of voting.
  static func voting(
    _ count: Int = 8, policy: WitnessPolicy = .none, revoting: Bool = true,
    change: (inout ElectionSetup) -> Void = { _ in }
  ) throws -> ElectionFixture {
    var setup = ElectionSetup()
    setup.trustees = 1
    setup.threshold = 1
    setup.revoting = revoting
    setup.witnessPolicy = policy
    setup.voters = Array(repeating: VoterSetup(style: 1), count: count)
    change(&setup)
    var fixture = try ElectionFixture(setup)
    try fixture.advance(from: .empty, to: .voting)
    return fixture
  }

  /// A blank ballot of a voter, and the entry that submits it.
  func blank(_ voter: Int) throws -> (ballot: MadeBallot, file: EntryFile) {
    let ballot = try ballot(voter, choices(voter, [:]))
    return (ballot, try entry(ballot.submitted, by: .voter(voter)))
  }
}
