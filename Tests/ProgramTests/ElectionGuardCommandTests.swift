// SPDX-License-Identifier: Apache-2.0

import Foundation
import StrictJSON
import TestSupport
import Testing

/// `verifier electionguard DIR`: what it prints, and how it ends.
@Suite(.needsShared) struct ElectionGuardCommandTests {
  private struct Outcome {
    let status: Int32
    let output: String
    let error: String
  }

  private static let known = Shared.directory.appendingPathComponent(
    "vectors/electionguard/kat-2.1")

  /// Runs the program that was built beside these tests.
  private func verifier(_ arguments: String...) throws -> Outcome {
    let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let process = Process()
    process.executableURL = URL(fileURLWithPath: tests).deletingLastPathComponent()
      .appendingPathComponent("verifier")
    process.arguments = arguments
    let (output, error) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = error
    try process.run()
    let text = output.fileHandleForReading.readDataToEndOfFile()
    let trouble = error.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    #expect(process.terminationReason == .exit)
    return Outcome(
      status: process.terminationStatus, output: String(decoding: text, as: UTF8.self),
      error: String(decoding: trouble, as: UTF8.self))
  }

  /// A folder with the known-answer record, its text changed.
  private func folder(
    _ change: (String) -> String?, _ body: (String) throws -> Void
  ) throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("urna-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    for file in ["record.json", "manifest.json"] {
      let data = try Data(contentsOf: Self.known.appendingPathComponent(file))
      let text = String(decoding: data, as: UTF8.self)
      guard let changed = file == "record.json" ? change(text) : text else { continue }
      try Data(changed.utf8).write(to: folder.appendingPathComponent(file))
    }
    try body(folder.path)
  }

  // adversary: V-02, V-04, V-08
  @Test func goodRecordIsIncomplete() throws {
    let outcome = try verifier("electionguard", Self.known.path)
    #expect(outcome.status == 3)
    #expect(outcome.output.hasSuffix("verdict: incomplete\n"))
    #expect(outcome.output.contains("UNCHECKED EG-15"))
    #expect(!outcome.output.contains("FAILED"))
    #expect(outcome.error.isEmpty)
    let json = try verifier("electionguard", Self.known.path, "--json")
    #expect(json.status == 3)
    let report = try JSONReader(JSONValue(parsing: Array(json.output.utf8)))
      .fields(["verdict", "rules"])
    #expect(try report["verdict"].string() == "incomplete")
  }

  // adversary: V-02
  @Test func wrongRecordFails() throws {
    try folder({ $0.replacingOccurrences(of: "51BCA66C", with: "51BCA66D") }) { path in
      let outcome = try verifier("electionguard", path)
      #expect(outcome.status == 1)
      #expect(outcome.output.contains("FAILED   EG-1.E"))
      #expect(outcome.output.hasSuffix("verdict: failed\n"))
    }
  }

  // adversary: V-02, B-07
  @Test func malformedRecordIsOneLine() throws {
    try folder({ $0.replacingOccurrences(of: "\"H_P\"", with: "\"H_Q\"") }) { path in
      let outcome = try verifier("electionguard", path)
      #expect(outcome.status == 1)
      #expect(outcome.output.isEmpty)
      #expect(outcome.error == "error: \(path)/record.json: $.H_Q: unknown member\n")
    }
  }

  // adversary: V-02
  @Test func missingRecordIsNothing() throws {
    try folder({ _ in nil }) { path in
      let outcome = try verifier("electionguard", path)
      #expect(outcome.status == 3)
      #expect(outcome.output.isEmpty)
      #expect(outcome.error.hasPrefix("error: \(path)/record.json: "))
    }
    #expect(try verifier("electionguard").status == 2)
  }
}
