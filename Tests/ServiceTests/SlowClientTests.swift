// SPDX-License-Identifier: Apache-2.0

import Foundation
import Hummingbird
import Service
import TestSupport
import Testing

/// Clients that take their time: each is cut off, none keeps others out. Nothing here measures a time;
/// a server that waits for ever lets the test's reader give up.
@Suite struct SlowClientTests {
  /// Slow-loris: a head that never ends, byte after byte.
  @Test func slowHeadsAreCutOff() async throws {
    try await TestServer.run(limits: TestServer.quickLimits) { server in
      let connection = try await RawConnection(port: server.port)
      try await connection.send("GET /hello HTTP/1.1\r\nHost: a\r\nX: ")
      let drip = Task {
        while !Task.isCancelled {
          try await connection.send("a")
          try await Task.sleep(for: .milliseconds(50))
        }
      }
      let answer = try await connection.readToEnd()
      drip.cancel()
      // Bytes that come in behind the close make the system drop what was not read yet.
      #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 408 "), "\(answer)")
      let metrics = server.metrics.exposition()
      #expect(metrics.contains(#"http_connections_closed_total{reason="header"} 1"#), "\(metrics)")
    }
  }

  /// The same as the second request of a connection that behaved before.
  @Test func slowSecondHeadsAreCutOff() async throws {
    var limits = TestServer.quickLimits
    limits.idleSeconds = 300
    try await TestServer.run(limits: limits) { server in
      let connection = try await RawConnection(port: server.port)
      try await connection.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
      _ = try await connection.read(until: "hello\n")
      try await connection.send("GET /hello HT")
      let answer = try await connection.readToEnd()
      #expect(answer.hasPrefix("HTTP/1.1 408 "), "\(answer)")
    }
  }

  @Test func connectionsThatSayNothingAreClosed() async throws {
    var limits = TestServer.quickLimits
    limits.idleSeconds = 300
    try await TestServer.run(limits: limits) { server in
      let silent = try await RawConnection(port: server.port)
      let half = try await RawConnection(port: server.port)
      half.finish()
      let silence = try await silent.readToEnd()
      let nothing = try await half.readToEnd()
      #expect(silence.isEmpty)
      #expect(nothing.isEmpty)
    }
  }

  @Test func idleConnectionsAreClosed() async throws {
    var limits = TestServer.quickLimits
    limits.headerSeconds = 300
    try await TestServer.run(limits: limits) { server in
      let connection = try await RawConnection(port: server.port)
      try await connection.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
      let answer = try await connection.readToEnd()
      #expect(answer.hasSuffix("hello\n"), "\(answer)")
      let metrics = server.metrics.exposition()
      #expect(metrics.contains(#"http_connections_closed_total{reason="idle"} 1"#), "\(metrics)")
    }
  }

  /// A body that drips, declared and in chunks.
  @Test(arguments: ["Content-Length: 100000", "Transfer-Encoding: chunked"])
  func slowBodiesAreCutOff(_ field: String) async throws {
    try await TestServer.run { server in
      let connection = try await RawConnection(port: server.port)
      try await connection.send("POST /hasty HTTP/1.1\r\nHost: a\r\n\(field)\r\n\r\n")
      let drip = Task {
        while !Task.isCancelled {
          try await connection.send("1\r\na\r\n")
          try await Task.sleep(for: .milliseconds(50))
        }
      }
      let answer = try await connection.readToEnd()
      drip.cancel()
      #expect(answer.hasPrefix("HTTP/1.1 408 "), "\(answer)")
    }
  }

