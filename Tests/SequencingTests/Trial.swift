// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Ledger
import LedgerFiles
import Sequencing
import Simulation
import Synchronization
import TestSupport
import Testing

/// A log on a disk and a storage of its own, and everything that was ever signed for it.
final class Trial: Sendable {
  let base: PreparedLog
  let disk: Disk
  let storage: MemoryStorage
  private let notes = Mutex<[[UInt8]]>([])
  private let diskSteps = Mutex(0)

  init(_ base: PreparedLog) {
    self.base = base
    disk = Disk(base.image)
    storage = MemoryStorage(base.contents)
  }

  /// Changing steps of the disk since the record was opened last.
  var steps: Int { diskSteps.withLock { $0 } }

  /// Every note that any process made.
  var signed: [[UInt8]] { notes.withLock { $0 } }

  /// The disk as a process sees it, with a fault at one changing step after it has opened the record. From
  /// a torn write on nothing works: the process is gone.
  func files(effect: DiskEffect = .done, at faultyStep: Int = 0) -> DiskFileSystem {
    diskSteps.withLock { $0 = Int.min / 2 }
    return DiskFileSystem(disk) { [self] step in
      if step.path.hasPrefix("checkpoint"), step.kind == .write {
        notes.withLock { $0.append(step.bytes) }
      }
      let number = diskSteps.withLock { steps in
        if step.kind != .read { steps += 1 }
        return steps
      }
      if case .torn = effect, faultyStep > 0, number > faultyStep { return .fails }
      return step.kind != .read && number == faultyStep ? effect : .done
    }
  }

  func open(_ store: MemoryStore, _ files: DiskFileSystem) async throws -> Sequencer {
    let writer = try RecordWriter.open(
      files: files, signer: TestEntry.signer(), verifyingAll: false)
    diskSteps.withLock { $0 = 0 }
    return try await Sequencer.open(store: store, writer: writer)
  }

  /// Opens without a fault, as often as what an earlier process left behind goes on.
  func reopen() async throws -> Sequencer {
    for _ in 0..<8 {
      do { return try await open(MemoryStore(storage), files()) } catch {
        guard let error = error as? SequencerError, error.isOfStoreOrFiles else { throw error }
      }
    }
    return try await open(MemoryStore(storage), files())
  }

  /// Appends, opening again after what an earlier process left behind: what comes late can move a file
  /// away before the append has given it its name. The batch may be committed then.
  func append(_ numbers: [Int], after first: Sequencer) async throws -> Sequencer {
    var sequencer = first
    let size = sequencer.head.checkpoint.size
    for _ in 0..<8 {
      do {
        _ = try await sequencer.append(numbers.map { TestEntry.item($0) })
        return sequencer
      } catch {
        guard error.refusedClaim == nil else { throw error }
        sequencer = try await reopen()
        if sequencer.head.checkpoint.size == size + UInt64(numbers.count) { return sequencer }
      }
    }
    _ = try await sequencer.append(numbers.map { TestEntry.item($0) })
    return sequencer
  }

  /// The record holds exactly the base and then these entries, and so do the claims; every note that
  /// was signed is a prefix of it.
  func check(appended numbers: [Int], verifyingAll: Bool, _ context: Comment) throws {
    let files = DiskFileSystem(disk)
    let record = try RecordDirectory(files: files)
    let size = base.size + numbers.count
    #expect(record.size == UInt64(size), context)
    if verifyingAll {
      #expect(record.verifyTree().filter { $0.kind != .leftover } == [], context)
    }
    // Byte for byte what a writer without faults leaves.
    let expected = try Golden.image(base, numbers)
    let actual = disk.image
    for path in expected.paths {
      guard let tile = TilePath(path),
        TilePath.required(tile.kind, index: tile.index, size: UInt64(size)) == tile
      else { continue }
      if actual.bytes(path) != expected.bytes(path) { Issue.record("\(path): \(context)") }
    }
    try checkSigned(numbers, context)
    try checkClaims(numbers, context)
  }

  // adversary: L-03
  private func checkSigned(_ numbers: [Int], _ context: Comment) throws {
    let key = try TestEntry.signer().verifierKey
    var tree = base.tree
    var roots = [tree.size: tree.root]
    for number in numbers {
      tree.append(MerkleTree.leafHash(TestEntry.item(number).entry))
      roots[tree.size] = tree.root
    }
    for note in signed {
      let checkpoint = try Checkpoint.verified(note, logKey: key)
      #expect(roots[checkpoint.size] == checkpoint.root, context)
    }
  }

  private func checkClaims(_ numbers: [Int], _ context: Comment) throws {
    let claims = storage.contents.claims
    #expect(claims.count == 2 * (base.size + numbers.count), context)
    for (offset, number) in numbers.enumerated() {
      let item = TestEntry.item(number)
      let leaf = UInt64(base.size + offset)
      #expect(claims[.leaf(MerkleTree.leafHash(item.entry))] == leaf, context)
      #expect(claims[TestEntry.claim(number)] == leaf, context)
    }
  }
}

extension SequencerError {
  /// Whether a step failed; nothing is wrong with what store and files hold.
  var isOfStoreOrFiles: Bool {
    switch self {
    case .store, .files: true
    case .inconsistent, .stopped: false
    }
  }
}

/// The files of a log that was written without faults, each made once and verified whole.
private enum Golden {
  private struct Key: Hashable {
    let size: Int
    let numbers: [Int]
  }

  private static let cache = Mutex<[Key: DiskImage]>([:])

  static func image(_ base: PreparedLog, _ numbers: [Int]) throws -> DiskImage {
    let key = Key(size: base.size, numbers: numbers)
    if let image = cache.withLock({ $0[key] }) { return image }
    let image = try base.image(appending: numbers)
    let record = try RecordDirectory(files: DiskFileSystem(Disk(image)))
    #expect(record.verifyTree().filter { $0.kind != .leftover } == [])
    cache.withLock { $0[key] = image }
    return image
  }
}
