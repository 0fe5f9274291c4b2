// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Synchronization
import TestSupport
import Testing

/// A server of the project as a process, which is killed with the test process at the latest.
final class ServerProcess: Sendable {
  private static let running = Mutex<Set<Int32>>([])
  private static let endsAll: Void = {
    atexit {
      for identifier in ServerProcess.running.withLock({ $0 }) {
        _ = Glibc.kill(identifier, SIGKILL)
        // Its files can be removed only when it has gone.
        _ = waitpid(identifier, nil, 0)
      }
    }
  }()

  let port: Int
  private let log: String
  private let process: Mutex<Process>

  /// Where it listens.
  var address: String { "http://127.0.0.1:\(port)" }

  /// Starts `program serve` and waits until it listens.
  ///
  /// - Parameters:
  ///   - name: of its files for the log and the port.
  ///   - environment: variables, added to this process's own.
  init(
    _ program: String, _ arguments: [String], in folder: TemporaryFolder, name: String,
    environment: [String: String] = [:]
  ) async throws {
    _ = Self.endsAll
    let portFile = folder / "\(name).port"
    log = folder / "\(name).log"
    if FileManager.default.fileExists(atPath: portFile) {
      try FileManager.default.removeItem(atPath: portFile)
    }
    _ = try folder.write("", to: "\(name).log")
    let started = Process()
    started.executableURL = URL(fileURLWithPath: "\(ToolRun.programs)/\(program)")
    started.arguments =
      ["serve"] + arguments + ["--port", "0", "--port-file", portFile, "--log-level", "warning"]
    started.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    let output = try #require(FileHandle(forWritingAtPath: log))
    started.standardInput = FileHandle.nullDevice
    started.standardOutput = output
    started.standardError = output
    try started.run()
    Self.running.withLock { _ = $0.insert(started.processIdentifier) }
    var found: Int?
    while found == nil {
      if let text = FileManager.default.contents(atPath: portFile), text.last == UInt8(ascii: "\n")
      {
        found = Int(String(decoding: text.dropLast(), as: UTF8.self))
      } else if !started.isRunning {
        let text = try folder.text("\(name).log")
        throw Ended(description: "\(program) ended with \(started.terminationStatus): \(text)")
      }
      try await Task.sleep(for: .milliseconds(20))
    }
    port = found ?? 0
    process = Mutex(started)
  }

  /// A server that did not listen.
  struct Ended: Error, CustomStringConvertible { let description: String }

  private var isRunning: Bool { process.withLock { $0.isRunning } }

  /// What it printed.
  var words: String {
    get throws { try String(contentsOfFile: log, encoding: .utf8) }
  }

  /// Waits for its end.
  /// - Returns: the signal that ended it; 0 if it ended by itself.
  @discardableResult func ended() async throws -> Int32 {
    while isRunning { try await Task.sleep(for: .milliseconds(10)) }
    return process.withLock {
      let identifier = $0.processIdentifier
      Self.running.withLock { _ = $0.remove(identifier) }
      return $0.terminationReason == .uncaughtSignal ? $0.terminationStatus : 0
    }
  }

  /// Asks the server to end, and waits until it has.
  func stop() async throws {
    process.withLock { if $0.isRunning { _ = Glibc.kill($0.processIdentifier, SIGTERM) } }
    #expect(try await ended() == 0)
  }

  /// As a power cut does: nothing of the process runs any more.
  func kill() async throws {
    process.withLock { if $0.isRunning { _ = Glibc.kill($0.processIdentifier, SIGKILL) } }
    try await ended()
  }
}

/// Runs jobs that block on threads of their own, some at a time; the results are in the order of the items.
func onThreads<Item: Sendable, Value: Sendable>(
  _ items: [Item], atOnce width: Int, _ job: @escaping @Sendable (Item) throws -> Value
) async throws -> [Value] {
  try await withThrowingTaskGroup(of: (Int, Value).self) { group in
    var values: [Int: Value] = [:]
    for (position, item) in items.enumerated() {
      if position >= width, let (done, value) = try await group.next() { values[done] = value }
      group.addTask {
        let value: Value = try await withCheckedThrowingContinuation { continuation in
          Thread.detachNewThread { continuation.resume(with: Result { try job(item) }) }
        }
        return (position, value)
      }
    }
    for try await (done, value) in group { values[done] = value }
    return items.indices.compactMap { values[$0] }
  }
}
