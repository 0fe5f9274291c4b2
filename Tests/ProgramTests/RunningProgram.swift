// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Synchronization
import Testing

/// A program that serves until the test is over.
final class RunningProgram: Sendable {
  let address: String
  private let identifier: pid_t
  private let isStopped = Mutex(false)

  private init(address: String, identifier: pid_t) {
    self.address = address
    self.identifier = identifier
  }

  /// Starts a server on a free port.
  /// - Parameter name: of its files in the folder.
  static func start(
    _ program: String, _ arguments: [String], in folder: TemporaryFolder, name: String
  ) async throws -> RunningProgram {
    let (portFile, log) = (folder / "\(name).port", folder / "\(name).log")
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "\(ProgramRun.programs)/\(program)")
    process.arguments = arguments + ["--port", "0", "--port-file", portFile]
    try #require(FileManager.default.createFile(atPath: log, contents: nil))
    let output = try FileHandle(forWritingTo: URL(fileURLWithPath: log))
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = output
    try process.run()
    for _ in 0..<600 {
      if FileManager.default.fileExists(atPath: portFile),
        let port = Int(try folder.text("\(name).port").prefix { $0 != "\n" })
      {
        return RunningProgram(
          address: "http://127.0.0.1:\(port)", identifier: process.processIdentifier)
      }
      let text = process.isRunning ? "" : try folder.text("\(name).log")
      try #require(process.isRunning, "\(program) ended: \(text)")
      try await Task.sleep(for: .milliseconds(100))
    }
    process.terminate()
    Issue.record("\(program) does not listen")
    throw CancellationError()
  }

  /// Asks the program to end, and waits until it has.
  func stop() async throws {
    terminate()
    for _ in 0..<300 {
      if kill(identifier, 0) != 0 { return }
      try await Task.sleep(for: .milliseconds(100))
    }
    Issue.record("a server does not end")
  }

  private func terminate() {
    isStopped.withLock { isStopped in
      if !isStopped { _ = kill(identifier, SIGTERM) }
      isStopped = true
    }
  }

  deinit { terminate() }
}
