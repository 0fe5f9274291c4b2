// SPDX-License-Identifier: Apache-2.0

import Foundation
import Ledger
import LedgerStore
import Synchronization
import TestSupport
import Testing

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// A witness that forgets can be made to cosign a fork.
@Suite(.serialized) struct WitnessStoreTests {
  /// A database and a memory in a folder, closed before they are opened again.
  private final class Files: Sendable {
    let folder: TemporaryFolder
    private let opened = Mutex<SQLiteWitnessStore?>(nil)

    init() throws {
      folder = try TemporaryFolder()
      try SQLiteWitnessStore.createNew(path: path, memory: memory).close()
    }

    var path: String { folder.path + "/w.sqlite" }
    var memory: String { folder.path + "/w.memory" }

    func close() throws {
      try opened.withLock { store in
        try store?.close()
        store = nil
      }
    }

    func open() throws -> SQLiteWitnessStore {
      try close()
      // A process that another test starts shares the locks of this one until it becomes its program.
      for _ in 0..<200 {
        do { return try openNow() } catch let error where "\(error)".contains("another process") {
          usleep(10_000)
        }
      }
      return try openNow()
    }

    private func openNow() throws -> SQLiteWitnessStore {
      let store = try SQLiteWitnessStore.openExisting(path: path, memory: memory)
      opened.withLock { $0 = store }
      return store
    }

    /// The two files, and what SQLite keeps beside the database.
    func copy() throws -> [String: [UInt8]] {
      try close()
      var files: [String: [UInt8]] = [:]
      for name in try folder.files() where name != "w.sqlite.lock" {
        files[name] = try folder.bytes(name)
      }
      return files
    }

    func restore(_ files: [String: [UInt8]], only names: (String) -> Bool = { _ in true }) throws {
      try close()
      for name in try folder.files() where name != "w.sqlite.lock" && names(name) {
        try folder.remove(name)
      }
      for (name, bytes) in files where names(name) { try folder.write(bytes, name) }
    }
  }

  private func refusal(
    _ part: String, _ location: SourceLocation = #_sourceLocation, _ call: () throws -> Void
  ) {
    do {
      try call()
      Issue.record("not refused", sourceLocation: location)
    } catch let error as StoreError {
      #expect("\(error)".contains(part), sourceLocation: location)
      #expect(error.isRefusal, sourceLocation: location)
    } catch {
      Issue.record(error, sourceLocation: location)
    }
  }

  @Test(arguments: WitnessConformance.rules) func inMemory(rule: WitnessConformance) async throws {
    let storage = MemoryWitnessStore.Storage()
    try await rule.check { MemoryWitnessStore(storage) }
  }

  @Test(arguments: WitnessConformance.rules) func onSQLite(rule: WitnessConformance) async throws {
    let files = try Files()
    try await rule.check { try files.open() }
  }

  /// A store that leaves one rule out is found: the suite can fail.
  @Test(arguments: MemoryWitnessStore.Lack.allCases)
  func brokenStoresAreFound(lack: MemoryWitnessStore.Lack) async {
    await withKnownIssue {
      for rule in WitnessConformance.rules {
        let storage = MemoryWitnessStore.Storage()
        try await rule.check { MemoryWitnessStore(storage, lack: lack) }
      }
    }
  }

  // adversary: L-03
  /// The database alone is put back to an earlier state, by copying or by an operator's restore.
  @Test func olderDatabasesAreRefused() async throws {
    let files = try Files()
    var copies = [try files.copy()]
    var old: [UInt8]? = nil
    for number in 0..<4 as Range<UInt8> {
      try await files.open().replace(origin: "a", old: old, new: [number])
      old = [number]
      copies.append(try files.copy())
    }
    for copy in copies.dropLast() {
      try files.restore(copy) { !$0.hasSuffix("memory") }
      refusal("rolled back") { _ = try files.open() }
    }
    // The last state is still good.
    let last = try #require(copies.last)
    try files.restore(last)
    #expect(try await files.open().latest(origin: "a") == [3])
  }

