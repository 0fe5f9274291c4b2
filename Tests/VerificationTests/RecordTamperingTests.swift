// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Election
import ElectionFixtures
import Foundation
import Ledger
import LedgerFiles
import Testing
import Verification

/// Tampering with the files of a record, with nothing made anew.
@Suite struct RecordTamperingTests {
  struct Tamper: Sendable, CustomTestStringConvertible {
    let title: String
    /// Exactly the rules that fail.
    let expected: Set<RuleID>
    let change: @Sendable (RecordOnDisk) throws -> Void

    init(
      _ title: String, _ expected: Set<RuleID>,
      _ change: @escaping @Sendable (RecordOnDisk) throws -> Void
    ) {
      (self.title, self.expected, self.change) = (title, expected, change)
    }

    var testDescription: String { title }
  }

  static let tampers: [Tamper] = [
    Tamper("a digit of the certified result", [.log4, .cer11]) { record in
      let name = try record.partial("tile/payloads")
      let bytes = try record.bytes(name)
      let range = try #require(bytes.lastRange(of: Array("\"total\":".utf8)))
      try record.flip(name, at: range.upperBound)
    },
    // adversary: L-02
    Tamper("a digit of a leaf's digest", [.log2, .log3, .log4, .log6]) { record in
      let name = try record.partial("tile/entries")
      let bytes = try record.bytes(name)
      let range = try #require(bytes.lastRange(of: Array("\"sha256\":\"".utf8)))
      try record.write(
        bytes.replacing(at: range.upperBound, bytes[range.upperBound] == 0x30 ? 0x31 : 0x30), name)
    },
    // adversary: L-02
    Tamper("a byte of the tree's hashes", [.log3]) { record in
      try record.flip(try record.partial("tile/0"), at: 40)
    },
    Tamper("a signature of the checkpoint", [.log1]) { record in
      var text = String(decoding: try record.bytes("checkpoint"), as: UTF8.self)
      let dash = try #require(text.range(of: "— "))
      let line = text[dash.lowerBound...]
      let middle = text.index(line.endIndex, offsetBy: -20)
      text.replaceSubrange(
        middle...middle, with: text[middle] == "A" ? "B" : "A")
      try record.write(Array(text.utf8), "checkpoint")
    },
    Tamper("a checkpoint of another key, and its name", [.log1]) { record in
      let directory = try RecordDirectory(path: record.path)
      let signer = try NoteSigner(name: ElectionSetup.logName, key: Identity("forger").key())
      try record.write(try directory.checkpoint.signed(by: signer), "checkpoint")
      try record.write(Array((signer.verifierKey.vkey + "\n").utf8), "log.vkey")
    },
    Tamper("a checkpoint of another key alone", [.log1]) { record in
      let directory = try RecordDirectory(path: record.path)
      let signer = try NoteSigner(name: ElectionSetup.logName, key: Identity("forger").key())
      try record.write(try directory.checkpoint.signed(by: signer), "checkpoint")
    },
    // adversary: L-02
    Tamper("a root of another tree, signed by the log", [.log2]) { record in
      let directory = try RecordDirectory(path: record.path)
      let other = try Checkpoint(
        origin: ElectionSetup.logName, size: directory.size, root: SHA256.hash([1]))
      try record.write(
        try other.signed(by: NoteSigner(name: ElectionSetup.logName, key: Identity("log").key())),
        "checkpoint")
    },
    // adversary: L-08
    Tamper("a file that does not belong there", [.log3]) { record in
      try record.write([1], "notes.txt")
    },
    // adversary: L-08
    Tamper("a file among the tiles", [.log3]) { record in
      try record.write([1], "tile/0/index.html")
    },
    // adversary: L-08
    Tamper("a folder that does not belong there", [.log3]) { record in
      try FileManager.default.createDirectory(
        atPath: "\(record.path)/more", withIntermediateDirectories: true)
    },
    // adversary: L-08
    Tamper("a link in place of the payloads", [.log2]) { record in
      let name = try record.partial("tile/payloads")
      let away = record.path + ".payloads"
      try FileManager.default.moveItem(atPath: "\(record.path)/\(name)", toPath: away)
      try FileManager.default.createSymbolicLink(
        atPath: "\(record.path)/\(name)", withDestinationPath: away)
    },
    Tamper("the payloads missing", [.log2]) { record in
      try record.remove(try record.partial("tile/payloads"))
    },
    Tamper("the leaves missing", [.log2]) { record in
      try record.remove(try record.partial("tile/entries"))
    },
    Tamper("the tree's hashes missing", [.log2]) { record in
      try record.remove(try record.partial("tile/0"))
    },
    Tamper("the last byte of the payloads missing", [.log2]) { record in
      let name = try record.partial("tile/payloads")
      try record.write(Array(try record.bytes(name).dropLast()), name)
    },
    Tamper("a byte behind the payloads", [.log2]) { record in
      let name = try record.partial("tile/payloads")
      try record.write(try record.bytes(name) + [0], name)
    },
    Tamper("a byte behind the leaves", [.log2]) { record in
      let name = try record.partial("tile/entries")
      try record.write(try record.bytes(name) + [0], name)
    },
    Tamper("a length beyond the file", [.log2]) { record in
      let name = try record.partial("tile/payloads")
      try record.write([0x7F, 0xFF, 0xFF, 0xFF] + (try record.bytes(name).dropFirst(4)), name)
    },
  ]

