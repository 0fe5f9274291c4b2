// SPDX-License-Identifier: Apache-2.0

import COpenSSLTLS

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// One connection to a server: a socket, and TLS over it where the scheme asks for it. Closed with its
/// owner. No call waits longer than its deadline, and a caller that gave up is noticed within a tenth of a
/// second.
struct Channel: ~Copyable, Sendable {
  private let socket: Socket
  private let tls: TLS?

  /// Connects to the first of the host's addresses that answers; through a proxy, where there is one, which then
  /// alone learns the host.
  static func open(
    _ address: WebAddress, through proxy: SOCKSProxy?, as identity: ClientIdentity?,
    _ exchange: Exchange
  ) throws(WebError) -> Channel {
    let times = exchange.times
    if let proxy {
      let deadline = exchange.deadline(
        times.connecting, "a connection through the proxy within \(times.connecting)")
      let socket = try SOCKSTunnel.open(to: address, through: proxy, exchange, deadline)
      return try secured(socket, address, identity, exchange, deadline)
    }
    let deadline = exchange.deadline(times.connecting, "a connection within \(times.connecting)")
    let found = try Resolver.addresses(address, exchange, deadline)
    var failure = WebError.unreachable(exchange.path, "the host has an address")
    for candidate in found {
      do {
        let socket = try Socket.connect(to: candidate, exchange, deadline)
        return try secured(socket, address, identity, exchange, deadline)
      } catch {
        failure = error
        if case .timedOut = error { throw error }
        if case .cancelled = error { throw error }
      }
    }
    throw failure
  }

  /// The channel on a connected socket, with TLS where the scheme asks for it.
  private static func secured(
    _ socket: consuming Socket, _ address: WebAddress, _ identity: ClientIdentity?,
    _ exchange: Exchange, _ deadline: Deadline
  ) throws(WebError) -> Channel {
    guard address.scheme == .https else { return Channel(socket: socket, tls: nil) }
    let tls = try TLS(socket.number, host: address.host, identity, exchange)
    try tls.handshake(socket, exchange, deadline)
    return Channel(socket: socket, tls: tls)
  }

  private init(socket: consuming Socket, tls: consuming TLS?) {
    self.socket = socket
    self.tls = tls
  }

  /// Sends all of `bytes`, or as much as the server wants to have: one that answers before the end
  /// does not want the rest.
  ///
  /// - Returns: whether everything was sent.
  borrowing func write(_ bytes: [UInt8], _ exchange: Exchange) throws(WebError) -> Bool {
    var done = 0
    while done < bytes.count {
      let outcome =
        switch tls {
        case .some(let tls): tls.write(bytes[done...])
        case nil: socket.write(bytes[done...])
        }
      let deadline = exchange.deadline(
        exchange.times.silence, "the server takes bytes within \(exchange.times.silence)")
      switch outcome {
      case .count(let count): done += count
      case .wantsRead: _ = try socket.wait(for: POLLIN, exchange, deadline)
      case .wantsWrite:
        // Under TLS, what can be read need not be an answer.
        let events = tls == nil ? POLLOUT | POLLIN : POLLOUT
        if try socket.wait(for: events, exchange, deadline) & POLLOUT == 0 { return false }
      case .end: return false
      case .failed(let reason): throw .interrupted(exchange.path, reason)
      }
    }
    return true
  }

  /// The next bytes of the answer; empty at its end.
  borrowing func read(_ exchange: Exchange) throws(WebError) -> [UInt8] {
    let deadline = exchange.deadline(
      exchange.times.silence, "the server sends bytes within \(exchange.times.silence)")
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      if exchange.total.isOver { throw .timedOut(exchange.path, exchange.total.rule) }
      let outcome =
        switch tls {
        case .some(let tls): tls.read(into: &buffer)
        case nil: socket.read(into: &buffer)
        }
      switch outcome {
      case .count(let count): return [UInt8](buffer.prefix(count))
      case .wantsRead: _ = try socket.wait(for: POLLIN, exchange, deadline)
      case .wantsWrite: _ = try socket.wait(for: POLLOUT, exchange, deadline)
      case .end: return []
      case .failed(let reason): throw .interrupted(exchange.path, reason)
      }
    }
  }
}