  /// The memory may be one behind: the process ended before it answered. Two behind is no accident.
  @Test func memoriesAreAtMostOneBehind() async throws {
    let files = try Files()
    try await files.open().replace(origin: "a", old: nil, new: [1])
    let one = try files.copy()
    try await files.open().replace(origin: "a", old: [1], new: [2])
    let two = try files.copy()
    try files.restore(one) { $0.hasSuffix("memory") }
    #expect(try await files.open().latest(origin: "a") == [2])
    // Opening brought it up to the database.
    #expect(try files.copy()["w.memory"] == two["w.memory"])
    try await files.open().replace(origin: "a", old: [2], new: [3])
    try files.restore(one) { $0.hasSuffix("memory") }
    refusal("histories") { _ = try files.open() }
  }

  /// Another database with as many notes, or more, is not this one.
  @Test func otherHistoriesAreRefused() async throws {
    let files = try Files()
    let other = try Files()
    for (number, note) in [[1], [2], [3]].enumerated() as EnumeratedSequence<[[UInt8]]> {
      let old: [UInt8]? = number == 0 ? nil : [UInt8(number)]
      try await files.open().replace(origin: "a", old: old, new: note)
      try await other.open().replace(origin: "b", old: old, new: note)
      if number < 2 {
        let mine = try files.copy()
        try files.restore(try other.copy()) { !$0.hasSuffix("memory") }
        refusal("histories") { _ = try files.open() }
        try files.restore(mine)
      }
    }
  }

  @Test func missingAndDamagedMemoriesAreErrors() async throws {
    let files = try Files()
    try await files.open().replace(origin: "a", old: nil, new: [1])
    let good = try files.copy()
    let text = try #require(good["w.memory"])
    try files.folder.remove("w.memory")
    #expect(throws: StoreError.self) { _ = try files.open() }
    for damaged in [
      [], [UInt8](text.dropLast()), text + [0x0A], [0] + text, [UInt8](text.reversed()),
    ] {
      try files.folder.write(damaged, "w.memory")
      #expect(throws: StoreError.self) { _ = try files.open() }
    }
    try files.folder.write(text, "w.memory")
    #expect(try await files.open().latest(origin: "a") == [1])
  }

  /// What is there is never begun again.
  @Test func creatingReplacesNothing() async throws {
    let files = try Files()
    try await files.open().replace(origin: "a", old: nil, new: [1])
    try files.close()
    refusal("already") {
      _ = try SQLiteWitnessStore.createNew(path: files.path, memory: files.memory)
    }
    refusal("already") {
      _ = try SQLiteWitnessStore.createNew(path: files.path + "2", memory: files.memory)
    }
    refusal("already") {
      _ = try SQLiteWitnessStore.createNew(path: files.path, memory: files.memory + "2")
    }
    #expect(try await files.open().latest(origin: "a") == [1])
    #expect(!files.folder.exists("w.memory2"))
  }

