// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Foundation
import Ledger
import LedgerFiles
import TestSupport
import Testing

/// Copies of records: whole, carried on, cut off, and refused.
@Suite struct MirrorTests {
  private func record(
    _ size: Int, in folder: TemporaryFolder, first: Int = 0
  ) throws -> RecordDirectory {
    var writer = try RecordWriter.create(directory: folder.path, signer: signer())
    _ = try writer.append(batch: items(first..<first + size))
    return try RecordDirectory(path: folder.path)
  }

  private func grow(_ folder: TemporaryFolder, _ numbers: Range<Int>) throws -> RecordDirectory {
    var writer = try RecordWriter.open(directory: folder.path, signer: signer())
    _ = try writer.append(batch: items(numbers))
    return try RecordDirectory(path: folder.path)
  }

  private func expectEqual(_ left: TemporaryFolder, _ right: TemporaryFolder) throws {
    let names = try left.files().filter { $0 != ".lock" }
    #expect(try right.files().filter { $0 != ".lock" } == names)
    for name in names { #expect(try left.bytes(name) == right.bytes(name), "\(name)") }
  }

  private func update(_ folder: TemporaryFolder, from source: RecordDirectory) -> MirrorError? {
    do {
      try RecordMirror.update(directory: folder.path, from: source)
      return nil
    } catch { return error }
  }

  @Test(
    "A copy has the bytes of the record, at sizes around the borders of tiles",
    arguments: [0, 1, 2, 255, 256, 257, 511, 512, 513])
  func wholeCopy(_ size: Int) throws {
    let (original, copy) = (try TemporaryFolder(), try TemporaryFolder())
    let source = try record(size, in: original)
    #expect(update(copy, from: source) == nil)
    try expectEqual(original, copy)
    #expect(try RecordDirectory(path: copy.path).verifyTree() == [])
  }

  @Test("A copy of a tree with three levels of tiles")
  func highCopy() throws {
    let (original, copy) = (try TemporaryFolder(), try TemporaryFolder())
    let source = try record(65_536 + 300, in: original)
    #expect(update(copy, from: source) == nil)
    try expectEqual(original, copy)
  }

  @Test(
    "A copy is carried on to what it would be at once; what it has is not asked for again",
    arguments: [(1, 2), (200, 300), (255, 256), (256, 257), (256, 512), (300, 900)])
  func carriedOn(_ old: Int, _ new: Int) throws {
    let (original, copy) = (try TemporaryFolder(), try TemporaryFolder())
    #expect(update(copy, from: try record(old, in: original)) == nil)
    _ = try grow(original, old..<new)
    // Only what is new is left of the source.
    for name in try original.files() {
      if let path = TilePath(name), !path.isPartial, case .hashes(0) = path.kind,
        path.index < UInt64(old / 256)
      {
        try original.remove(name)
      }
    }
    #expect(update(copy, from: try RecordDirectory(path: original.path)) == nil)
    let carried = try RecordDirectory(path: copy.path)
    #expect(carried.size == UInt64(new))
    #expect(carried.verifyTree() == [])
    // Partial files whose full ones are there are gone.
    for name in try copy.files() {
      guard let path = TilePath(name), path.isPartial else { continue }
      #expect(!copy.exists(path.full.path), "\(name)")
    }
  }

  @Test(
    "Cut off at any step, a copy is the old record or the new one, and goes on",
    arguments: Fault.allCases)
  func cutOff(_ fault: Fault) throws {
    let original = try TemporaryFolder()
    let before = try record(250, in: original)
    let start = try TemporaryFolder()
    try RecordMirror.update(directory: start.path, from: before)
    let source = try grow(original, 250..<520)
    var step = 1
    while true {
      let copy = try TemporaryFolder()
      try FileManager.default.removeItem(atPath: copy.path)
      try FileManager.default.copyItem(atPath: start.path, toPath: copy.path)
      let faulty = FaultyFileSystem(copy.path, step: step, fault: fault)
      do {
        try RecordMirror.update(files: faulty, from: source)
        if faulty.steps < step { break }
      } catch {}
      let found = try RecordDirectory(path: copy.path)
      #expect([250, 520].contains(found.size), "step \(step)")
      let problems = found.verifyTree().filter { $0.kind != .leftover }
      #expect(problems == [], "step \(step)")
      #expect(update(copy, from: source) == nil, "step \(step)")
      let whole = try RecordDirectory(path: copy.path)
      #expect(whole.size == 520 && whole.verifyTree() == [], "step \(step)")
      step += 1
    }
    #expect(step > 30)
  }

  @Test("A file of the source that is damaged is refused by name, and gets no name in the copy")
  func damagedSource() throws {
    let original = try TemporaryFolder()
    _ = try record(300, in: original)
    for name in try original.files() where name.hasPrefix("tile/") {
      for position in [0, 5, 37] {
        let copy = try TemporaryFolder()
        let bytes = try original.bytes(name)
        var damaged = bytes
        damaged[(bytes.count - 1) * position / 37] ^= 1
        try original.write(damaged, name)
        let error = update(copy, from: try RecordDirectory(path: original.path))
        guard case .source? = error else {
          Issue.record("\(name) at \(position): \(String(describing: error))")
          continue
        }
        #expect(!copy.exists("checkpoint"))
        try original.write(bytes, name)
        for copied in try copy.files() where TilePath(copied) != nil {
          #expect(try copy.bytes(copied) == original.bytes(copied), "\(copied)")
        }
        #expect(update(copy, from: try RecordDirectory(path: original.path)) == nil)
        try expectEqual(original, copy)
      }
    }
  }

  @Test("A damaged file of a copy that was cut off is got again")
  func damagedCopy() throws {
    let (original, copy) = (try TemporaryFolder(), try TemporaryFolder())
    let source = try record(300, in: original)
    #expect(update(copy, from: source) == nil)
    try copy.remove("checkpoint")
    for name in try copy.files() where name.hasPrefix("tile/") {
      var bytes = try copy.bytes(name)
      bytes[bytes.count / 2] ^= 1
      try copy.write(bytes, name)
    }
    #expect(update(copy, from: source) == nil)
    try expectEqual(original, copy)
  }

  // adversary: L-03
  // adversary: L-01
  @Test(
    "A log that signs two histories is convicted by the copy of one of them",
    arguments: [(300, 300), (300, 299), (300, 257), (200, 300), (1, 300), (256, 512)])
  func equivocation(_ own: Int, _ other: Int) throws {
    let (first, second, copy) = (
      try TemporaryFolder(), try TemporaryFolder(), try TemporaryFolder()
    )
    #expect(update(copy, from: try record(own, in: first)) == nil)
    let before = try copy.files().map { try copy.bytes($0) }
    // The other history drops the first entry.
    let error = update(copy, from: try record(other, in: second, first: 1))
    guard case .equivocation(let evidence)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    let file = try Equivocation(evidence.bytes)
    let finding = try file.verify(logKey: signer().verifierKey)
    #expect(finding.smaller.size == UInt64(min(own, other)))
    #expect(throws: LedgerError.self) { try file.verify(logKey: signer(seed: 2).verifierKey) }
    #expect(try copy.files().map { try copy.bytes($0) } == before)
  }

  @Test("An older view of the same history is told from a lie")
  func older() throws {
    let (original, copy, old) = (
      try TemporaryFolder(), try TemporaryFolder(), try TemporaryFolder()
    )
    let before = try record(200, in: original)
    #expect(update(old, from: before) == nil)
    #expect(update(copy, from: try grow(original, 200..<300)) == nil)
    #expect(
      update(copy, from: try RecordDirectory(path: old.path)) == .older(source: 200, copy: 300))
  }

