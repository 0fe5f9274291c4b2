// SPDX-License-Identifier: Apache-2.0

import Foundation
import StrictJSON
import Synchronization
import TestSupport
import Testing

/// How a program ended, and what it took.
struct ProgramRun: Sendable {
  /// The exit status; 128 and more for a signal.
  let status: Int32
  let output: String
  let errors: String
  let milliseconds: Int
  /// Largest resident memory.
  let megabytes: Int

  /// The folder with the programs of this build.
  static let programs = ToolRun.programs

  /// Runs one of the programs to its end, with standard input closed.
  /// - Parameter environment: variables as `NAME=value`, added to this process's own.
  static func run(
    _ program: String, _ arguments: [String], environment: [String] = []
  ) throws -> ProgramRun {
    let folder = try TemporaryFolder("run")
    let script = Shared.repository.appendingPathComponent("Tests/Scripts/measured-run.py").path
    let (status, text) = try python(
      script,
      [folder / "output", folder / "errors", "/usr/bin/env"] + environment
        + ["\(programs)/\(program)"] + arguments)
    try #require(status == 0, "\(program) cannot be started from \(programs): \(text)")
    let fields = try JSONReader(JSONValue(parsing: Array(text.utf8))).fields([
      "megabytes", "milliseconds", "status",
    ])
    return ProgramRun(
      status: Int32(try fields["status"].integer(0...255)), output: try folder.text("output"),
      errors: try folder.text("errors"),
      milliseconds: try fields["milliseconds"].integer(0...10_000_000),
      megabytes: try fields["megabytes"].integer(0...10_000_000))
  }

  /// The same on a thread of its own, for a program that ends only when the test has done something.
  static func onThread(
    _ program: String, _ arguments: [String], environment: [String] = []
  ) async throws -> ProgramRun {
    try await withCheckedThrowingContinuation { continuation in
      Thread.detachNewThread {
        continuation.resume(with: Result { try run(program, arguments, environment: environment) })
      }
    }
  }

  /// Runs a Python script, whose modules `Tests/run.sh` installs; its status, and what it printed.
  static func python(_ script: String, _ arguments: [String]) throws -> (Int32, String) {
    let run = try ToolRun.python(script, arguments)
    return (run.status, run.text)
  }

  /// The lines of standard error that are not hints.
  var errorLines: [Substring] {
    errors.split(separator: "\n").filter { !$0.hasPrefix("hint: ") }
  }
}

/// A folder that goes away with its last use, or at the end of the run.
final class TemporaryFolder: Sendable {
  private static let heldUntilExit = Mutex<[String]>([])

  let path: String

  /// - Parameter untilExit: whether it is shared by tests until the process ends, which releases
  ///   nothing.
  init(_ name: String, untilExit: Bool = false) throws {
    let url = FileManager.default.temporaryDirectory
      .appendingPathComponent("urna-\(name)-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = url.path
    guard untilExit else { return }
    Self.heldUntilExit.withLock { paths in
      if paths.isEmpty {
        atexit {
          for path in TemporaryFolder.heldUntilExit.withLock({ $0 }) {
            TemporaryFolder.remove(path)
          }
        }
      }
      paths.append(path)
    }
  }

  private static func remove(_ path: String) {
    do { try FileManager.default.removeItem(atPath: path) } catch {
      print("left behind: \(path)")
    }
  }

  deinit { Self.remove(path) }

  static func / (folder: TemporaryFolder, name: String) -> String { "\(folder.path)/\(name)" }

  func write(_ bytes: [UInt8], to name: String, permissions: Int = 0o644) throws -> String {
    try Data(bytes).write(to: URL(fileURLWithPath: self / name))
    try FileManager.default.setAttributes(
      [.posixPermissions: permissions], ofItemAtPath: self / name)
    return self / name
  }

  func write(_ text: String, to name: String) throws -> String {
    try write(Array(text.utf8), to: name)
  }

  func text(_ name: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(fileURLWithPath: self / name)), as: UTF8.self)
  }

  /// The names of everything inside, sorted.
  func names() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: path).sorted()
  }
}