  /// A second process on the same files, and a second store in the same one.
  @Test func oneProcessAtATime() async throws {
    let files = try Files()
    let store = try files.open()
    await #expect(processExitsWith: .success) {
      [path = files.path as String, memory = files.memory as String] in
      do {
        _ = try SQLiteWitnessStore.openExisting(path: path, memory: memory)
        exit(1)
      } catch let error as StoreError {
        exit(error.isRefusal ? 0 : 2)
      }
    }
    refusal("another process") {
      _ = try SQLiteWitnessStore.openExisting(path: files.path, memory: files.memory)
    }
    try await store.replace(origin: "a", old: nil, new: [1])
    // Reading is allowed.
    #expect(try SQLiteWitnessStore.notes(path: files.path) == [[1]])
    try await store.replace(origin: "a", old: [1], new: [2])
  }

  /// When the memory cannot be written nothing is answered, then or later; what the database holds is
  /// taken up at the next start.
  @Test func unwritableMemoriesEndTheWork() async throws {
    let files = try Files()
    try files.close()
    let away = files.folder.path + "/away"
    let here = files.folder.path + "/here"
    mkdirOrFail(here)
    let memory = here + "/w.memory"
    try FileManager.default.moveItem(atPath: files.memory, toPath: memory)
    let store = try SQLiteWitnessStore.openExisting(path: files.path, memory: memory)
    try await store.replace(origin: "a", old: nil, new: [1])
    try FileManager.default.moveItem(atPath: here, toPath: away)
    await #expect(throws: StoreError.self) {
      try await store.replace(origin: "a", old: [1], new: [2])
    }
    try FileManager.default.moveItem(atPath: away, toPath: here)
    await #expect(throws: StoreError.self) {
      try await store.replace(origin: "a", old: [2], new: [3])
    }
    await #expect(throws: StoreError.self) { _ = try await store.latest(origin: "a") }
    try store.close()
    let again = try SQLiteWitnessStore.openExisting(path: files.path, memory: memory)
    #expect(try await again.latest(origin: "a") == [2])
    try again.close()
  }

  private func mkdirOrFail(_ path: String) {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    } catch { Issue.record(error) }
  }

  /// Contents changed under a running process, as by a restore in place.
  @Test func changesUnderARunningProcessAreNoticed() async throws {
    let files = try Files()
    try await files.open().replace(origin: "a", old: nil, new: [1])
    try await files.open().replace(origin: "a", old: [1], new: [2])
    let store = try files.open()
    await #expect(processExitsWith: .success) { [path = files.path as String] in
      // Another program at the database, with no regard for the lock.
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
      process.arguments = [
        "-c",
        "import sqlite3,sys; c=sqlite3.connect(sys.argv[1]); "
          + "c.execute(\"UPDATE cosigned SET note=x'01'\"); "
          + "c.execute('UPDATE history SET count=1'); c.commit()", path,
      ]
      try process.run()
      process.waitUntilExit()
      exit(process.terminationStatus)
    }
    await #expect(throws: StoreError.self) {
      try await store.replace(origin: "a", old: [1], new: [3])
    }
    await #expect(throws: StoreError.self) {
      try await store.replace(origin: "a", old: [2], new: [3])
    }
  }

  /// SIGKILL at an arbitrary moment: what was acknowledged is there, and the files fit to each other.
  @Test func killed() async throws {
    let files = try Files()
    let acknowledged = files.folder.path + "/acknowledged"
    var before = 0
    for number in 0..<15 {
      await #expect(processExitsWith: .signal(SIGKILL)) {
        [
          path = files.path as String, memory = files.memory as String,
          acknowledged = acknowledged as String, number = number as Int
        ] in
        let store = try SQLiteWitnessStore.openExisting(path: path, memory: memory)
        let executioner = Thread {
          usleep(UInt32(3000 + 7000 * number))
          kill(getpid(), SIGKILL)
        }
        executioner.start()
        var note = try await store.latest(origin: "a")
        var round = note.flatMap { Int(String(decoding: $0, as: UTF8.self)) } ?? 0
        let file = unsafe Glibc.open(acknowledged, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        guard file >= 0, ftruncate(file, off_t(round)) == 0 else { exit(1) }
        while true {
          round += 1
          let new = [UInt8]("\(round)".utf8)
          try await store.replace(origin: "a", old: note, new: new)
          note = new
          guard ftruncate(file, off_t(round)) == 0 else { exit(1) }
        }
      }
      let note = try await files.open().latest(origin: "a")
      let stored = note.flatMap { Int(String(decoding: $0, as: UTF8.self)) } ?? 0
      try files.close()
      let last = FileManager.default.contents(atPath: acknowledged).map { $0.count } ?? 0
      #expect(stored >= last, "an acknowledged note is gone")
      #expect(stored <= max(before, last) + 1)
      before = stored
    }
    #expect(before > 5, "the children did too little for the test to mean anything")
  }
}
