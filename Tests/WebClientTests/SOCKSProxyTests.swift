// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing
import WebClient

/// Requests through a SOCKS5 proxy.
@Suite(.hangs)
struct SOCKSProxyTests {
  private func server() throws -> RawServer {
    try RawServer(answering: { _, request, connection in
      connection.answer(200, body: Array(request.head.utf8))
    })
  }

  /// No such name is known here, and RFC 6761 sees to it that none ever is: a client that looked it up would fail.
  @Test("A name goes to the proxy as a name, and no resolver is asked")
  func byName() async throws {
    let server = try server()
    let proxy = try SOCKSServer(to: server.port)
    for name in ["box.invalid", "localhost", "127.1", "a.onion"] {
      let client = try WebClient.through(proxy.address, "http://\(name.uppercased()):81/r")
      let response = try await client.get("a", limit: 1000)
      #expect(
        String(decoding: response.body, as: UTF8.self)
          == "GET /r/a HTTP/1.1\r\nHost: \(name):81\r\nUser-Agent: urna\r\n\r\n")
      let request = try #require(proxy.requests.last)
      #expect(request.methods == [0] && request.user == nil && request.password == nil)
      #expect(request.addressType == 3 && request.name == name && request.port == 81)
    }
    // Without the proxy there is no answer; an onion address is not even looked up.
    for (name, rule) in [("box.invalid", "name"), ("a.onion", "through a proxy")] {
      let error = await failure { () throws(WebError) in
        try await WebClient(try WebAddress("http://\(name)"), retry: .never).get("a", limit: 1000)
      }
      guard case .unreachable("a", let found) = error else {
        Issue.record("\(String(describing: error))")
        continue
      }
      #expect(found.contains(rule))
    }
  }

  @Test("Addresses go to the proxy as addresses")
  func byAddress() async throws {
    let server = try server()
    let proxy = try SOCKSServer(to: server.port)
    let documentation: [UInt8] = [0x20, 1, 0xD, 0xB8] + [UInt8](repeating: 0, count: 11) + [1]
    for (address, type, host, port) in [
      ("http://192.0.2.1", 1, [192, 0, 2, 1], 80),
      ("http://127.0.0.1:65535", 1, [127, 0, 0, 1], 65535),
      ("http://[2001:db8::1]:8080", 4, documentation, 8080),
    ] as [(String, UInt8, [UInt8], UInt16)] {
      let client = try WebClient.through(proxy.address, address)
      #expect(try await client.get("a", limit: 1000).status == 200)
      let request = try #require(proxy.requests.last)
      #expect(request.addressType == type && request.host == host && request.port == port)
    }
    // What has colons and is no address is not sent as a name.
    let client = try WebClient.through(proxy.address, "http://[1:2]")
    let error = await failure { () throws(WebError) in try await client.get("a", limit: 1000) }
    #expect(error == .unreachable("a", "the host is an IPv6 address"))
    #expect(proxy.connectionCount == 3)
  }

  @Test("A long name and a large body pass the tunnel, and the connection is used again")
  func longName() async throws {
    let server = try RawServer(answering: { number, request, connection in
      connection.answer(200, body: [UInt8(number)] + request.body)
    })
    let proxy = try SOCKSServer(to: server.port)
    let label = String(repeating: "a", count: 62)
    let name = [label, label, label, label + "b"].joined(separator: ".")
    #expect(name.utf8.count == 252)
    let client = try WebClient.through(proxy.address, "http://\(name)")
    let body = [UInt8](repeating: 7, count: 3 << 20)
    let response = try await client.post("a", body: body, contentType: "x/y", limit: 4 << 20)
    #expect(response.body == [1] + body)
    #expect(try await client.get("a", limit: 1).body == [2])
    #expect(proxy.requests.map(\.name) == [name])
    #expect(server.connectionCount == 1)
  }

  @Test("Signing in is the only offer of a client that has credentials")
  func signIn() async throws {
    let server = try server()
    let proxy = try SOCKSServer(to: server.port)
    let long = String(repeating: "x", count: 255)
    for (user, password) in [("a", "b"), (long, long), ("-._~!$&'()*+,;=", "Z9")] {
      let client = try WebClient.through(
        "socks5://\(user):\(password)@127.0.0.1:\(proxy.port)", "http://box.invalid")
      #expect(try await client.get("a", limit: 1000).status == 200)
      let request = try #require(proxy.requests.last)
      #expect(request.methods == [2] && request.user == user && request.password == password)
    }
  }

  @Test("Isolated clients have credentials of their own, and keep them")
  func isolation() async throws {
    // The server ends every connection after an answer, so that each request is a tunnel.
    let server = try RawServer(answering: { _, _, connection in
      connection.answer(200)
      return false
    })
    let proxy = try SOCKSServer(to: server.port)
    let plain = try SOCKSProxy(proxy.address)
    #expect(!plain.hasCredentials)
    for _ in 0..<3 {
      let isolated = try plain.isolated()
      #expect(isolated.hasCredentials && isolated.description == plain.description)
      let client = WebClient(
        try WebAddress("http://box.invalid"), retry: .never, proxy: isolated)
      for _ in 0..<2 {
        #expect(
          try await client.post("a", body: [], contentType: "x/y", limit: 10).status == 200)
      }
    }
    let requests = proxy.requests
    #expect(requests.count == 6)
    #expect(Set(requests.map(\.user)).count == 3 && Set(requests.map(\.password)).count == 3)
    for request in requests {
      #expect(request.methods == [2])
      #expect(request.user?.utf8.count == 32 && request.password?.utf8.count == 32)
      #expect(request.user != request.password)
    }
  }

  @Test("Without the proxy there is no way to the server")
  func noProxy() async throws {
    let server = try server()
    var gone: RawServer? = try RawServer { _ in }
    let port = try #require(gone).port
    gone = nil
    let client = try WebClient.through("socks5://127.0.0.1:\(port)", server.address)
    let error = await failure { () throws(WebError) in try await client.get("a", limit: 1000) }
    #expect(error == .proxy("a", "nobody listens at the proxy's address"))
    let unknown = try WebClient.through("socks5://proxy.invalid:9050", server.address)
    guard
      case .proxy("a", let rule) = await failure({ () throws(WebError) in
        try await unknown.get("a", limit: 1000)
      })
    else {
      Issue.record("a proxy without an address")
      return
    }
    #expect(rule.contains("the proxy cannot be reached"))
    #expect(server.connectionCount == 0)
  }

  @Test("A proxy has one form")
  func form() throws {
    for (text, host, port) in [
      ("socks5://127.0.0.1:9050", "127.0.0.1", 9050), ("socks5://[::1]:1", "::1", 1),
      ("socks5://Tor.example:65535", "tor.example", 65535), ("socks5://a:80", "a", 80),
      ("socks5://u:p@127.0.0.1:9050", "127.0.0.1", 9050),
    ] as [(String, String, UInt16)] {
      let proxy = try SOCKSProxy(text)
      #expect(proxy.host == host && proxy.port == port)
      #expect(proxy.hasCredentials == text.contains("@"))
      #expect(try SOCKSProxy(proxy.description).description == proxy.description)
    }
  }

  private static let long = String(repeating: "x", count: 256)

  @Test(
    "Proxies in another form are refused, and nothing of them is repeated",
    arguments: [
      "", "socks5://", "socks5:127.0.0.1:1", "SOCKS5://127.0.0.1:1", "socks5h://127.0.0.1:1",
      "socks4://127.0.0.1:1", "http://127.0.0.1:1", "socks5://127.0.0.1", "socks5://127.0.0.1:",
      "socks5://127.0.0.1:0", "socks5://127.0.0.1:65536", "socks5://127.0.0.1:080",
      "socks5://127.0.0.1:+80", "socks5://127.0.0.1:1/", "socks5://127.0.0.1:1/x",
      "socks5://127.0.0.1:1?x", "socks5://127.0.0.1:1#x", "socks5://:1", "socks5://[::1]",
      "socks5://[::80", "socks5://::1:80", "socks5://[]:1", "socks5://a:1:2", "socks5://a b:1",
      "socks5://a:1\n", " socks5://a:1", "socks5://ä:1", "socks5://@a:1", "socks5://:@a:1",
      "socks5://user@a:1", "socks5://user:@a:1", "socks5://:secret@a:1",
      "socks5://user:secret:x@a:1", "socks5://user:secret@x@a:1", "socks5://user:sec%20ret@a:1",
      "socks5://user:sec/ret@a:1", "socks5://user:sec\"ret@a:1", "socks5://user:secret@a",
      "socks5://user:secret@a:0", "socks5://user:\(long)@a:1", "socks5://\(long):secret@a:1",
      "socks5://user:secret@" + String(repeating: "a", count: 1024) + ":1",
    ])
  func refusedForm(_ text: String) {
    do throws(WebError) {
      _ = try SOCKSProxy(text)
      Issue.record("accepted: \(text)")
    } catch {
      guard case .address("proxy", _) = error else {
        Issue.record("\(error)")
        return
      }
      #expect(!"\(error)".contains("secret") && !"\(error)".contains("xxxx"))
    }
  }

  @Test("User and password are in no description")
  func descriptions() throws {
    let proxy = try SOCKSProxy("socks5://alice:secret@[::1]:9050")
    var dumped = ""
    dump(proxy, to: &dumped)
    dump(WebClient(try WebAddress("http://a"), proxy: proxy), to: &dumped)
    for text in ["\(proxy)", String(reflecting: proxy), "\(Optional(proxy) as Any)", dumped] {
      #expect(!text.contains("alice") && !text.contains("secret"))
    }
    #expect(proxy.description == "socks5://[::1]:9050")
  }
}
