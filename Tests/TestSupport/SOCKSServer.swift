// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// A SOCKS5 proxy on 127.0.0.1 that notes what it is asked for, and connects everybody to one port of this
/// machine, whatever host they want. It ends with its last use.
public final class SOCKSServer: Sendable {
  /// What a client said.
  public struct Request: Hashable, Sendable {
    /// The methods of signing in that it offered.
    public let methods: [UInt8]
    /// Where it signed in.
    public let user: String?
    /// Where it signed in.
    public let password: String?
    /// 1 for IPv4, 3 for a name, 4 for IPv6.
    public let addressType: UInt8
    /// The name, or the bytes of the address.
    public let host: [UInt8]
    /// The port.
    public let port: UInt16

    /// The host as text.
    public var name: String { String(decoding: host, as: UTF8.self) }
  }

  private final class Log: Sendable {
    let requests = Mutex<[Request]>([])
  }

  private let server: RawServer
  private let log = Log()

  /// A proxy to `port`. It signs in whoever offers that.
  ///
  /// - Parameter reply: sent instead of success, after which the connection ends.
  public init(to port: UInt16, reply: [UInt8]? = nil) throws {
    let log = log
    server = try RawServer { connection in
      guard let request = Self.agree(connection) else { return }
      log.requests.withLock { $0.append(request) }
      if let reply {
        connection.send(reply)
        return
      }
      // Success, with a name as the proxy's own address: every client must find its end.
      guard connection.send([5, 0, 0, 3, 5] + Array("proxy".utf8) + [4, 56]) else { return }
      connection.relay(to: port)
    }
  }

  /// What was asked for, in the order in which it was.
  public var requests: [Request] { log.requests.withLock { $0 } }

  /// How many connections came.
  public var connectionCount: Int { server.connectionCount }

  /// The proxy's port.
  public var port: UInt16 { server.port }

  /// The proxy, as clients are told.
  public var address: String { "socks5://127.0.0.1:\(server.port)" }

  /// The client's side until its request; nil when it does not keep to SOCKS5.
  public static func agree(_ connection: RawServer.Connection) -> Request? {
    guard let greeting = connection.receive(2), greeting[0] == 5,
      let methods = connection.receive(Int(greeting[1])), !methods.isEmpty
    else { return nil }
    var user: String?
    var password: String?
    if methods.contains(2) {
      connection.send([5, 2])
      guard let head = connection.receive(2), head[0] == 1, head[1] > 0,
        let name = connection.receive(Int(head[1])), let length = connection.receive(1),
        length[0] > 0, let word = connection.receive(Int(length[0]))
      else { return nil }
      user = String(decoding: name, as: UTF8.self)
      password = String(decoding: word, as: UTF8.self)
      connection.send([1, 0])
    } else {
      guard methods.contains(0) else { return nil }
      connection.send([5, 0])
    }
    guard let head = connection.receive(4), head.starts(with: [5, 1, 0]) else { return nil }
    let length: Int
    switch head[3] {
    case 1: length = 4
    case 3:
      guard let byte = connection.receive(1) else { return nil }
      length = Int(byte[0])
    case 4: length = 16
    default: return nil
    }
    guard let host = connection.receive(length), let port = connection.receive(2) else {
      return nil
    }
    return Request(
      methods: methods, user: user, password: password, addressType: head[3], host: host,
      port: UInt16(port[0]) << 8 | UInt16(port[1]))
  }
}
