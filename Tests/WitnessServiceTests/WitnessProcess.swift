// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Ledger
import StrictJSON
import Synchronization
import TestSupport
import Testing

/// The program `witness` with files in a folder of its own.
final class WitnessFolder: Sendable {
  let folder: TemporaryFolder
  let key: CosignerKey

  /// Makes the key, the configuration and the database.
  init(logs: [NoteVerifierKey], limits: JSONValue = [:]) throws {
    folder = try TemporaryFolder()
    let path = folder.path
    try Self.require(
      Self.run([
        "keys", "--secret", "\(path)/secret", "--public", "\(path)/public", "--name",
        "witness.example",
      ]))
    let line = String(decoding: try folder.bytes("public"), as: UTF8.self)
    key = try CosignerKey(vkey: String(line.dropLast()))
    let configuration: JSONValue = [
      "port": 0, "secret": .string("\(path)/secret"), "database": .string("\(path)/w.sqlite"),
      "memory": .string("\(path)/w.memory"), "limits": limits,
      "logs": .array(logs.map { .string($0.vkey) }),
    ]
    try folder.write(configuration.prettyBytes(), "witness.json")
    try Self.require(Self.run(["init", "--config", "\(path)/witness.json"]))
  }

  var configuration: String { "\(folder.path)/witness.json" }

  static let program = ToolRun.programs + "/witness"

  /// How a command ended, and what it said.
  struct Outcome {
    let status: Int32
    let output: String
    let errors: String
  }

  /// Runs a command to its end.
  static func run(_ arguments: [String]) throws -> Outcome {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    let (output, errors) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = errors
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let text = output.fileHandleForReading.readDataToEndOfFile()
    let error = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Outcome(
      status: process.terminationStatus, output: String(decoding: text, as: UTF8.self),
      errors: String(decoding: error, as: UTF8.self))
  }

  private static func require(_ outcome: Outcome) throws {
    try #require(outcome.status == 0, "\(outcome.errors)")
  }

  /// What `serve` says when it does not start.
  func refusal() throws -> Outcome { try Self.run(["serve", "--config", configuration]) }

  /// A running server.
  func serve(_ wrapper: [String] = []) async throws -> Running {
    if folder.exists("port") { try folder.remove("port") }
    return try await Running(self, wrapper)
  }

  /// A running server, possibly under another program (strace).
  final class Running: Sendable {
    let http: HTTP
    private let process: Mutex<Process>

    fileprivate init(_ witness: WitnessFolder, _ wrapper: [String]) async throws {
      let path = witness.folder.path
      let arguments =
        wrapper + [
          WitnessFolder.program, "serve", "--config", witness.configuration, "--port-file",
          "\(path)/port", "--log-level", "trace",
        ]
      let started = Process()
      started.executableURL = URL(fileURLWithPath: "/usr/bin/env")
      started.arguments = arguments
      try witness.folder.write([], "log")
      let log = try #require(FileHandle(forWritingAtPath: "\(path)/log"))
      started.standardOutput = FileHandle.nullDevice
      started.standardError = log
      started.standardInput = FileHandle.nullDevice
      try started.run()
      var port: Int?
      while port == nil {
        if witness.folder.exists("port") {
          let text = String(decoding: try witness.folder.bytes("port"), as: UTF8.self)
          port = Int(text.dropLast())
        } else if !started.isRunning {
          let text = String(decoding: try witness.folder.bytes("log"), as: UTF8.self)
          throw StoreError.failed("the witness ended: \(text)")
        }
        try await Task.sleep(for: .milliseconds(10))
      }
      http = HTTP(port: port ?? 0)
      process = Mutex(started)
    }

    var isRunning: Bool { process.withLock { $0.isRunning } }
    var identifier: Int32 { process.withLock { $0.processIdentifier } }

    /// Sends a signal and waits for the end.
    /// - Returns: the status, or the signal that ended it.
    @discardableResult func end(_ signal: Int32) async throws -> Int32 {
      _ = kill(identifier, signal)
      return try await wait()
    }

    func wait() async throws -> Int32 {
      while isRunning { try await Task.sleep(for: .milliseconds(10)) }
      return process.withLock { $0.terminationStatus }
    }

    deinit { process.withLock { if $0.isRunning { $0.terminate() } } }
  }

  /// All files but the lock.
  func copy() throws -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    for name in try folder.files() where name.hasPrefix("w.") && !name.hasSuffix("lock") {
      files[name] = try folder.bytes(name)
    }
    return files
  }

  func restore(_ files: [String: [UInt8]], only isChosen: (String) -> Bool = { _ in true }) throws {
    for name in try folder.files()
    where name.hasPrefix("w.") && !name.hasSuffix("lock") && isChosen(name) {
      try folder.remove(name)
    }
    for (name, bytes) in files where isChosen(name) { try folder.write(bytes, name) }
  }
}
