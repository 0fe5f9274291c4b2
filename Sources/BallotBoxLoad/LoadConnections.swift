// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import Synchronization

/// A request of the load program.
struct LoadRequest: Sendable {
  let method: HTTPMethod
  let path: String
  var body: [UInt8] = []
}

/// What came of it.
struct LoadAnswer: Sendable {
  let status: Int
  let retryAfter: Int?
  let body: [UInt8]
  let isPersistent: Bool
}

/// Why there is no answer.
enum LoadFailure: Error, Equatable, CustomStringConvertible {
  /// The connection ended before the answer did.
  case closed
  /// The answer did not come in time.
  case late
  /// There is no connection.
  case unreachable(String)
  /// The answer is not what it must be.
  case wrong(String)

  var description: String {
    switch self {
    case .closed: "the connection ended before the answer was complete"
    case .late: "no answer in time"
    case .unreachable(let reason): "no connection: \(reason)"
    case .wrong(let reason): reason
    }
  }
}

/// Kept-alive connections to one server, at most so many. Whoever wants one more waits, in order.
///
/// Not `WebClient`: that one takes a connection a post and a thread a request, which is right for a
/// client that trusts nobody, and too much for one that plays thousands.
final class LoadConnections: Sendable {
  /// What happened to connections.
  struct Counts: Sendable {
    /// Connections that were opened.
    var opened = 0
    /// Requests that waited, as all connections were busy.
    var waited = 0
    /// Requests that were sent again, as the server had closed an idle connection.
    var sentAgain = 0
    /// The largest number of connections at once.
    var most = 0
  }

  private enum Slot {
    case channel(any Channel)
    case open
  }

  private struct State {
    var idle: [any Channel] = []
    var count = 0
    var waiters: [CheckedContinuation<Slot, Never>] = []
    var firstWaiter = 0
    var counts = Counts()
  }

  private let state = Mutex(State())
  private let group: any EventLoopGroup
  private let port: Int
  private let maximum: Int
  /// Longer than the longest poll.
  private static let time = TimeAmount.seconds(90)

  init(port: Int, maximum: Int, group: any EventLoopGroup) {
    self.port = port
    self.maximum = max(1, maximum)
    self.group = group
  }

  var counts: Counts { state.withLock { $0.counts } }

  /// Sends a request and waits for its answer.
  func exchange(_ request: LoadRequest) async throws(LoadFailure) -> LoadAnswer {
    // The server closes what was idle when it likes; all requests here may be repeated.
    for _ in 0..<3 {
      guard case .channel(let channel) = await take() else {
        return try await exchange(request, over: open())
      }
      do { return try await exchange(request, over: channel) } catch {
        guard error == .closed else { throw error }
        state.withLock { $0.counts.sentAgain += 1 }
      }
    }
    throw .closed
  }

  private func exchange(
    _ request: LoadRequest, over channel: any Channel
  ) async throws(LoadFailure) -> LoadAnswer {
    let promise = channel.eventLoop.makePromise(of: LoadAnswer.self)
    let exchange = Exchange(request: request, host: "127.0.0.1:\(port)", answer: promise)
    let timer = channel.eventLoop.scheduleTask(in: Self.time) {
      promise.fail(LoadFailure.late)
      channel.close(promise: nil)
    }
    channel.writeAndFlush(exchange, promise: nil)
    do {
      let answer = try await promise.futureResult.get()
      timer.cancel()
      giveBack(answer.isPersistent && channel.isActive ? channel : nil)
      if !answer.isPersistent { channel.close(promise: nil) }
      return answer
    } catch {
      timer.cancel()
      channel.close(promise: nil)
      giveBack(nil)
      throw error as? LoadFailure ?? .closed
    }
  }

