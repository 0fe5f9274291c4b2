// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

import WebClient

/// Servers that do not keep to HTTP, or keep to it only to do harm. Every one ends in a named refusal, or in
/// the answer as it is, never in a trap and never in a wait without end.
@Suite(.hangs)
struct HostileServerTests {
  /// An answer as bytes, and what it leads to: a status, or words of the refusal.
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let answer: String
    var status: Int?
    var body = ""
    var refusal = ""
    var testDescription: String { name }
  }

  static let cases: [Case] = [
    Case(
      name: "plain", answer: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", status: 200,
      body: "hi"),
    // These six end a process that uses URLSession on Linux (Foundation of Swift 6.3.1).
    Case(
      name: "head cut off", answer: "HTTP/1.1 200 OK\r\nContent-Le",
      refusal: "ended before the answer"),
    Case(
      name: "field behind a chunked body",
      answer: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-T: y\r\n\r\n",
      status: 200, body: "hi"),
    Case(
      name: "redirection to an IPv6 address",
      answer: "HTTP/1.1 302 F\r\nLocation: //[::1]:99/y\r\nContent-Length: 0\r\n\r\n", status: 302),
    Case(
      name: "redirection to an address with a zone",
      answer: "HTTP/1.1 302 F\r\nLocation: //[fe80::1%25eth0]/y\r\nContent-Length: 0\r\n\r\n",
      status: 302),
    Case(
      name: "redirection to an escaped host",
      answer: "HTTP/1.1 302 F\r\nLocation: //a%2Fb%00/y\r\nContent-Length: 0\r\n\r\n", status: 302),
    Case(
      name: "length of 2^63 - 1",
      answer: "HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775807\r\n\r\nhi",
      refusal: "length of 1 to 15 digits"),

    Case(
      name: "demand for a password",
      answer: "HTTP/1.1 401 No\r\nWWW-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n", status: 401
    ),
    Case(
      name: "demand of a proxy",
      answer:
        "HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n",
      status: 407),
    Case(name: "nothing", answer: "", refusal: "ended before the answer"),
    Case(name: "bytes", answer: "\u{0}\u{1}\u{2}\u{3}\r\n\r\n", refusal: "HTTP/1.1"),
    Case(name: "HTTP/0.9", answer: "hello world\r\n\r\n", refusal: "HTTP/1.1"),
    Case(
      name: "HTTP/2 in plain text", answer: "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", refusal: "HTTP/1.1"),
    Case(name: "status 000", answer: "HTTP/1.1 000 x\r\n\r\n", refusal: "status from 100 to 599"),
    Case(name: "status 999", answer: "HTTP/1.1 999 x\r\n\r\n", refusal: "status from 100 to 599"),
    Case(name: "status -20", answer: "HTTP/1.1 -20 x\r\n\r\n", refusal: "status from 100 to 599"),
    Case(
      name: "interim answers without end",
      answer: String(repeating: "HTTP/1.1 103 Early\r\n\r\n", count: 9), refusal: "8 interim"),
    Case(
      name: "interim answer",
      answer: "HTTP/1.1 103 Early\r\nLink: a\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
      status: 200, body: "hi"),
    Case(
      name: "change of protocol",
      answer: "HTTP/1.1 101 S\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
      refusal: "no change of protocol"),
    Case(
      name: "lines with LF alone", answer: "HTTP/1.1 200 OK\nContent-Length: 2\n\nhi\r\n\r\n",
      refusal: "CRLF"),
    Case(
      name: "folded field", answer: "HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 2\r\n\r\nhi",
      refusal: "field's name"),
    Case(
      name: "space before the colon",
      answer: "HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\nhi", refusal: "field's name"),
    Case(
      name: "field without a colon", answer: "HTTP/1.1 200 OK\r\nx\r\nContent-Length: 2\r\n\r\nhi",
      refusal: "colon"),
    Case(
      name: "field without a name", answer: "HTTP/1.1 200 OK\r\n: x\r\nContent-Length: 2\r\n\r\nhi",
      refusal: "field's name"),
    Case(
      name: "NUL in a field",
      answer: "HTTP/1.1 200 OK\r\nX: a\u{0}b\r\nContent-Length: 2\r\n\r\nhi",
      refusal: "control"),
    Case(
      name: "two lengths",
      answer: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nhi",
      refusal: "only one of them"),
    Case(
      name: "length and chunks",
      answer:
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
      refusal: "only one of them"),
    Case(
      name: "body until the end of the connection", answer: "HTTP/1.0 200 OK\r\n\r\nhi",
      refusal: "a length, or a chunked body"),
    Case(
      name: "negative length", answer: "HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\nhi",
      refusal: "length of 1 to 15 digits"),
    Case(
      name: "length with a sign", answer: "HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nhi",
      refusal: "length of 1 to 15 digits"),
    Case(
      name: "less than the length", answer: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhi",
      refusal: "ended before the answer"),
    Case(
      name: "more than the length", answer: "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nhi",
      refusal: "nothing behind the answer"),
    Case(
      name: "chunk of no number",
      answer: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhi\r\n0\r\n\r\n",
      refusal: "hexadecimal"),
    Case(
      name: "chunk of nine digits",
      answer: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n000000002\r\nhi\r\n0\r\n\r\n",
      refusal: "hexadecimal"),
    Case(
      name: "chunk without its end",
      answer: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhix\r\n0\r\n\r\n",
      refusal: "CRLF behind a chunk"),
    Case(
      name: "chunks cut off",
      answer: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n",
      refusal: "ended before the answer"),
    Case(
      name: "other transfer encoding",
      answer: "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
      refusal: "no transfer encoding but chunked"),
    Case(
      name: "compressed body",
      answer: "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nhi",
      refusal: "compression"),
    Case(
      name: "head of 100 KiB",
      answer: "HTTP/1.1 200 OK\r\nX: " + String(repeating: "a", count: 102_400) + "\r\n\r\n",
      refusal: "head of at most"),
    Case(
      name: "101 fields",
      answer: "HTTP/1.1 200 OK\r\n" + String(repeating: "X: a\r\n", count: 100)
        + "Content-Length: 0\r\n\r\n",
      refusal: "at most 100 fields"),
    Case(
      name: "trailers without end",
      answer: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"
        + String(repeating: "X: a\r\n", count: 20_000) + "\r\n",
      refusal: "behind the body"),
    Case(
      name: "cookie",
      answer: "HTTP/1.1 200 OK\r\nSet-Cookie: a=b; Max-Age=99999999999999999999\r\n"
        + "Content-Length: 2\r\n\r\nhi",
      status: 200, body: "hi"),
  ]

  @Test("An answer outside the format is refused by name; the process goes on", arguments: cases)
  func refusesByName(_ one: Case) async throws {
    let server = try RawServer { connection in
      guard connection.next() != nil else { return }
      connection.send(one.answer)
    }
    let client = try WebClient.of(server)
    do throws(WebError) {
      let response = try await client.get("a", limit: 1000)
      #expect(response.status == one.status)
      #expect(response.body == Array(one.body.utf8))
    } catch {
      #expect(one.status == nil, "\(error)")
      #expect(error.description.contains(one.refusal), "\(error)")
      #expect(!one.refusal.isEmpty && error.path == "a")
    }
  }

  @Test("A body without end is given up at the limit, chunked or with a false length")
  func endlessBody() async throws {
    let sent = Notes<Int>()
    let server = try RawServer { connection in
      guard connection.next() != nil else { return }
      connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
      let chunk =
        Array("10000\r\n".utf8) + [UInt8](repeating: 7, count: 65_536) + Array("\r\n".utf8)
      var count = 0
      while count < 10_000, connection.send(chunk) { count += 1 }
      sent.note(count)
    }
    let client = try WebClient.of(server)
    #expect(
      await failure { () throws(WebError) in try await client.get("a", limit: 100_000) }
        == .tooLarge("a", 100_000))
    // The server notices: its sending fails long before it has sent all.
    while sent.all.isEmpty { try await Task.sleep(for: .milliseconds(10)) }
    #expect(try #require(sent.all.first) < 10_000)
  }

  @Test("A length above the limit is refused before the body comes")
  func announcedTooLarge() async throws {
    let server = try RawServer { connection in
      guard connection.next() != nil else { return }
      connection.send("HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n")
      connection.waitForClient()
    }
    let client = try WebClient.of(server)
    #expect(
      await failure { () throws(WebError) in try await client.get("a", limit: 1000) }
        == .tooLarge("a", 1000))
  }

  @Test("A server that is silent, or sends a byte now and then, is given up in time")
  func slowServers() async throws {
    let silent = try RawServer { connection in
      connection.waitForClient()
    }
    let quiet = try WebClient.of(silent, silence: .milliseconds(300))
    let first = await failure { () throws(WebError) in try await quiet.get("a", limit: 10) }
    guard case .timedOut("a", let rule) = first else {
      Issue.record("\(String(describing: first))")
      return
    }
    #expect(rule.contains("sends bytes"))

    let dripping = try RawServer { connection in
      guard connection.next() != nil else { return }
      connection.send("HTTP/1.1 200 OK\r\nX: ")
      while connection.send("a") { usleep(20_000) }
    }
    let patient = try WebClient.of(dripping, total: .milliseconds(500))
    let second = await failure { () throws(WebError) in try await patient.get("a", limit: 10) }
    guard case .timedOut("a", let total) = second else {
      Issue.record("\(String(describing: second))")
      return
    }
    #expect(total.contains("whole exchange"))
  }

  @Test("An error page of any size is cut, and the connection given up")
  func largeProblem() async throws {
    let server = try RawServer { connection in
      guard connection.next() != nil else { return }
      connection.send("HTTP/1.1 404 No\r\nContent-Length: 999999999\r\n\r\n")
      let page = [UInt8](repeating: 0x78, count: 65_536)
      while connection.send(page) {}
    }
    let response = try await WebClient.of(server).get("a", limit: 10)
    #expect(response.status == 404)
    #expect(response.body.count == 65_536)
  }

  @Test("Parsing does not depend on where the pieces of an answer are cut", arguments: cases)
  func everyCut(_ one: Case) throws {
    let bytes = Array(one.answer.utf8)
    guard bytes.count < 1000 else { return }
    func parse(_ pieces: [ArraySlice<UInt8>]) -> (heads: [ResponseHead], body: [UInt8], end: String)
    {
      var parser = ResponseParser()
      var heads: [ResponseHead] = []
      var body: [UInt8] = []
      for piece in pieces {
        var input = piece
        do throws(ResponseParser.Problem) {
          while let event = try parser.next(&input) {
            switch event {
            case .head(let head): heads.append(head)
            case .body(let part): body += part
            case .end: break
            }
            if parser.isDone { break }
          }
        } catch { return (heads, [], error.rule) }
      }
      return (heads, body, parser.isDone ? "done" : "open")
    }
    let whole = parse([bytes[...]])
    for cut in bytes.indices {
      let two = parse([bytes[..<cut], bytes[cut...]])
      #expect(two.heads == whole.heads && two.end == whole.end, "cut at \(cut)")
    }
    let single = parse(bytes.indices.map { bytes[$0...$0] })
    #expect(single.heads == whole.heads && single.body == whole.body && single.end == whole.end)
  }
}
