// SPDX-License-Identifier: Apache-2.0

import Ledger
import LedgerFiles
import Synchronization
import TestSupport
import Testing

/// What happens at the chosen step.
enum Fault: String, CaseIterable, Sendable {
  /// The step is not done, an error is reported, later steps work.
  case fails
  /// The step is done, yet an error is reported.
  case failsButPersists
  /// A write leaves half of its bytes; from then on nothing works.
  case crashes
}

/// Counts the changing steps and spoils one of them.
final class FaultyFileSystem: FileSystem {
  private let base: LocalFileSystem
  private let step: Int
  private let fault: Fault
  private let count = Mutex(0)

  init(_ root: String, step: Int, fault: Fault) {
    base = LocalFileSystem(root: root)
    self.step = step
    self.fault = fault
  }

  var steps: Int { count.withLock { $0 } }

  private func change(
    _ file: String, torn: () throws(FileError) -> Void = {},
    _ body: () throws(FileError) -> Void
  ) throws(FileError) {
    let number = count.withLock { value in
      value += 1
      return value
    }
    if number == step {
      switch fault {
      case .fails: break
      case .failsButPersists: try body()
      case .crashes: try torn()
      }
      throw FileError(file, "injected")
    }
    if fault == .crashes, number > step { throw FileError(file, "crashed") }
    try body()
  }

  func read(_ path: String, limit: Int) throws(FileError) -> [UInt8] {
    try base.read(path, limit: limit)
  }

  func read(_ path: String, at offset: Int, count: Int) throws(FileError) -> [UInt8] {
    try base.read(path, at: offset, count: count)
  }

  func size(_ path: String) throws(FileError) -> Int { try base.size(path) }
  func list(_ path: String) throws(FileError) -> [String] { try base.list(path) }

  func makeDirectory(_ path: String) throws(FileError) {
    try change(path) { () throws(FileError) in try base.makeDirectory(path) }
  }

  func write(_ bytes: [UInt8], to path: String, permissions: UInt32) throws(FileError) {
    try change(
      path,
      torn: { () throws(FileError) in
        try base.write([UInt8](bytes.prefix(bytes.count / 2)), to: path, permissions: permissions)
      }
    ) { () throws(FileError) in try base.write(bytes, to: path, permissions: permissions) }
  }

  func rename(_ path: String, to newPath: String) throws(FileError) {
    try change(newPath) { () throws(FileError) in try base.rename(path, to: newPath) }
  }

  func synchronizeDirectory(_ path: String) throws(FileError) {
    try change(path) { () throws(FileError) in try base.synchronizeDirectory(path) }
  }

  func remove(_ path: String) throws(FileError) {
    try change(path) { () throws(FileError) in try base.remove(path) }
  }

  func removeDirectory(_ path: String) throws(FileError) {
    try change(path) { () throws(FileError) in try base.removeDirectory(path) }
  }
}

@Suite struct FaultTests {
  static let cases: [(from: Int, to: Int)] = [
    (0, 1), (3, 5), (254, 255), (254, 256), (255, 257), (256, 257), (250, 515),
  ]

  /// Each step of an append fails in each way. Then: the record opens, is sound, holds what was
  /// acknowledged, continues what was signed, and takes the same and another batch.
  @Test(arguments: cases.indices, Fault.allCases)
  func appendSurvives(index: Int, fault: Fault) throws {
    let (from, to) = Self.cases[index]
    let first = try items(0..<from)
    let batch = try items(from..<to)
    let strangers = try items(1000..<1300)
    // The first step is the opening's own.
    var step = 2
    var acknowledged = false
    while !acknowledged {
      let context: Comment = "\(from) to \(to), \(fault) at step \(step)"
      let folder = try TemporaryFolder()
      let plain = LocalFileSystem(root: folder.path)
      var before = try RecordWriter.create(files: plain, signer: signer())
      let old = try before.append(batch: first)
      let faulty = FaultyFileSystem(folder.path, step: step, fault: fault)
      var writer = try RecordWriter.open(files: faulty, signer: signer(), verifyingAll: false)
      do {
        _ = try writer.append(batch: batch)
        acknowledged = faulty.steps < step
        #expect(try RecordDirectory(path: folder.path).size == UInt64(to), context)
      } catch {
        #expect(error.rule == "injected", context)
        // The writer does not go on after an error.
        #expect(throws: FileError.self, context) { try writer.append(batch: batch) }
      }
      let record = try RecordDirectory(path: folder.path)
      #expect(!record.verifyTree().contains { $0.kind != .leftover }, context)
      #expect([UInt64(from), UInt64(to)].contains(record.size), context)
      if from > 0 {
        let proof = try TileTree(record, size: record.size).consistencyProof(from: old.size)
        #expect(
          MerkleTree.verifyConsistency(
            oldSize: old.size, oldRoot: old.root, newSize: record.size,
            newRoot: record.checkpoint.root, proof: proof), context)
      }
      // Another batch than the one that was cut off: what that left must not show through.
      // Every fifth time the batch crosses the next tile boundary.
      let end = step.isMultiple(of: 5) ? 1300 : 1003
      var again = try RecordWriter.open(files: plain, signer: signer(), verifyingAll: false)
      let reached = Int(again.checkpoint.size)
      _ = try again.append(batch: [RecordWriter.Item](strangers[..<2]))
      _ = try again.append(batch: [RecordWriter.Item](strangers[2..<end - 1000]))
      let final = try RecordDirectory(path: folder.path)
      if end == 1300 {
        #expect(!final.verifyTree().contains { $0.kind != .leftover }, context)
      }
      let expected = (first + batch).prefix(reached) + strangers[..<(end - 1000)]
      var next = 0
      try final.forEachEntry { _, entry, payload in
        if entry != expected[next].entry || payload != expected[next].payload {
          Issue.record("entry \(next) differs: \(context)")
        }
        next += 1
      }
      #expect(next == expected.count, context)
      step += 1
    }
    // At least: two bundles, one tile and the checkpoint, each in three steps.
    #expect(step > 12)
  }

  @Test(arguments: Fault.allCases) func creationSurvives(fault: Fault) throws {
    var step = 1
    while true {
      let folder = try TemporaryFolder()
      let faulty = FaultyFileSystem(folder.path, step: step, fault: fault)
      do {
        _ = try RecordWriter.create(files: faulty, signer: signer()).checkpoint
        #expect(step > 6)
        break
      } catch {
        #expect((error as? FileError)?.rule == "injected")
      }
      let plain = LocalFileSystem(root: folder.path)
      if folder.exists("checkpoint") {
        #expect(try RecordWriter.open(files: plain, signer: signer()).checkpoint.size == 0)
      } else {
        #expect(try RecordWriter.create(files: plain, signer: signer()).checkpoint.size == 0)
      }
      #expect(
        !(try RecordDirectory(path: folder.path).verifyTree().contains { $0.kind != .leftover }))
      step += 1
    }
  }
}