  @Test(arguments: tampers)
  func failsByTheRightRule(_ tamper: Tamper) async throws {
    let good = try Records.toy.get()
    #expect(try await good.verdict() == .passed)
    let copy = try RecordOnDisk(copying: good)
    try tamper.change(copy)
    #expect(try await copy.failing() == tamper.expected)
    #expect(try await copy.verdict() == .failed)
  }

  @Test func aRecordWithoutCheckpointIsNoRecord() async throws {
    let copy = try RecordOnDisk(copying: Records.toy.get())
    try copy.remove("checkpoint")
    let error = await #expect(throws: FileError.self) { try await copy.verify() }
    #expect(error?.isMissing == true)
    #expect(error?.file.hasSuffix("checkpoint") == true)
  }

  /// What an append that was cut off leaves behind does no harm.
  @Test func leftoversOfAnAppendDoNoHarm() async throws {
    let copy = try RecordOnDisk(copying: Records.toy.get())
    let name = try copy.partial("tile/entries")
    try copy.write(try copy.bytes(name) + [0, 1, 2], name + ".tmp")
    try copy.write([1, 2, 3], "checkpoint.tmp")
    #expect(try await copy.failing() == [])
    #expect(try await copy.verdict() == .passed)
  }

  // adversary: L-01
  /// A checkpoint that somebody kept, beside what the box shows later.
  @Test func aCheckpointThatWasKeptIsStillGoodOnTheLongerRecord() async throws {
    let fixture = try ElectionFixture.toy(.certified)
    let early = try RecordOnDisk(Array(fixture.items.prefix(20)), in: fixture.group)
    let late = try RecordOnDisk(copying: Records.toy.get())
    let note = try early.bytes("checkpoint")
    for kind in ["tile/entries", "tile/payloads", "tile/0"] {
      try late.write(early.bytes("\(kind)/000.p/20"), "\(kind)/000.p/20")
    }
    try late.write(note, "checkpoint")
    #expect(try await late.failing() == [])
    #expect(try await late.verdict() == .incomplete)
  }
}

extension [UInt8] {
  func replacing(at position: Int, _ byte: UInt8) -> [UInt8] {
    var copy = self
    copy[position] = byte
    return copy
  }

  func lastRange(of other: [UInt8]) -> Range<Int>? {
    guard count >= other.count else { return nil }
    for start in stride(from: count - other.count, through: 0, by: -1)
    where self[start..<start + other.count].elementsEqual(other) {
      return start..<start + other.count
    }
    return nil
  }
}
