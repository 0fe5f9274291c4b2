// SPDX-License-Identifier: Apache-2.0

internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NIOHTTP1

/// Hummingbird's connection with the guards around it.
struct GuardedChannel<Base: ServerChildChannel>: ServerChildChannel {
  let base: Base
  let registry: ConnectionRegistry

  func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Base.Value> {
    let record = registry.add(channel)
    let registry = registry
    channel.closeFuture.whenComplete { _ in registry.remove(record) }
    do {
      try channel.pipeline.syncOperations.addHandler(
        SocketGuard(registry: registry, record: record), position: .first)
    } catch {
      return channel.eventLoop.makeFailedFuture(error)
    }
    return base.setup(channel: channel, logger: logger)
  }

  func handle(value: Base.Value, logger: Logger) async {
    await base.handle(value: value, logger: logger)
  }
}

/// Puts the parser's guards into a pipeline that Hummingbird builds: around the HTTP/1 parser.
/// In a stream of HTTP/2 it counts the stream instead.
final class GuardInstaller: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = NIOAny

  private let isSecure: Bool
  private var stream: SocketGuard?

  init(isSecure: Bool) { self.isSecure = isSecure }

  func handlerAdded(context: ChannelHandlerContext) {
    let pipeline = context.pipeline.syncOperations
    do {
      let socket = try pipeline.handler(type: SocketGuard.self)
      let parser = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
      try pipeline.addHandler(HeadGuard(socket: socket), position: .before(parser))
      try pipeline.addHandler(
        RequestGuard(socket: socket, isSecure: isSecure), position: .after(parser))
    } catch {
      countStream(context)
    }
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    stream?.countStreams(-1)
    stream = nil
  }

  private func countStream(_ context: ChannelHandlerContext) {
    guard let parent = context.channel.parent else {
      // Without its guard a connection is not served.
      context.close(promise: nil)
      return
    }
    do {
      stream = try parent.pipeline.syncOperations.handler(type: SocketGuard.self)
      stream?.countStreams(1)
    } catch {
      context.close(promise: nil)
    }
  }
}
