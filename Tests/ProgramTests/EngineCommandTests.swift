// SPDX-License-Identifier: Apache-2.0

import BigIntegers
import Foundation
import StrictJSON
import TestSupport
import Testing

/// Engines and sidecars as a user meets them.
@Suite struct EngineCommandTests {
  /// The report without the way in which it was made.
  private func report(_ run: ProgramRun) throws -> (rules: JSONValue, method: JSONFields) {
    let value = try JSONValue(parsing: Array(run.output.utf8))
    return (
      try value.value(at: "/rules"),
      try JSONReader(value.value(at: "/method")).fields([
        "ballotsBySidecar", "ballotsRecomputed", "ballotsWithWrongSidecar", "engine", "soundness",
      ])
    )
  }

  @Test func everyEngineGivesTheSameReport() async throws {
    let demo = try await DemoElection.finished()
    var reports: [JSONValue] = []
    for engine in ArithmeticEngine.available {
      let run = try ProgramRun.run(
        "verifier", ["record", demo.record, "--json"],
        environment: ["\(ArithmeticEngine.variable)=\(engine.rawValue)"])
      #expect(run.status == 0 && run.errors.isEmpty, "\(run.errors)")
      let (rules, method) = try report(run)
      #expect(try method["engine"].string() == engine.rawValue)
      #expect(try method["ballotsRecomputed"].integer(1...1_000) > 0)
      #expect(try method["ballotsBySidecar"].integer(0...1_000) == 0)
      reports.append(rules)
    }
    #expect(reports.allSatisfy { $0 == reports[0] })
  }

  @Test func anEngineThatCannotBeUsedIsStatusTwo() throws {
    for program in ["verifier", "voter", "trustee", "ballot-box", "election"] {
      let run = try ProgramRun.run(
        program, ["--help"], environment: ["\(ArithmeticEngine.variable)=abacus"])
      #expect(run.status == 2 && run.output.isEmpty)
      #expect(run.errors.hasPrefix("error: URNA_ENGINE names no engine"), "\(run.errors)")
    }
  }

  @Test func aSidecarIsWrittenAndUsed() async throws {
    let demo = try await DemoElection.finished()
    let folder = try TemporaryFolder("sidecar")
    let written = try ProgramRun.run(
      "ballot-box", ["sidecar", "--record", demo.record, "--output", folder / "sidecar"])
    #expect(written.status == 0 && written.errors.isEmpty, "\(written.errors)")
    #expect(written.output.hasPrefix("wrote the commitments of "))
    let arguments = ["record", demo.record, "--json"]
    let plain = try ProgramRun.run("verifier", arguments)
    let fast = try ProgramRun.run("verifier", arguments + ["--sidecar", folder / "sidecar"])
    #expect(fast.status == 0 && fast.errors.isEmpty, "\(fast.errors)")
    let (rules, method) = try report(fast)
    #expect(try report(plain).rules == rules)
    #expect(try method["ballotsRecomputed"].integer(0...1_000) == 0)
    #expect(try method["ballotsBySidecar"].integer(1...1_000) > 0)
    // The report in words says it as well.
    let words = try ProgramRun.run(
      "verifier", ["record", demo.record, "--sidecar", folder / "sidecar"])
    #expect(words.output.contains(" by the sidecar"))
    #expect(words.output.contains("soundness: proofs of the sidecar hold up to"))
    let missing = try ProgramRun.run("verifier", arguments + ["--sidecar", folder / "nothing"])
    #expect(missing.status == 4 && missing.output.isEmpty)
    #expect(missing.errors.contains("no such folder"))
  }
}
