// SPDX-License-Identifier: Apache-2.0

import BallotBoxLoad
import BallotBoxService
import CommandLineSupport
import Foundation
import Ledger
import LedgerStore
import Logging
import Metrics
import Service
import Synchronization
import Verification

/// The box that a run measures.
struct LoadServer: Sendable {
  let place: BoxPlace
  let keys: String
  let work: String
  let batchEntries: Int

  /// Starts the box, runs `body` with its process and port, and stops it.
  ///
  /// - Parameter prepaid: whether proofs count as checked. Such a box exists in this process only.
  /// - Throws: what `body` throws, or ``LoadError/server(_:)`` if the box ends before it.
  func serving<Value: Sendable>(
    prepaid: Bool, _ body: @escaping @Sendable (Int32, Int) async throws -> Value
  ) async throws -> Value {
    if prepaid {
      let box = try await prepaidBox()
      return try await Companions.with([{ onListening in try await box(onListening) }]) { ports in
        try await body(getpid(), ports.first ?? 0)
      }
    }
    let child = try ChildServer(arguments: arguments(), portFile: portFile)
    defer { child.stop() }
    return try await withThrowingTaskGroup(of: Value?.self) { group in
      group.addTask {
        try await child.waitForEnd()
        return nil
      }
      group.addTask {
        let port = try await child.port()
        return try await body(child.process, port)
      }
      defer { group.cancelAll() }
      while let value = try await group.next() {
        if let value { return value }
      }
      throw LoadError.server("the server ended")
    }
  }

  private var portFile: String { "\(work)/port" }

  private func arguments() throws -> [String] {
    let path = "\(work)/config.json"
    try Files.write(
      Array("{\"batch\":{\"entries\":\(batchEntries)}}\n".utf8), to: path)
    return [
      "serve", "--config", path, "--keys", keys, "--record", place.record, "--database",
      place.databasePath, "--host", "127.0.0.1", "--port", "0", "--port-file", portFile,
      "--log-level", "warning",
    ]
  }

  /// A box in this process that takes proofs for checked.
  private func prepaidBox() async throws
    -> @Sendable (@escaping @Sendable (Int) async -> Void) async throws -> Void
  {
    let keys = try BoxKeys.read(self.keys)
    let store = try place.existingStore()
    let signer = try keys.signer()
    let box = try await BallotBox.open(
      record: place.record, store: store, signer: signer, key: keys.intoEntryKey(),
      clock: SystemClock(), proofs: .checkedBefore)
    let registry = MetricsRegistry()
    MetricsSystem.bootstrap(registry)
    let metrics = BoxMetrics()
    let logger = JSONLogHandler.logger("ballot-box", level: .warning)
    var pool = Intake.Limits()
    pool.batchEntries = batchEntries
    let limits = pool
    return { onListening in
      let witnesses = try await BoxWitnesses(box, metrics: metrics, logger: logger)
      try await BoxServer(
        box: box, witnesses: witnesses, pool: limits,
        configuration: ServiceConfiguration(host: "127.0.0.1", port: 0), registry: registry,
        metrics: metrics, logger: logger
      ).run(onListening: onListening)
    }
  }
}

/// A box in a process of its own: this program's `serve`.
final class ChildServer: Sendable {
  private let child: Mutex<Process>
  private let end: AsyncStream<String>
  private let portFile: String
  /// Its number.
  let process: Int32

  init(arguments: [String], portFile: String) throws(LoadError) {
    let (end, continuation) = AsyncStream.makeStream(of: String.self)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/proc/self/exe")
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.terminationHandler = { ended in
      continuation.yield(
        ended.terminationReason == .exit
          ? "exit status \(ended.terminationStatus)" : "signal \(ended.terminationStatus)")
      continuation.finish()
    }
    do { try process.run() } catch { throw .server("the server cannot be started: \(error)") }
    self.process = process.processIdentifier
    self.end = end
    self.portFile = portFile
    child = Mutex(process)
  }

  /// The port, once the server listens.
  func port() async throws -> Int {
    while true {
      try await Task.sleep(for: .milliseconds(20))
      guard Files.exists(portFile) else { continue }
      let text = String(decoding: try Files.read(portFile, limit: 16), as: UTF8.self)
      if let port = Int(text.filter(\.isNumber)), text.hasSuffix("\n") { return port }
    }
  }

  /// Waits until the server ends, which it must not.
  func waitForEnd() async throws {
    for await reason in end { throw LoadError.server("the server ended with \(reason)") }
    try Task.checkCancellation()
  }

  /// Stops it in order, and waits.
  func stop() {
    child.withLock { child in
      guard child.isRunning else { return }
      child.terminate()
      child.waitUntilExit()
    }
  }
}

/// Servers that run beside the work.
enum Companions {
  typealias Server =
    @Sendable (_ onListening: @escaping @Sendable (Int) async -> Void) async throws -> Void

  /// Starts servers, waits until all listen, runs `body` with their ports, and stops them.
  ///
  /// - Throws: what `body` throws, or what ends a server before it.
  static func with<Value: Sendable>(
    _ servers: [Server], _ body: @escaping @Sendable ([Int]) async throws -> Value
  ) async throws -> Value {
    let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
    return try await withThrowingTaskGroup(of: Value?.self) { group in
      for server in servers {
        group.addTask {
          try await server { port in continuation.yield(port) }
          try Task.checkCancellation()
          throw LoadError.server("a server ended before the run did")
        }
      }
      group.addTask {
        var found: [Int] = []
        if !servers.isEmpty {
          for await port in ports {
            found.append(port)
            if found.count == servers.count { break }
          }
        }
        return try await body(found)
      }
      defer { group.cancelAll() }
      while let value = try await group.next() {
        if let value { return value }
      }
      throw LoadError.server("no server")
    }
  }
}
