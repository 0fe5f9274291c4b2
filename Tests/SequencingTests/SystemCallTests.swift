// SPDX-License-Identifier: Apache-2.0

import Foundation
import Ledger
import LedgerFiles
import LedgerStore
import Sequencing
import Simulation
import TestSupport
import Testing

/// A process that appends a batch finds an error at a system call, or is killed there. Then the log is
/// opened, found whole, and continued.
///
/// Of all calls, the suite takes some, others each day; `Tests/Scripts/system-calls.sh` takes all that
/// change something, and one of some ten that only look.
@Suite(.enabled(if: SystemCalls.isPossible, "needs strace and the built programs"))
struct SystemCallTests {
  /// Every call on the way of a write, of SQLite's and of the record's.
  static let calls = [
    "openat", "mkdirat", "write", "pwrite64", "fsync", "fdatasync", "ftruncate", "renameat",
    "unlink", "unlinkat", "close", "fcntl", "flock", "mmap", "pread64", "getdents64", "fstat",
    "newfstatat",
  ]
  /// Those that change nothing, of which there are hundreds.
  static let reading: Set = [
    "close", "fcntl", "mmap", "pread64", "getdents64", "fstat", "newfstatat",
  ]
  static let faults = ["error=EIO", "error=ENOSPC", "signal=KILL"]

  static let base = 255
  static let batch = 3

  @Test func everyCallFailsOrIsTheLast() async throws {
    let original = try SystemCalls.makeLog(entries: Self.base)
    let isExhaustive = ProcessInfo.processInfo.environment["URNA_EXHAUSTIVE"] != nil
    let seed = UInt64(Date().timeIntervalSince1970 / 86_400)
    var generator = SeededGenerator(seed: seed)
    print("system calls: seed \(seed)")
    var injected: [String: Int] = [:]
    for call in Self.calls {
      for fault in Self.faults {
        // Each call's first, and then as often as it occurs, or at some places.
        var number = 1
        while true {
          guard
            let outcome = try SystemCalls.append(
              to: original, first: Self.base, count: Self.batch,
              inject: "\(call):\(fault):when=\(number)")
          else { break }
          injected[fault, default: 0] += 1
          try await outcome.check("\(call), \(fault), \(number)")
          let steps =
            switch (Self.reading.contains(call), isExhaustive) {
            case (false, true): 1...1
            case (true, true): 5...20
            // Most of the files that are opened are only read, but not all.
            case (false, false): call == "openat" ? 20...80 : 3...25
            case (true, false): 50...200
            }
          number += Int.random(in: steps, using: &generator)
        }
      }
    }
    print("system calls: \(injected.sorted { $0.key < $1.key })")
    for fault in Self.faults { #expect(injected[fault, default: 0] >= 15, "\(fault)") }
  }

  /// What the check is worth: an append that is killed nowhere is acknowledged, and a record with a
  /// byte changed is found.
  @Test func withoutAFault() async throws {
    let original = try SystemCalls.makeLog(entries: Self.base)
    let outcome = try SystemCalls.run(
      on: original, first: Self.base, count: Self.batch, inject: nil)
    #expect(outcome.isAcknowledged)
    try await outcome.check("no fault")
    let damaged = try SystemCalls.makeLog(entries: Self.base)
    var bytes = try damaged.bytes("record/tile/entries/000.p/255")
    bytes[300] ^= 1
    try damaged.write(bytes, "record/tile/entries/000.p/255")
    let record = try RecordDirectory(path: damaged.path + "/record")
    #expect(record.verifyTree().contains { $0.kind != .leftover })
  }
}

/// One run of `LedgerToolProgram` under strace.
struct SystemCalls {
  let folder: TemporaryFolder
  let isAcknowledged: Bool
  let isInjected: Bool
  let base: Int
  let count: Int

  private static let tool = ToolRun.program("LedgerToolProgram")

  static let isPossible: Bool = {
    let found = tool != nil && ToolRun.strace != nil
    if !found { print("SKIPPED: strace or LedgerToolProgram is absent") }
    return found || Shared.isContinuousIntegration
  }()

  private static func run(_ program: String, _ arguments: [String]) throws -> (Bool, String) {
    // Without this the runtime looks for the cause of a crash for seconds.
    let run = try ToolRun(program, arguments, environment: ["SWIFT_BACKTRACE": "enable=no"])
    return (run.status == 0, run.output)
  }

  static func makeLog(entries: Int) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    let (isDone, text) = try run(#require(tool), ["create", folder.path, "\(entries)"])
    try #require(isDone && text == "\(entries)\n")
    return folder
  }

  /// Nil if the call does not occur so often.
  static func append(
    to original: TemporaryFolder, first: Int, count: Int, inject: String
  ) throws -> SystemCalls? {
    let outcome = try run(on: original, first: first, count: count, inject: inject)
    return outcome.isInjected ? outcome : nil
  }

  static func run(
    on original: TemporaryFolder, first: Int, count: Int, inject: String?
  ) throws -> SystemCalls {
    let folder = try TemporaryFolder()
    for path in try original.files() { try folder.write(original.bytes(path), path) }
    let trace = try TemporaryFolder()
    let log = trace.path + "/trace"
    let set = inject.map { ["-e", "trace=\($0.prefix { $0 != ":" })", "-e", "inject=\($0)"] } ?? []
    let (isDone, text) = try run(
      #require(ToolRun.strace),
      ["-f", "-qq", "-o", log] + set
        + [#require(tool), "append", folder.path, "\(first)", "\(count)"])
    let calls = String(decoding: try trace.bytes("trace"), as: UTF8.self)
    // An error is marked; a signal shows as the end of the process.
    let isInjected = calls.contains("(INJECTED)") || calls.contains("killed by SIGKILL")
    return SystemCalls(
      folder: folder, isAcknowledged: text == "\(first + count)\n",
      isInjected: isInjected
        || inject == nil && !isDone, base: first, count: count)
  }

  /// Opens the log again: it is whole, it has the batch wholly or not at all, and if that was
  /// acknowledged, it has it. It goes on, and the claims are those of its entries.
  func check(_ context: Comment) async throws {
    let size = try await reopen(context)
    #expect([base, base + count].contains(size), context)
    if isAcknowledged { #expect(size == base + count, context) }
  }

  private func reopen(_ context: Comment) async throws -> Int {
    let path = folder.path
    let (isDone, text) = try Self.run(
      #require(Self.tool), ["append", path, "5000", "2"])
    try #require(isDone, context)
    let size = try #require(Int(text.dropLast()), context)
    let record = try RecordDirectory(path: path + "/record")
    #expect(record.size == UInt64(size), context)
    #expect(record.verifyTree().filter { $0.kind != .leftover } == [], context)
    let numbers = [Int](0..<(size - 2)) + [5000, 5001]
    var next = 0
    try record.forEachEntry { _, entry, payload in
      let item = TestEntry.item(numbers[next])
      #expect(entry == item.entry && payload == item.payload, context)
      next += 1
    }
    #expect(next == size, context)
    try await checkClaims(numbers, context)
    return size - 2
  }

  private func checkClaims(_ numbers: [Int], _ context: Comment) async throws {
    let database = folder.path + "/box.sqlite"
    let store = try SQLiteSequencerStore.openExisting(path: database)
    #expect(try await store.claimCount() == 2 * numbers.count, context)
    for (index, number) in numbers.enumerated() {
      let item = TestEntry.item(number)
      for claim in [LogClaim.leaf(MerkleTree.leafHash(item.entry))] + item.claims {
        #expect(try await store.leaf(claiming: claim) == UInt64(index), context)
      }
    }
    try store.close()
  }
}
