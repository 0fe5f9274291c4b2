// SPDX-License-Identifier: Apache-2.0

import BallotBoxService
import Synchronization

/// Runs of the same thing side by side.
enum Concurrent {
  /// Results in the order of their numbers.
  static func run<Value: Sendable>(
    _ count: Int, _ body: @escaping @Sendable (Int) async throws -> Value
  ) async throws -> [Value] {
    try await withThrowingTaskGroup(of: (Int, Value).self) { group in
      for number in 0..<count { group.addTask { (number, try await body(number)) } }
      var values: [Int: Value] = [:]
      for try await (number, value) in group { values[number] = value }
      return (0..<count).compactMap { values[$0] }
    }
  }

  /// Waits until something holds.
  static func until(_ condition: () async throws -> Bool) async throws {
    while try await !condition() { try await Task.sleep(for: .milliseconds(10)) }
  }
}

/// A clock that a test sets.
final class FixedClock: WallClock {
  private let time: Mutex<Int>

  init(_ time: Int) { self.time = Mutex(time) }

  func set(_ time: Int) { self.time.withLock { $0 = time } }

  func now() -> Int { time.withLock { $0 } }
}

/// A value behind a lock.
final class Locked<Value: Sendable>: Sendable {
  private let state: Mutex<Value>

  init(_ value: Value) { state = Mutex(value) }

  var value: Value { state.withLock { $0 } }

  func change(_ body: @Sendable (inout Value) -> Void) { state.withLock { body(&$0) } }
}