/// How a call on a socket that does not block ended.
enum ChannelOutcome {
  case count(Int)
  case wantsRead
  case wantsWrite
  case end
  case failed(String)
}

/// A connected socket that does not block, closed with its owner.
struct Socket: ~Copyable, Sendable {
  let number: Int32

  private init(_ number: Int32) { self.number = number }

  deinit { _ = close(number) }

  static func connect(
    to address: SocketAddress, _ exchange: Exchange, _ deadline: Deadline
  ) throws(WebError) -> Socket {
    let number = socket(address.family, Platform.streamSocket, 0)
    guard number >= 0 else { throw .unreachable(exchange.path, reason(errno)) }
    let made = Socket(number)
    var on: Int32 = 1
    _ = unsafe setsockopt(number, Platform.tcp, TCP_NODELAY, &on, 4)
    let result = unsafe address.bytes.withUnsafeBytes { bytes -> Int32 in
      guard let start = bytes.baseAddress else { return -1 }
      return unsafe systemConnect(
        number, start.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
    }
    if result == 0 { return made }
    guard errno == EINPROGRESS || errno == EINTR else { throw failure(errno, exchange) }
    _ = try made.wait(for: POLLOUT, exchange, deadline)
    var code: Int32 = 0
    var length = socklen_t(4)
    guard unsafe getsockopt(number, SOL_SOCKET, SO_ERROR, &code, &length) == 0 else {
      throw .unreachable(exchange.path, reason(errno))
    }
    guard code == 0 else { throw failure(code, exchange) }
    return made
  }

  private static func failure(_ code: Int32, _ exchange: Exchange) -> WebError {
    code == ECONNREFUSED
      ? .refused(exchange.path) : .unreachable(exchange.path, reason(code))
  }

  private static func reason(_ code: Int32) -> String {
    guard let text = unsafe strerror(code) else { return "error \(code)" }
    return unsafe String(cString: text)
  }

  /// Waits until one of the events, or an error, is there; returns what is there.
  borrowing func wait(
    for events: Int32, _ exchange: Exchange, _ deadline: Deadline
  ) throws(WebError) -> Int32 {
    while true {
      if exchange.cancellation.isCancelled { throw .cancelled(exchange.path) }
      let left = deadline.milliseconds
      guard left > 0 else { throw .timedOut(exchange.path, deadline.rule) }
      var item = pollfd(fd: number, events: Int16(events), revents: 0)
      let count = unsafe poll(&item, 1, Int32(min(left, 100)))
      if count > 0 {
        let found = Int32(item.revents)
        // After an error the next call on the socket says which.
        return found & events == 0 ? events : found & events
      }
      guard count == 0 || errno == EINTR else {
        throw .interrupted(exchange.path, Self.reason(errno))
      }
    }
  }

  borrowing func write(_ bytes: ArraySlice<UInt8>) -> ChannelOutcome {
    let result = unsafe bytes.withUnsafeBytes {
      unsafe send(number, $0.baseAddress, $0.count, Platform.noSignal)
    }
    if result >= 0 { return .count(result) }
    switch errno {
    case EAGAIN, EINTR: return .wantsWrite
    // The server has ended the connection; perhaps it has answered before.
    case EPIPE, ECONNRESET: return .end
    default: return .failed(Self.reason(errno))
    }
  }

  borrowing func read(into buffer: inout [UInt8]) -> ChannelOutcome {
    let result = unsafe buffer.withUnsafeMutableBytes {
      unsafe recv(number, $0.baseAddress, $0.count, 0)
    }
    if result > 0 { return .count(result) }
    if result == 0 { return .end }
    return errno == EAGAIN || errno == EINTR ? .wantsRead : .failed(Self.reason(errno))
  }

  private static func systemConnect(
    _ number: Int32, _ address: UnsafePointer<sockaddr>, _ length: socklen_t
  ) -> Int32 {
    #if canImport(Musl)
      unsafe Musl.connect(number, address, length)
    #else
      unsafe Glibc.connect(number, address, length)
    #endif
  }
}
