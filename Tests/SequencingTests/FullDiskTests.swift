// SPDX-License-Identifier: Apache-2.0

import Ledger
import LedgerFiles
import Sequencing
import Simulation
import Synchronization
import TestSupport
import Testing

/// A disk on which, from some step on, nothing can be changed: it is full, or was mounted again for
/// reading only. Nothing is lost, nothing is damaged, and with room again the log goes on.
@Suite struct FullDiskTests {
  @Test(arguments: [255, 256]) func fromEveryStep(size: Int) async throws {
    let base = try PreparedLog.of(size)
    let batch = [Int](size..<size + 3)
    var step = 1
    while true {
      let context: Comment = "\(size), full from step \(step)"
      let trial = Trial(base)
      // Opening waits for the disk once, and there is still room then.
      let left = Mutex(step + 1)
      let files = DiskFileSystem(trial.disk) { change in
        guard change.kind != .read else { return .done }
        return left.withLock { left in
          left -= 1
          return left > 0 ? .done : .fails
        }
      }
      let sequencer = try await trial.open(MemoryStore(trial.storage), files)
      var isAppended = false
      do {
        _ = try await sequencer.append(batch.map { TestEntry.item($0) })
        isAppended = true
      } catch {
        guard case .files = error else { throw error }
      }
      if !isAppended {
        // Still full: starting again does not help, and does no harm either.
        for _ in 0..<2 {
          do {
            let again = try await trial.open(MemoryStore(trial.storage), files)
            _ = try await again.append([TestEntry.item(9999)])
            Issue.record("appended on a full disk: \(context)")
          } catch {
            let isOfTheDisk =
              error is FileError || (error as? SequencerError)?.isOfStoreOrFiles == true
            #expect(isOfTheDisk, context)
          }
        }
      }
      var numbers = batch
      var again = try await trial.reopen()
      if again.head.checkpoint.size == UInt64(size + 4) { numbers.append(9999) }
      try trial.check(appended: numbers, verifyingAll: true, context)
      again = try await trial.append([7777], after: again)
      try trial.check(appended: numbers + [7777], verifyingAll: true, context)
      if isAppended, left.withLock({ $0 > 0 }) { break }
      step += 1
    }
    #expect(step > 12)
  }
}
