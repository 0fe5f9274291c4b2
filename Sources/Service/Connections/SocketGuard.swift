// SPDX-License-Identifier: Apache-2.0

internal import HTTPTypes
internal import NIOCore

/// The first handler of a connection: sees bytes, keeps the time, and enforces the limits that do not
/// need to understand HTTP.
///
/// Under TLS the bytes are encrypted, and whole records wait in front of the parser; the parser's side are
/// ``HeadGuard`` and ``RequestGuard``, which share the state.
final class SocketGuard: ChannelDuplexHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer
  typealias OutboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  let state: ConnectionState
  let registry: ConnectionRegistry
  private let record: ConnectionRecord
  private var timer: (task: Scheduled<Void>, deadline: NIODeadline)?
  /// The guard behind the parser; nil for HTTP/2 and during a TLS handshake.
  weak var requests: RequestGuard?
  /// Open streams of HTTP/2, which keeps its own time; nil for HTTP/1.
  private var streams: Int?

  init(registry: ConnectionRegistry, record: ConnectionRecord) {
    self.registry = registry
    self.record = record
    state = ConnectionState(limits: registry.limits, now: .now())
  }

  func handlerAdded(context: ChannelHandlerContext) { update(context) }

  func handlerRemoved(context: ChannelHandlerContext) { timer?.task.cancel() }

  func channelActive(context: ChannelHandlerContext) {
    update(context)
    context.fireChannelActive()
  }

  func channelInactive(context: ChannelHandlerContext) {
    timer?.task.cancel()
    context.fireChannelInactive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let count = unwrapInboundIn(data).readableBytes
    state.received(count, now: .now())
    context.fireChannelRead(data)
    update(context)
  }

  /// Passes on pieces, whose promises show that the other side takes what it asked for.
  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    var rest = unwrapOutboundIn(data)
    while rest.readableBytes > ConnectionState.pieceBytes,
      let piece = rest.readSlice(length: ConnectionState.pieceBytes)
    {
      write(context, piece, nil)
    }
    write(context, rest, promise)
  }

  private func write(
    _ context: ChannelHandlerContext, _ piece: ByteBuffer, _ promise: EventLoopPromise<Void>?
  ) {
    let count = piece.readableBytes
    guard count > 0 else {
      context.write(wrapOutboundOut(piece), promise: promise)
      return
    }
    state.writing(count, now: .now())
    let promise = promise ?? context.eventLoop.makePromise(of: Void.self)
    let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
    promise.futureResult.whenComplete { _ in
      let (handler, context) = bound.value
      handler.state.wrote(count, now: .now())
      handler.update(context)
    }
    context.write(wrapOutboundOut(piece), promise: promise)
    update(context)
  }

  /// A stream of HTTP/2 begins (+1) or ends (-1).
  func countStreams(_ change: Int) {
    streams = max(0, (streams ?? 0) + change)
    let activity: ConnectionRecord.Activity = streams == 0 ? .waiting : .working
    if record.activity.0 != activity { record.set(activity) }
  }

  /// Something changed: tell the registry, and see to the timer.
  func update(_ context: ChannelHandlerContext) {
    guard streams == nil, context.channel.isActive else { return }
    if record.activity.0 != state.activity { record.set(state.activity) }
    switch state.verdict(now: .now()) {
    case .forever: return
    case .wait(let deadline): ring(context, at: deadline)
    case .answerTimeout:
      endHead(context)
      if case .wait(let deadline) = state.verdict(now: .now()) { ring(context, at: deadline) }
    case .close(let reason):
      registry.count(reason)
      context.close(promise: nil)
    }
  }

  /// Sets the timer, unless it rings earlier anyway; then it sets itself again.
  private func ring(_ context: ChannelHandlerContext, at deadline: NIODeadline) {
    if let timer {
      guard deadline < timer.deadline else { return }
      timer.task.cancel()
    }
    let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
    let task = context.eventLoop.scheduleTask(deadline: deadline) {
      let (handler, context) = bound.value
      handler.timer = nil
      handler.update(context)
    }
    timer = (task, deadline)
  }

  /// The head that the parser reads is too large.
  func refuseHead() { requests?.refuse(.requestHeaderFieldsTooLarge, .size) }

  /// Ends a connection whose head did not come in time, with an answer if one can still be given.
  private func endHead(_ context: ChannelHandlerContext) {
    guard let requests else {
      registry.count(.header)
      context.close(promise: nil)
      return
    }
    requests.refuse(.requestTimeout, .header)
  }
}

/// Directly in front of the HTTP/1 parser: counts the bytes of heads. It sees them as the parser does, out
/// of their TLS records.
final class HeadGuard: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private let socket: SocketGuard

  init(socket: SocketGuard) { self.socket = socket }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let count = unwrapInboundIn(data).readableBytes
    context.fireChannelRead(data)
    // The parser has seen the bytes. If they did not complete a head, they count as a part of one.
    if !socket.state.headGrew(by: count) { socket.refuseHead() }
  }
}
