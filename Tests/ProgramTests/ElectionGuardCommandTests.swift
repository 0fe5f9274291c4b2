// SPDX-License-Identifier: Apache-2.0

import Foundation
import StrictJSON
import TestSupport
import Testing

/// `verifier electionguard DIR`: what it prints, and how it ends.
@Suite(.needsShared) struct ElectionGuardCommandTests {
  private static let known = Shared.directory.appendingPathComponent(
    "vectors/electionguard/kat-2.1")

  /// A folder with the known-answer record, the text of one file changed; nil leaves the file out.
  private func folder(
    _ name: String = "record.json", _ change: ([UInt8]) -> [UInt8]?
  ) throws -> TemporaryFolder {
    let folder = try TemporaryFolder("electionguard")
    for file in ["record.json", "manifest.json"] {
      let bytes = try BadInputTests.bytes(Self.known.appendingPathComponent(file).path)
      guard let changed = file == name ? change(bytes) : bytes else { continue }
      _ = try folder.write(changed, to: file)
    }
    return folder
  }

  private func replacing(_ old: String, _ new: String) -> ([UInt8]) -> [UInt8] {
    { Array(String(decoding: $0, as: UTF8.self).replacingOccurrences(of: old, with: new).utf8) }
  }

  // adversary: V-02, V-04, V-08
  @Test func goodRecordIsIncomplete() throws {
    let run = try ProgramRun.run("verifier", ["electionguard", Self.known.path])
    #expect(run.status == 3)
    #expect(run.output.hasSuffix("verdict: incomplete\n"))
    #expect(run.output.contains("UNCHECKED EG-15"))
    #expect(!run.output.contains("FAILED"))
    #expect(run.errors.isEmpty)
    let json = try ProgramRun.run("verifier", ["electionguard", Self.known.path, "--json"])
    #expect(json.status == 3)
    let report = try JSONReader(JSONValue(parsing: Array(json.output.utf8)))
      .fields(["method", "verdict", "rules"])
    #expect(try report["verdict"].string() == "incomplete")
    let folder = try TemporaryFolder("report")
    let (status, text) = try ProgramRun.python(
      "Tests/Scripts/validate-record.py",
      ["--report", try folder.write(json.output, to: "report.json")])
    #expect(status == 0, "\(text)")
  }

  // adversary: V-02
  @Test func wrongRecordFails() throws {
    let folder = try folder("record.json", replacing("51BCA66C", "51BCA66D"))
    let run = try ProgramRun.run("verifier", ["electionguard", folder.path])
    #expect(run.status == 1)
    #expect(run.output.contains("FAILED   EG-1.E"))
    #expect(run.output.hasSuffix("verdict: failed\n"))
  }

  // adversary: V-02, B-07
  @Test func malformedRecordIsOneLine() throws {
    let folder = try folder("record.json", replacing("\"H_P\"", "\"H_Q\""))
    let run = try ProgramRun.run("verifier", ["electionguard", folder.path])
    #expect(run.status == 1)
    #expect(run.output.isEmpty)
    #expect(run.errors == "error: \(folder.path)/record.json: $.H_Q: unknown member\n")
  }

  /// Both files, spoiled in every way: one line, no trap, little memory.
  // adversary: V-02, G-09, B-06
  @Test(arguments: ["record.json", "manifest.json"])
  func badFilesAreOneLine(_ name: String) throws {
    for spoiling in BadInputTests.general + BadInputTests.json {
      let folder = try folder(name) { spoiling.removes ? nil : spoiling.apply($0) ?? [] }
      let run = try ProgramRun.run("verifier", ["electionguard", folder.path])
      let what = "\(name), \(spoiling.name): \(run.status) \(run.errors.prefix(300))"
      // The manifest's own bytes are hashed: what is still well-formed is another manifest.
      #expect(run.status == (spoiling.removes ? 3 : 1) || run.status == 4, "\(what)")
      #expect(run.errorLines.count == 1 && run.errors.contains(name), "\(what)")
      #expect(run.output.isEmpty, "\(what)")
      #expect(run.megabytes < 200, "\(what): \(run.megabytes) MB")
    }
  }

  @Test func usageIsStatusTwo() throws {
    #expect(try ProgramRun.run("verifier", ["electionguard"]).status == 2)
  }
}
