// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Election
import ElectionFixtures
import Foundation
import Groups
import Ledger
import LedgerFiles
import StrictJSON
import TestSupport
import Testing

/// Memory and time of the verifier over a record of many ballots and over one of a tenth of them. Not in
/// the ordinary run: `URNA_LARGE_RECORD=3000 Tests/run.sh --filter LargeRecordTests`.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["URNA_LARGE_RECORD"] != nil))
struct LargeRecordTests {
  /// What no record may take, whatever its length.
  private static let megabytes = 300

  private func write(ballots: Int, to folder: String) throws {
    var setup = ElectionSetup(group: .standard)
    (setup.trustees, setup.threshold) = (1, 1)
    setup.voters = Array(repeating: .init(style: 2), count: ballots)
    var fixture = try ElectionFixture(setup)
    try fixture.advance(from: .empty, to: .voting)
    for voter in 1...ballots {
      try fixture.vote(voter, fixture.choices(voter, [2: [3, 0, 1], 4: [1, 0]]))
    }
    try fixture.advance(from: .decided, to: .certified)
    let signer = try NoteSigner(name: ElectionSetup.logName, key: Identity("log").key())
    var writer = try RecordWriter.create(directory: folder, signer: signer)
    _ = try writer.append(
      batch: fixture.entries.map { (entry: $0.entry.bytes, payload: $0.payload) })
  }

  @Test func memoryIsBoundedAndTimeIsLinear() throws {
    let named = ProcessInfo.processInfo.environment["URNA_LARGE_RECORD"]
    let ballots = try #require(named.flatMap { Int($0) })
    let folder = try TemporaryFolder("large")
    for count in [ballots / 10, ballots] {
      let record = folder / "record-\(count)"
      try write(ballots: count, to: record)
      let sidecar = folder / "sidecar-\(count)"
      let written = try ProgramRun.run(
        "ballot-box", ["sidecar", "--record", record, "--output", sidecar])
      #expect(written.status == 0, "\(written.errors)")
      for arguments in [[], ["--sidecar", sidecar]] {
        for _ in 0..<3 {
          let run = try ProgramRun.run("verifier", ["record", record] + arguments)
          #expect(run.status == 0, "\(run.output.suffix(400))")
          #expect(run.megabytes <= Self.megabytes)
          print(
            "verifier, \(count) ballots\(arguments.isEmpty ? "" : ", sidecar"): "
              + "\(run.milliseconds) ms, \(run.megabytes) MB")
        }
      }
    }
  }
}
