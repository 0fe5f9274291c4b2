// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Election
import ElectionFixtures
import Foundation
import Groups
import Ledger
import LedgerFiles
import Synchronization
import TestSupport
import Testing

/// Watching, copying and convicting a log with the real programs, against servers that show what a test
/// tells them to.
@Suite struct WatchTests {
  /// A log in the standard group that has only begun, which grows by batches without entries.
  struct Log: Sendable {
    var fixture: ElectionFixture

    init(policy: WitnessPolicy = .none) throws {
      var setup = ElectionSetup(group: .standard)
      setup.witnessPolicy = policy
      fixture = try ElectionFixture(setup)
      try fixture.step(to: .configured)
    }

    /// The same log, longer.
    func grown(_ count: Int, from time: Int? = nil) throws -> Log {
      var copy = self
      if let time { copy.fixture.time = time }
      for _ in 0..<count { try copy.fixture.openBatch() }
      return copy
    }

    /// Its record, cosigned by these witnesses.
    func write(_ folder: TemporaryFolder, _ name: String, _ witnesses: [String] = []) throws
      -> String
    {
      let path = folder / name
      var writer = try RecordWriter.create(directory: path, signer: fixture.logSigner())
      _ = try writer.append(
        batch: fixture.entries.map { (entry: $0.entry.bytes, payload: $0.payload) })
      if !witnesses.isEmpty {
        try Data(cosigned(writer.checkpointNote, witnesses)).write(
          to: URL(fileURLWithPath: "\(path)/checkpoint"))
      }
      return path
    }

    func cosigned(_ note: [UInt8], _ witnesses: [String]) throws -> [UInt8] {
      let signed = try SignedNote(note)
      return try signed.adding(
        witnesses.map { try Self.cosigner($0).cosign(checkpoint: signed.text, time: 1_793_728_800) }
      ).bytes
    }

    static func cosigner(_ name: String) throws -> Cosigner {
      try Cosigner(name: "\(name).example", key: Identity("witness/\(name)").key())
    }

    static func policy(_ lines: [(name: String, url: String?)], _ quorum: String) throws
      -> WitnessPolicy
    {
      var text = ""
      for (name, url) in lines {
        text +=
          "witness \(name) \(try cosigner(name).verifierKey.vkey)\(url.map { " \($0)" } ?? "")\n"
      }
      return try WitnessPolicy(Array((text + quorum).utf8))
    }

    var vkey: String { get throws { try fixture.logSigner().verifierKey.vkey } }
  }

  /// A server that shows one record after another.
  final class Stage: Sendable {
    private let folders: Mutex<[String]>
    private let server = Mutex<FolderServer?>(nil)

    /// - Parameter every: whether every request for the checkpoint shows the next one.
    init(_ folder: String, every: [String] = []) throws {
      folders = Mutex([folder] + every)
      let made = try FolderServer("/") { [weak self] path, connection in
        guard let self else { return connection.answer(404) }
        let shown = folders.withLock { folders in
          if path == "checkpoint", folders.count > 1 { return folders.removeFirst() }
          return folders[0]
        }
        guard let data = FileManager.default.contents(atPath: "\(shown)/\(path)") else {
          return connection.answer(404)
        }
        return connection.answer(200, body: [UInt8](data))
      }
      server.withLock { $0 = made }
    }

    func show(_ folder: String) { folders.withLock { $0 = [folder] } }

    var address: String { server.withLock { $0?.address } ?? "" }
  }

  private func watch(_ url: String, _ state: String, _ more: [String] = []) throws -> ProgramRun {
    try ProgramRun.run("verifier", ["watch", url, "--state", state, "--once"] + more)
  }

