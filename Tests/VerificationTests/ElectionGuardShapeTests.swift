// SPDX-License-Identifier: Apache-2.0

import Election
import StrictJSON
import TestSupport
import Testing
import Verification

/// Files that are not in the format: one error that names file, place and rule, and soon.
@Suite(.needsShared) struct ElectionGuardShapeTests {
  /// The error of a variant's bytes, which must come within a second.
  private func error(
    _ record: [UInt8], _ manifest: [UInt8]
  ) async throws -> ElectionGuardRecordError? {
    var found: ElectionGuardRecordError?
    let isSoon = await Patience.isDone(within: .seconds(1)) {
      found = nil
      do throws(ElectionGuardRecordError) {
        _ = try await ElectionGuardRecord.verify(record: record, manifest: manifest)
      } catch { found = error }
    }
    #expect(isSoon)
    return found
  }

  private func expect(
    _ error: ElectionGuardRecordError?, _ file: String, _ path: String, _ rule: String
  ) throws {
    let error = try #require(error, "\(path)")
    #expect(error.file == file)
    #expect(error.error.path == path)
    #expect(error.error.rule.contains(rule), "\(error)")
    #expect(!error.description.contains("\n"))
  }

  struct Edit: Sendable, CustomTestStringConvertible {
    let pointer: String
    let value: JSONValue?
    let path: String
    let rule: String
    var testDescription: String { "\(pointer): \(rule)" }

    init(_ pointer: String, _ value: JSONValue?, at path: String? = nil, _ rule: String) {
      self.pointer = pointer
      self.value = value
      self.path =
        path
        ?? pointer.split(separator: "/").reduce("$") {
          $1.allSatisfy(\.isNumber) ? "\($0)[\($1)]" : "\($0).\($1)"
        }
      self.rule = rule
    }
  }

  private static let extra: JSONValue = ["c": "00", "v": "00", "x": 1]

  // adversary: B-06, B-07, B-08, G-02
  @Test(arguments: [
    Edit("/H_P", nil, "the member is missing"),
    Edit("/guardians/1/kappa", nil, "the member is missing"),
    Edit("/ballots/0/contests/0/selections/0/proof/0/v", nil, "the member is missing"),
    Edit("/devices/0/H_0", nil, "the member is missing"),
    Edit("/tally/0/proof", extra, at: "$.tally[0].proof.x", "unknown member"),
    Edit("/preencrypted_device/chaining_mode", 1, "an integer of 0"),
    Edit("/devices/0/chaining_mode", 0, at: "$.devices[0].B_C0", "unknown member"),
    Edit("/devices/0/chaining_mode", 2, "an integer of 0 to 1"),
    Edit("/n", "3", "an integer is required, not a string"),
    Edit("/n", 0, "an integer of 1 to"),
    Edit("/n", .decimal("3.0"), "an integer is required, not a decimal number"),
    Edit("/k", .null, "an integer is required, not null"),
    Edit("/ballots", [:], "an array is required, not an object"),
    Edit("/ballots/0", [], "an object is required, not an array"),
    Edit("/guardians", [], "an array of 1 to"),
    Edit("/ballots/0/weight", 0, "an integer of 1 to"),
    Edit("/ballots/0/weight", -1, "an integer of 1 to"),
    Edit("/ballots/0/weight", 1_000_000_000_000, "an integer of 1 to"),
    Edit("/ballots/0/state", "uncast", "must be one of cast, challenged"),
    Edit("/preencrypted_ballots/0/state", "challenged", "must be one of cast, uncast"),
    Edit("/ballots/0/ballot_id", "b\u{1B}[2J", "visible ASCII"),
    Edit("/ballots/0/contests/0/contest_data", "", "an object is required, not a string"),
    Edit("/ballots/0/contests/0/contest_data/C1", "ABC", "two digits each"),
    Edit("/ballots/0/contests/0/contest_data/C1", "ab", "upper-case"),
    Edit("/H_E", "00", "a hash has 64 upper-case hexadecimal digits"),
    Edit("/H_E", .string(String(repeating: "a", count: 64)), "upper-case"),
    Edit("/K", .string(String(repeating: "a", count: 1024)), "1024 upper-case hex digits"),
    Edit("/K", .string(String(repeating: "A", count: 1023)), "1024 upper-case hex digits"),
    Edit("/tally/0/proof/c", .string(String(repeating: "A", count: 63)), "64 upper-case"),
    Edit("/manifest_file", "../manifest.json", "must be one of manifest.json"),
    Edit(
      "/challenged_ballot_openings/0/contests/0/votes", [0],
      at:
        "$.challenged_ballot_openings[0].contests[0].xi", "as many nonces as votes"),
    Edit(
      "/challenged_ballot_openings/0/contests/0/contest_data_xi", .null,
      at:
        "$.challenged_ballot_openings[0].contests[0].contest_data_plain", "come together"),
  ]) func wrongShapeIsNamed(_ edit: Edit) async throws {
    let known = try KnownRecord()
    let record =
      try edit.value.map { try known.record.replacing(edit.pointer, with: $0) }
      ?? known.record.removing(edit.pointer)
    try expect(
      try await error(record.canonicalBytes(), known.manifest), "record.json", edit.path, edit.rule)
  }

