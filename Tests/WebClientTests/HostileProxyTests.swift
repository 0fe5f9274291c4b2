// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing
import WebClient

/// Proxies that do not keep to SOCKS5. Every one ends in a named refusal, never in a trap and never in a wait
/// without end; and the server's client is told that it was the proxy.
@Suite(.hangs)
struct HostileProxyTests {
  /// What a proxy sends, step by step, and words of the refusal.
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    /// After the greeting.
    var choice: [UInt8] = [5, 0]
    /// After user and password, where the client signs in.
    var signIn: [UInt8]?
    /// After the request.
    var reply: [UInt8] = []
    let refusal: String
    var testDescription: String { name }
  }

  private static let ended = "ended the connection before the tunnel"
  private static let success: [UInt8] = [5, 0, 0, 1, 0, 0, 0, 0, 0, 0]

  static let cases: [Case] = [
    Case(name: "nothing", choice: [], refusal: ended),
    Case(name: "half a choice", choice: [5], refusal: ended),
    Case(name: "SOCKS4", choice: [0, 90, 0, 0, 0, 0, 0, 0], refusal: "speaks SOCKS5"),
    Case(name: "SOCKS6", choice: [6, 0], refusal: "speaks SOCKS5"),
    Case(name: "HTTP", choice: Array("HTTP/1.1 400 Bad\r\n\r\n".utf8), refusal: "speaks SOCKS5"),
    Case(name: "no method", choice: [5, 255], refusal: "without user and password"),
    Case(name: "a method not offered", choice: [5, 2], refusal: "without user and password"),
    Case(name: "GSSAPI", choice: [5, 1], refusal: "without user and password"),
    Case(
      name: "no method, with a user", choice: [5, 255], signIn: [], refusal: "asks for user"),
    // A proxy that lets everybody in would put isolated clients together.
    Case(name: "no question for the user", choice: [5, 0], signIn: [], refusal: "asks for user"),
    Case(name: "silent end after the user", choice: [5, 2], signIn: [], refusal: ended),
    Case(name: "half an answer to the user", choice: [5, 2], signIn: [1], refusal: ended),
    Case(
      name: "wrong version of signing in", choice: [5, 2], signIn: [5, 0], refusal: "version 1"),
    Case(name: "user not accepted", choice: [5, 2], signIn: [1, 1], refusal: "does not accept"),
    Case(
      name: "user not accepted, 255", choice: [5, 2], signIn: [1, 255], refusal: "does not accept"),
    Case(name: "no reply", refusal: ended),
    Case(name: "wrong version of the reply", reply: [4, 0, 0, 1], refusal: "version 5"),
    Case(name: "reserved byte", reply: [5, 0, 1, 1, 0, 0, 0, 0, 0, 0], refusal: "reserved"),
    Case(name: "address of type 0", reply: [5, 0, 0, 0], refusal: "known type"),
    Case(name: "address of type 2", reply: [5, 0, 0, 2], refusal: "known type"),
    Case(name: "address of type 255", reply: [5, 0, 0, 255], refusal: "known type"),
    Case(name: "half a name", reply: [5, 0, 0, 3, 255, 1, 2, 3], refusal: ended),
    Case(name: "half an address", reply: [5, 0, 0, 4, 0, 0, 0, 0, 0, 0], refusal: ended),
    Case(name: "success cut off", reply: success.dropLast(), refusal: ended),
    Case(name: "success and nothing more", reply: success, refusal: "ended before the answer"),
    Case(name: "more than a reply", reply: success + [0], refusal: "ended before the answer"),
    Case(
      name: "two replies", reply: success + success + Array("\r\n\r\n".utf8), refusal: "HTTP/1.1"),
    Case(
      name: "a name of no bytes", reply: [5, 0, 0, 3, 0, 0, 0], refusal: "ended before the answer"),
  ]

  private func proxy(_ one: Case) throws -> RawServer {
    try RawServer { connection in
      guard let greeting = connection.receive(2),
        connection.receive(Int(greeting[1])) != nil
      else { return }
      connection.send(one.choice)
      if one.choice != [5, one.signIn == nil ? 0 : 2] { return }
      if let signIn = one.signIn {
        guard connection.receive(5) != nil else { return }
        connection.send(signIn)
        return
      }
      // CONNECT a.invalid, port 80.
      guard connection.receive(5 + 9 + 2) != nil else { return }
      connection.send(one.reply)
      if one.refusal.contains("answer") || one.refusal.contains("HTTP") {
        _ = connection.next()
      }
    }
  }

  @Test("A proxy outside the format is refused by name; the process goes on", arguments: cases)
  func refusesByName(_ one: Case) async throws {
    let proxy = try proxy(one)
    let user = one.signIn == nil ? "" : "u:p@"
    let client = try WebClient.through(
      "socks5://\(user)127.0.0.1:\(proxy.port)", "http://a.invalid")
    let error = await failure { () throws(WebError) in try await client.get("a", limit: 1000) }
    let found = try #require(error)
    #expect(found.path == "a" && found.rule.contains(one.refusal), "\(found)")
    if case .proxy = found {
    } else {
      #expect(one.refusal == "ended before the answer" || one.refusal == "HTTP/1.1", "\(found)")
    }
  }

  @Test("Every failure of a reply has its words, with or without an address behind it")
  func replies() async throws {
    var words: Set<String> = []
    for code in 1...UInt8.max {
      let reply: [UInt8] = code.isMultiple(of: 2) ? [5, code] : [5, code, 0, 1, 0, 0, 0, 0, 0, 0]
      let proxy = try SOCKSServer(to: 1, reply: reply)
      let client = try WebClient.through(proxy.address, "http://a.invalid")
      let error = await failure { () throws(WebError) in try await client.get("a", limit: 1000) }
      if code == 5 {
        #expect(error == .refused("a"))
        continue
      }
      guard case .proxy("a", let rule) = error else {
        Issue.record("\(code): \(String(describing: error))")
        continue
      }
      #expect(rule.hasPrefix("the proxy says: "))
      #expect(
        rule.hasSuffix("failure \(code)")
          == !((1...8).contains(code) || (0xF0...0xF7).contains(code)))
      words.insert(rule)
    }
    #expect(words.count == 254)
  }

  @Test(
    "A proxy that is silent is given up in time, whatever it said before",
    arguments: [[], [5], [5, 0], [5, 0, 5], [5, 0, 5, 0, 0, 3, 255]] as [[UInt8]])
  func silence(_ said: [UInt8]) async throws {
    let proxy = try RawServer { connection in
      connection.send(said)
      while connection.receive(1) != nil {}
    }
    let client = try WebClient.through(
      "socks5://127.0.0.1:\(proxy.port)", "http://a.invalid", connecting: .milliseconds(300))
    let error = await failure { () throws(WebError) in try await client.get("a", limit: 1000) }
    guard case .timedOut("a", let rule) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(rule.contains("through the proxy"))
  }

  @Test("A proxy that sends a byte now and then does not hold a client for longer")
  func dripping() async throws {
    let proxy = try RawServer { connection in
      // Whole in six seconds.
      for byte in [5, 0, 5, 0, 0, 3, 255] + [UInt8](repeating: 1, count: 257) {
        guard connection.send([byte]) else { return }
        usleep(23_000)
      }
    }
    let client = try WebClient.through(
      "socks5://127.0.0.1:\(proxy.port)", "http://a.invalid", connecting: .milliseconds(500))
    let error = await failure { () throws(WebError) in try await client.get("a", limit: 1000) }
    guard case .timedOut("a", let rule) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(rule.contains("through the proxy"))
  }

  @Test("A proxy that sends without end is given up", arguments: [0, 5])
  func endless(_ byte: UInt8) async throws {
    let proxy = try RawServer { connection in
      let bytes = [UInt8](repeating: byte, count: 65_536)
      while connection.send(bytes) {}
    }
    let start = try RawServer { connection in
      connection.send([5, 0] + Self.success)
      let bytes = [UInt8](repeating: byte, count: 65_536)
      while connection.send(bytes) {}
    }
    let client = try WebClient.through("socks5://127.0.0.1:\(proxy.port)", "http://a.invalid")
    let error = await failure { () throws(WebError) in try await client.get("a", limit: 1000) }
    guard case .proxy("a", _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    // Behind a good reply it is the server that sends, to the limits that servers have.
    let other = try WebClient.through("socks5://127.0.0.1:\(start.port)", "http://a.invalid")
    let second = await failure { () throws(WebError) in try await other.get("a", limit: 1000) }
    guard case .malformed("a", _) = second else {
      Issue.record("\(String(describing: second))")
      return
    }
  }

  @Test("A caller who gives up is not kept waiting by a proxy")
  func cancelled() async throws {
    let proxy = try RawServer { connection in connection.waitForClient() }
    let client = try WebClient.through(
      "socks5://127.0.0.1:\(proxy.port)", "http://a.invalid", connecting: .seconds(100),
      total: .seconds(100))
    let task = Task { await failure { () throws(WebError) in try await client.get("a", limit: 1) } }
    try await Task.sleep(for: .milliseconds(50))
    task.cancel()
    #expect(await task.value == .cancelled("a"))
  }
}
