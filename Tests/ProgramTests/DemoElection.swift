// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing
import TestSupport

/// The demonstration with few voters, held once for all tests that need a finished election.
struct DemoElection: Sendable {
  let folder: TemporaryFolder
  let run: ProgramRun

  var record: String { folder / "record" }
  /// The secrets of all actors, their entries, the voters' choices.
  var work: String { folder / "record-work" }

  private static let held = Task.detached { () throws -> DemoElection in
    let folder = try TemporaryFolder("demo", untilExit: true)
    let run = try ProgramRun.run(
      "demo",
      [
        "--programs", ProgramRun.programs, "--voters", "8", "--seed", "11", "--offline", "--output",
        folder / "record",
      ])
    return DemoElection(folder: folder, run: run)
  }

  /// The election, held at the first call.
  static func finished() async throws -> DemoElection {
    let demo = try await held.value
    try #require(demo.run.status == 0, "\(demo.run.errors)")
    return demo
  }

  /// A copy of the record to be damaged.
  func copy(to folder: TemporaryFolder) throws -> String {
    let copy = folder / "record"
    try FileManager.default.copyItem(atPath: record, toPath: copy)
    return copy
  }

  /// All files below a folder, relative.
  static func files(below path: String) throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: path).filter {
      var isFolder: ObjCBool = false
      return unsafe FileManager.default.fileExists(
        atPath: "\(path)/\($0)", isDirectory: &isFolder) && !isFolder.boolValue
    }
  }
}
