// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import StrictJSON
import TestSupport

/// One HTTP request on a connection of its own, byte for byte as the test wants it, from an address of
/// the loopback network that the test chooses. Runs on a thread of its own: the server under test needs
/// the cooperative ones.
struct Call: Sendable {
  /// A connection that broke, or an answer that is none.
  struct Broken: Error, CustomStringConvertible {
    let description: String
  }

  var method = "GET"
  var path: String
  var headers: [(String, String)] = []
  var body: [UInt8]?
  /// Sent as it is behind the head, without a length.
  var rawBody: [UInt8] = []
  /// The last part of the client's address 127.0.0.x.
  var source: UInt8 = 1
  /// Milliseconds after which a test that waits for an answer fails.
  var patience = Patience.milliseconds

  static func get(_ path: String) -> Call { Call(path: path) }

  static func post(_ path: String, _ body: [UInt8]) -> Call {
    Call(method: "POST", path: path, body: body)
  }

  struct Answer: Sendable {
    let status: Int
    /// Names in lower case.
    let headers: [String: String]
    let body: [UInt8]

    var text: String { String(decoding: body, as: UTF8.self) }

    /// The members of a JSON object.
    func members() throws -> [String: JSONValue] {
      guard case .object(let members) = try JSONValue(parsing: body) else {
        throw Broken(description: "no object: \(text)")
      }
      return Dictionary(uniqueKeysWithValues: members.map { ($0.name, $0.value) })
    }

    /// A member of a JSON object that is a text.
    func string(_ name: String) throws -> String? {
      guard case .string(let text)? = try members()[name] else { return nil }
      return text
    }
  }

  func send(to port: Int) async throws -> Answer {
    try await withCheckedThrowingContinuation { continuation in
      Thread.detachNewThread {
        continuation.resume(with: Result { try exchange(port) })
      }
    }
  }

  private func exchange(_ port: Int) throws -> Answer {
    let socket = try connect(port)
    defer { close(socket) }
    var head = "\(method) \(path) HTTP/1.1\r\nHost: box\r\nConnection: close\r\n"
    for (name, value) in headers { head += "\(name): \(value)\r\n" }
    if let body { head += "Content-Length: \(body.count)\r\n" }
    write(Array((head + "\r\n").utf8) + (body ?? rawBody), to: socket)
    return try parse(try readToEnd(socket))
  }

  private func connect(_ port: Int) throws -> Int32 {
    let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard socket >= 0 else { throw Broken(description: "socket: \(errno)") }
    func address(_ last: UInt8, _ port: Int) -> sockaddr_in {
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_port = in_port_t(port).bigEndian
      address.sin_addr.s_addr = (UInt32(0x7F00_0000) | UInt32(last)).bigEndian
      return address
    }
    func call(
      _ address: sockaddr_in, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
      var address = address
      return unsafe withUnsafePointer(to: &address) { pointer in
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          unsafe body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
      }
    }
    let bound = source == 1 ? 0 : unsafe call(address(source, 0)) { unsafe bind(socket, $0, $1) }
    let connected = unsafe call(address(1, port)) { unsafe Glibc.connect(socket, $0, $1) }
    guard bound == 0, connected == 0 else {
      let code = errno
      close(socket)
      throw Broken(description: "connect: \(code)")
    }
    return socket
  }

  /// Sends all of it, or as much as the server takes before it hangs up.
  private func write(_ bytes: [UInt8], to socket: Int32) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes {
        unsafe Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }

  private func readToEnd(_ socket: Int32) throws -> [UInt8] {
    var all: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
      var item = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
      guard unsafe poll(&item, 1, patience) > 0 else {
        throw Broken(description: "\(method) \(path): no answer in time")
      }
      let count = unsafe buffer.withUnsafeMutableBytes {
        unsafe recv(socket, $0.baseAddress, $0.count, 0)
      }
      guard count > 0 else { return all }
      all += buffer.prefix(count)
    }
  }

  private func parse(_ bytes: [UInt8]) throws -> Answer {
    var rest = bytes[...]
    while true {
      guard let end = rest.firstRange(of: Array("\r\n\r\n".utf8)) else {
        throw Broken(description: "\(method) \(path): cut off behind \(bytes.count) bytes")
      }
      let lines = String(decoding: rest[..<end.lowerBound], as: UTF8.self)
        .components(separatedBy: "\r\n")
      let words = (lines.first ?? "").split(separator: " ")
      guard words.count >= 2, let status = Int(words[1]) else {
        throw Broken(description: "no status line")
      }
      rest = rest[end.upperBound...]
      if (100..<200).contains(status) { continue }
      var headers: [String: String] = [:]
      for line in lines.dropFirst() {
        guard let colon = line.firstIndex(of: ":") else { continue }
        headers[line[..<colon].lowercased()] =
          line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
      }
      var body = Array(rest)
      if headers["transfer-encoding"] == "chunked" {
        body = try Self.unchunked(rest)
      } else if method != "HEAD", let length = headers["content-length"].flatMap({ Int($0) }) {
        guard body.count == length else {
          throw Broken(description: "\(path): \(body.count) of \(length) bytes")
        }
      }
      return Answer(status: status, headers: headers, body: body)
    }
  }

  private static func unchunked(_ bytes: ArraySlice<UInt8>) throws -> [UInt8] {
    var rest = bytes
    var body: [UInt8] = []
    while true {
      guard let end = rest.firstRange(of: [13, 10]),
        let size = Int(String(decoding: rest[..<end.lowerBound], as: UTF8.self), radix: 16),
        rest[end.upperBound...].count >= size + 2
      else { throw Broken(description: "a chunk is cut off") }
      rest = rest[end.upperBound...]
      if size == 0 { return body }
      body += rest.prefix(size)
      rest = rest.dropFirst(size + 2)
    }
  }
}
