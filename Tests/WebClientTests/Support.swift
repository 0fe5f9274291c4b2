// SPDX-License-Identifier: Apache-2.0

import Synchronization
import TestSupport
import Testing

import WebClient

extension WebClient {
  /// A client of a test's server, with short times and pauses of nothing.
  static func of(
    _ server: RawServer, prefix: String = "", connecting: Duration = .seconds(5),
    silence: Duration = .seconds(5), total: Duration = .seconds(20), attempts: Int = 1
  ) throws -> WebClient {
    WebClient(
      try WebAddress(server.address + prefix),
      times: WebTimes(connecting: connecting, silence: silence, total: total),
      retry: RetryPolicy(attempts: attempts, pause: .zero, jitter: { _ in .zero }))
  }
}

extension WebClient {
  /// A client of `address` behind a proxy, with short times, that asks once.
  static func through(
    _ proxy: String, _ address: String, connecting: Duration = .seconds(5),
    total: Duration = .seconds(20)
  ) throws -> WebClient {
    WebClient(
      try WebAddress(address),
      times: WebTimes(connecting: connecting, silence: .seconds(5), total: total), retry: .never,
      proxy: try SOCKSProxy(proxy))
  }
}

/// What a task ended with.
func failure<Value>(_ work: () async throws(WebError) -> Value) async -> WebError? {
  do {
    _ = try await work()
    return nil
  } catch { return error }
}

/// Values that threads of a server note down.
final class Notes<Value: Sendable>: Sendable {
  private let values = Mutex<[Value]>([])
  func note(_ value: Value) { values.withLock { $0.append(value) } }
  var all: [Value] { values.withLock { $0 } }
}
