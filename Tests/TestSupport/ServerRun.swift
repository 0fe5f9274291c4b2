// SPDX-License-Identifier: Apache-2.0

import Logging
import ServiceLifecycle

/// Runs a server while `body` runs, then tells it to stop in the orderly way, as a signal does, and waits
/// for its end.
///
/// The server has a task of its own, which nothing cancels: NIO ends the process when connections are
/// dropped that were accepted and not taken up yet, as a cancelled server does.
///
/// - Parameter server: runs the server, and is given what it calls with its port.
package func withServer<Result: Sendable>(
  _ server: @escaping @Sendable (@escaping @Sendable (Int) async -> Void) async throws -> Void,
  _ body: (Int) async throws -> Result
) async throws -> Result {
  let (ports, continuation) = AsyncStream<Int>.makeStream()
  let group = ServiceGroup(
    services: [ClosureService { try await server { continuation.yield($0) } }],
    logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
  let task = Task.detached {
    defer { continuation.finish() }
    try await group.run()
  }
  var iterator = ports.makeAsyncIterator()
  guard let port = await iterator.next() else {
    try await task.value
    throw ServerEnded()
  }
  do {
    let result = try await body(port)
    await group.triggerGracefulShutdown()
    try await task.value
    return result
  } catch {
    await group.triggerGracefulShutdown()
    _ = await task.result
    throw error
  }
}

/// A server that ended before it listened.
struct ServerEnded: Error {}

private struct ClosureService: Service {
  let body: @Sendable () async throws -> Void

  func run() async throws { try await body() }
}
