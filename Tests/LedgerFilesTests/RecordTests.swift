// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Foundation
import Ledger
import LedgerFiles
import TestSupport
import Testing

@Suite struct RecordTests {
  private func record(_ folder: TemporaryFolder, sizes: [Int]) throws -> Checkpoint {
    var writer = try RecordWriter.create(directory: folder.path, signer: signer())
    var from = 0
    for size in sizes {
      _ = try writer.append(batch: items(from..<size))
      from = size
    }
    return writer.checkpoint
  }

  @Test(arguments: [[1], [255], [256], [257], [3, 255, 256, 257, 600], [256, 512], [100, 700]])
  func writesWhatReads(sizes: [Int]) throws {
    let folder = try TemporaryFolder()
    let checkpoint = try record(folder, sizes: sizes)
    let size = try #require(sizes.last)
    let record = try RecordDirectory(path: folder.path)
    #expect(record.checkpoint == checkpoint)
    #expect(record.size == UInt64(size))
    #expect(record.verifyTree() == [])
    let all = try items(0..<size)
    #expect(checkpoint.root == MerkleTree.root(of: all.map { MerkleTree.leafHash($0.entry) }))
    var next = 0
    try record.forEachEntry { index, entry, payload in
      #expect(index == UInt64(next))
      #expect(entry == all[next].entry && payload == all[next].payload)
      next += 1
    }
    #expect(next == size)
    for index in Set([0, size / 2, size - 1]) {
      #expect(try record.payload(at: UInt64(index)) == all[index].payload)
      #expect(try record.entry(at: UInt64(index)) == all[index].entry)
      let receipt = try record.receipt(at: UInt64(index))
      let leaf = MerkleTree.leafHash(all[index].entry)
      #expect(try receipt.verify(leafHash: leaf, logKey: record.logKey) == checkpoint)
    }
    var tail: [UInt64] = []
    try record.forEachEntry(from: UInt64(size - 1)) { index, _, _ in tail.append(index) }
    #expect(tail == [UInt64(size - 1)])
    #expect(throws: FileError.self) { try record.payload(at: UInt64(size)) }
    #expect(throws: FileError.self) { try record.entry(at: .max) }
    #expect(throws: FileError.self) { try record.entries(inBundle: .max) }
  }

