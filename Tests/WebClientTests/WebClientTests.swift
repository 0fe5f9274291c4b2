// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

import WebClient

@Suite(.hangs)
struct WebClientTests {
  @Test("A request says what was asked for, and nothing about who asks")
  func requestNamesNobody() async throws {
    let seen = Notes<RawServer.Request>()
    let server = try RawServer(answering: { _, request, connection in
      seen.note(request)
      return connection.answer(
        200, ["Set-Cookie: id=1", "Content-Type: text/plain; charset=utf-8"])
    })
    let client = try WebClient.of(server, prefix: "/record")
    let response = try await client.get("tile/0/x001/000.p/7", limit: 10)
    #expect(response.isType("text/plain"))
    _ = try await client.post("ballots", body: [1, 2, 3], contentType: "application/x", limit: 10)
    let get = try #require(seen.all.first)
    #expect(
      get.lines == [
        "GET /record/tile/0/x001/000.p/7 HTTP/1.1", "Host: 127.0.0.1:\(server.port)",
        "User-Agent: urna",
      ])
    let post = try #require(seen.all.last)
    #expect(
      post.lines == [
        "POST /record/ballots HTTP/1.1", "Host: 127.0.0.1:\(server.port)", "User-Agent: urna",
        "Content-Type: application/x", "Content-Length: 3",
      ])
    #expect(post.body == [1, 2, 3])
  }

  @Test("A connection is used again, and replaced when the server has closed it")
  func keptConnection() async throws {
    let server = try RawServer(answering: { number, _, connection in
      // After the second answer the server closes the connection without a word.
      connection.answer(200, body: [UInt8(number)]) && number != 2
    })
    let client = try WebClient.of(server)
    for number in 1...4 {
      #expect(try await client.get("a", limit: 10).body == [UInt8(number)])
    }
    #expect(server.connectionCount == 2)
  }

  @Test("Nobody listens: the refusal is named, and tried as often as the policy says")
  func refusedConnection() async throws {
    var server: RawServer? = try RawServer { _ in }
    let address = try WebAddress(try #require(server).address)
    server = nil
    let pauses = Notes<Duration>()
    let client = WebClient(
      address,
      retry: RetryPolicy(
        attempts: 3, pause: .milliseconds(8),
        jitter: {
          pauses.note($0)
          return .zero
        }))
    #expect(
      await failure { () throws(WebError) in try await client.get("a", limit: 1) } == .refused("a"))
    #expect(pauses.all == [.milliseconds(8), .milliseconds(16)])
  }

  @Test("503 and 429 are repeated after the time that the server asks for, and no oftener")
  func retryAfter() async throws {
    let pauses = Notes<Duration>()
    let server = try RawServer(answering: { number, _, connection in
      switch number {
      case 1: connection.answer(503, ["Retry-After: 7"])
      case 2: connection.answer(429)
      case 3: connection.answer(200, body: [3])
      // A pause of a year is not waited for.
      default: connection.answer(503, ["Retry-After: 31536000"])
      }
    })
    let client = WebClient(
      try WebAddress(server.address),
      retry: RetryPolicy(
        attempts: 5, pause: .milliseconds(3),
        jitter: {
          pauses.note($0)
          return .zero
        }))
    #expect(try await client.get("a", limit: 10).body == [3])
    #expect(pauses.all == [.seconds(7), .milliseconds(6)])
    #expect(try await client.get("a", limit: 10).status == 503)
    #expect(pauses.all.count == 2)
  }

  @Test("A post is repeated only when it may be")
  func postOnce() async throws {
    let count = Notes<Int>()
    let server = try RawServer(answering: { number, _, connection in
      count.note(number)
      return number > 2 ? connection.answer(200) : false
    })
    let client = try WebClient.of(server, attempts: 4)
    let once = await failure { () throws(WebError) in
      try await client.post("a", body: [1], contentType: "x/y", limit: 1)
    }
    guard case .interrupted = once else {
      Issue.record("\(String(describing: once))")
      return
    }
    #expect(count.all == [1])
    let response = try await client.post(
      "a", body: [1], contentType: "x/y", limit: 1, isRepeatable: true)
    #expect(response.status == 200)
    #expect(count.all == [1, 2, 3])
  }

  @Test("An answer that comes before the body was sent is read all the same")
  func earlyAnswer() async throws {
    let server = try RawServer { connection in
      connection.send("HTTP/1.1 413 Large\r\nContent-Length: 5\r\n\r\nlarge")
      connection.waitForClient()
    }
    let response = try await WebClient.of(server).post(
      "a", body: [UInt8](repeating: 1, count: 32 << 20), contentType: "x/y", limit: 10)
    #expect(response.status == 413)
    #expect(response.body == Array("large".utf8))
  }

  @Test("A caller who gives up is not kept waiting")
  func cancelled() async throws {
    let server = try RawServer { connection in
      connection.waitForClient()
    }
    let client = try WebClient.of(server, silence: .seconds(100), total: .seconds(100))
    let task = Task { await failure { () throws(WebError) in try await client.get("a", limit: 1) } }
    try await Task.sleep(for: .milliseconds(50))
    task.cancel()
    #expect(await task.value == .cancelled("a"))
  }

  @Test(
    "Addresses that are not plain are refused",
    arguments: [
      "", "ftp://a", "HTTP://a", "http:/a", "http://", "http://a:0", "http://a:65536",
      "http://a:08",
      "http://a:", "http://u@a", "http://u:p@a", "http://a/?q", "http://a/#f", "http://a//b",
      "http://a/./b", "http://a/../b", "http://a/%2e", "http://a/b c", "http://a b", "http://a\n",
      "http://ä.de", "http://[::1", "http://[::1]x", "http://[fe80::1%25eth0]", "http://[]",
      "http://a..b", "http://.a", "file:///etc/passwd",
      "http://" + String(repeating: "a", count: 64),
      "http://a/" + String(repeating: "b", count: 1020), "//a", "http://a\\b", "http://a_b",
    ])
  func refusedAddress(_ text: String) throws {
    let error = #expect(throws: WebError.self) { try WebAddress(text) }
    guard case .address = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    // What was refused may hold a password.
    #expect(!text.contains("u:p@") || error?.description.contains("u:p") == false)
  }

  @Test(
    "Addresses have one spelling",
    arguments: [
      ("http://a", "http://a"), ("https://A.Example/", "https://a.example"),
      ("http://a:80/x/", "http://a/x"), ("https://a:443", "https://a"),
      ("https://a:80", "https://a:80"), ("http://127.0.0.1:8080/r", "http://127.0.0.1:8080/r"),
      ("http://[::1]:99/x", "http://[::1]:99/x"), ("https://[::1]", "https://[::1]"),
    ])
  func spelling(_ text: String, _ expected: String) throws {
    #expect(try WebAddress(text).description == expected)
  }

  @Test(
    "A path cannot leave its place, nor carry anything else along",
    arguments: [
      "", "/a", "a//b", "../a", "a/..", "a b", "a\r\nX: y", "a?b?c", "a#b", "a%2e", "ä", "a?/",
    ])
  func refusedPath(_ path: String) async throws {
    let client = WebClient(try WebAddress("http://127.0.0.1:1"))
    let error = await failure { () throws(WebError) in try await client.get(path, limit: 1) }
    guard case .address("path", _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }
}
