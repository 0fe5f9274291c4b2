// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Election
import ElectionFixtures
import Foundation
import Glibc
import Ledger
import LedgerFiles
import TestSupport
import Testing

/// The real program: killed, frozen, twice on one record, behind its witnesses, without its database.
@Suite(.serialized) struct ProcessTests {
  /// What clients were given while a box was killed again and again.
  private final class Given: Sendable {
    let promises = Locked<[Digest: [UInt8]]>([:])
    let receipts = Locked<[(leaf: Digest, receipt: String)]>([])
  }

  /// Sends ballots until each is promised, and asks for receipts, whatever happens to the box.
  private static func client(
    _ files: [EntryFile], _ port: Locked<Int>, _ given: Given, isOver: Locked<Bool>
  ) async {
    for file in files {
      while !isOver.value {
        do {
          var call = Call.post("/ballots", file.bytes)
          call.patience = 10_000
          let answer = try await call.send(to: port.value)
          guard answer.status == 202 else { throw Call.Broken(description: answer.text) }
          given.promises.change { promises in
            // The second answer is the first.
            #expect(promises[file.entry.leafHash, default: answer.body] == answer.body)
            promises[file.entry.leafHash] = answer.body
          }
          var ask = Call.get("/entries/\(file.entry.leafHash.hex)?wait=2")
          ask.patience = 10_000
          let status = try await ask.send(to: port.value)
          if status.status == 200, let receipt = try status.string("receipt") {
            given.receipts.change { $0.append((file.entry.leafHash, receipt)) }
          }
          break
        } catch {
          do { try await Task.sleep(for: .milliseconds(50)) } catch { return }
        }
      }
    }
  }

  /// Killed at random moments under load: what was acknowledged is in the final record, and every
  /// receipt that was handed out is of a beginning of it.
  // adversary: L-01
  @Test(.hangs) func killedAgainAndAgain() async throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    var generator = SeededGenerator(seed: seed)
    let witnesses = [try TestWitness("first"), try TestWitness("second")]
    defer { withExtendedLifetime(witnesses) {} }
    let fixture = try ProcessPlan.fixture(
      160, policy: TestWitness.policy(witnesses, quorum: 2))
    let files = try await ProcessPlan.ballots(fixture, 1...160).map(\.file)
    var plan = try await ProcessPlan(fixture)
    plan.arguments = ["--config", try Self.quick(plan)]
    let (given, port, isOver) = (Given(), Locked(1), Locked(false))
    var clients: [Task<Void, Never>] = []
    for lane in 0..<4 {
      let own = stride(from: lane, to: files.count, by: 4).map { files[$0] }
      clients.append(Task { await Self.client(own, port, given, isOver: isOver) })
    }
    for round in 0..<8 {
      let process = try plan.start()
      let found = try await process.port()
      port.change { $0 = found }
      try await Task.sleep(for: .milliseconds(Int.random(in: 50...1_500, using: &generator)))
      process.signal(SIGKILL)
      let end = try await process.end()
      #expect(end.status == 128 + SIGKILL, "seed \(seed), round \(round): \(end.errors)")
    }
    let process = try plan.start()
    let found = try await process.port()
    port.change { $0 = found }
    for client in clients { await client.value }
    isOver.change { $0 = true }
    process.signal(SIGTERM)
    let end = try await process.end()
    #expect(end.status == 0, "seed \(seed): \(end.errors)")
    let fsck = try await plan.run("fsck")
    #expect(fsck.status == 0, "seed \(seed): \(fsck.output)\(fsck.errors)")