  @Test func emptyRecord() throws {
    let folder = try TemporaryFolder()
    let checkpoint = try record(folder, sizes: [])
    #expect(checkpoint.size == 0)
    let record = try RecordDirectory(path: folder.path)
    #expect(record.verifyTree() == [])
    #expect(throws: FileError.self) { try record.payload(at: 0) }
    #expect(throws: FileError.self) {
      _ = try RecordWriter.create(directory: folder.path, signer: signer()).checkpoint
    }
  }

  @Test func reopeningContinues() throws {
    let folder = try TemporaryFolder()
    let old = try record(folder, sizes: [200])
    var roots: [Digest] = []
    for step in 0..<4 {
      var writer = try RecordWriter.open(directory: folder.path, signer: signer())
      let from = 200 + step * 50
      let new = try writer.append(batch: items(from..<from + 50))
      roots.append(new.root)
      let proof = try TileTree(RecordDirectory(path: folder.path), size: new.size)
        .consistencyProof(from: old.size)
      #expect(
        MerkleTree.verifyConsistency(
          oldSize: old.size, oldRoot: old.root, newSize: new.size, newRoot: new.root, proof: proof))
    }
    #expect(Set(roots).count == 4)
    #expect(try RecordDirectory(path: folder.path).verifyTree() == [])
    // Earlier widths go once the full file is there, not before.
    #expect(!folder.exists("tile/entries/000.p"))
    #expect(!folder.exists("tile/0/000.p"))
    #expect(folder.exists("tile/entries/001.p/44"))
    #expect(folder.exists("tile/entries/001.p/94"))
  }

  @Test func secondWriterIsRefused() throws {
    let folder = try TemporaryFolder()
    var first = try RecordWriter.create(directory: folder.path, signer: signer())
    #expect(throws: FileError.locked(folder.path)) {
      _ = try RecordWriter.open(directory: folder.path, signer: signer()).checkpoint
    }
    _ = try first.append(batch: items(0..<1))
  }

  @Test func foreignKeyAndReplacedCheckpointAreRefused() throws {
    let folder = try TemporaryFolder()
    _ = try record(folder, sizes: [5])
    #expect(throws: FileError.self) {
      _ = try RecordWriter.open(directory: folder.path, signer: signer(seed: 2)).checkpoint
    }
    let other = try signer(seed: 2).verifierKey
    #expect(throws: FileError.self) { try RecordDirectory(path: folder.path, expecting: other) }
    let copy = try TemporaryFolder()
    _ = try record(copy, sizes: [5, 9])
    var writer = try RecordWriter.open(directory: folder.path, signer: signer())
    try folder.write(copy.bytes("checkpoint"), "checkpoint")
    #expect(throws: FileError.self) { try writer.append(batch: items(5..<6)) }
  }

  // adversary: L-02
  @Test func rolledBackOrForeignCheckpointIsRefusedOnOpening() throws {
    let folder = try TemporaryFolder()
    _ = try record(folder, sizes: [5])
    // A checkpoint of the same log over other entries of the same number.
    let other = try TemporaryFolder()
    var writer = try RecordWriter.create(directory: other.path, signer: signer())
    _ = try writer.append(batch: items(100..<105))
    try folder.write(other.bytes("checkpoint"), "checkpoint")
    #expect(throws: FileError.self) {
      _ = try RecordWriter.open(directory: folder.path, signer: signer()).checkpoint
    }
    #expect(throws: FileError.self) {
      _ = try RecordWriter.open(
        directory: folder.path, signer: signer(), verifyingAll: false
      ).checkpoint
    }
    let problems = try RecordDirectory(path: folder.path).verifyTree()
    #expect(problems.map(\.kind) == [.root])
  }

  @Test func badItemsAreRefusedAndTheWriterGoesOn() throws {
    let folder = try TemporaryFolder()
    var writer = try RecordWriter.create(directory: folder.path, signer: signer())
    var batch = try items(0..<3)
    batch[1].payload.append(0)
    #expect(throws: FileError.self) { try writer.append(batch: batch) }
    batch[1] = (entry: [1, 2, 3], payload: [])
    #expect(throws: FileError.self) { try writer.append(batch: batch) }
    #expect(try writer.append(batch: []).size == 0)
    #expect(try writer.append(batch: items(0..<3)).size == 3)
    #expect(try RecordDirectory(path: folder.path).verifyTree() == [])
  }

  // adversary: L-02
  @Test func everyChangedFileIsNoticed() throws {
    let folder = try TemporaryFolder()
    _ = try record(folder, sizes: [260])
    var generator = SeededGenerator(seed: 0xF11E)
    for file in try folder.files() where file != ".lock" {
      let original = try folder.bytes(file)
      func isSound() -> Bool {
        guard let record = try? RecordDirectory(path: folder.path, expecting: signer().verifierKey)
        else { return false }
        return record.verifyTree().isEmpty
      }
      #expect(isSound())
      var variants: [[UInt8]] = [[], original + [0], [UInt8](original.dropLast())]
      for _ in 0..<6 {
        var changed = original
        let place = Int(generator.next() % UInt64(changed.count))
        changed[place] ^= 1 << UInt8(generator.next() % 8)
        variants.append(changed)
      }
      for variant in variants {
        try folder.write(variant, file)
        #expect(!isSound(), "\(file), seed \(generator.seed)")
      }
      try folder.remove(file)
      #expect(!isSound(), "\(file) removed")
      try folder.write(original, file)
    }
  }

  // adversary: L-08
  @Test func strangeFilesAndLinksAreReported() throws {
    let folder = try TemporaryFolder()
    _ = try record(folder, sizes: [5])
    try folder.write([1], "tile/entries/../stray")
    try folder.write([1], "other/x")
    try folder.write([1], "tile/entries/000.p/6")
    try folder.write([1], "tile/0/001.tmp")
    let record = try RecordDirectory(path: folder.path)
    let problems = record.verifyTree()
    #expect(problems.filter { $0.kind == .unexpected }.map(\.place) == ["other/", "tile/stray"])
    #expect(
      problems.filter { $0.kind == .leftover }.map(\.place)
        == ["tile/0/001.tmp", "tile/entries/000.p/6"])
    #expect(problems.count == 4)
    // A symbolic link in place of a bundle, even to the right contents.
    let bundle = try folder.bytes("tile/payloads/000.p/5")
    try folder.write(bundle, "copy")
    try folder.remove("tile/payloads/000.p/5")
    try FileManager.default.createSymbolicLink(
      atPath: "\(folder.path)/tile/payloads/000.p/5", withDestinationPath: "\(folder.path)/copy")
    #expect(throws: FileError("tile/payloads/000.p/5", "not a symbolic link")) {
      try record.payload(at: 0)
    }
    // A symbolic link in place of a directory.
    try FileManager.default.moveItem(
      atPath: "\(folder.path)/tile/entries", toPath: "\(folder.path)/moved")
    try FileManager.default.createSymbolicLink(
      atPath: "\(folder.path)/tile/entries", withDestinationPath: "\(folder.path)/moved")
    #expect(throws: FileError.self) { try record.entry(at: 0) }
  }

  @Test func fullTileServesForAPartialOne() throws {
    let folder = try TemporaryFolder()
    _ = try record(folder, sizes: [100])
    let old = try RecordDirectory(path: folder.path)
    var writer = try RecordWriter.open(directory: folder.path, signer: signer())
    _ = try writer.append(batch: items(100..<300))
    #expect(!folder.exists("tile/payloads/000.p"))
    // A reader that still holds the old checkpoint.
    #expect(old.size == 100)
    #expect(try old.payload(at: 99) == items(99..<100)[0].payload)
    #expect(try old.entries(inBundle: 0).count == 100)
    var count = 0
    try old.forEachEntry { _, _, _ in count += 1 }
    #expect(count == 100)
    let leaf = try MerkleTree.leafHash(old.entry(at: 7))
    #expect(try old.receipt(at: 7).verify(leafHash: leaf, logKey: old.logKey).size == 100)
    #expect(!old.verifyTree().contains { $0.kind != .leftover })
  }

  @Test func oversizedFilesAreRefusedBeforeReading() throws {
    let folder = try TemporaryFolder()
    _ = try record(folder, sizes: [5])
    try folder.write([UInt8](repeating: 0x41, count: 300_000), "checkpoint")
    #expect(throws: FileError("checkpoint", "at most 262144 bytes")) {
      try RecordDirectory(path: folder.path)
    }
    try folder.write([UInt8](repeating: 0x41, count: 600), "log.vkey")
    #expect(throws: FileError("log.vkey", "at most 512 bytes")) {
      try RecordDirectory(path: folder.path)
    }
    try folder.remove("log.vkey")
    #expect(throws: FileError.missing("log.vkey")) { try RecordDirectory(path: folder.path) }
  }
}