  @Test("A copy of another log is left alone")
  func anotherLog() throws {
    let (first, second, copy) = (
      try TemporaryFolder(), try TemporaryFolder(), try TemporaryFolder()
    )
    #expect(update(copy, from: try record(3, in: first)) == nil)
    var writer = try RecordWriter.create(directory: second.path, signer: signer(seed: 2))
    _ = try writer.append(batch: items(0..<5))
    #expect(update(copy, from: try RecordDirectory(path: second.path)) == .anotherLog)
  }

  @Test(
    "Of two checkpoints of one tree the one with more cosignatures is kept, whatever else it bears")
  func cosignatures() throws {
    let (original, copy) = (try TemporaryFolder(), try TemporaryFolder())
    let source = try record(3, in: original)
    let cosigner = try Cosigner(
      name: "witness.example",
      key: Ed25519.PrivateKey(seed: SecretBytes(copying: [UInt8](repeating: 9, count: 32))))
    let policy = try WitnessPolicy(
      Array("witness w \(cosigner.verifierKey.vkey)\nquorum w\n".utf8))
    #expect(update(copy, from: source) == nil)
    let note = try SignedNote(source.checkpointNote)
    let cosigned = try note.adding([cosigner.cosign(checkpoint: note.text, time: 5)])
    try original.write(cosigned.bytes, "checkpoint")
    try RecordMirror.update(
      directory: copy.path, from: RecordDirectory(path: original.path), policy: policy)
    #expect(try copy.bytes("checkpoint") == cosigned.bytes)
    // A line that nobody knows is no cosignature.
    let stranger = try Cosigner(name: "stranger.example", key: Ed25519.PrivateKey.generate())
    let decorated = try note.adding([stranger.cosign(checkpoint: note.text, time: 6)])
    try original.write(decorated.bytes, "checkpoint")
    try RecordMirror.update(
      directory: copy.path, from: RecordDirectory(path: original.path), policy: policy)
    #expect(try copy.bytes("checkpoint") == cosigned.bytes)
  }
}
