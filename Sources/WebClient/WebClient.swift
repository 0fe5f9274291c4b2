// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Synchronization

/// What a server answered.
public struct WebResponse: Hashable, Sendable {
  /// 200 to 599.
  public let status: Int
  /// The media type as the server wrote it, parameters included.
  public let contentType: String?
  /// Seconds after which the server wants to be asked again.
  public let retryAfter: Int?
  /// The body; of an answer that is no success, at most the first 64 KiB.
  public let body: [UInt8]

  package init(status: Int, contentType: String?, retryAfter: Int?, body: [UInt8]) {
    self.status = status
    self.contentType = contentType
    self.retryAfter = retryAfter
    self.body = body
  }

  /// Whether the media type is this one, whatever its parameters.
  public func isType(_ type: String) -> Bool {
    let own = contentType?.prefix { $0 != ";" }.lowercased()
    return own?.split(separator: " ").joined() == type
  }
}

/// A client of one HTTP server, for programs that must not trust it.
///
/// * HTTP/1.1 over TCP, or over TLS 1.2 and 1.3 with a certificate of the system's authorities.
/// * Bounded: the time to connect, silence, the whole time, the length of head and body.
/// * No redirection is followed, no cookie kept, nothing cached, no credentials sent to the server, no proxy used
///   but the one that is given, whatever the environment says. The User-Agent is the same for everybody.
/// * With a proxy nothing goes past it: the host's name is not looked up here, and without the proxy there is no
///   connection. TLS runs inside the tunnel, with the same demands on the certificate.
///
/// Requests that say nothing about each other may share one connection that is kept open.
///
/// A client of its own, and not Foundation's: on Linux URLSession ends the process on answers that any server
/// can send, such as a head that is cut off, a field behind a chunked body, or a redirection to an IPv6
/// address. `HostileServerTests` has them.
public final class WebClient: Sendable {
  /// Where the server is.
  public let address: WebAddress
  /// The times of ordinary requests.
  public let times: WebTimes
  /// When requests are repeated.
  public let retry: RetryPolicy
  /// What every connection goes through; nil for the straight way.
  public let proxy: SOCKSProxy?
  /// The certificate that the server gets when it asks for one; it says who the client is.
  public let identity: ClientIdentity?

  /// What every request says about the client.
  static let userAgent = "urna"
  /// Bytes that are kept of an answer that is no success.
  package static let problemByteCount = 65_536

  private let idle = Mutex<Channel?>(nil)

  /// A client of the server at `address`. Nothing is sent yet.
  ///
  /// - Parameter proxy: what every connection goes through. The time to connect covers the proxy's part; Tor
  ///   needs more than the usual ten seconds now and then.
  public init(
    _ address: WebAddress, times: WebTimes = WebTimes(), retry: RetryPolicy = .standard,
    proxy: SOCKSProxy? = nil, identity: ClientIdentity? = nil
  ) {
    self.address = address
    self.times = times
    self.retry = retry
    self.proxy = proxy
    self.identity = identity
  }

  /// Gets a resource.
  ///
  /// - Parameters:
  ///   - path: relative to the address, without a slash in front.
  ///   - limit: the longest body in bytes; a longer one is not received.
  ///   - times: other times than usual.
  /// - Returns: the answer, whatever its status.
  /// - Throws: ``WebError``.
  public func get(
    _ path: String, limit: Int, times: WebTimes? = nil
  ) async throws(WebError) -> WebResponse {
    try await aside { cancellation throws(WebError) in
      try self.wait(
        for: Request(method: .get, path: path), limit: limit, times: times ?? self.times,
        retry: self.retry, cancellation)
    }
  }

  /// Posts a body.
  ///
  /// - Parameter isRepeatable: whether a second request changes nothing; only then it is sent again when
  ///   it is not known what became of the first.
  /// - Returns: the answer, whatever its status.
  /// - Throws: ``WebError``.
  public func post(
    _ path: String, body: [UInt8], contentType: String, limit: Int, isRepeatable: Bool = false
  ) async throws(WebError) -> WebResponse {
    try await aside { cancellation throws(WebError) in
      try self.wait(
        for: Request(method: .post, path: path, body: body, contentType: contentType),
        limit: limit, times: self.times, retry: isRepeatable ? self.retry : .never, cancellation)
    }
  }

  /// Gets a resource and waits for it on the caller's thread, which needs no other thread of its pool
  /// to go on.
  ///
  /// - Parameter deliver: takes the body in pieces; a request of which a piece was delivered is not
  ///   repeated.
  func waitForPieces(
    _ path: String, limit: Int, times: WebTimes,
    deliver: (ArraySlice<UInt8>) throws(WebError) -> Void
  ) throws(WebError) -> WebResponse {
    try wait(
      for: Request(method: .get, path: path), limit: limit, times: times, retry: retry,
      Cancellation()
    ) { piece throws(WebError) in
      try deliver(piece)
      return true
    }
  }

