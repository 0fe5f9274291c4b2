// SPDX-License-Identifier: Apache-2.0

import Foundation
import Hummingbird
import Service
import TestSupport
import Testing

/// Bytes that are no request, or two requests to two readers: each gets one refusal and an end, no
/// handler sees it, and the server goes on.
@Suite struct MalformedRequestTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let bytes: String
    let status: Int
    var testDescription: String { name }

    init(_ name: String, _ bytes: String, _ status: Int = 400) {
      self.name = name
      self.bytes = bytes
      self.status = status
    }
  }

  private static func post(_ fields: String, _ body: String = "") -> String {
    "POST /echo HTTP/1.1\r\nHost: a\r\n\(fields)\r\n\r\n\(body)"
  }

  static let cases: [Case] = [
    Case("no HTTP at all", "\u{16}\u{3}\u{1}\u{2}\0hello\r\n\r\n"),
    Case("HTTP/0.9", "GET /hello\r\n\r\n"),
    Case("HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    Case("version 1.2", "GET /hello HTTP/1.2\r\nHost: a\r\n\r\n"),
    Case("version 3.0", "GET /hello HTTP/3.0\r\nHost: a\r\n\r\n"),
    Case("NUL in the path", "GET /he\0llo HTTP/1.1\r\nHost: a\r\n\r\n"),
    Case("NUL in a field", "GET /hello HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n"),
    Case("NUL in a name", "GET /hello HTTP/1.1\r\nHost: a\r\nX\0Y: b\r\n\r\n"),
    Case("bytes above ASCII in the path", "GET /h\u{e9} HTTP/1.1\r\nHost: a\r\n\r\n"),
    Case("space before the colon", "GET /hello HTTP/1.1\r\nHost : a\r\n\r\n"),
    Case("folded field", "GET /hello HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n"),
    Case("no Host", "GET /hello HTTP/1.1\r\n\r\n"),
    Case("two Hosts", "GET /hello HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"),
    Case("star target", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"),
    Case("CONNECT", "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", 501),
    Case("length and chunks", post("Content-Length: 3\r\nTransfer-Encoding: chunked", "0\r\n\r\n")),
    Case("chunks and length", post("Transfer-Encoding: chunked\r\nContent-Length: 3", "0\r\n\r\n")),
    Case("two lengths", post("Content-Length: 3\r\nContent-Length: 4", "abcd")),
    Case("one length twice", post("Content-Length: 3\r\nContent-Length: 3", "abc")),
    Case("length with a sign", post("Content-Length: +3", "abc")),
    Case("length in hexadecimal", post("Content-Length: 0x3", "abc")),
    Case("negative length", post("Content-Length: -1")),
    Case("length of 30 digits", post("Content-Length: 999999999999999999999999999999")),
    Case("length above the limit", post("Content-Length: 99999999"), 413),
    Case("unknown coding", post("Transfer-Encoding: gzip", "0\r\n\r\n"), 501),
    Case("coding twice", post("Transfer-Encoding: chunked, chunked", "0\r\n\r\n"), 400),
    Case(
      "coding in two fields",
      post("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", "0\r\n\r\n")),
    Case(
      "chunks in HTTP/1.0",
      "POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    Case("unknown expectation", post("Expect: tea\r\nContent-Length: 0"), 417),
    Case(
      "65 fields",
      "GET /hello HTTP/1.1\r\nHost: a\r\n"
        + (0..<64).map { "X-\($0): a\r\n" }.joined() + "\r\n", 431),
    Case(
      "a field of 20,000 bytes",
      "GET /hello HTTP/1.1\r\nHost: a\r\nX: \(String(repeating: "a", count: 20_000))\r\n\r\n", 431),
    Case(
      "a path of 20,000 bytes",
      "GET /\(String(repeating: "a", count: 20_000)) HTTP/1.1\r\nHost: a\r\n\r\n", 431),
    Case(
      "a megabyte of fields",
      "GET /hello HTTP/1.1\r\nHost: a\r\n"
        + String(repeating: "X: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n", count: 21_000)
        + "\r\n", 431),
  ]

  @Test(arguments: cases)
  func isRefusedOnceAndClosed(_ item: Case) async throws {
    try await TestServer.run { server in
      let connection = try await RawConnection(port: server.port)
      // What follows must not be read as a request of its own.
      try await connection.send(item.bytes + "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
      let answer = try await connection.readToEnd()
      #expect(answer.hasPrefix("HTTP/1.1 \(item.status) "), "\(answer.prefix(300))")
      #expect(answer.components(separatedBy: "HTTP/1.1 ").count == 2, "\(answer.prefix(600))")
      #expect(answer.contains("application/problem+json"), "\(answer.prefix(300))")
      #expect(!answer.contains("hello\n"))
      let honest = try await server.fetch("/hello")
      #expect(honest.status == 200)
    }
  }

  /// A body whose chunks are garbage: the route must not take what came for the whole.
  @Test(arguments: [
    "zz\r\nabc\r\n", "3\r\nabcdef\r\n0\r\n\r\n", "3;\0\r\nabc\r\n0\r\n\r\n", "-1\r\n",
  ])
  func brokenChunksAreNoBody(_ chunks: String) async throws {
    try await TestServer.run { server in
      let connection = try await RawConnection(port: server.port)
      try await connection.send(Self.post("Transfer-Encoding: chunked", chunks))
      let answer = try await connection.readToEnd()
      #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 400 "), "\(answer)")
      let honest = try await server.fetch("/hello")
      #expect(honest.status == 200)
    }
  }

  /// A body that ends too early, by an orderly end and by a reset.
  @Test(arguments: ["Content-Length: 10", "Transfer-Encoding: chunked"], [true, false])
  func truncatedBodiesAreNoBody(_ field: String, _ orderly: Bool) async throws {
    let seen = Flag()
    try await TestServer.run(routes: { router in
      router.post("take") { request, _ in
        _ = try await request.boundedBody(1000, limits: .patient)
        seen.set()
        return "taken"
      }
      TestServer.testRoutes(router)
    }) { server in
      let connection = try await RawConnection(port: server.port)
      try await connection.send("POST /take HTTP/1.1\r\nHost: a\r\n\(field)\r\n\r\n3\r\nabc\r\n")
      if orderly { connection.finish() } else { connection.reset() }
      let answer = try await connection.readToEnd()
      #expect(!answer.contains("200 OK"), "\(answer)")
      let honest = try await server.fetch("/hello")
      #expect(honest.status == 200)
    }
    #expect(!seen.isSet, "a route was given half a body as the whole")
  }

  /// More bytes than declared are the next request, and never part of the body.
  @Test func bodyEndsWhereItSays() async throws {
    try await TestServer.run { server in
      let connection = try await RawConnection(port: server.port)
      try await connection.send(Self.post("Content-Length: 3", "abcdef\r\n\r\n"))
      let answer = try await connection.readToEnd()
      #expect(answer.hasPrefix("HTTP/1.1 200 OK"), "\(answer)")
      #expect(answer.contains("\r\n\r\nabcHTTP/1.1 400 "), "\(answer)")
    }
  }

  @Test func bodiesAboveTheLimitAreRefused() async throws {
    try await TestServer.run { server in
      let exact = try await server.fetch(
        "/echo", method: "POST", body: Array(repeating: 1, count: 1000))
      #expect(exact.status == 200)
      #expect(exact.body.count == 1000)
      let declared = try await server.fetch(
        "/echo", method: "POST", body: Array(repeating: 1, count: 1001))
      #expect(declared.status == 413)
      // Refused by what is declared: not a byte of the body is sent.
      let early = try await RawConnection(port: server.port)
      try await early.send(Self.post("Content-Length: 1001"))
      let answer = try await early.readToEnd()
      #expect(answer.hasPrefix("HTTP/1.1 413 "), "\(answer)")
      #expect(answer.lowercased().contains("connection: close"), "\(answer)")
      // Chunks declare nothing.
      let chunked = try await RawConnection(port: server.port)
      let chunk = "fa\r\n" + String(repeating: "x", count: 250) + "\r\n"
      try await chunked.send(
        Self.post("Transfer-Encoding: chunked", String(repeating: chunk, count: 400)))
      let refusal = try await chunked.readToEnd()
      #expect(refusal.hasPrefix("HTTP/1.1 413 "), "\(refusal)")
    }
  }

  /// A client that sends a large body and only then reads still gets the refusal.
  @Test func refusalOfALargeBodyIsDelivered() async throws {
    var limits = ServiceLimits.patient
    limits.bodyBytes = 10_000
    try await TestServer.run(limits: limits) { server in
      for _ in 0..<20 {
        let connection = try await RawConnection(port: server.port)
        try await connection.send(
          Self.post("Content-Length: 600000", String(repeating: "y", count: 600_000)))
        let answer = try await connection.readToEnd()
        #expect(answer.hasPrefix("HTTP/1.1 413 "), "\(answer.prefix(200))")
      }
    }
  }

  @Test func continueIsSent() async throws {
    try await TestServer.run { server in
      let connection = try await RawConnection(port: server.port)
      try await connection.send(
        Self.post("Expect: 100-continue\r\nContent-Length: 3\r\nConnection: close"))
      _ = try await connection.read(until: "HTTP/1.1 100 Continue\r\n\r\n")
      try await connection.send("abc")
      let answer = try await connection.readToEnd()
      #expect(answer.hasPrefix("HTTP/1.1 200 OK") && answer.hasSuffix("abc"), "\(answer)")
    }
  }

  @Test func oldClientsAreAnsweredAndClosed() async throws {
    try await TestServer.run { server in
      let old = try await RawConnection(port: server.port)
      try await old.send("GET /hello HTTP/1.0\r\n\r\n")
      let answer = try await old.readToEnd()
      #expect(answer.hasPrefix("HTTP/1.1 200 OK") && answer.hasSuffix("hello\n"), "\(answer)")
      let absolute = try await RawConnection(port: server.port)
      try await absolute.send(
        "GET http://a/hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
      let other = try await absolute.readToEnd()
      #expect(other.hasPrefix("HTTP/1.1 200 OK"), "\(other)")
    }
  }

  /// Requests sent at once are answered in their order, garbage behind them last.
  @Test func pipelinedRequestsAreAnsweredInOrder() async throws {
    try await TestServer.run { server in
      let connection = try await RawConnection(port: server.port)
      try await connection.send(
        "GET /wait/200 HTTP/1.1\r\nHost: a\r\n\r\nGET /hello HTTP/1.1\r\nHost: a\r\n\r\n"
          + "nonsense\r\n\r\n")
      let answer = try await connection.readToEnd()
      let bodies = ["waited\n", "hello\n", "HTTP/1.1 400 "].map { answer.range(of: $0)?.lowerBound }
      let places = bodies.compactMap { $0 }
      #expect(places.count == 3 && places == places.sorted(), "\(answer)")
    }
  }
}
