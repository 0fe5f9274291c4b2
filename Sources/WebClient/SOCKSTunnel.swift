// SPDX-License-Identifier: Apache-2.0

import Cryptography

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// The client's side of SOCKS5 (RFC 1928) until the tunnel stands. Nothing is read beyond the proxy's last
/// message: the next byte is the server's.
enum SOCKSTunnel {
  /// Without a user (RFC 1928, section 3).
  private static let openMethod: UInt8 = 0
  /// With user and password (RFC 1929).
  private static let signInMethod: UInt8 = 2
  private static let version: UInt8 = 5

  /// A socket on which the server at `address` is spoken to, through the proxy.
  ///
  /// - Throws: ``WebError/proxy(_:_:)`` for whatever the proxy does or says; ``WebError/refused(_:)`` when it says
  ///   that the server refused.
  static func open(
    to address: WebAddress, through proxy: SOCKSProxy, _ exchange: Exchange, _ deadline: Deadline
  ) throws(WebError) -> Socket {
    let request = try request(for: address, exchange)
    let socket = try connect(to: proxy, exchange, deadline)
    let method = proxy.credentials == nil ? openMethod : signInMethod
    // Only one is offered: a proxy that may choose could do without the user, and with that without isolation.
    try send([version, 1, method], socket, exchange, deadline)
    let chosen = try receive(2, socket, exchange, deadline)
    guard chosen[0] == version else { throw .proxy(exchange.path, "the proxy speaks SOCKS5") }
    guard chosen[1] == method else {
      throw .proxy(
        exchange.path,
        method == openMethod
          ? "the proxy lets in without user and password" : "the proxy asks for user and password")
    }
    if let credentials = proxy.credentials {
      try signIn(credentials, socket, exchange, deadline)
    }
    try send(request, socket, exchange, deadline)
    try receiveReply(socket, exchange, deadline)
    return socket
  }

  /// CONNECT (RFC 1928, section 4): version, command 1, 0, the address, the port. A name is sent as a name.
  static func request(
    for address: WebAddress, _ exchange: Exchange
  ) throws(WebError) -> [UInt8] {
    let target: [UInt8]
    if address.host.contains(":") {
      guard let bytes = literal(address.host, AF_INET6, byteCount: 16) else {
        throw .unreachable(exchange.path, "the host is an IPv6 address")
      }
      target = [4] + bytes
    } else if let bytes = literal(address.host, AF_INET, byteCount: 4) {
      target = [1] + bytes
    } else {
      // A web address has a host of at most 253 bytes.
      target = [3, UInt8(clamping: address.host.utf8.count)] + address.host.utf8
    }
    return [version, 1, 0] + target
      + [UInt8(address.port >> 8), UInt8(truncatingIfNeeded: address.port)]
  }

