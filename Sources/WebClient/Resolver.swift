// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Synchronization

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// A socket address as the system writes it.
struct SocketAddress: Sendable {
  let family: Int32
  let bytes: [UInt8]
}

/// Turns a host into addresses.
enum Resolver {
  /// Most addresses of one name that are tried.
  static let maximumCount = 8

  /// The addresses of a host, in the system's order.
  ///
  /// The system's resolver cannot be interrupted; it runs aside, and nobody waits for it beyond the
  /// deadline.
  static func addresses(
    _ address: WebAddress, _ exchange: Exchange, _ deadline: Deadline
  ) throws(WebError) -> [SocketAddress] {
    let host = address.host
    let port = String(address.port)
    // A literal address asks nobody.
    let literal = look(host, port, flags: AI_NUMERICHOST | AI_NUMERICSERV)
    if !literal.isEmpty { return literal }
    // RFC 7686, section 2: such a name is no resolver's business.
    guard !host.hasSuffix(".onion") else {
      throw .unreachable(exchange.path, "an onion address is reached through a proxy")
    }
    let answer = Answer()
    DispatchQueue.global().async {
      answer.give(look(host, port, flags: AI_NUMERICSERV))
    }
    while !deadline.isOver {
      if exchange.cancellation.isCancelled { throw .cancelled(exchange.path) }
      if answer.wait(milliseconds: min(deadline.milliseconds, 100)) {
        let found = answer.value
        guard !found.isEmpty else {
          throw .unreachable(exchange.path, "the host's name has an address")
        }
        return found
      }
    }
    throw .timedOut(exchange.path, "the host's name is looked up in time")
  }

  private static func look(_ host: String, _ port: String, flags: Int32) -> [SocketAddress] {
    var hints = unsafe addrinfo()
    unsafe hints.ai_family = AF_UNSPEC
    unsafe hints.ai_socktype = Platform.stream
    unsafe hints.ai_flags = flags
    var first: UnsafeMutablePointer<addrinfo>?
    guard unsafe getaddrinfo(host, port, &hints, &first) == 0 else { return [] }
    defer { unsafe freeaddrinfo(first) }
    var found: [SocketAddress] = []
    var next = unsafe first
    while let info = unsafe next, found.count < maximumCount {
      if let address = unsafe info.pointee.ai_addr {
        let bytes = unsafe [UInt8](
          UnsafeRawBufferPointer(start: address, count: Int(info.pointee.ai_addrlen)))
        unsafe found.append(SocketAddress(family: info.pointee.ai_family, bytes: bytes))
      }
      unsafe next = unsafe info.pointee.ai_next
    }
    return found
  }

  /// What the resolver's thread hands over.
  private final class Answer: Sendable {
    private let found = Mutex<[SocketAddress]>([])
    private let semaphore = DispatchSemaphore(value: 0)

    func give(_ addresses: [SocketAddress]) {
      found.withLock { $0 = addresses }
      semaphore.signal()
    }

    func wait(milliseconds: Int) -> Bool {
      semaphore.wait(timeout: .now() + .milliseconds(milliseconds)) == .success
    }

    var value: [SocketAddress] { found.withLock { $0 } }
  }
}