  /// An answer that nobody takes.
  @Test func unreadAnswersAreCutOff() async throws {
    var limits = TestServer.quickLimits
    limits.bytesPerSecond = 1 << 20
    try await TestServer.run(limits: limits) { server in
      let connection = try await RawConnection(port: server.port)
      try await connection.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
      var metrics = ""
      for _ in 0..<600 {
        metrics = server.metrics.exposition()
        if metrics.contains(#"http_connections_closed_total{reason="write"} 1"#) { break }
        try await Task.sleep(for: .milliseconds(100))
      }
      #expect(metrics.contains(#"http_connections_closed_total{reason="write"} 1"#), "\(metrics)")
    }
  }

  /// Long polling: an answer that comes later than every time-out of the connection.
  @Test func waitingRequestsSurviveTheTimeouts() async throws {
    try await TestServer.run(limits: TestServer.quickLimits) { server in
      let connection = try await RawConnection(port: server.port)
      try await connection.send("GET /wait/7000 HTTP/1.1\r\nHost: a\r\n\r\n")
      let answer = try await connection.read(until: "waited\n")
      #expect(answer.hasPrefix("HTTP/1.1 200 OK"), "\(answer)")
    }
  }

  /// Requests beyond the limit are refused at once; those in work are not disturbed.
  @Test func requestsBeyondTheLimitAreRefused() async throws {
    var limits = ServiceLimits.patient
    limits.requests = 4
    let gate = Gate()
    try await TestServer.run(
      limits: limits,
      routes: { router in
        router.get("gate") { _, _ in
          await gate.wait()
          return "open"
        }
        TestServer.testRoutes(router)
      }
    ) { server in
      var waiting: [RawConnection] = []
      for _ in 0..<4 {
        let connection = try await RawConnection(port: server.port)
        try await connection.send("GET /gate HTTP/1.1\r\nHost: a\r\n\r\n")
        waiting.append(connection)
      }
      while await gate.waiting < 4 { try await Task.sleep(for: .milliseconds(5)) }
      let refused = try await server.fetch("/hello")
      #expect(refused.status == 503)
      #expect(refused.headers["retry-after"] == "2")
      let health = try await server.fetch("/healthz")
      #expect(health.status == 200)
      await gate.open()
      for connection in waiting { _ = try await connection.read(until: "open") }
      let after = try await server.fetch("/hello")
      #expect(after.status == 200)
    }
  }

  /// Large answers that nobody takes keep their places, so they are bounded; and give way in the end.
  @Test func untakenAnswersCount() async throws {
    var limits = ServiceLimits.patient
    limits.requests = 4
    try await TestServer.run(limits: limits) { server in
      var greedy: [RawConnection] = []
      for _ in 0..<4 {
        let connection = try await RawConnection(port: server.port)
        try await connection.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
        greedy.append(connection)
      }
      var statuses: Set<Int> = []
      for _ in 0..<600 {
        statuses.insert(try await server.fetch("/hello").status)
        if statuses == [200, 503] { break }
        // Only after the refusal may a place become free.
        try await Task.sleep(for: .milliseconds(50))
      }
      #expect(statuses == [200, 503])
      for connection in greedy { connection.reset() }
    }
  }

  /// Bodies that fill all places and then stop give way to honest requests.
  @Test func stoppedBodiesGiveWay() async throws {
    var limits = ServiceLimits.patient
    limits.requests = 8
    try await TestServer.run(limits: limits) { server in
      var stopped: [RawConnection] = []
      for _ in 0..<8 {
        let connection = try await RawConnection(port: server.port)
        try await connection.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc")
        stopped.append(connection)
      }
      var isServed = false
      for _ in 0..<600 where !isServed {
        isServed = try await server.fetch("/hello").status == 200
        if !isServed { try await Task.sleep(for: .milliseconds(100)) }
      }
      #expect(isServed)
    }
  }
}

/// Requests that wait until a test lets them go.
actor Gate {
  private var continuations: [CheckedContinuation<Void, Never>] = []
  private var isOpen = false
  var waiting: Int { continuations.count }

  func wait() async {
    if isOpen { return }
    await withCheckedContinuation { continuations.append($0) }
  }

  func open() {
    isOpen = true
    for continuation in continuations { continuation.resume() }
    continuations = []
  }
}
