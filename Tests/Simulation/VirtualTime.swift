// SPDX-License-Identifier: Apache-2.0

import Synchronization
import TestSupport

/// One thread, the seed's order among what could run, and a clock that jumps to the next thing to do.
///
/// Whatever is started below ``run(_:)`` runs here, actors and child tasks included, so the same seed
/// gives the same run. A task that is not a child is started with ``start(_:)``.
package final class VirtualTime: TaskExecutor {
  private struct Timer {
    let due: Int
    let number: Int
    let continuation: CheckedContinuation<Void, Never>
  }

  private struct State {
    var now = 0
    var ready: [UnownedJob] = []
    var timers: [Timer] = []
    var count = 0
    var started = 0
    var generator: SeededGenerator
  }

  private let state: Mutex<State>

  /// Time zero, with a seed for the order.
  package init(seed: UInt64) {
    state = Mutex(State(generator: SeededGenerator(seed: seed)))
  }

  /// Ticks since the beginning.
  package var now: Int { state.withLock { $0.now } }

  /// Called by the runtime.
  package func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    state.withLock { $0.ready.append(job) }
  }

  /// Lets ticks go by.
  package func sleep(_ ticks: Int) async {
    await withCheckedContinuation { continuation in
      state.withLock { state in
        state.count += 1
        state.timers.append(
          Timer(due: state.now + ticks, number: state.count, continuation: continuation))
      }
    }
  }

  /// Starts something that nobody waits for but the end of the run.
  package func start(_ body: @escaping @Sendable () async -> Void) {
    state.withLock { $0.started += 1 }
    Task(executorPreference: self) {
      await body()
      self.state.withLock { $0.started -= 1 }
    }
  }

  /// Runs to the end, on the thread of the caller.
  ///
  /// - Returns: whether it came to an end; false if nothing could go on.
  package func run(_ body: @escaping @Sendable () async -> Void) -> Bool {
    start(body)
    while state.withLock({ $0.started }) > 0 {
      if let job = nextJob() {
        unsafe job.runSynchronously(on: asUnownedTaskExecutor())
      } else if let continuation = nextTimer() {
        continuation.resume()
      } else {
        return false
      }
    }
    return true
  }

  private func nextJob() -> UnownedJob? {
    state.withLock { state in
      guard !state.ready.isEmpty else { return nil }
      let place =
        state.ready.count == 1 ? 0 : Int.random(in: state.ready.indices, using: &state.generator)
      return state.ready.remove(at: place)
    }
  }

  private func nextTimer() -> CheckedContinuation<Void, Never>? {
    state.withLock { state in
      guard
        let place = state.timers.indices.min(by: {
          (state.timers[$0].due, state.timers[$0].number)
            < (state.timers[$1].due, state.timers[$1].number)
        })
      else { return nil }
      let timer = state.timers.remove(at: place)
      state.now = max(state.now, timer.due)
      return timer.continuation
    }
  }
}
