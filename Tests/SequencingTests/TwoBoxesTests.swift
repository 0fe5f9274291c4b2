// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Ledger
import LedgerFiles
import Sequencing
import Simulation
import Synchronization
import TestSupport
import Testing

/// Two boxes where one should be, and states that do not belong together.
@Suite struct TwoBoxesTests {
  private func items(_ numbers: Range<Int>) -> [Sequencer.Item] {
    numbers.map { TestEntry.item($0) }
  }

  private func open(_ storage: MemoryStorage, _ disk: Disk) async throws -> Sequencer {
    try await Sequencer.open(
      store: MemoryStore(storage),
      writer: RecordWriter.open(files: DiskFileSystem(disk), signer: TestEntry.signer()))
  }

  private func expectInconsistent(
    _ location: SourceLocation = #_sourceLocation, _ call: () async throws -> Void
  ) async {
    do {
      try await call()
      Issue.record("no error", sourceLocation: location)
    } catch SequencerError.inconsistent {} catch {
      Issue.record(error, sourceLocation: location)
    }
  }

  // adversary: L-03
  /// On one store the slower one stops before it signs anything, and comes back with the other's batch.
  @Test func onOneStore() async throws {
    let base = try PreparedLog.of(255)
    let storage = MemoryStorage(base.contents)
    let disks = [Disk(base.image), Disk(base.image)]
    var boxes = [try await open(storage, disks[0]), try await open(storage, disks[1])]
    for round in 0..<6 {
      let (winner, loser) = (round % 2, 1 - round % 2)
      let number = 1000 + 10 * round
      let won = try await boxes[winner].append(items(number..<number + 2))
      let before = disks[loser].image.bytes("checkpoint")
      await #expect(throws: SequencerError.store(.conflict)) {
        try await boxes[loser].append(items(number + 5..<number + 8))
      }
      #expect(disks[loser].image.bytes("checkpoint") == before)
      await #expect(throws: SequencerError.stopped) { try await boxes[loser].append([]) }
      boxes[loser] = try await open(storage, disks[loser])
      #expect(boxes[loser].head.checkpoint == won)
    }
    for disk in disks {
      let record = try RecordDirectory(files: DiskFileSystem(disk))
      #expect(record.size == 267)
      #expect(record.verifyTree().filter { $0.kind != .leftover } == [])
    }
  }

  /// One box ends after its commit and before its files. The other one must neither replace the batch
  /// nor fork the log.
  @Test func theCommittedBatchIsNotReplaced() async throws {
    let base = try PreparedLog.of(255)
    let storage = MemoryStorage(base.contents)
    let (first, second) = (Disk(base.image), Disk(base.image))
    let ending = try await Sequencer.open(
      store: MemoryStore(storage),
      writer: RecordWriter.open(
        files: DiskFileSystem(first) {
          $0.kind == .read || $0.kind == .synchronize ? .done : .fails
        },
        signer: TestEntry.signer()))
    let other = try await open(storage, second)
    await #expect(throws: SequencerError.self) { try await ending.append(items(1000..<1003)) }
    await #expect(throws: SequencerError.store(.conflict)) {
      try await other.append(items(2000..<2001))
    }
    for disk in [first, second] {
      let again = try await open(storage, disk)
      #expect(again.head.checkpoint.size == 258)
      #expect(
        try await again.index(ofLeaf: MerkleTree.leafHash(items(1000..<1001)[0].entry)) == 255)
    }
  }

  // adversary: L-03
  /// On a copied store both sign. Whatever the order, the witness cosigns one history, and the other
  /// box learns that it must not go on.
  @Test(arguments: [0, 1]) func onACopiedStore(winner: Int) async throws {
    let base = try PreparedLog.of(255)
    let disks = [Disk(base.image), Disk(base.image)]
    let witness = try TestWitness()
    var boxes: [Sequencer] = []
    var collectors: [CosignatureCollector] = []
    for disk in disks {
      boxes.append(try await open(MemoryStorage(base.contents), disk))
      collectors.append(try witness.collector(disk))
    }
    // Both have seen the witness at the size that they share.
    for (box, collector) in zip(boxes, collectors) {
      #expect(try await collector.collect(box.head.note).witnessed.isQuorumMet)
    }
    _ = try await boxes[winner].append(items(1000..<1002))
    _ = try await boxes[1 - winner].append(items(2000..<2002))
    let good = try await collectors[winner].collect(boxes[winner].head.note)
    #expect(good.witnessed.isQuorumMet && good.dispute == nil)
    for extra in [2002..<2002, 2002..<2003, 2003..<2303] {
      _ = try await boxes[1 - winner].append(items(extra))
      let bad = try await collectors[1 - winner].collect(boxes[1 - winner].head.note)
      #expect(!bad.witnessed.isQuorumMet)
      #expect(bad.dispute != nil)
    }
    // So does one that was started again, and knows nothing of the witness.
    let fresh = try witness.collector(disks[1 - winner])
    let bad = try await fresh.collect(boxes[1 - winner].head.note, waitingForAll: true)
    #expect(bad.dispute != nil && !bad.witnessed.isQuorumMet)
    _ = try await boxes[winner].append(items(1002..<1400))
    #expect(try await collectors[winner].collect(boxes[winner].head.note).witnessed.isQuorumMet)
  }

  @Test func statesThatDoNotBelongTogether() async throws {
    let base = try PreparedLog.of(255)
    let storage = MemoryStorage(base.contents)
    let disk = Disk(base.image)
    let box = try await open(storage, disk)
    _ = try await box.append(items(1000..<1001))
    let (imageOne, contentsOne) = (disk.image, storage.contents)
    _ = try await box.append(items(1001..<1002))
    let (imageTwo, contentsTwo) = (disk.image, storage.contents)
    // One batch behind is what a crash leaves; the staged batch closes the gap.
    let closed = try await open(MemoryStorage(contentsTwo), Disk(imageOne))
    #expect(closed.head.checkpoint.size == 257)
    // Two behind is an old copy.
    await expectInconsistent { _ = try await open(MemoryStorage(contentsTwo), Disk(base.image)) }
    // The database is behind.
    await expectInconsistent { _ = try await open(MemoryStorage(contentsOne), Disk(imageTwo)) }
    await expectInconsistent { _ = try await open(MemoryStorage(base.contents), Disk(imageTwo)) }
    // The database is not there.
    await expectInconsistent { _ = try await open(MemoryStorage(), Disk(imageTwo)) }
    // Both end at one size, in different trees.
    let fork = (MemoryStorage(contentsOne), Disk(imageOne))
    _ = try await open(fork.0, fork.1).append(items(3000..<3001))
    await expectInconsistent {
      _ = try await open(MemoryStorage(fork.0.contents), Disk(imageTwo))
    }
    // A staged batch that is not the lock's.
    var strange = contentsTwo
    strange.staged = fork.0.contents.staged
    await expectInconsistent { _ = try await open(MemoryStorage(strange), Disk(imageOne)) }
    strange.staged = nil
    await expectInconsistent { _ = try await open(MemoryStorage(strange), Disk(imageOne)) }
  }

  /// A second call during an append, an empty batch, and a batch that is refused as a whole.
  @Test func callsAtOnce() async throws {
    let base = try PreparedLog.of(256)
    let box = try await open(MemoryStorage(base.contents), Disk(base.image))
    let outcomes = await withTaskGroup(of: Bool.self) { group in
      for number in 0..<8 {
        group.addTask {
          do {
            _ = try await box.append([TestEntry.item(1000 + number)])
            return true
          } catch {
            #expect(error as? SequencerError == .stopped)
            return false
          }
        }
      }
      return await group.reduce(into: [Bool]()) { $0.append($1) }
    }
    let appended = outcomes.filter { $0 }.count
    #expect(appended >= 1)
    #expect(box.head.checkpoint.size == UInt64(256 + appended))
    #expect(try await box.append([]).size == UInt64(256 + appended))
    await #expect(throws: SequencerError.store(.claimed(TestEntry.claim(7)))) {
      try await box.append([TestEntry.item(5000), TestEntry.item(5001, subject: 7)])
    }
    #expect(try await box.append([TestEntry.item(5000)]).size == UInt64(257 + appended))
  }
}

