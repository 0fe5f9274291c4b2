// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// Every file of a record, damaged in every way: the verifier rejects it by a rule or says what is
/// missing, and whoever acts on records refuses to act. Nothing traps, nothing grows.
@Suite struct RecordDamageTests {
  // adversary: L-08
  // adversary: V-02
  @Test func noDamageIsOverlooked() async throws {
    let demo = try await DemoElection.finished()
    // Older partial tiles lie there as well; nobody needs them.
    let checkpoint = try BadInputTests.bytes("\(demo.record)/checkpoint")
    let size = try #require(checkpoint.split(separator: 0x0A).dropFirst().first)
    let tile = "000.p/\(String(decoding: size, as: UTF8.self))"
    for name in [
      "checkpoint", "log.vkey", "tile/0/\(tile)", "tile/entries/\(tile)", "tile/payloads/\(tile)",
    ] {
      let good = try BadInputTests.bytes("\(demo.record)/\(name)")
      for spoiling in BadInputTests.general {
        let folder = try TemporaryFolder("damage")
        let record = try demo.copy(to: folder)
        let path = "\(record)/\(name)"
        try FileManager.default.removeItem(atPath: path)
        if !spoiling.removes, let bytes = spoiling.apply(good) {
          try Data(bytes).write(to: URL(fileURLWithPath: path))
        }
        let what = "\(name), \(spoiling.name)"
        let verifier = try ProgramRun.run("verifier", ["record", record])
        expectRefusal(verifier, what)
        #expect(
          verifier.output.contains("verdict: failed") || verifier.errors.contains(name),
          "\(what): \(verifier.output.suffix(300))\(verifier.errors)")
        // Hash tiles serve proofs; the leaves themselves do not need them.
        guard !name.hasPrefix("tile/0") else { continue }
        let check = try ProgramRun.run(
          "voter", ["check", "--record", record, "--code", String(repeating: "0", count: 64)])
        expectRefusal(check, what)
        #expect(check.errorLines.count == 1 && !check.errors.contains("not in the record"))
      }
    }
  }

  private func expectRefusal(_ run: ProgramRun, _ what: String) {
    #expect(run.status == 1 || run.status == 3, "\(what): \(run.status) \(run.errors)")
    #expect(run.megabytes < 200, "\(what): \(run.megabytes) MB")
    #expect(run.milliseconds < 60_000, "\(what)")
  }

  /// Links are not followed, wherever they point.
  // adversary: L-08
  @Test func linksAreRefused() async throws {
    let demo = try await DemoElection.finished()
    let folder = try TemporaryFolder("link")
    let record = try demo.copy(to: folder)
    try FileManager.default.removeItem(atPath: "\(record)/checkpoint")
    try FileManager.default.createSymbolicLink(
      atPath: "\(record)/checkpoint", withDestinationPath: "\(demo.record)/checkpoint")
    let run = try ProgramRun.run("verifier", ["record", record])
    #expect(run.status == 1, "\(run.status) \(run.errors)")
  }
}