  private func open() async throws(LoadFailure) -> any Channel {
    let bootstrap = ClientBootstrap(group: group)
      .channelOption(.socketOption(.tcp_nodelay), value: 1)
      .connectTimeout(.seconds(10))
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHTTPClientHandlers()
          try channel.pipeline.syncOperations.addHandler(ExchangeHandler())
        }
      }
    do { return try await bootstrap.connect(host: "127.0.0.1", port: port).get() } catch {
      giveBack(nil)
      throw .unreachable("\(error)")
    }
  }

  private func take() async -> Slot {
    await withCheckedContinuation { continuation in
      let slot: Slot? = state.withLock { state in
        while let channel = state.idle.popLast() {
          if channel.isActive { return .channel(channel) }
          channel.close(promise: nil)
          state.count -= 1
        }
        guard state.count < maximum else {
          state.waiters.append(continuation)
          state.counts.waited += 1
          return nil
        }
        state.count += 1
        state.counts.opened += 1
        state.counts.most = max(state.counts.most, state.count)
        return .open
      }
      if let slot { continuation.resume(returning: slot) }
    }
  }

  /// Hands a connection, or the right to open one, to the next who waits.
  private func giveBack(_ channel: (any Channel)?) {
    let waiter: CheckedContinuation<Slot, Never>? = state.withLock { state in
      guard state.firstWaiter < state.waiters.count else {
        state.waiters = []
        state.firstWaiter = 0
        if let channel { state.idle.append(channel) } else { state.count -= 1 }
        return nil
      }
      defer { state.firstWaiter += 1 }
      if channel == nil { state.counts.opened += 1 }
      return state.waiters[state.firstWaiter]
    }
    waiter?.resume(returning: channel.map { .channel($0) } ?? .open)
  }

  /// Closes what is idle.
  func close() {
    let idle = state.withLock { state in
      defer { state.idle = [] }
      return state.idle
    }
    for channel in idle { channel.close(promise: nil) }
  }
}

/// A request on its way to its connection.
private struct Exchange: Sendable {
  let request: LoadRequest
  let host: String
  let answer: EventLoopPromise<LoadAnswer>
}

/// One request at a time on a connection.
private final class ExchangeHandler: ChannelDuplexHandler {
  typealias InboundIn = HTTPClientResponsePart
  typealias OutboundIn = Exchange
  typealias OutboundOut = HTTPClientRequestPart

  private var waiting: EventLoopPromise<LoadAnswer>?
  private var head: HTTPResponseHead?
  private var body: [UInt8] = []

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    let exchange = unwrapOutboundIn(data)
    waiting?.fail(LoadFailure.closed)
    waiting = exchange.answer
    let request = exchange.request
    var headers = HTTPHeaders([("Host", exchange.host), ("User-Agent", "urna")])
    if request.method == .POST {
      headers.add(name: "Content-Type", value: "application/octet-stream")
      headers.add(name: "Content-Length", value: String(request.body.count))
    }
    context.write(
      wrapOutboundOut(
        .head(
          HTTPRequestHead(
            version: .http1_1, method: request.method, uri: request.path, headers: headers))),
      promise: nil)
    if !request.body.isEmpty {
      let buffer = context.channel.allocator.buffer(bytes: request.body)
      context.write(wrapOutboundOut(.body(.byteBuffer(buffer))), promise: nil)
    }
    context.write(wrapOutboundOut(.end(nil)), promise: promise)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let found):
      head = found
      body = []
    case .body(let piece):
      guard body.count + piece.readableBytes <= 1 << 20 else {
        finish(.failure(.wrong("an answer of more than a mebibyte")))
        context.close(promise: nil)
        return
      }
      body += piece.readableBytesView
    case .end:
      guard let head else { return }
      finish(
        .success(
          LoadAnswer(
            status: Int(head.status.code),
            retryAfter: head.headers.first(name: "Retry-After").flatMap { Int($0) }, body: body,
            isPersistent: head.isKeepAlive)))
    }
  }

  private func finish(_ result: Result<LoadAnswer, LoadFailure>) {
    let promise = waiting
    waiting = nil
    head = nil
    switch result {
    case .success(let answer): promise?.succeed(answer)
    case .failure(let failure): promise?.fail(failure)
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    finish(.failure(.closed))
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    finish(.failure(.closed))
    context.close(promise: nil)
  }
}