    #expect(given.promises.value.count == 160, "seed \(seed)")
    let entries = try TestBox.entries(plan.record)
    let leaves = entries.map(\.entry.leafHash)
    #expect(Set(leaves).count == leaves.count, "seed \(seed)")
    for (leaf, bytes) in given.promises.value {
      let promise = try InclusionPromise(bytes: bytes)
      #expect(promise.isSignatureValid(key: fixture.box.publicKey))
      #expect(promise.leafHash == leaf)
      #expect(leaves.contains(leaf), "seed \(seed): a promise was broken")
    }
    #expect(!given.receipts.value.isEmpty)
    for (leaf, text) in given.receipts.value {
      let witnessed = try InclusionReceipt(Array(text.utf8)).verify(
        leafHash: leaf, logKey: fixture.logSigner().verifierKey,
        policy: fixture.setup.witnessPolicy)
      let size = Int(witnessed.checkpoint.size)
      try #require(size <= leaves.count, "seed \(seed)")
      #expect(
        MerkleTree.root(of: Array(leaves.prefix(size))) == witnessed.checkpoint.root,
        "seed \(seed): a receipt of another history")
    }
    print("killed 8 times, seed \(seed): \(given.receipts.value.count) receipts")
  }

  /// Batches every few milliseconds.
  private static func quick(_ plan: ProcessPlan) throws -> String {
    try plan.folder.write(
      Array(#"{"batch":{"milliseconds":20},"log":{"level":"debug"}}"#.utf8), "quick.json")
    return plan.folder.path + "/quick.json"
  }

  @Test(.hangs) func aSecondBoxOnTheRecordIsRefused() async throws {
    let fixture = try ProcessPlan.fixture(2)
    let plan = try await ProcessPlan(fixture)
    let first = try plan.start()
    let port = try await first.port()
    let second = try await plan.start().end()
    #expect(second.status != 0 && second.status < 128)
    #expect(
      second.errors.contains("no other process appends to the record"), "\(second.errors)")
    // The first one does not notice.
    let file = try fixture.blank(1).file
    #expect(try await Call.post("/ballots", file.bytes).send(to: port).status == 202)
    first.signal(SIGTERM)
    #expect(try await first.end().status == 0)
    #expect(try await plan.run("fsck").status == 0)
  }

  /// The copy that lags behind what a witness has seen.
  // adversary: L-03
  @Test(.hangs) func aCopyBehindItsWitnessIsRefused() async throws {
    let witness = try TestWitness("first")
    let fixture = try ProcessPlan.fixture(
      2, policy: TestWitness.policy([witness], quorum: 1))
    let plan = try await ProcessPlan(fixture)
    var copy = plan
    (copy.record, copy.database) = (plan.folder.path + "/copy", plan.folder.path + "/copy.sqlite")
    try FileManager.default.copyItem(atPath: plan.record, toPath: copy.record)
    try FileManager.default.copyItem(atPath: plan.database, toPath: copy.database)
    let first = try plan.start()
    let port = try await first.port()
    let (ballot, file) = try fixture.blank(1)
    #expect(try await Call.post("/ballots", file.bytes).send(to: port).status == 202)
    let answer = try await Call.get("/ballots/\(ballot.code.hex)?wait=60").send(to: port)
    #expect(answer.status == 200)
    let second = try await copy.start().end()
    #expect(second.status == 5, "\(second.errors)")
    #expect(second.errors.contains("witness first"), "\(second.errors)")
    first.signal(SIGTERM)
    #expect(try await first.end().status == 0)
  }

  /// Frozen for longer than clients and witnesses wait; then it goes on as if nothing had been.
  @Test(.hangs) func aFrozenBoxGoesOn() async throws {
    let witness = try TestWitness("first")
    let fixture = try ProcessPlan.fixture(
      3, policy: TestWitness.policy([witness], quorum: 1))
    let files = try await ProcessPlan.ballots(fixture, 1...3)
    let plan = try await ProcessPlan(fixture)
    let process = try plan.start()
    let port = try await process.port()
    // One waits in the pool, a request to the witness is on its way.
    witness.behave(.slow(milliseconds: 400))
    async let first = Call.post("/ballots", files[0].file.bytes).send(to: port)
    try await Task.sleep(for: .milliseconds(200))
    process.signal(SIGSTOP)
    var impatient = Call.post("/ballots", files[1].file.bytes)
    impatient.patience = 1_000
    await #expect(throws: Call.Broken.self) { _ = try await impatient.send(to: port) }
    try await Task.sleep(for: .seconds(6))
    process.signal(SIGCONT)
    let promised = try await first
    #expect(promised.status == 202)
    for (ballot, file) in files {
      let answer = try await Call.post("/ballots", file.bytes).send(to: port)
      #expect(answer.status == 202, "\(answer.text)")
      if file == files[0].file { #expect(answer.body == promised.body) }
      let receipt = try await Call.get("/ballots/\(ballot.code.hex)?wait=60").send(to: port)
      #expect(receipt.status == 200, "\(receipt.text)")
    }
    process.signal(SIGTERM)
    #expect(try await process.end().status == 0)
    let entries = try TestBox.entries(plan.record)
    for (_, file) in files { #expect(entries.filter { $0 == file }.count == 1) }
    #expect(try await plan.run("fsck").status == 0)
  }

  /// The database is lost, and made again from the record; or it is an old copy, and refused.
  @Test(.hangs) func theDatabaseIsMadeAgain() async throws {
    let fixture = try ProcessPlan.fixture(3)
    let files = try await ProcessPlan.ballots(fixture, 1...3).map(\.file)
    let plan = try await ProcessPlan(fixture)
    let old = plan.folder.path + "/old.sqlite"
    try FileManager.default.copyItem(atPath: plan.database, toPath: old)
    let promise = try await Self.served(plan) { port in
      try await Call.post("/ballots", files[0].bytes).send(to: port).body
    }

    try FileManager.default.removeItem(atPath: plan.database)
    let lost = try await plan.start().end()
    #expect(lost.status == 3, "\(lost.errors)")
    #expect(lost.errors.contains("ballot-box rebuild"), "\(lost.errors)")
    let rebuilt = try await plan.run("rebuild")
    #expect(rebuilt.status == 0, "\(rebuilt.errors)")
    #expect(try await plan.run("fsck").status == 0)
    let again = try await plan.run("rebuild")
    #expect(again.status == 5, "\(again.errors)")
    try await Self.served(plan) { port in
      #expect(
        try await Call.post("/ballots", files[0].bytes).send(to: port).body == promise)
      // The claims are there again: no second ballot of this number.
      let twin = try await Call.post("/ballots", fixture.blank(1).file.bytes).send(to: port)
      #expect(twin.status == 422)
      #expect(try await Call.post("/ballots", files[1].bytes).send(to: port).status == 202)
    }

    for name in ["", "-wal", "-shm"] {
      if FileManager.default.fileExists(atPath: plan.database + name) {
        try FileManager.default.removeItem(atPath: plan.database + name)
      }
    }
    try FileManager.default.copyItem(atPath: old, toPath: plan.database)
    let behind = try await plan.start().end()
    #expect(behind.status == 5, "\(behind.errors)")
    #expect(behind.errors.contains("the database is an old copy"), "\(behind.errors)")
    let fsck = try await plan.run("fsck")
    #expect(fsck.status == 1, "\(fsck.output)")
    #expect(fsck.output.contains("the database ends at another tree than the record"))
  }

  /// An old copy of the record beside the newest database.
  @Test(.hangs) func anOldRecordIsRefused() async throws {
    let fixture = try ProcessPlan.fixture(2)
    let plan = try await ProcessPlan(fixture)
    let old = plan.folder.path + "/old"
    try FileManager.default.copyItem(atPath: plan.record, toPath: old)
    for voter in 1...2 {
      try await Self.served(plan) { port in
        let file = try fixture.blank(voter).file
        #expect(try await Call.post("/ballots", file.bytes).send(to: port).status == 202)
      }
    }
    try FileManager.default.removeItem(atPath: plan.record)
    try FileManager.default.copyItem(atPath: old, toPath: plan.record)
    let end = try await plan.start().end()
    #expect(end.status == 5, "\(end.errors)")
    #expect(end.errors.contains("the record is an old copy or another one"), "\(end.errors)")
  }

  /// A folder named with a slash behind it is the same folder, with the same database.
  @Test(.hangs) func aSlashBehindTheFolderChangesNothing() async throws {
    let fixture = try ProcessPlan.fixture(2)
    let plan = try await ProcessPlan(fixture)
    let before = try FileManager.default.contentsOfDirectory(atPath: plan.record).sorted()
    for slashes in ["/", "//"] {
      let process = try ServeProcess(
        plan, ["--record", plan.record + slashes, "--keys", plan.keys, "--port", "0"])
      let port = try await process.port()
      #expect(try await Call.get("/checkpoint").send(to: port).status == 200)
      process.signal(SIGTERM)
      #expect(try await process.end().status == 0)
      let fsck = try await ServeProcess("fsck", plan, [plan.record + slashes]).end()
      #expect(fsck.output.contains("record.sqlite: agrees"), "\(fsck.output)")
    }
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: plan.record).sorted() == before)
  }

  /// Told to stop while somebody waits for a receipt that will not come, and while it is idle.
  @Test(.hangs, arguments: [SIGTERM, SIGINT])
  func signalsEndItInOrder(_ signal: Int32) async throws {
    let witness = try TestWitness("first")
    let fixture = try ProcessPlan.fixture(
      2, policy: TestWitness.policy([witness], quorum: 1))
    let plan = try await ProcessPlan(fixture)
    let process = try plan.start()
    let port = try await process.port()
    witness.behave(.silent)
    let (ballot, file) = try fixture.blank(1)
    #expect(try await Call.post("/ballots", file.bytes).send(to: port).status == 202)
    async let waiting = Call.get("/ballots/\(ballot.code.hex)?wait=60").send(to: port)
    try await Task.sleep(for: .milliseconds(500))
    process.signal(signal)
    #expect(try await waiting.status == 202)
    let end = try await process.end()
    #expect(end.status == 0, "\(end.errors)")
    #expect(!end.errors.contains("still worked on"), "\(end.errors)")
  }

  /// Runs a box while `body` runs.
  @discardableResult
  static func served<Result: Sendable>(
    _ plan: ProcessPlan, _ body: (Int) async throws -> Result
  ) async throws -> Result {
    let process = try plan.start()
    let result = try await body(try await process.port())
    process.signal(SIGTERM)
    let end = try await process.end()
    #expect(end.status == 0, "\(end.errors)")
    return result
  }
}
