// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Simulation
import Synchronization

/// Runs the simulation of `Run` over many seeds, by hand.
@main struct Simulate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "simulate",
    abstract: "Simulates boxes, witnesses, disks and networks with faults; one seed, one run.")

  @Option(help: "Number of seeds.") var seeds: UInt64 = 100
  @Option(help: "The first seed.") var first: UInt64 = 0
  @Option(help: "Runs at once.") var jobs = 2
  @Option(help: "A defect that is planted, and must be found.") var defect: Defect?
  @Flag(help: "Print what happens. For one seed.") var trace = false
  @Flag(help: "Stop at the first violation.") var stop = false

  mutating func run() async throws {
    let start = ContinuousClock.now
    let batch = Batch(
      next: first, end: first + seeds, defect: defect, isTraced: trace, isStopping: stop)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<max(1, jobs) { group.addTask { try batch.work() } }
      try await group.waitForAll()
    }
    let state = batch.result
    print(
      state.counts.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
        .joined(separator: ", "))
    print(
      "\(state.done) seeds in \(start.duration(to: .now)): \(state.failed.count) with violations")
    if let least = state.failed.min() {
      print("the first: --first \(least) --seeds 1 --trace")
      throw ExitCode(1)
    }
  }
}

/// The seeds that are still to do, and what came of the others.
private final class Batch: Sendable {
  struct State {
    var next: UInt64
    var done = 0
    var failed: [UInt64] = []
    var counts: [String: Int] = [:]
  }

  private let state: Mutex<State>
  private let end: UInt64
  private let defect: Defect?
  private let isTraced: Bool
  private let isStopping: Bool

  init(next: UInt64, end: UInt64, defect: Defect?, isTraced: Bool, isStopping: Bool) {
    state = Mutex(State(next: next))
    self.end = end
    self.defect = defect
    self.isTraced = isTraced
    self.isStopping = isStopping
  }

  var result: State { state.withLock { $0 } }

  private func take() -> UInt64? {
    state.withLock { state in
      guard state.next < end, !isStopping || state.failed.isEmpty else { return nil }
      defer { state.next += 1 }
      return state.next
    }
  }

  func work() throws {
    while let seed = take() {
      let run = try Run(seed: seed, defect: defect, isTraced: isTraced)
      state.withLock { state in
        state.done += 1
        state.counts.merge(run.counts) { $0 + $1 }
        if !run.violations.isEmpty { state.failed.append(seed) }
      }
      if isTraced { run.trace.forEach { print($0) } }
      if run.violations.isEmpty { continue }
      print("seed \(seed) (\(run.plan))")
      for violation in Set(run.violations).sorted().prefix(5) { print("  \(violation)") }
    }
  }
}

extension Defect: ExpressibleByArgument {}