/// A witness that is asked without a network.
private final class TestWitness: WitnessConnection {
  private let cosigner: Cosigner
  private let rules: WitnessRules
  private let stored = Mutex<Checkpoint?>(nil)

  init() throws {
    cosigner = try Cosigner(name: "example.org/witness", key: TestEntry.key(7))
    rules = WitnessRules(logKeys: [try TestEntry.signer().verifierKey])
  }

  func collector(_ disk: Disk) throws -> CosignatureCollector {
    let policy = try WitnessPolicy(
      [UInt8]("witness w \(cosigner.verifierKey.vkey)\nquorum w\n".utf8))
    return CosignatureCollector(
      policy: policy, logKey: try TestEntry.signer().verifierKey,
      connections: [cosigner.verifierKey: self], tiles: RecordTiles(files: DiskFileSystem(disk)))
  }

  func add(_ request: AddCheckpointRequest) async throws(WitnessUnreachable) -> WitnessAnswer {
    do {
      return try stored.withLock { stored throws -> WitnessAnswer in
        switch rules.decide(request, stored: stored) {
        case .refuse(let refusal):
          return try WitnessAnswer(
            status: refusal.status, contentType: refusal.contentType, body: refusal.body)
        case .cosign(let checkpoint, let note):
          stored = checkpoint
          return .cosignatures([try cosigner.cosign(checkpoint: note.text, time: 1)])
        }
      }
    } catch { throw WitnessUnreachable("\(error)") }
  }
}
