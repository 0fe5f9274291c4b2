// SPDX-License-Identifier: Apache-2.0

import Election
import ElectionFixtures
import Foundation
import Glibc
import Groups
import Ledger
import LedgerFiles
import LedgerStore
import Sequencing
import TestSupport
import Testing

/// A record, its database and the key file of the real `ballot-box`.
struct ProcessPlan: Sendable {
  let folder: TemporaryFolder
  var record: String
  var database: String
  let keys: String
  var arguments: [String] = []
  /// Put in front of the program.
  var wrapper: [String] = []

  /// - Parameter recordFolder: where record and database lie, if not beside the key file.
  init(_ fixture: ElectionFixture, in recordFolder: String? = nil) async throws {
    folder = try TemporaryFolder()
    let place = recordFolder ?? folder.path
    record = place + "/record"
    database = place + "/record.sqlite"
    keys = folder.path + "/box.key"
    try folder.write(
      Array("urna/box/v1".utf8) + [0] + Identity("log").seed + Identity("box").seed
        + Array(ElectionSetup.logName.utf8), "box.key")
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: keys)
    let writer = try RecordWriter.create(directory: record, signer: fixture.logSigner())
    let store = try SQLiteSequencerStore.createNew(path: database)
    let sequencer = try await Sequencer.begin(store: store, writer: writer)
    _ = try await sequencer.append(
      fixture.entries.map { .init(entry: $0.entry.bytes, payload: $0.payload, claims: []) })
    try store.close()
  }

  /// The election of these tests: the standard group, as the program knows no other; one trustee.
  static func fixture(
    _ voters: Int, policy: WitnessPolicy = .none
  ) throws -> ElectionFixture {
    try ElectionFixture.voting(voters, policy: policy) { $0.group = .standard }
  }

  /// Ballots of all voters, made side by side.
  static func ballots(
    _ fixture: ElectionFixture, _ voters: ClosedRange<Int>
  ) async throws -> [(ballot: MadeBallot, file: EntryFile)] {
    try await Concurrent.run(voters.count) { try fixture.blank(voters.lowerBound + $0) }
  }

  var place: [String] { ["--record", record, "--database", database] }

  func start(_ more: [String] = []) throws -> ServeProcess {
    try ServeProcess(self, place + ["--keys", keys, "--port", "0"] + arguments + more)
  }

  /// Runs a command that looks at record and database.
  func run(_ command: String) async throws -> ServeProcess.End {
    try await ServeProcess(command, self, [record, "--database", database]).end()
  }
}

/// The program as a process of its own.
final class ServeProcess: Sendable {
  struct End: Sendable {
    /// The exit status; 128 and more for a signal.
    let status: Int32
    let errors: String
    let output: String
  }

  private let pid: pid_t
  private let portFile: String
  private let outputFile: String
  private let errorFile: String
  private let ended: Task<Int32, Never>
  private let status = Locked<Int32?>(nil)
  // Its files go with it.
  private let folder: TemporaryFolder

  static let programs = ToolRun.programs

  convenience init(_ plan: ProcessPlan, _ arguments: [String]) throws {
    try self.init("serve", plan, arguments)
  }

  init(_ command: String, _ plan: ProcessPlan, _ arguments: [String]) throws {
    folder = try TemporaryFolder()
    portFile = folder.path + "/port"
    outputFile = folder.path + "/output"
    errorFile = folder.path + "/errors"
    let process = Process()
    var words = plan.wrapper + ["\(Self.programs)/ballot-box", command] + arguments
    if command == "serve" { words += ["--port-file", portFile] }
    process.executableURL = URL(
      fileURLWithPath: words[0].hasPrefix("/") ? words[0] : "/usr/bin/env")
    process.arguments = words[0].hasPrefix("/") ? Array(words.dropFirst()) : words
    process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
    try folder.write([], "output")
    try folder.write([], "errors")
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try FileHandle(
      forWritingTo: URL(fileURLWithPath: outputFile))
    process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: errorFile))
    let (stream, continuation) = AsyncStream<Int32>.makeStream()
    let status = status
    process.terminationHandler = { process in
      let code =
        process.terminationStatus + (process.terminationReason == .uncaughtSignal ? 128 : 0)
      status.change { $0 = code }
      continuation.yield(code)
      continuation.finish()
    }
    try process.run()
    pid = process.processIdentifier
    ended = Task {
      for await status in stream { return status }
      return -1
    }
  }

  /// A test that fails leaves no server behind.
  deinit { if status.value == nil { kill(pid, SIGKILL) } }

  /// The port, once the server listens.
  func port() async throws -> Int {
    while true {
      if let text = try? String(contentsOfFile: portFile, encoding: .utf8), text.hasSuffix("\n"),
        let port = Int(text.dropLast())
      {
        return port
      }
      if status.value != nil { throw Call.Broken(description: "ended: \(try errors())") }
      try await Task.sleep(for: .milliseconds(20))
    }
  }

  func signal(_ number: Int32) { kill(pid, number) }

  func end() async throws -> End {
    let status = await ended.value
    return End(
      status: status, errors: try errors(),
      output: try String(contentsOfFile: outputFile, encoding: .utf8))
  }

  func errors() throws -> String { try String(contentsOfFile: errorFile, encoding: .utf8) }

  /// Everything that it wrote outside of the record.
  var files: [String] { [portFile, outputFile, errorFile] }
}
