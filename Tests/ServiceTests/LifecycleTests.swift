// SPDX-License-Identifier: Apache-2.0

import Foundation
import Hummingbird
import Logging
import Service
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing

/// Start and end of a server.
@Suite struct LifecycleTests {
  /// A service that notes when it begins and ends.
  private struct Noting: ServiceLifecycle.Service {
    let name: String
    let notes: Notes

    func run() async throws {
      notes.add("\(name) begins")
      do { try await gracefulShutdown() } catch {}
      notes.add("\(name) ends")
    }
  }

  private final class Notes: Sendable {
    private let list = Mutex<[String]>([])
    var all: [String] { list.withLock { $0 } }
    func add(_ note: String) { list.withLock { $0.append(note) } }
  }

  /// What routes need ends after the last request, what needs the server before it.
  @Test func servicesEndInOrder() async throws {
    let notes = Notes()
    try await TestServer.run(
      before: [Noting(name: "store", notes: notes)], after: [Noting(name: "watch", notes: notes)]
    ) { server in
      let connection = try await RawConnection(port: server.port)
      try await connection.send("GET /wait/300 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
      let answer = try await connection.readToEnd()
      #expect(answer.hasSuffix("waited\n"))
      notes.add("answered")
    }
    let ends = notes.all.filter { !$0.contains("begins") }
    #expect(ends == ["answered", "watch ends", "store ends"])
  }

  /// Requests in work when the server is told to stop are answered.
  @Test func requestsInWorkAreAnswered() async throws {
    let gate = Gate()
    let connection = try await TestServer.run(routes: { router in
      router.get("gate") { _, _ in
        await gate.wait()
        return "open"
      }
    }) { server in
      let connection = try await RawConnection(port: server.port)
      try await connection.send("GET /gate HTTP/1.1\r\nHost: a\r\n\r\n")
      while await gate.waiting < 1 { try await Task.sleep(for: .milliseconds(5)) }
      Task {
        try await Task.sleep(for: .milliseconds(300))
        await gate.open()
      }
      return connection
    }
    let answer = try await connection.readToEnd()
    #expect(answer.hasPrefix("HTTP/1.1 200 OK") && answer.hasSuffix("open"), "\(answer)")
  }

  /// Those that take too long are cancelled: a stop ends.
  @Test func stopIsBounded() async throws {
    var limits = ServiceLimits.patient
    limits.shutdownSeconds = 1
    let connection = try await TestServer.run(limits: limits) { server in
      let connection = try await RawConnection(port: server.port)
      try await connection.send("GET /wait/3600000 HTTP/1.1\r\nHost: a\r\n\r\n")
      while !server.metrics.exposition().contains("http_connections 1") {
        try await Task.sleep(for: .milliseconds(5))
      }
      try await Task.sleep(for: .milliseconds(200))
      return connection
    }
    let answer = try await connection.readToEnd()
    #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 503 "), "\(answer)")
  }

  @Test func idleConnectionsDoNotHoldAStop() async throws {
    let connections = try await TestServer.run { server in
      let used = try await RawConnection(port: server.port)
      try await used.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
      _ = try await used.read(until: "hello\n")
      let half = try await RawConnection(port: server.port)
      try await half.send("GET /hello HT")
      return [used, half]
    }
    for connection in connections { _ = try await connection.readToEnd() }
  }

  /// A failed service stops the server, with its error.
  @Test func failedServicesStopTheServer() async throws {
    struct Failing: ServiceLifecycle.Service {
      let gate: Gate
      func run() async throws {
        await gate.wait()
        throw TestFault(text: "store is gone")
      }
    }
    let gate = Gate()
    await #expect(throws: TestFault.self) {
      try await TestServer.run(before: [Failing(gate: gate)]) { server in
        let answer = try await server.fetch("/hello")
        #expect(answer.status == 200)
        await gate.open()
        // Nobody told the server to stop; it does.
        while let connection = try? await RawConnection(port: server.port) {
          try await connection.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
        }
      }
    }
  }

  @Test func takenPortsAreAnError() async throws {
    try await TestServer.run { server in
      let runner = ServiceRunner(
        configuration: ServiceConfiguration(port: server.port),
        logger: Logger(label: "x", factory: { _ in SwiftLogNoOpLogHandler() }),
        metrics: MetricsRegistry(), routes: { _ in })
      await #expect(throws: (any Error).self) { try await runner.run(signals: []) }
    }
  }

  @Test func portFileHoldsThePort() async throws {
    let path = NSTemporaryDirectory() + "urna-port-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: path) }
    var configuration = ServiceConfiguration(port: 0)
    configuration.portFile = path
    let stop = StopService()
    let port = Mutex(0)
    let runner = ServiceRunner(
      configuration: configuration,
      logger: Logger(label: "x", factory: { _ in SwiftLogNoOpLogHandler() }),
      metrics: MetricsRegistry(), after: [stop],
      onListening: { number in
        port.withLock { $0 = number }
        stop.now()
      }, routes: { _ in })
    try await runner.run(signals: [])
    let text = try String(contentsOfFile: path, encoding: .utf8)
    #expect(text == "\(port.withLock { $0 })\n")
    #expect(text != "0\n")
  }
}
