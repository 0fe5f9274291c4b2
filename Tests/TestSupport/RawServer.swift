// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Synchronization

/// A server on 127.0.0.1 that sends what a test tells it to, byte for byte, right or wrong. It listens on a
/// port that the system chooses, and ends with its last use.
public final class RawServer: Sendable {
  /// What a client sent first on a connection, or next on one that was kept.
  public struct Request: Sendable {
    /// The request line and the fields.
    public let head: String
    /// As many bytes as the head announces.
    public let body: [UInt8]

    /// The path, without the slash in front.
    public var path: String {
      let words = head.split(separator: " ")
      return words.count > 1 ? String(words[1].dropFirst()) : ""
    }

    /// The lines of the head.
    public var lines: [String] {
      head.replacingOccurrences(of: "\r\n", with: "\n").split(separator: "\n").map(String.init)
    }
  }

  /// One connection, as the server sees it.
  public struct Connection: Sendable {
    fileprivate let socket: Int32
    private let isEnding: @Sendable () -> Bool

    fileprivate init(socket: Int32, isEnding: @escaping @Sendable () -> Bool) {
      self.socket = socket
      self.isEnding = isEnding
    }

    /// Sends bytes; false when the client has gone.
    @discardableResult
    public func send(_ bytes: [UInt8]) -> Bool {
      var rest = bytes[...]
      while !rest.isEmpty {
        let count = unsafe rest.withUnsafeBytes {
          unsafe Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        guard count > 0 else { return false }
        rest = rest.dropFirst(count)
      }
      return true
    }

    /// Sends text.
    @discardableResult
    public func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    /// Sends a well-formed answer.
    @discardableResult
    public func answer(
      _ status: Int, _ fields: [String] = [], body: [UInt8] = []
    ) -> Bool {
      let lines = ["HTTP/1.1 \(status) status", "Content-Length: \(body.count)"] + fields
      return send(Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body)
    }

    /// Stays silent until the client closes the connection, or the server ends.
    public func waitForClient() {
      var byte: UInt8 = 0
      while !isEnding() {
        var item = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
        guard unsafe poll(&item, 1, 50) > 0 else { continue }
        if unsafe recv(socket, &byte, 1, 0) <= 0 { return }
      }
    }

    /// Exactly `count` bytes; nil when the client has gone before.
    public func receive(_ count: Int) -> [UInt8]? {
      var bytes: [UInt8] = []
      while bytes.count < count {
        var buffer = [UInt8](repeating: 0, count: count - bytes.count)
        let received = unsafe buffer.withUnsafeMutableBytes {
          unsafe recv(socket, $0.baseAddress, $0.count, 0)
        }
        guard received > 0 else { return nil }
        bytes += buffer.prefix(received)
      }
      return bytes
    }

    /// Passes bytes on, both ways, between the client and a port of 127.0.0.1, until one of them ends.
    public func relay(to port: UInt16) {
      let other = Glibc.socket(
        AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
      defer { close(other) }
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
      address.sin_port = port.bigEndian
      let isConnected = unsafe withUnsafePointer(to: &address) { pointer in
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          unsafe connect(other, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
        }
      }
      guard isConnected else { return }
      var buffer = [UInt8](repeating: 0, count: 65_536)
      while !isEnding() {
        var items = [
          pollfd(fd: socket, events: Int16(POLLIN), revents: 0),
          pollfd(fd: other, events: Int16(POLLIN), revents: 0),
        ]
        guard unsafe poll(&items, 2, 50) > 0 else { continue }
        for (item, target) in zip(items, [other, socket]) where item.revents != 0 {
          let count = unsafe buffer.withUnsafeMutableBytes {
            unsafe recv(item.fd, $0.baseAddress, $0.count, 0)
          }
          guard count > 0 else { return }
          let out = Connection(socket: target, isEnding: isEnding)
          guard out.send([UInt8](buffer.prefix(count))) else { return }
        }
      }
    }

    /// The next request; nil when the client has gone.
    public func next(limit: Int = 32 << 20) -> Request? {
      var bytes: [UInt8] = []
      let mark = Array("\r\n\r\n".utf8)
      while bytes.suffix(4) != mark[...] {
        var byte: UInt8 = 0
        guard bytes.count < 65_536, unsafe recv(socket, &byte, 1, 0) == 1 else { return nil }
        bytes.append(byte)
      }
      let head = String(decoding: bytes, as: UTF8.self)
      let length =
        head.split(separator: "\r\n").compactMap { line -> Int? in
          let parts = line.split(separator: ":")
          guard parts.count == 2, parts[0].lowercased() == "content-length" else { return nil }
          return Int(parts[1].trimmingCharacters(in: .whitespaces))
        }.first ?? 0
      var body: [UInt8] = []
      var buffer = [UInt8](repeating: 0, count: 65_536)
      while body.count < min(length, limit) {
        let wanted = min(length - body.count, buffer.count)
        let count = unsafe buffer.withUnsafeMutableBytes {
          unsafe recv(socket, $0.baseAddress, wanted, 0)
        }
        guard count > 0 else { return nil }
        body += buffer.prefix(count)
      }
      return Request(head: head, body: body)
    }
  }

  /// The port.
  public let port: UInt16
  private let listener: Int32
  private let shared = Shared()

  /// What the server's threads know.
  private final class Shared: Sendable {
    let isEnding = Mutex(false)
    let connections = Mutex(0)
  }

  /// A server that answers request after request on a connection as `answer` does, which is told the number
  /// of the request, from 1, over all connections; until `answer` returns false.
  public convenience init(
    answering answer: @escaping @Sendable (Int, Request, Connection) -> Bool
  ) throws {
    let counter = Counter()
    try self.init { connection in
      while let request = connection.next(), answer(counter.next(), request, connection) {}
    }
  }

  private final class Counter: Sendable {
    private let count = Mutex(0)
    func next() -> Int {
      count.withLock {
        $0 += 1
        return $0
      }
    }
  }

  /// A server that does with every connection what `serve` says, in a thread of its own.
  public init(_ serve: @escaping @Sendable (Connection) -> Void) throws {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    self.listener = listener
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isOpen = unsafe withUnsafeMutablePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        unsafe bind(listener, address, length) == 0 && listen(listener, 128) == 0
          && getsockname(listener, address, &length) == 0
      }
    }
    guard isOpen else { throw POSIXError(.EADDRNOTAVAIL) }
    port = UInt16(bigEndian: address.sin_port)
    let shared = shared
    Thread.detachNewThread {
      while true {
        let number = accept(listener, nil, nil)
        if number < 0 || shared.isEnding.withLock({ $0 }) {
          close(number)
          break
        }
        shared.connections.withLock { $0 += 1 }
        Thread.detachNewThread {
          serve(Connection(socket: number) { shared.isEnding.withLock { $0 } })
          shutdown(number, Int32(SHUT_RDWR))
          close(number)
        }
      }
      close(listener)
    }
  }

  /// A port that was free a moment ago.
  public static func freePort() throws -> UInt16 {
    let server = try RawServer { _ in }
    return server.port
  }

  /// How many connections came.
  public var connectionCount: Int { shared.connections.withLock { $0 } }

  /// The address of the server.
  public var address: String { "http://127.0.0.1:\(port)" }

  deinit {
    shared.isEnding.withLock { $0 = true }
    // Wakes the thread that accepts, which closes the socket.
    shutdown(listener, Int32(SHUT_RDWR))
  }
}
