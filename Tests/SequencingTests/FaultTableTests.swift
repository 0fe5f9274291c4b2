// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Ledger
import LedgerFiles
import Sequencing
import Simulation
import TestSupport
import Testing

/// Every step of an append fails in every way, at sizes around the ends of tiles. Then the log is
/// opened again and continued. Whatever happened: no damaged tree, no acknowledged entry lost, no two
/// signed checkpoints of which neither continues the other, no claim lost or too many.
@Suite struct FaultTableTests {
  static let sizes = [255, 256, 257, 65_535, 65_536]

  static let diskEffects: [DiskEffect] = [
    .fails, .failsButPersists, .torn(0), .torn(50), .torn(100), .delayed(steps: 1),
    .delayed(steps: 3), .delayed(steps: 10), .duplicated(steps: 1), .duplicated(steps: 7),
  ]

  /// Batches of the first append: within a tile, across its end, and as long as more than a tile.
  static func batches(_ size: Int) -> [Int] { size < 1000 ? [1, 3, 258] : [1, 3] }

  private static func strangers(_ count: Int, from number: Int = 0) -> [Int] {
    [Int](1_000_000 + number..<1_000_000 + number + count)
  }

  /// The checkpoint of the sequencer with a witness's line.
  private func cosigned(_ sequencer: Sequencer) throws -> [UInt8] {
    let cosigner = try Cosigner(name: "example.org/witness", key: TestEntry.key(2))
    let note = try SignedNote(sequencer.head.note)
    return try note.adding([cosigner.cosign(checkpoint: note.text, time: 1)]).bytes
  }

  /// Appends and publishes with a cosignature. Whether all was acknowledged, and whether the append.
  private func appendAndPublish(
    _ sequencer: Sequencer, _ numbers: [Int]
  ) async throws -> (isAppended: Bool, isPublished: Bool) {
    do { _ = try await sequencer.append(numbers.map { TestEntry.item($0) }) } catch {
      // After an error nothing more is done.
      await #expect(throws: SequencerError.stopped) { try await sequencer.append([]) }
      #expect(try await !sequencer.publish(sequencer.head.note, of: sequencer.head.checkpoint))
      return (false, false)
    }
    do {
      return (
        true, try await sequencer.publish(cosigned(sequencer), of: sequencer.head.checkpoint)
      )
    } catch is SequencerError { return (true, false) }
  }

  /// After the fault: what was acknowledged is there; the same batch again, and others.
  private func goOn(
    _ trial: Trial, _ batch: [Int], isAppended: Bool, _ context: Comment
  ) async throws -> Int {
    var sequencer = try await trial.reopen()
    let verifyingAll = trial.base.size < 1000
    let reached = Int(sequencer.head.checkpoint.size)
    #expect([trial.base.size, trial.base.size + batch.count].contains(reached), context)
    #expect(!isAppended || reached > trial.base.size, context)
    var numbers = reached > trial.base.size ? batch : []
    try trial.check(appended: numbers, verifyingAll: verifyingAll, context)
    do {
      sequencer = try await trial.append(batch, after: sequencer)
      // What comes late may have committed the batch in the meantime, but never twice.
      #expect(numbers.isEmpty, context)
      numbers += batch
    } catch {
      guard (error as? SequencerError)?.refusedClaim != nil else { throw error }
      if numbers.isEmpty {
        sequencer = try await trial.reopen()
        numbers += batch
      }
    }
    let more = verifyingAll ? [2, 300] : [2, 1]
    var first = 0
    for count in more {
      let next = Self.strangers(count, from: first)
      first += count
      sequencer = try await trial.append(next, after: sequencer)
      numbers += next
    }
    try trial.check(appended: numbers, verifyingAll: verifyingAll, context)
    return reached
  }

  @Test(arguments: sizes) func store(size: Int) async throws {
    let base = try PreparedLog.of(size)
    for count in Self.batches(size) {
      let batch = [Int](size..<size + count)
      for fault in StoreFault.all {
        for call in 1...4 {
          let context: Comment = "\(size) + \(count), \(fault) at call \(call)"
          let trial = Trial(base)
          let store = MemoryStore(trial.storage, fault: fault, at: call)
          var outcome = (isAppended: false, isPublished: false)
          do {
            outcome = try await appendAndPublish(trial.open(store, trial.files()), batch)
          } catch {
            #expect((error as? SequencerError)?.isOfStoreOrFiles == true, context)
          }
          let reached = try await goOn(trial, batch, isAppended: outcome.isAppended, context)
          // Calls: 1 load, 2 stage, 3 commit; there is no fourth.
          let isCommitted = reached > size
          switch (call, fault) {
          case (4, _):
            #expect(store.calls == 3 && outcome.isPublished, context)
          case (1, .duplicated), (1, .resent), (2, .duplicated), (2, .resent), (3, .duplicated):
            #expect(outcome.isPublished, context)
          case (3, .failPersisted), (3, .resent):
            #expect(!outcome.isAppended && isCommitted, context)
          case (3, .delayed): #expect(!outcome.isAppended, context)
          default: #expect(!outcome.isAppended && !isCommitted, context)
          }
        }
      }
    }
  }

