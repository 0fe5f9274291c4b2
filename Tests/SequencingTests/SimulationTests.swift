// SPDX-License-Identifier: Apache-2.0

import Simulation
import Testing

/// The simulation on fixed seeds, and on defects that it must find. More seeds by hand:
/// `swift run -c release SimulateProgram --seeds 10000`.
@Suite struct SimulationTests {
  @Test(arguments: 0..<40) func seeds(seed: UInt64) throws {
    let run = try Run(seed: seed)
    #expect(run.violations == [], "seed \(seed): \(run.plan)")
  }

  /// Seeds that found something once: a checkpoint whose name was not durable when the box went on from it.
  @Test(arguments: [2068, 2708, 2874, 3336, 9788] as [UInt64])
  func seedsThatFoundSomething(seed: UInt64) throws {
    let run = try Run(seed: seed)
    #expect(run.violations == [], "seed \(seed): \(run.plan)")
  }

  /// What the invariants are worth: each defect breaks one of them within so many seeds.
  @Test(arguments: Defect.allCases) func defectsAreFound(defect: Defect) throws {
    let found = try (0..<120 as Range<UInt64>).first {
      try !Run(seed: $0, defect: defect).violations.isEmpty
    }
    #expect(found != nil)
    if let found { print("\(defect.rawValue): found with seed \(found)") }
  }

  @Test func oneSeedIsOneRun() throws {
    for seed in [3, 11, 25] as [UInt64] {
      let first = try Run(seed: seed, isTraced: true)
      let second = try Run(seed: seed, isTraced: true)
      #expect(first.trace == second.trace)
      #expect(first.trace.count > 20)
    }
  }
}
