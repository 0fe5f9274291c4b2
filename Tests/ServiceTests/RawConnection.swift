// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Foundation
import Glibc
import Service
import TestSupport

/// A TCP connection that says what a test wants, byte for byte. Blocking calls run on a thread of their
/// own: the server under test needs the other ones.
final class RawConnection: Sendable {
  private let descriptor: Int32
  private static let queue = DispatchQueue(label: "raw", attributes: .concurrent)
  /// Milliseconds after which a test that waits for bytes fails.

  init(port: Int) async throws {
    descriptor = try await Self.blocking { try Self.connect(port) }
  }

  deinit { close(descriptor) }

  static func blocking<Value: Sendable>(
    _ body: @escaping @Sendable () throws -> Value
  ) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      queue.async { continuation.resume(with: Result(catching: body)) }
    }
  }

  /// A connected socket.
  static func connect(_ port: Int) throws -> Int32 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { throw ServiceError.operatingSystem("socket: \(errno)") }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe Glibc.connect(descriptor, $0, size)
      }
    }
    guard result == 0 else {
      let code = errno
      close(descriptor)
      throw ServiceError.operatingSystem("connect: \(code)")
    }
    return descriptor
  }

  /// A port that nobody listens on now, for programs that cannot choose one themselves.
  static func freePort() async throws -> Int {
    try await blocking {
      let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      defer { close(descriptor) }
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
      var size = socklen_t(MemoryLayout<sockaddr_in>.size)
      let result = unsafe withUnsafeMutablePointer(to: &address) { pointer in
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          unsafe bind(descriptor, $0, size) == 0 && getsockname(descriptor, $0, &size) == 0
        }
      }
      guard result else { throw ServiceError.operatingSystem("no port") }
      return Int(in_port_t(bigEndian: address.sin_port))
    }
  }

  func send(_ text: String) async throws { try await send(Array(text.utf8)) }

  /// Sends all of it, or as much as the server takes before it hangs up.
  func send(_ bytes: [UInt8]) async throws {
    let descriptor = descriptor
    try await Self.blocking {
      var rest = bytes[...]
      while !rest.isEmpty {
        let count = unsafe rest.withUnsafeBytes {
          unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        guard count > 0 else { return }
        rest = rest.dropFirst(count)
      }
    }
  }

  /// Says that nothing more will be sent.
  func finish() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// Ends the connection with a reset.
  func reset() {
    var option = linger(l_onoff: 1, l_linger: 0)
    _ = unsafe setsockopt(
      descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    shutdown(descriptor, Int32(SHUT_RDWR))
  }

  /// Everything until the server closes. Throws if it does not, or more than 256 MiB come: the largest answer
  /// of a test server has 128 MiB, and all of them come if the server has written them before it sees the end.
  func readToEnd() async throws -> String {
    let descriptor = descriptor
    return try await Self.blocking {
      var all: [UInt8] = []
      while let part = try Self.read(descriptor) {
        all += part
        guard all.count <= 256 << 20 else { throw ServiceError.operatingSystem("too much") }
      }
      return String(decoding: all, as: UTF8.self)
    }
  }

  /// Reads until the text contains `ending`.
  func read(until ending: String) async throws -> String {
    let descriptor = descriptor
    return try await Self.blocking {
      var all: [UInt8] = []
      while true {
        let text = String(decoding: all, as: UTF8.self)
        if text.contains(ending) { return text }
        guard let part = try Self.read(descriptor) else {
          throw ServiceError.operatingSystem("closed behind: \(text)")
        }
        all += part
      }
    }
  }

  /// Whether the server has closed: nil if there is neither an end nor a byte now.
  func isClosedNow() -> Bool? {
    var byte: UInt8 = 0
    let count = unsafe recv(
      descriptor, &byte, 1, Int32(MSG_DONTWAIT) | Int32(MSG_PEEK))
    if count == 0 { return true }
    if count > 0 { return false }
    return errno == EAGAIN ? nil : true
  }

  private static func read(_ descriptor: Int32) throws -> [UInt8]? {
    var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard unsafe poll(&request, 1, Patience.milliseconds) > 0 else {
      throw ServiceError.operatingSystem("the server neither answers nor closes")
    }
    var buffer = [UInt8](repeating: 0, count: 65536)
    let count = unsafe buffer.withUnsafeMutableBytes {
      unsafe recv(descriptor, $0.baseAddress, $0.count, 0)
    }
    return count > 0 ? Array(buffer.prefix(count)) : nil
  }
}