  @Test(arguments: sizes) func files(size: Int) async throws {
    let base = try PreparedLog.of(size)
    for count in Self.batches(size) {
      let batch = [Int](size..<size + count)
      for effect in Self.diskEffects {
        var step = 1
        while true {
          let context: Comment = "\(size) + \(count), \(effect) at step \(step)"
          let trial = Trial(base)
          let sequencer = try await trial.open(
            MemoryStore(trial.storage), trial.files(effect: effect, at: step))
          let outcome = try await appendAndPublish(sequencer, batch)
          let isOver = trial.steps < step
          let reached = try await goOn(trial, batch, isAppended: outcome.isAppended, context)
          // The files come after the commit: whatever happens to them, the batch is in.
          #expect(reached == size + count, context)
          if isOver {
            #expect(outcome.isPublished, context)
            break
          }
          step += 1
        }
        // At least: bundles, tile, checkpoint, and the checkpoint with the cosignature, in three
        // steps each.
        #expect(step > 15)
      }
    }
  }

  /// A record that cannot be waited for is not opened.
  @Test func openingWaitsForTheDisk() throws {
    let trial = Trial(try PreparedLog.of(3))
    let files = DiskFileSystem(trial.disk) { $0.kind == .synchronize ? .fails : .done }
    #expect(throws: FileError.self) {
      _ = try RecordWriter.open(files: files, signer: TestEntry.signer())
    }
  }

  /// A process ends at any step of an append, the next one goes on and stages more, and then the power is
  /// lost: what the second one saw must not come back as it was.
  @Test func powerIsLostAfterTheRepair() async throws {
    let base = try PreparedLog.of(255)
    let batch = [255, 256, 257]
    var step = 1
    var isOver = false
    while !isOver {
      for seed in 0..<12 as Range<UInt64> {
        let context: Comment = "step \(step), seed \(seed)"
        let trial = Trial(base)
        let first = try await trial.open(
          MemoryStore(trial.storage), trial.files(effect: .torn(50), at: step))
        _ = try await appendAndPublish(first, batch)
        isOver = trial.steps < step
        let second = try await trial.open(
          MemoryStore(trial.storage, fault: .failNotPersisted, at: 3), trial.files())
        let reached = Int(second.head.checkpoint.size)
        await #expect(throws: SequencerError.self, context) {
          _ = try await second.append(Self.strangers(2).map { TestEntry.item($0) })
        }
        var generator = SeededGenerator(seed: seed)
        var image = trial.disk.image
        image.losePower(&generator)
        trial.disk.change { [image] in $0 = image }
        let third = try await trial.reopen()
        #expect(Int(third.head.checkpoint.size) == reached, context)
        try trial.check(appended: batch, verifyingAll: true, context)
      }
      step += 1
    }
    #expect(step > 15)
  }

  /// A second fault while the first one is repaired.
  @Test(arguments: [255, 256]) func faultDuringRecovery(size: Int) async throws {
    let base = try PreparedLog.of(size)
    let batch = [Int](size..<size + 3)
    var trials = 0
    for first in [DiskEffect.fails, .failsButPersists, .torn(50), .delayed(steps: 2)] {
      for second in [DiskEffect.fails, .failsButPersists, .torn(50)] {
        for step in stride(from: 1, to: 40, by: 3) {
          for later in stride(from: 1 + step % 2, to: 40, by: 2) {
            let context: Comment = "\(size), \(first) at \(step), then \(second) at \(later)"
            let trial = Trial(base)
            let sequencer = try await trial.open(
              MemoryStore(trial.storage), trial.files(effect: first, at: step))
            let outcome = try await appendAndPublish(sequencer, batch)
            do {
              _ = try await trial.open(
                MemoryStore(trial.storage), trial.files(effect: second, at: later))
            } catch {
              #expect((error as? SequencerError)?.isOfStoreOrFiles == true, context)
              trials += 1
            }
            let reached = try await goOn(trial, batch, isAppended: outcome.isAppended, context)
            #expect(reached == size + 3, context)
          }
        }
      }
    }
    #expect(trials > 100)
  }
}
