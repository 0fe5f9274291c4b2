// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Logging
import Service
import StrictJSON
import TestSupport
import Testing

/// What a server writes down: never who asked, for what, or in which order.
@Suite struct PrivacyTests {
  /// All lines that a server writes at level trace during `body`.
  private func lines(
    _ body: @escaping @Sendable (TestServer) async throws -> Void
  ) async throws -> [String] {
    let path = NSTemporaryDirectory() + "urna-log-\(UUID().uuidString)"
    let descriptor = unsafe Glibc.open(path, O_RDWR | O_CREAT | O_TRUNC, 0o600)
    try #require(descriptor >= 0)
    defer {
      close(descriptor)
      unsafe unlink(path)
    }
    let sink = LogSink(descriptor: descriptor)
    let logger = JSONLogHandler.logger("test", level: .trace, sink: sink)
    var limits = ServiceLimits.patient
    limits.headerSeconds = 4
    try await TestServer.run(limits: limits, logger: logger) { try await body($0) }
    sink.flush()
    let text = try String(contentsOfFile: path, encoding: .utf8)
    return text.split(separator: "\n").map(String.init)
  }

  @Test func nothingOfARequestIsLogged() async throws {
    let lines = try await lines { server in
      for number in 0..<5 {
        _ = try await server.fetch("/tile/marker\(number)", headers: ["User-Agent": "marker-agent"])
        _ = try await server.fetch("/echo", method: "POST", body: Array("marker-body".utf8))
        _ = try await server.fetch(
          "/fault/marker-code?marker-query=1", headers: ["X-A": "marker-f"])
        _ = try await server.fetch("/nothing/marker")
      }
      // All ways in which a connection can end badly.
      for bytes in [
        "marker-garbage\r\n\r\n", "GET /marker HTTP/1.1\r\nHost: a\r\nUser-Agent: marker",
        "POST /echo HTTP/1.1\r\nHost: a\r\nUser-Agent: marker\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nma",
        "GET /large HTTP/1.1\r\nHost: a\r\nUser-Agent: marker\r\n\r\n",
      ] {
        let closing = try await RawConnection(port: server.port)
        try await closing.send(bytes)
        closing.finish()
        _ = try await closing.readToEnd()
        let resetting = try await RawConnection(port: server.port)
        try await resetting.send(bytes)
        resetting.reset()
      }
      let late = try await RawConnection(port: server.port)
      try await late.send("GET /marker HTTP/1.1\r\nUser-Agent: marker\r\n")
      _ = try await late.readToEnd()
    }
    #expect(!lines.isEmpty)
    for line in lines {
      #expect(!line.contains("marker"), "\(line)")
      #expect(!line.contains("127.0.0.1"), "\(line)")
      #expect(!line.contains("hb.request.id"), "\(line)")
      _ = try JSONValue(parsing: Array(line.utf8))
    }
    // What remains: the start, the end, and the server's own faults, each once a fault.
    let messages = try lines.map {
      try JSONReader(JSONValue(parsing: Array($0.utf8))).openFields()["message"].string()
    }
    let faults = messages.filter { $0 == "a request failed" }.count
    #expect(faults == 5, "\(messages)")
    let known: Set<String> = ["listening", "stopped", "a request failed"]
    let others = messages.filter {
      !known.contains($0) && !$0.hasPrefix("Service") && !$0.hasPrefix("Starting")
    }
    #expect(others.allSatisfy { $0.contains("ervice") || $0.contains("shutdown") }, "\(others)")
  }

  /// A fault that anybody can cause does not fill the disk.
  @Test func faultsAreBounded() async throws {
    let start = ContinuousClock.now
    let lines = try await lines { server in
      for _ in 0..<60 { _ = try await server.fetch("/fault/x") }
    }
    let minutes = Int((ContinuousClock.now - start) / .seconds(60))
    let faults = lines.filter { $0.contains("a request failed") }
    #expect((1...20 * (minutes + 1)).contains(faults.count))
    #expect(lines.contains { $0.contains("/fault/{code}") })
  }

  /// A 500 tells a client nothing of the error.
  @Test func faultsAreNotTold() async throws {
    try await TestServer.run { server in
      let answer = try await server.fetch("/fault/abcdef")
      #expect(answer.status == 500)
      #expect(
        String(decoding: answer.body, as: UTF8.self)
          == #"{"status":500,"title":"Internal Server Error","type":"about:blank"}"#)
    }
  }

  @Test func linesAreBoundedObjects() throws {
    var pipes: [Int32] = [0, 0]
    try #require(unsafe pipe(&pipes) == 0)
    let sink = LogSink(descriptor: pipes[1])
    var logger = JSONLogHandler.logger("x", level: .info, sink: sink)
    logger[metadataKey: "always"] = "here"
    logger.debug("not written")
    logger.info("a \"quoted\"\nline \u{0}", metadata: ["key": "value"])
    logger.warning("\(String(repeating: "é", count: 2000))")
    sink.flush()
    close(pipes[1])
    let reader = FileHandle(fileDescriptor: pipes[0], closeOnDealloc: true)
    let lines = String(decoding: reader.readDataToEndOfFile(), as: UTF8.self).split(separator: "\n")
    try #require(lines.count == 2)
    let first = try JSONReader(JSONValue(parsing: Array(lines[0].utf8)))
      .fields(["time", "level", "message", "metadata"])
    #expect(try first["message"].string() == "a \"quoted\"\nline \u{0}")
    #expect(try first["level"].string() == "info")
    let time = try first["time"].string()
    #expect(time.count == 20 && time.hasSuffix("Z") && time.hasPrefix("20"))
    let metadata = try first["metadata"].fields(["always", "key"])
    #expect(try metadata["always"].string() == "here")
    #expect(lines[1].utf8.count < 1200)
  }

  /// A reader of the log that has stopped costs lines, not the server.
  @Test func stoppedReadersDoNotStopTheServer() throws {
    var pipes: [Int32] = [0, 0]
    try #require(unsafe pipe(&pipes) == 0)
    let sink = LogSink(descriptor: pipes[1])
    let logger = JSONLogHandler.logger("x", level: .info, sink: sink)
    for _ in 0..<100_000 { logger.info("a line that nobody reads, of a length that fills a pipe") }
    // Reached at all: that is the test. Closing the reader lets the writer go.
    close(pipes[0])
    sink.flush()
    close(pipes[1])
  }
}
