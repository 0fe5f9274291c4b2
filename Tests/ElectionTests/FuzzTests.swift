// SPDX-License-Identifier: Apache-2.0

import Election
import ElectionFixtures
import Foundation
import Groups
import Ledger
import StrictJSON
import TestSupport
import Testing

/// Every parser on inputs that are almost right: it throws, or what it read writes the same bytes.
/// Nothing traps. `URNA_FUZZ_INPUTS` sets how many inputs each parser gets; the ordinary run takes few.
@Suite struct FuzzTests {
  static let inputCount =
    ProcessInfo.processInfo.environment["URNA_FUZZ_INPUTS"].flatMap { Int($0) } ?? 10_000

  /// Changes an input in one to four ways: a byte, a bit, a cut, a repetition, a piece of another
  /// input, a number, a structural character.
  static func mutated(
    _ input: [UInt8], with others: [[UInt8]], _ generator: inout SeededGenerator
  ) -> [UInt8] {
    var bytes = input
    for _ in 0..<Int.random(in: 1...4, using: &generator) {
      guard !bytes.isEmpty else { return [UInt8.random(in: 0...255, using: &generator)] }
      let start = Int.random(in: 0..<bytes.count, using: &generator)
      let end = min(bytes.count, start + Int.random(in: 1...40, using: &generator))
      switch Int.random(in: 0..<8, using: &generator) {
      case 0: bytes[start] = UInt8.random(in: 0...255, using: &generator)
      case 1: bytes[start] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
      case 2: bytes.removeSubrange(start..<end)
      case 3: bytes.insert(contentsOf: bytes[start..<end], at: start)
      case 4: bytes.removeLast(bytes.count - start)
      case 5:
        let other = others[Int.random(in: 0..<others.count, using: &generator)]
        let from = Int.random(in: 0..<max(1, other.count), using: &generator)
        bytes.replaceSubrange(start..<end, with: other[from...].prefix(end - start))
      case 6:
        let numbers = ["-1", "0", "1e9", "9223372036854775808", "00", "0.5", "null", "\"\"", "[]"]
        let number = numbers[Int.random(in: 0..<numbers.count, using: &generator)]
        bytes.replaceSubrange(start..<end, with: Array(number.utf8))
      default:
        let marks = Array("{}[]\",:\\\n\0".utf8)
        bytes.insert(marks[Int.random(in: 0..<marks.count, using: &generator)], at: start)
      }
    }
    return bytes
  }

  private func fuzz(
    _ name: String, _ inputs: [[UInt8]], _ rewrite: ([UInt8]) throws -> [UInt8]
  ) throws {
    let seed = UInt64.random(in: .min ... .max)
    var generator = SeededGenerator(seed: seed)
    var accepted = 0
    for round in 0..<Self.inputCount {
      let input = inputs[round % inputs.count]
      let bytes = Self.mutated(input, with: inputs, &generator)
      do {
        let written = try rewrite(bytes)
        accepted += 1
        let isSame = written == bytes
        #expect(isSame, "\(name), seed \(seed), round \(round)")
      } catch {}
    }
    // What is accepted is another document; most changes make none.
    #expect(accepted < Self.inputCount / 2 + 10, "\(name), seed \(seed): \(accepted) accepted")
  }

  // adversary: V-02
  // adversary: G-09
  @Test func payloads() throws {
    let samples = try PayloadSample.all()
    for sample in samples {
      try fuzz("\(sample.type)", [sample.payload] + samples.map(\.payload)) {
        try sample.type.rewritten($0, in: sample.group)
      }
    }
  }

  @Test func entriesAndFiles() throws {
    let entries = try ElectionFixture.toy(.certified).entries
    try fuzz("entry", entries.map(\.entry.bytes)) { try LedgerEntry(bytes: $0).bytes }
    try fuzz("entry file", entries.map(\.bytes)) { try EntryFile(bytes: $0).bytes }
  }

  // adversary: G-09
  @Test func statusProofs() throws {
    let fixture = try ElectionFixture.credentialed(.destroyed)
    let proofs = try [1, 6].map { try fixture.statusProof($0, opensRoll: $0 == 6).bytes }
    try fuzz("status proof", proofs) { try StatusProof(bytes: $0, in: fixture.group).bytes }
    let kept = RollProof(district: 1, index: 2, opening: fixture.rollOpening(2)).json
    try fuzz("roll proof", [kept.prettyBytes()]) {
      let proof = try RollProof(bytes: $0)
      let isStable = try RollProof(bytes: proof.json.prettyBytes()) == proof
      return isStable ? $0 : []
    }
  }

  @Test func json() throws {
    let payloads = try PayloadSample.all().map(\.payload)
    // Other spellings are read here; all have one canonical form, which is read as the same.
    try fuzz("JSON", payloads) { bytes in
      let form = try JSONValue(parsing: bytes).canonicalBytes()
      let isStable = try JSONValue(parsing: form).canonicalBytes() == form
      return isStable ? bytes : form
    }
  }

  /// A foreign format: what is read is not written again, so only traps and time count.
  @Test func ballotDefinition() throws {
    let county = Shared.repository.appendingPathComponent("Ceremonies/demo-county.json")
    let bytes = [UInt8](try Data(contentsOf: county))
    var generator = SeededGenerator(seed: 17)
    var refused = 0
    for _ in 0..<Self.inputCount / 3 {
      let input = Self.mutated(bytes, with: [bytes], &generator)
      do {
        let imported = try BallotDefinitionImport(bytes: input)
        // What the import makes is a manifest that everybody reads.
        #expect(try Manifest(bytes: imported.manifest.bytes).bytes == imported.manifest.bytes)
      } catch { refused += 1 }
    }
    #expect(refused > 0)
  }
}
