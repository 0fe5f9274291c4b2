// SPDX-License-Identifier: Apache-2.0

internal import HTTPTypes
internal import NIOCore
internal import NIOHTTP1

/// Behind the HTTP/1 parser: refuses what the parser lets through and RFC 9112 does not, answers what
/// is malformed, and ends a connection whose answer came before the end of its request in such a way
/// that the other side gets to read it.
final class RequestGuard: ChannelDuplexHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias InboundOut = HTTPServerRequestPart
  typealias OutboundIn = HTTPServerResponsePart
  typealias OutboundOut = HTTPServerResponsePart

  private let socket: SocketGuard
  private let isSecure: Bool
  private var context: ChannelHandlerContext?
  /// A refusal that waits for the answers before it.
  private var refusal: HTTPResponse.Status?

  private var state: ConnectionState { socket.state }

  init(socket: SocketGuard, isSecure: Bool) {
    self.socket = socket
    self.isSecure = isSecure
  }

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    socket.requests = self
  }

  func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    // What follows the last request is not read.
    if refusal != nil || isDraining || (state.isLast && !state.isReadingBody) { return }
    switch unwrapInboundIn(data) {
    case .head(let head):
      let rules = HeadRules(head, bodyLimit: state.limits.bodyBytes)
      if let status = rules.refusal {
        refuse(status, .malformed)
        return
      }
      state.requestBegan()
      if rules.isLast { state.isLast = true }
      if rules.expectsContinue, state.openRequests == 1 {
        let head = HTTPResponseHead(version: .http1_1, status: .continue)
        context.writeAndFlush(wrapOutboundOut(.head(head)), promise: nil)
      }
    case .body: break
    case .end: state.requestEnded()
    }
    context.fireChannelRead(data)
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    context.fireChannelReadComplete()
    // Nobody behind this handler asks for what is thrown away.
    if isDraining { context.read() }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    if isDraining || refusal != nil { return }
    guard let error = error as? HTTPParserError, !state.isReadingBody else {
      // Whoever reads the body learns that it is not whole.
      context.fireErrorCaught(error)
      return
    }
    if error == .headerOverflow {
      refuse(.requestHeaderFieldsTooLarge, .size)
    } else {
      refuse(.badRequest, .malformed)
    }
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    switch unwrapOutboundIn(data) {
    case .head(var head) where !(100..<200).contains(head.status.code):
      state.answerBegun = true
      if head.headers[canonicalForm: "connection"].contains("close") { state.isLast = true }
      if state.endsWithAnswer { head.headers.replaceOrAdd(name: "Connection", value: "close") }
      context.write(wrapOutboundOut(.head(head)), promise: promise)
    case .head, .body: context.write(data, promise: promise)
    case .end:
      context.writeAndFlush(data, promise: promise)
      let isEnd = state.answerEnded(now: .now())
      if let refusal, state.openRequests == 0 {
        answer(context, refusal)
      } else if isEnd {
        hangUp(context)
      }
    }
  }

  /// Ends the connection with a problem, behind the answers that are due.
  func refuse(_ status: HTTPResponse.Status, _ reason: ClosingReason) {
    guard let context, !isDraining, refusal == nil else { return }
    socket.registry.count(reason)
    if state.openRequests == 0 {
      answer(context, status)
    } else if state.isReadingBody {
      context.close(promise: nil)
    } else {
      refusal = status
      state.isLast = true
    }
  }

  private var isDraining: Bool {
    if case .draining = state.phase { true } else { false }
  }

  private func answer(_ context: ChannelHandlerContext, _ status: HTTPResponse.Status) {
    // Before anything is written: writing asks what is due.
    state.drain(now: .now())
    let bytes = Problem(status).bytes
    let head = HTTPResponseHead(
      version: .http1_1,
      status: HTTPResponseStatus(statusCode: status.code, reasonPhrase: status.reasonPhrase),
      headers: [
        "Content-Type": Problem.mediaType, "Content-Length": String(bytes.count),
        "Cache-Control": "no-store", "Connection": "close",
      ])
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    context.write(
      wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: bytes)))), promise: nil)
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    hangUp(context)
  }

  /// Nothing more goes out. What still comes in is thrown away for a while: closing at once would
  /// reset the connection, and the other side could lose the answer. TLS has no end of one direction
  /// alone; there the other side hangs up, or its time is over.
  private func hangUp(_ context: ChannelHandlerContext) {
    if isSecure, state.isReadingBody {
      context.read()
    } else if isSecure {
      context.close(promise: nil)
    } else {
      context.close(mode: .output, promise: nil)
      context.read()
    }
  }
}