  // adversary: B-06, B-07, G-09
  @Test func wrongTextIsNamed() async throws {
    let known = try KnownRecord()
    let bytes = known.record.canonicalBytes()
    func check(_ bytes: [UInt8], _ path: String, _ rule: String) async throws {
      try expect(try await error(bytes, known.manifest), "record.json", path, rule)
    }
    func opening(_ member: String) -> [UInt8] { Array("{\(member),".utf8) + bytes.dropFirst() }
    try await check([], "$", "ends early")
    try await check(Array(bytes.dropLast()), "$", "ends early")
    try await check(Array(bytes.prefix(bytes.count / 2)), "$", "ends early", prefix: true)
    try await check(bytes + [0x7D], "$", "bytes follow the value")
    try await check([0xEF, 0xBB, 0xBF] + bytes, "$", "byte order mark")
    try await check(opening("\"n\":3"), "$.n", "occurs twice")
    try await check(opening("\"\\u006e\":3"), "$.n", "occurs twice")
    try await check(opening("\"x\":3"), "$.x", "unknown member")
    let digits = String(repeating: "1", count: 10_000_000)
    try await check(opening("\"x\":\(digits)"), "$.x", "a number is longer than")
    try await check(opening("\"x\":\"\(digits)\""), "$.x", "longer than")
    let deep = String(repeating: "[", count: 10_000)
    try await check(opening("\"x\":\(deep)"), "$.x", "nested deeper", prefix: true)

    func check(_ bytes: [UInt8], _ path: String, _ rule: String, prefix: Bool) async throws {
      let error = try #require(try await error(bytes, known.manifest))
      #expect(error.file == "record.json")
      #expect(error.error.path.hasPrefix(path))
      #expect(error.error.rule.contains(rule), "\(error.error.rule)")
    }
  }

  // A million items where a handful belong.
  // adversary: G-09
  @Test func longArraysEndSoon() async throws {
    let known = try KnownRecord()
    let items = [JSONValue](repeating: 1, count: 1_000_000)
    let record = try known.record.replacing("/available_guardians", with: .array(items))
    try expect(
      try await error(record.canonicalBytes(), known.manifest), "record.json",
      "$.available_guardians", "an array of 0 to 1000")
  }

  // adversary: B-07, G-02, G-03
  @Test(arguments: [
    Edit("/label", " x", "a label has no"),
    Edit("/label", nil, "the member is missing"),
    Edit("/contests/0/selection_limit", 0, "an integer of 1 to"),
    Edit("/contests/0/option_selection_limit", 2_000_000_000, "an integer of 1 to"),
    Edit("/contests/0/contest_data_blocks", 100_000, "an integer of 0 to"),
    Edit("/contests/0/p", "07", at: "$.contests[0].p", "unknown member"),
    Edit("/contests/1/label", "Mayor", at: "$.contests", "a label occurs twice"),
    Edit(
      "/contests/0/contest_options/0/label", "Bob", at: "$.contests[0].contest_options",
      "a label occurs twice"),
    Edit("/contests/0/contest_options", [], "an array of 1 to"),
    Edit("/ballot_styles/0/contests", [2, 1], "must ascend"),
    Edit("/ballot_styles/0/contests", [1, 1], "must ascend"),
    Edit("/ballot_styles/0/contests", [1, 4], at: "$.ballot_styles[0].contests[1]", "1 to 3"),
  ]) func wrongManifestIsNamed(_ edit: Edit) async throws {
    let known = try KnownRecord()
    let manifest = try JSONValue(parsing: known.manifest)
    let variant: JSONValue
    if edit.rule == "unknown member" {
      variant = try manifest.changing("/contests/0") { value in
        guard case .object(let members) = value else { return [value] }
        return [.object(members + [JSONMember(name: "p", value: "07")])]
      }
    } else if let value = edit.value {
      variant = try manifest.replacing(edit.pointer, with: value)
    } else {
      variant = try manifest.removing(edit.pointer)
    }
    try expect(
      try await error(known.record.canonicalBytes(), variant.canonicalBytes()), "manifest.json",
      edit.path, edit.rule)
  }

  // The manifest's bytes are hashed, not its meaning.
  @Test func manifestWrittenAnewIsAnotherOne() async throws {
    let known = try KnownRecord()
    let report = try await ElectionGuardRecord.verify(
      record: known.record.canonicalBytes(),
      manifest: try JSONValue(parsing: known.manifest).canonicalBytes())
    let hash = try #require(report.lines.first { $0.rule.rawValue == "EG-1.F" })
    #expect(hash.result == .failed)
  }
}
