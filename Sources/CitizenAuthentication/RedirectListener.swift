// SPDX-License-Identifier: Apache-2.0

internal import Dispatch
internal import Synchronization

#if canImport(Musl)
  internal import Musl
#else
  internal import Glibc
#endif

/// Waits on this machine for the browser that comes back from a login (RFC 8252, section 7.3): HTTP on 127.0.0.1,
/// on a port that the system chooses, for one request.
///
/// Everybody on the machine can connect. A request that does not carry the `state` of the login is answered and
/// forgotten.
public final class RedirectListener: Sendable {
  /// The redirection address, `http://127.0.0.1:PORT/callback`.
  public let address: String
  private let listener: Int32
  private let queue = DispatchQueue(label: "urna.redirect-listener")

  /// The path of the redirection address.
  public static let path = "/callback"
  /// Most bytes of a request's head.
  static let maximumHeadByteCount = 16_384

  /// Begins to listen.
  /// - Throws: ``AuthenticationError/operatingSystem(_:)``.
  public init() throws(AuthenticationError) {
    let number = socket(AF_INET, Platform.streamSocket, 0)
    guard number >= 0 else { throw .operatingSystem("a socket can be opened") }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isOpen = unsafe withUnsafeMutablePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        unsafe bind(number, address, length) == 0 && listen(number, 8) == 0
          && getsockname(number, address, &length) == 0
      }
    }
    guard isOpen else {
      _ = close(number)
      throw .operatingSystem("a port of 127.0.0.1 can be listened on")
    }
    listener = number
    self.address = "http://127.0.0.1:\(UInt16(bigEndian: address.sin_port))\(Self.path)"
  }

  deinit { _ = close(listener) }

  /// Waits for the browser.
  ///
  /// - Parameters:
  ///   - state: ``OpenIDLogin/state``.
  ///   - time: how long to wait.
  /// - Returns: the whole address that the browser asked for; a credential until the code is exchanged.
  /// - Throws: ``AuthenticationError/login(_:)`` when nobody came in time, or the task was cancelled.
  public func wait(
    forState state: String, atMost time: Duration
  ) async throws(AuthenticationError) -> String {
    let isCancelled = Flag()
    let end = ContinuousClock.now + time
    let found: String? = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        queue.async {
          continuation.resume(returning: self.redirected(state, until: end, isCancelled))
        }
      }
    } onCancel: {
      isCancelled.value.store(true, ordering: .relaxed)
    }
    guard let found else { throw .login("the browser came back within \(time)") }
    return found
  }

  private final class Flag: Sendable {
    let value = Atomic<Bool>(false)
  }

  private func redirected(
    _ state: String, until end: ContinuousClock.Instant, _ isCancelled: Flag
  ) -> String? {
    while ContinuousClock.now < end, !isCancelled.value.load(ordering: .relaxed) {
      guard Self.isReadable(listener) else { continue }
      let connection = accept(listener, nil, nil)
      guard connection >= 0 else { continue }
      defer { _ = close(connection) }
      // One slow client does not keep the browser waiting for long.
      let patience = min(end, ContinuousClock.now + .seconds(3))
      guard let target = Self.target(connection, until: patience, isCancelled) else {
        Self.answer(connection, "400 Bad Request", "This request was not understood.")
        continue
      }
      guard target.utf8.starts(with: "\(Self.path)?".utf8),
        let fields = FormFields.values(Array(target.utf8.dropFirst(Self.path.utf8.count + 1))),
        let found = fields["state"], found.utf8.elementsEqual(state.utf8)
      else {
        Self.answer(connection, "404 Not Found", "This is not the login that is waited for.")
        continue
      }
      Self.answer(connection, "200 OK", "You can close this window and go back to the program.")
      return String(address.dropLast(Self.path.count)) + target
    }
    return nil
  }

  /// Waits a twentieth of a second at most.
  private static func isReadable(_ number: Int32) -> Bool {
    var item = pollfd(fd: number, events: Int16(POLLIN), revents: 0)
    return unsafe poll(&item, 1, 50) > 0
  }

  /// What a GET asks for; nil for anything else.
  private static func target(
    _ connection: Int32, until end: ContinuousClock.Instant, _ isCancelled: Flag
  ) -> String? {
    var head: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    let mark = Array("\r\n\r\n".utf8)
    while !head.contains(mark) {
      guard ContinuousClock.now < end, !isCancelled.value.load(ordering: .relaxed) else {
        return nil
      }
      guard isReadable(connection) else { continue }
      let count = unsafe buffer.withUnsafeMutableBytes {
        unsafe recv(connection, $0.baseAddress, $0.count, 0)
      }
      guard count > 0, head.count + count <= maximumHeadByteCount else { return nil }
      head += buffer.prefix(count)
    }
    let line = head.prefix { $0 != 0x0D }
    let words = line.split(separator: 0x20, omittingEmptySubsequences: false)
    guard words.count == 3, words[0].elementsEqual("GET".utf8),
      words[2].elementsEqual("HTTP/1.1".utf8) || words[2].elementsEqual("HTTP/1.0".utf8),
      words[1].allSatisfy({ (0x21...0x7E).contains($0) })
    else { return nil }
    return String(decoding: words[1], as: UTF8.self)
  }

  private static func answer(_ connection: Int32, _ status: String, _ text: String) {
    let page = "<!doctype html><meta charset=\"utf-8\"><title>Urna</title><p>\(text)</p>\n"
    let head = """
      HTTP/1.1 \(status)\r
      Content-Type: text/html; charset=utf-8\r
      Content-Length: \(page.utf8.count)\r
      Cache-Control: no-store\r
      Referrer-Policy: no-referrer\r
      Content-Security-Policy: default-src 'none'\r
      Connection: close\r
      \r

      """
    let bytes = Array((head + page).utf8)
    // A browser that does not read an answer of this size gets none.
    _ = unsafe bytes.withUnsafeBytes {
      unsafe send(connection, $0.baseAddress, $0.count, Platform.noSignal)
    }
  }
}
