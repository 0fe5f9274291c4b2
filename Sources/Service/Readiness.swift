// SPDX-License-Identifier: Apache-2.0

/// Whether a server may be sent requests.
public enum ReadinessState: Hashable, Sendable {
  /// It may.
  case ready
  /// It may not, and why, in words for its operator that hold no secret.
  case notReady(String)
}

/// Decides what `GET /readyz` answers: 200, or 503 with the reason.
public struct Readiness: Sendable {
  private let check: @Sendable () async -> ReadinessState

  /// A server that is ready when `check` says so. It has five seconds.
  public init(_ check: @escaping @Sendable () async -> ReadinessState) { self.check = check }

  /// A server that is ready from its start to its stop.
  public static let always = Readiness { .ready }

  /// What the check says; not ready if it does not come back in time.
  func state() async -> ReadinessState {
    let check = check
    return await withTaskGroup(of: ReadinessState.self) { group in
      group.addTask { await check() }
      group.addTask {
        do { try await Task.sleep(for: .seconds(5)) } catch { return .notReady("stopping") }
        return .notReady("the check of readiness takes too long")
      }
      defer { group.cancelAll() }
      return await group.next() ?? .notReady("no answer")
    }
  }
}