  /// Gets a resource and waits for it on the caller's thread.
  func waitFor(_ path: String, limit: Int) throws(WebError) -> WebResponse {
    try wait(
      for: Request(method: .get, path: path), limit: limit, times: times, retry: retry,
      Cancellation())
  }

  /// Runs blocking work on a thread outside of the cooperative pool.
  private func aside(
    _ work: @escaping @Sendable (Cancellation) throws(WebError) -> WebResponse
  ) async throws(WebError) -> WebResponse {
    let cancellation = Cancellation()
    let result: Result<WebResponse, WebError> = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isStarted = BlockingThread.start {
          continuation.resume(
            returning: Result { () throws(WebError) in try work(cancellation) })
        }
        if !isStarted {
          continuation.resume(returning: .failure(.interrupted("", "the system gives no thread")))
        }
      }
    } onCancel: {
      cancellation.cancel()
    }
    return try result.get()
  }
}

extension WebClient {
  /// A request, without what every request has.
  struct Request {
    enum Method: String {
      case get = "GET"
      case post = "POST"
    }

    let method: Method
    let path: String
    var body: [UInt8] = []
    var contentType = ""

    func bytes(_ address: WebAddress) -> [UInt8] {
      var head = "\(method.rawValue) \(address.prefix)/\(path) HTTP/1.1\r\n"
      head += "Host: \(address.hostField)\r\nUser-Agent: \(WebClient.userAgent)\r\n"
      if method == .post {
        head += "Content-Type: \(contentType)\r\nContent-Length: \(body.count)\r\n"
      }
      return Array((head + "\r\n").utf8) + body
    }
  }

  /// The request, repeated by the policy.
  private func wait(
    for request: Request, limit: Int, times: WebTimes, retry: RetryPolicy,
    _ cancellation: Cancellation,
    take: (ArraySlice<UInt8>) throws(WebError) -> Bool = { _ in false }
  ) throws(WebError) -> WebResponse {
    try WebPath.check(request.path)
    var attempt = 1
    while true {
      let exchange = Exchange(path: request.path, times: times, cancellation: cancellation)
      var delivered = false
      let failure: WebError
      do throws(WebError) {
        let response = try once(request, limit: limit, exchange) { piece throws(WebError) in
          let isTaken = try take(piece)
          delivered = delivered || isTaken
          return isTaken
        }
        guard response.status == 503 || response.status == 429,
          let pause = retry.pause(after: attempt, asked: response.retryAfter)
        else { return response }
        try Self.pause(pause, exchange)
        attempt += 1
        continue
      } catch {
        failure = error
      }
      switch failure {
      case .refused, .interrupted:
        guard !delivered, let pause = retry.pause(after: attempt, asked: nil)
        else { throw failure }
        try Self.pause(pause, exchange)
        attempt += 1
      default: throw failure
      }
    }
  }

  private static func pause(_ duration: Duration, _ exchange: Exchange) throws(WebError) {
    let deadline = Deadline(duration, "")
    while !deadline.isOver {
      if exchange.cancellation.isCancelled { throw .cancelled(exchange.path) }
      let semaphore = DispatchSemaphore(value: 0)
      _ = semaphore.wait(timeout: .now() + .milliseconds(min(deadline.milliseconds, 100)))
    }
  }

  /// One request and its answer, over the connection that is kept, or a new one.
  ///
  /// - Parameter take: whether it took a piece of the body, which is then not kept.
  private func once(
    _ request: Request, limit: Int, _ exchange: Exchange,
    _ take: (ArraySlice<UInt8>) throws(WebError) -> Bool
  ) throws(WebError) -> WebResponse {
    let bytes = request.bytes(address)
    if request.method == .get, let kept = idle.withLock({ $0.take() }) {
      var answer = AnswerReader(limit: limit)
      do throws(WebError) {
        return try answer.read(bytes, kept, exchange, take) { channel in keep(channel) }
      } catch {
        // A server closes a connection that is idle when it likes; then nothing came.
        guard answer.isUntouched, case .interrupted = error else { throw error }
      }
    }
    var answer = AnswerReader(limit: limit)
    let channel = try Channel.open(address, through: proxy, as: identity, exchange)
    return try answer.read(bytes, channel, exchange, take) { channel in keep(channel) }
  }

  private func keep(_ channel: consuming Channel) {
    var channel = Optional(channel)
    idle.withLock { $0 = channel.take() }
  }
}
