// SPDX-License-Identifier: Apache-2.0

import Election
import Groups

/// Time on the wall for reading and verifying a record's ballots on so many cores, as the verifier
/// does it: passes of a bounded number of proofs.
func verifyMicroseconds(_ scene: Scene, cores: Int) async throws -> Double {
  let start = wallMicroseconds()
  try await withThrowingTaskGroup(of: Void.self) { group in
    let share = max(1, ProofCheck.proofsPerPass / (scene.options + 1))
    var next = 0
    var inFlight = 0
    while next < scene.payloads.count {
      if inFlight >= cores {
        try await group.next()
        inFlight -= 1
      }
      let pass = next..<min(next + share, scene.payloads.count)
      group.addTask { try scene.verify(scene.payloads[pass]) }
      inFlight += 1
      next = pass.upperBound
    }
    try await group.waitForAll()
  }
  return wallMicroseconds() - start
}

extension Measurements {
  /// Two cores against one on two thousand selections, and ten times the ballots against one time.
  mutating func scaling() async throws {
    let scene = try Scene(options: 20, ballots: 100)
    let small = try Scene(options: 20, ballots: 10)
    var (two, ten): ([Double], [Double]) = ([], [])
    for _ in 0..<Self.runCount {
      let alone = try await verifyMicroseconds(scene, cores: 1)
      two.append(alone / (try await verifyMicroseconds(scene, cores: 2)))
      ten.append(alone / (try await verifyMicroseconds(small, cores: 1)))
    }
    keep("two-cores", unit: "ratio", two)
    keep("ten-times-the-ballots", unit: "ratio", ten)
  }
}