  private static func literal(_ host: String, _ family: Int32, byteCount: Int) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: byteCount)
    return unsafe inet_pton(family, host, &bytes) == 1 ? bytes : nil
  }

  private static func connect(
    to proxy: SOCKSProxy, _ exchange: Exchange, _ deadline: Deadline
  ) throws(WebError) -> Socket {
    var failure = WebError.proxy(exchange.path, "the proxy has an address")
    do throws(WebError) {
      for candidate in try Resolver.addresses(proxy.endpoint, exchange, deadline) {
        do throws(WebError) {
          return try Socket.connect(to: candidate, exchange, deadline)
        } catch {
          failure = error
          if case .timedOut = error { throw error }
          if case .cancelled = error { throw error }
        }
      }
      throw failure
    } catch {
      switch error {
      case .refused(let path): throw .proxy(path, "nobody listens at the proxy's address")
      case .unreachable(let path, let rule), .interrupted(let path, let rule):
        throw .proxy(path, "the proxy cannot be reached: \(rule)")
      default: throw error
      }
    }
  }

  /// RFC 1929, section 2.
  private static func signIn(
    _ credentials: SOCKSProxy.Credentials, _ socket: borrowing Socket, _ exchange: Exchange,
    _ deadline: Deadline
  ) throws(WebError) {
    var message = credentials.message.revealed()
    defer { _ = SecretBytes.wiping(&message) }
    try send(message, socket, exchange, deadline)
    let answer = try receive(2, socket, exchange, deadline)
    guard answer[0] == 1 else {
      throw .proxy(exchange.path, "the proxy's answer to user and password has version 1")
    }
    guard answer[1] == 0 else {
      throw .proxy(exchange.path, "the proxy does not accept user and password")
    }
  }

  /// The reply (RFC 1928, section 6): version, code, 0, the address that the proxy uses, its port.
  private static func receiveReply(
    _ socket: borrowing Socket, _ exchange: Exchange, _ deadline: Deadline
  ) throws(WebError) {
    let start = try receive(2, socket, exchange, deadline)
    guard start[0] == version else {
      throw .proxy(exchange.path, "the proxy's reply has version 5")
    }
    guard start[1] == 0 else {
      if start[1] == 5 { throw .refused(exchange.path) }
      throw .proxy(exchange.path, reason(start[1]))
    }
    let form = try receive(2, socket, exchange, deadline)
    guard form[0] == 0 else {
      throw .proxy(exchange.path, "the reserved byte of the proxy's reply is 0")
    }
    let length: Int
    switch form[1] {
    case 1: length = 4
    case 3: length = Int(try receive(1, socket, exchange, deadline)[0])
    case 4: length = 16
    default:
      throw .proxy(exchange.path, "the proxy's reply has an address of a known type")
    }
    // Where the proxy goes from is of no use here.
    _ = try receive(length + 2, socket, exchange, deadline)
  }

  /// What a reply says: RFC 1928, section 6, and Tor's own codes (`ExtendedErrors` of its manual).
  static func reason(_ code: UInt8) -> String {
    let words =
      switch code {
      case 1: "general failure"
      case 2: "its rules do not allow the connection"
      case 3: "the network is unreachable"
      case 4: "the host is unreachable"
      case 5: "the connection was refused"
      case 6: "the connection took too long"
      case 7: "it does not know the command"
      case 8: "it does not know the type of address"
      case 0xF0: "the onion service is not found"
      case 0xF1: "the onion service's descriptor is invalid"
      case 0xF2: "the introduction to the onion service failed"
      case 0xF3: "the rendezvous with the onion service failed"
      case 0xF4: "the onion service wants clients it knows"
      case 0xF5: "the onion service does not know this client"
      case 0xF6: "the onion address is invalid"
      case 0xF7: "the introduction to the onion service took too long"
      default: "failure \(code)"
      }
    return "the proxy says: \(words)"
  }

  private static func send(
    _ bytes: [UInt8], _ socket: borrowing Socket, _ exchange: Exchange, _ deadline: Deadline
  ) throws(WebError) {
    var done = 0
    while done < bytes.count {
      switch socket.write(bytes[done...]) {
      case .count(let count): done += count
      case .wantsRead, .wantsWrite: _ = try socket.wait(for: POLLOUT, exchange, deadline)
      case .end: throw .proxy(exchange.path, ended)
      case .failed(let reason): throw .proxy(exchange.path, "the proxy is lost: \(reason)")
      }
    }
  }

  /// Exactly `count` bytes.
  private static func receive(
    _ count: Int, _ socket: borrowing Socket, _ exchange: Exchange, _ deadline: Deadline
  ) throws(WebError) -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < count {
      var buffer = [UInt8](repeating: 0, count: count - bytes.count)
      switch socket.read(into: &buffer) {
      case .count(let count): bytes += buffer.prefix(count)
      case .wantsRead, .wantsWrite: _ = try socket.wait(for: POLLIN, exchange, deadline)
      case .end: throw .proxy(exchange.path, ended)
      case .failed(let reason): throw .proxy(exchange.path, "the proxy is lost: \(reason)")
      }
    }
    return bytes
  }

  private static let ended = "the proxy ended the connection before the tunnel stood"
}
