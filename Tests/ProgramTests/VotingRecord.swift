// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// The demonstration's election up to the opening of the voting, as a record of its own: what the
/// actors signed is admitted once more by the real ballot box.
struct VotingRecord: Sendable {
  let demo: DemoElection
  let folder: TemporaryFolder
  var record: String { folder / "record" }
  var box: String { "\(demo.work)/secrets/box" }

  private static let opened = Task.detached { () throws -> VotingRecord in
    let opened = VotingRecord(
      demo: try await DemoElection.finished(),
      folder: try TemporaryFolder("voting", untilExit: true))
    for round in [
      ["configuration", "manifest"], trustees("generate"), trustees("share"), trustees("receive"),
      trustees("confirm"), ["opened"],
    ] {
      let run = try opened.accept(round.map(opened.entry))
      try #require(run.status == 0, "\(run.output)\(run.errors)")
    }
    return opened
  }

  /// The record in the phase of voting.
  static func open() async throws -> VotingRecord { try await opened.value }

  private static func trustees(_ verb: String) -> [String] { (1...5).map { "\(verb)-\($0)" } }

  func entry(_ name: String) -> String { "\(demo.work)/entries/\(name).entry" }

  func accept(_ files: [String], into record: String? = nil) throws -> ProgramRun {
    try ProgramRun.run(
      "ballot-box", ["accept", "--keys", box, "--record", record ?? self.record] + files)
  }

  /// A copy of the record with the box's database, to be voted in.
  func copy(to folder: TemporaryFolder) throws -> String {
    let copy = folder / "record"
    try FileManager.default.copyItem(atPath: record, toPath: copy)
    try FileManager.default.copyItem(atPath: record + ".sqlite", toPath: copy + ".sqlite")
    return copy
  }
}
