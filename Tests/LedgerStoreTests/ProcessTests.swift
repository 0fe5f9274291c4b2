// SPDX-License-Identifier: Apache-2.0

import Foundation
import Ledger
import LedgerStore
import TestSupport
import Testing

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Children that are killed, that find the disk full, that may not write, that share a file.
@Suite(.serialized) struct ProcessTests {
  private static func begin(_ folder: TemporaryFolder) async throws -> String {
    let path = folder.path + "/box.sqlite"
    let store = try SQLiteSequencerStore.createNew(path: path)
    try await store.create(checkpoint: StoreConformance.text("0"))
    try store.close()
    return path
  }

  /// The lock's number, after everything that belongs to it was checked: round n staged and committed
  /// a batch of n's own, and made three claims.
  private static func checkRounds(_ store: SQLiteSequencerStore) async throws -> Int {
    let loaded = try #require(try await store.load())
    let lock = try #require(Int(String(decoding: loaded.checkpoint, as: UTF8.self)))
    #expect(try await store.claimCount() == 3 * lock)
    for round in 1..<(lock + 3) {
      for claim in 3 * round..<3 * round + 3 {
        let leaf = try await store.leaf(claiming: StoreConformance.claim(claim))
        #expect(leaf == (round <= lock ? UInt64(round) : nil))
      }
    }
    if let staged = loaded.staged {
      let number = try #require(Int(String(decoding: staged.checkpoint, as: UTF8.self)))
      #expect(number == lock || number == lock + 1)
      #expect(staged == (try ChildWork.batch(number)))
    } else {
      #expect(lock == 0)
    }
    return lock
  }

  /// SIGKILL at an arbitrary moment, fifteen times on one file. What was acknowledged is there; what
  /// was not is there wholly or not at all.
  @Test func killed() async throws {
    let folder = try TemporaryFolder()
    let path = try await Self.begin(folder)
    let acknowledged = folder.path + "/acknowledged"
    var before = 0
    for number in 0..<15 {
      await #expect(processExitsWith: .signal(SIGKILL)) {
        [
          path = path as String, acknowledged = acknowledged as String, number = number as Int
        ] in
        try await ChildWork.appendUntilKilled(
          path, acknowledged: acknowledged, after: .milliseconds(3 + 7 * number))
      }
      let store = try SQLiteSequencerStore.openExisting(path: path)
      let lock = try await Self.checkRounds(store)
      try store.close()
      let last = FileManager.default.contents(atPath: acknowledged).map { $0.count } ?? 0
      #expect(lock >= last, "an acknowledged round is gone")
      #expect(lock >= before)
      before = lock
    }
    #expect(before > 5, "the children did too little for the test to mean anything")
  }

  /// A limit on the size of files, as a full disk: refused, and after the error refused for good;
  /// with room again, all is as it was.
  @Test func fullDisk() async throws {
    let folder = try TemporaryFolder()
    let path = try await Self.begin(folder)
    await #expect(processExitsWith: .success) { [path = path as String] in
      signal(SIGXFSZ, SIG_IGN)
      let store = try SQLiteSequencerStore.openExisting(path: path)
      try await ChildWork.append(store, round: 1)
      var limit = rlimit(rlim_cur: 200_000, rlim_max: 200_000)
      unsafe require(setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0)
      let error = await ChildWork.failure {
        try await ChildWork.append(store, round: 2, filler: 300_000)
      }
      require(error.contains("SQLITE_IOERR") || error.contains("SQLITE_FULL"))
      // Small enough for the disk, but what the disk holds is no longer known.
      let second = await ChildWork.failure { try await ChildWork.append(store, round: 2) }
      require(second.contains("closed after an error"))
      let reading = await ChildWork.failure { _ = try await store.load() }
      require(reading.contains("closed after an error"))
    }
    let store = try SQLiteSequencerStore.openExisting(path: path)
    #expect(try await Self.checkRounds(store) == 1)
    try await ChildWork.append(store, round: 2)
    #expect(try await Self.checkRounds(store) == 2)
  }

  /// A file that may not be written, in a directory that may not be written.
  @Test func readOnly() async throws {
    let folder = try TemporaryFolder()
    let path = try await Self.begin(folder)
    unsafe #expect(chmod(path, 0o444) == 0)
    unsafe #expect(chmod(folder.path, 0o555) == 0)
    await #expect(processExitsWith: .success) { [path = path as String] in
      // The administrator may write everywhere.
      if geteuid() == 0 { require(setgid(65_534) == 0 && setuid(65_534) == 0) }
      let error = await ChildWork.failure { _ = try SQLiteSequencerStore.openExisting(path: path) }
      require(error.contains("SQLITE_READONLY") || error.contains("SQLITE_CANTOPEN"))
      let creation = await ChildWork.failure {
        _ = try SQLiteSequencerStore.createNew(path: path + "2")
      }
      require(creation.contains("SQLITE_CANTOPEN"))
    }
    unsafe #expect(chmod(folder.path, 0o755) == 0)
    unsafe #expect(chmod(path, 0o644) == 0)
    #expect(try await Self.checkRounds(SQLiteSequencerStore.openExisting(path: path)) == 0)
  }

  // adversary: L-03
  /// Two processes on one file, each starting again from what is there when it loses the race: every
  /// round is committed once, none is lost.
  @Test func twoProcesses() async throws {
    let folder = try TemporaryFolder()
    let path = try await Self.begin(folder)
    async let first = #expect(processExitsWith: .success) { [path = path as String] in
      try await ChildWork.race(path, rounds: 60, name: "a")
    }
    async let second = #expect(processExitsWith: .success) { [path = path as String] in
      try await ChildWork.race(path, rounds: 60, name: "b")
    }
    _ = await (first, second)
    let store = try SQLiteSequencerStore.openExisting(path: path)
    #expect(try await Self.checkRounds(store) == 120)
  }

  /// Another process that keeps the file for itself is waited for, and then named.
  @Test func anotherWriterIsWaitedFor() async throws {
    let folder = try TemporaryFolder()
    let path = try await Self.begin(folder)
    let store = try SQLiteSequencerStore.openExisting(path: path)
    let other = Process()
    other.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    other.arguments = [
      "python3", "-c",
      """
      import sqlite3, sys, time
      db = sqlite3.connect(sys.argv[1], isolation_level=None)
      db.execute("BEGIN IMMEDIATE"); print("held", flush=True); sys.stdin.read()
      """, path,
    ]
    let input = Pipe()
    let output = Pipe()
    other.standardInput = input
    other.standardOutput = output
    try other.run()
    _ = output.fileHandleForReading.availableData
    // Reading needs no turn.
    #expect(try await store.load()?.checkpoint == StoreConformance.text("0"))
    let error = await ChildWork.failure { try await ChildWork.append(store, round: 1) }
    #expect(error.contains("SQLITE_BUSY"))
    try input.fileHandleForWriting.close()
    other.waitUntilExit()
    let again = try SQLiteSequencerStore.openExisting(path: path)
    try await ChildWork.append(again, round: 1)
    #expect(try await Self.checkRounds(again) == 1)
  }
}

/// Ends a child that found something wrong.
func require(_ condition: Bool, _ line: UInt = #line) {
  if !condition {
    FileHandle.standardError.write(Data("line \(line): not so\n".utf8))
    exit(1)
  }
}
