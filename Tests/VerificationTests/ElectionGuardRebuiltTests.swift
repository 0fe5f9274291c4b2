// SPDX-License-Identifier: Apache-2.0

import Cryptography
import StrictJSON
import TestSupport
import Testing
import Verification

/// The mutation run of somebody who knows the hashes: after every change all identifier hashes,
/// contest hashes, codes, chaining fields and the closing hash are made anew.
@Suite(.needsShared) struct ElectionGuardRebuiltTests {
  /// H(key; domain ‖ parts)
  private static func hash(_ key: Digest, _ domain: UInt8, _ parts: [[UInt8]]) -> Digest {
    HMACSHA256.authenticate(key: key, [domain] + parts.flatMap { $0 })
  }

  private static func bytes(_ record: JSONValue, _ pointer: String) throws -> [UInt8] {
    let text = try JSONReader(try record.value(at: pointer)).string(maxBytes: 4096)
    return try #require(Hex.decode(text))
  }

  private static func contestHash(
    _ record: JSONValue, _ place: String, key: Digest
  ) throws -> Digest {
    let index = try JSONReader(try record.value(at: "\(place)/contest")).integer(1...9)
    var parts: [[UInt8]] = [[0, 0, 0, UInt8(index)]]
    let selections = try JSONReader(try record.value(at: "\(place)/selections")).array().count
    for selection in 0..<selections {
      for part in ["alpha", "beta"] {
        parts.append(try bytes(record, "\(place)/selections/\(selection)/\(part)"))
      }
    }
    if try record.value(at: "\(place)/contest_data") != .null {
      for part in ["C0", "C1", "C2/c", "C2/v"] {
        parts.append(try bytes(record, "\(place)/contest_data/\(part)"))
      }
    }
    return hash(key, 0x28, parts)
  }

  /// The record with all hashes of ballots and of the chain recomputed.
  static func rebuilt(_ record: JSONValue) throws -> JSONValue {
    var record = record
    func put(_ pointer: String, _ bytes: [UInt8]) throws {
      record = try record.replacing(pointer, with: .string(Hex.encode(bytes)))
    }
    let extended = try #require(Digest(try bytes(record, "/H_E")))
    let opening = try bytes(record, "/devices/0/B_C0")
    var previous = hash(extended, 0x29, [opening])
    for ballot in 0..<4 {
      let place = "/ballots/\(ballot)"
      let key = hash(extended, 0x20, [try bytes(record, "\(place)/id_B")])
      try put("\(place)/H_I", key.bytes)
      var parts: [[UInt8]] = []
      for contest in 0..<(try JSONReader(try record.value(at: "\(place)/contests")).array().count) {
        let digest = try contestHash(record, "\(place)/contests/\(contest)", key: key)
        try put("\(place)/contests/\(contest)/contest_hash", digest.bytes)
        parts.append(digest.bytes)
      }
      let field = [0, 0, 0, 1] + previous.bytes
      try put("\(place)/chaining_field", field)
      previous = hash(key, 0x29, parts + [field])
      try put("\(place)/confirmation_code", previous.bytes)
    }
    let closing = [0, 0, 0, 1] + hash(extended, 0x2B, [previous.bytes, opening]).bytes
    try put("/devices/0/closing_B_C", closing)
    try put("/devices/0/closing_hash", hash(extended, 0x29, [closing]).bytes)
    return record
  }

  @Test func rebuildingAGoodRecordChangesNothing() throws {
    let known = try KnownRecord()
    #expect(try Self.rebuilt(known.record) == known.record)
  }

  // adversary: V-06, L-02
  @Test(arguments: [(0, 4), (3, 4)])
  func everyChangeIsNoticedBehindRightHashes(_ ballot: Int, _ stride: Int) async throws {
    let known = try KnownRecord()
    var generator = SeededGenerator(seed: 0xCAFE)
    let leaves = try known.record.leaves(below: "/ballots/\(ballot)").filter { leaf in
      let name = leaf.split(separator: "/").last ?? ""
      return ["alpha", "beta", "c", "v", "C0", "C1", "id_B", "weight"].contains(name)
    }
    let offset = Int.random(in: 0..<stride, using: &generator)
    for leaf in leaves.enumerated().filter({ $0.offset % stride == offset }).map(\.element) {
      let changed: JSONValue
      switch try known.record.value(at: leaf) {
      case .integer(let number): changed = .integer(number + 1)
      case .string(let text): changed = .string(text.dropLast() + (text.last == "0" ? "1" : "0"))
      default: throw PointerError(pointer: leaf)
      }
      let variant = try Self.rebuilt(try known.record.replacing(leaf, with: changed))
      let broken = try await known.broken(variant)
      #expect(!broken.isEmpty, "\(leaf), seed \(generator.seed)")
      #expect(!broken.contains { $0.hasPrefix("8.") || $0.hasPrefix("5.") }, "\(leaf)")
    }
  }

  // Two options' ciphertexts and proofs change places, every hash and the totals with them: only the
  // binding of the proofs to their places is left, and the proof of the totals.
  // adversary: F-04, V-06
  @Test func optionsSwappedBehindRightHashes() async throws {
    let known = try KnownRecord()
    let place = "/ballots/0/contests/0/selections"
    var record = known.record
    for member in ["alpha", "beta", "proof"] {
      let first = try record.value(at: "\(place)/0/\(member)")
      let second = try record.value(at: "\(place)/1/\(member)")
      record = try record.replacing("\(place)/0/\(member)", with: second)
        .replacing("\(place)/1/\(member)", with: first)
    }
    record = try Self.rebuilt(record)
    #expect(try await known.broken(record) == ["6.D", "9.A", "9.B"])
  }

  // A weight is in no hash: nothing but the totals tells.
  // adversary: C-02
  @Test func weightOfABallotBehindRightHashes() async throws {
    let known = try KnownRecord()
    let record = try Self.rebuilt(try known.record.replacing("/ballots/1/weight", with: 2))
    #expect(try await known.broken(record) == ["9.A", "9.B"])
  }
}