  /// - Parameter isBare: whether the notes bear no line but the log's; other lines prove nothing, and may
  ///   be changed.
  private func convicts(_ file: String, _ vkey: String, isBare: Bool = true) throws {
    let run = try ProgramRun.run("verifier", ["evidence", file, "--log-key", vkey])
    #expect(run.status == 0 && run.output.contains("convicted"), "\(run.errors)")
    let stranger = try NoteVerifierKey(
      name: ElectionSetup.logName, publicKey: Identity("stranger").publicKey)
    let other = try ProgramRun.run("verifier", ["evidence", file, "--log-key", stranger.vkey])
    #expect(other.status == 1, "\(other.output)")
    // Nothing in it can be changed.
    guard isBare else { return }
    let bytes = try TestBox.bytes(file)
    let folder = try TemporaryFolder("evidence")
    for position in stride(from: 0, to: bytes.count, by: 23) {
      var changed = bytes
      changed[position] ^= 1
      let path = try folder.write(changed, to: "changed")
      let spoiled = try ProgramRun.run("verifier", ["evidence", path, "--log-key", vkey])
      #expect(spoiled.status == 1, "byte \(position): \(spoiled.output)")
    }
  }

  @Test("A log that grows is followed, and nothing is said when nothing is new")
  func growing() throws {
    let folder = try TemporaryFolder("watch")
    let log = try Log()
    let stage = try Stage(log.write(folder, "a"))
    let state = folder / "state"
    let first = try watch(stage.address, state)
    #expect(first.status == 0, "\(first.errors)")
    #expect(first.output.contains("\(log.fixture.entries.count) new"), "\(first.output)")
    let second = try watch(stage.address, state)
    #expect(
      second.status == 0 && second.output.isEmpty && second.errors.isEmpty, "\(second.errors)")
    let longer = try log.grown(300)
    stage.show(try longer.write(folder, "b"))
    let third = try watch(stage.address, state)
    #expect(third.status == 0 && third.output.contains("300 new"), "\(third.output)\(third.errors)")
    // What it keeps is a record.
    let copy = try RecordDirectory(path: state + "/record")
    #expect(copy.verifyTree() == [] && copy.size == UInt64(longer.fixture.entries.count))
  }

  // adversary: L-03
  @Test(
    "Without --once it goes on through the server's troubles, and ends with the evidence", .hangs)
  func endless() async throws {
    let folder = try TemporaryFolder("endless")
    let log = try Log()
    let stage = try Stage(log.write(folder, "first"))
    let state = folder / "state"
    let address = stage.address
    async let running = ProgramRun.onThread(
      "verifier", ["watch", address, "--state", state, "--interval", "1"])
    try await reached(state, log)
    let second = try log.grown(3)
    stage.show(try second.write(folder, "second"))
    try await reached(state, second)
    stage.show(folder / "nothing")
    try await Task.sleep(for: .seconds(3))
    let third = try log.grown(4)
    stage.show(try third.write(folder, "third"))
    try await reached(state, third)
    stage.show(try log.grown(1).grown(8, from: 5_000).write(folder, "fork"))
    let run = try await running
    #expect(run.status == 1, "\(run.errors)")
    try convicts(state + "/1.evidence", log.vkey)
    #expect(run.output.contains("3 new") && run.output.contains("1 new"), "\(run.output)")
    // The trouble was named, and once.
    let complaints = run.errorLines.filter { $0.contains("Z: ") }
    #expect(complaints.count == 1, "\(run.errors)")
  }

  /// Waits until a watch has seen a log whole.
  private func reached(_ state: String, _ log: Log) async throws {
    while true {
      do {
        let record = try RecordDirectory(path: state + "/record")
        if record.size == UInt64(log.fixture.entries.count) { return }
      } catch {
        // It is not there yet.
      }
      try await Task.sleep(for: .milliseconds(50))
    }
  }

  // adversary: L-02
  // adversary: L-03
  @Test("A log that shows another history is convicted, whether it is longer, as long, or shorter")
  func anotherHistory() throws {
    let folder = try TemporaryFolder("fork")
    let log = try Log()
    let seen = try log.grown(20)
    for (number, count) in [25, 20, 12].enumerated() {
      let stage = try Stage(seen.write(folder, "seen\(number)"))
      let state = folder / "state\(number)"
      #expect(try watch(stage.address, state).status == 0)
      let before = try TestBox.bytes(state + "/record/checkpoint")
      let fork = try log.grown(2).grown(count - 2, from: 5_000)
      stage.show(try fork.write(folder, "fork\(number)"))
      let run = try watch(stage.address, state)
      #expect(run.status == 1 && run.errors.contains("signed"), "\(run.errors)")
      try convicts(state + "/1.evidence", log.vkey)
      #expect(try TestBox.bytes(state + "/record/checkpoint") == before)
      // Whoever mirrors gets the same evidence.
      let copy = folder / "copy\(number)"
      stage.show(folder / "seen\(number)")
      #expect(try ProgramRun.run("verifier", ["mirror", stage.address, copy]).status == 0)
      stage.show(folder / "fork\(number)")
      let mirror = try ProgramRun.run("verifier", ["mirror", stage.address, copy])
      #expect(mirror.status == 1, "\(mirror.errors)")
      #expect(
        try TestBox.bytes(copy + ".evidence") == TestBox.bytes(state + "/1.evidence"))
    }
  }

  @Test("An older view is named and proves nothing")
  func olderView() throws {
    let folder = try TemporaryFolder("older")
    let log = try Log()
    let stage = try Stage(log.grown(5).write(folder, "new"))
    #expect(try watch(stage.address, folder / "state").status == 0)
    stage.show(try log.grown(2).write(folder, "old"))
    let run = try watch(stage.address, folder / "state")
    #expect(run.status == 3 && run.errors.contains("older view"), "\(run.errors)")
    #expect(!FileManager.default.fileExists(atPath: folder / "state/1.evidence"))
    stage.show(try log.grown(6).write(folder, "newer"))
    #expect(try watch(stage.address, folder / "state").status == 0)
  }

  // adversary: L-11
  @Test("An entry that breaks a rule ends the watch with the rule's name")
  func brokenRule() throws {
    let folder = try TemporaryFolder("rule")
    let log = try Log()
    let stage = try Stage(log.grown(2).write(folder, "good"))
    #expect(try watch(stage.address, folder / "state").status == 0)
    var bad = try log.grown(2)
    // A batch whose time runs backwards.
    bad.fixture.force(try bad.fixture.entry(BatchOpened(number: 4, time: 1), by: .box))
    stage.show(try bad.write(folder, "bad"))
    let run = try watch(stage.address, folder / "state")
    #expect(run.status == 1 && run.errors.contains("LOG-9"), "\(run.errors)")
    // And the next time again: what was wrong stays wrong.
    #expect(try watch(stage.address, folder / "state").status == 1)
  }

  @Test("What is no URL is not watched", arguments: ["ftp://a.example/b", "/tmp/nothing", "a b"])
  func noURL(text: String) throws {
    let folder = try TemporaryFolder("url")
    let run = try ProgramRun.run("verifier", ["watch", text, "--state", folder / "state"])
    #expect(run.status == 2, "\(run.errors)")
    #expect(!FileManager.default.fileExists(atPath: folder / "state"))
  }

  @Test("A key other than the one that is known, and a server that is gone")
  func keyAndServer() throws {
    let folder = try TemporaryFolder("key")
    let log = try Log()
    let path = try log.write(folder, "a")
    var stage: Stage? = try Stage(path)
    let address = try #require(stage).address
    let stranger = try NoteVerifierKey(
      name: ElectionSetup.logName, publicKey: Identity("stranger").publicKey)
    let wrong = try watch(address, folder / "state", ["--log-key", stranger.vkey])
    #expect(wrong.status == 1 && wrong.errors.contains("another log's key"), "\(wrong.errors)")
    #expect(try watch(address, folder / "state", ["--log-key", log.vkey]).status == 0)
    stage = nil
    let gone = try watch(address, folder / "state")
    #expect(gone.status == 4, "\(gone.errors)")
  }

  // adversary: L-03
  @Test("A view that no quorum has cosigned is refused by who acts on it, and waited for")
  func quorum() throws {
    let folder = try TemporaryFolder("quorum")
    let policy = try Log.policy(
      [("north", nil), ("south", nil)], "group both all north south\nquorum both\n")
    let log = try Log(policy: policy)
    let code = String(repeating: "0", count: 64)
    func check(_ record: String) throws -> ProgramRun {
      try ProgramRun.run("voter", ["check", "--record", record, "--code", code])
    }
    for (name, witnesses) in [("none", []), ("one", ["north"]), ("twice", ["north", "north"])] {
      let run = try check(log.write(folder, name, witnesses))
      #expect(run.status == 5 && run.errors.contains("LOG-11"), "\(name): \(run.errors)")
    }
    let both = try log.write(folder, "both", ["north", "south"])
    let run = try check(both)
    #expect(run.status == 1 && run.output.contains("NOT IN THE RECORD"), "\(run.errors)")
    // A server that has the cosignatures a moment later.
    let stage = try Stage(folder / "none", every: [folder / "one", both])
    let waited = try check(stage.address)
    #expect(waited.status == 1 && waited.output.contains("NOT IN THE RECORD"), "\(waited.errors)")
    let watched = try Stage(folder / "one", every: [both])
    let seen = try watch(watched.address, folder / "state")
    #expect(seen.status == 0 && seen.output.contains("north, south"), "\(seen.errors)")
  }

  // adversary: L-03
  @Test("A witness that has cosigned another history, or a longer one, is heard")
  func witnesses() throws {
    let folder = try TemporaryFolder("witness")
    let shown = Mutex<[UInt8]?>(nil)
    let paths = Mutex<Set<String>>([])
    let south = try RawServer(answering: { _, request, connection in
      paths.withLock { _ = $0.insert(request.path) }
      guard let note = shown.withLock({ $0 }) else { return connection.answer(404) }
      return connection.answer(200, body: note)
    })
    let policy = try Log.policy(
      [("north", nil), ("south", south.address)], "group any any north south\nquorum any\n")
    let log = try Log(policy: policy)
    let honest = try log.grown(4)
    let stage = try Stage(honest.write(folder, "honest", ["north"]))
    func look(_ name: String) throws -> ProgramRun { try watch(stage.address, folder / name) }

    // It has seen nothing, or the same.
    #expect(try look("a").status == 0)
    shown.withLock { $0 = nil }
    let same = try log.grown(2).write(folder, "same", ["south"])
    shown.withLock {
      $0 = FileManager.default.contents(atPath: same + "/checkpoint").map([UInt8].init)
    }
    #expect(try look("b").status == 0)
    let origin = Hex.encode(SHA256.hash(Array(ElectionSetup.logName.utf8)).bytes).lowercased()
    #expect(paths.withLock { $0 } == ["\(origin)/checkpoint"])

    // It has seen more than the log shows: a warning, with the tiles of the larger tree or without.
    let longer = try log.grown(7).write(folder, "longer", ["south"])
    shown.withLock {
      $0 = FileManager.default.contents(atPath: longer + "/checkpoint").map([UInt8].init)
    }
    let ahead = try look("c")
    #expect(ahead.status == 3 && ahead.errors.contains("witness south"), "\(ahead.errors)")

    // A note without its cosignature says nothing.
    let foreign = try log.grown(7).write(folder, "foreign", ["north"])
    shown.withLock {
      $0 = FileManager.default.contents(atPath: foreign + "/checkpoint").map([UInt8].init)
    }
    let silent = try look("d")
    #expect(silent.status == 3 && silent.errors.contains("cosignature"), "\(silent.errors)")

    // It has seen another history.
    let fork = try log.grown(1, from: 5_000).grown(2).write(folder, "fork", ["south"])
    shown.withLock {
      $0 = FileManager.default.contents(atPath: fork + "/checkpoint").map([UInt8].init)
    }
    let run = try look("e")
    #expect(run.status == 1 && run.errors.contains("witness south"), "\(run.errors)")
    try convicts(folder / "e/1.evidence", log.vkey, isBare: false)
  }
}
