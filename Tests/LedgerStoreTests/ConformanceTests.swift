// SPDX-License-Identifier: Apache-2.0

import Ledger
import LedgerStore
import TestSupport
import Testing

@Suite struct ConformanceTests {
  @Test(arguments: StoreConformance.rules) func inMemory(rule: StoreConformance) async throws {
    let storage = MemoryStorage()
    try await rule.check { MemoryStore(storage) }
  }

  /// Every `open` is a connection of its own to one file.
  @Test(arguments: StoreConformance.rules) func onSQLite(rule: StoreConformance) async throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/box.sqlite"
    try SQLiteSequencerStore.createNew(path: path).close()
    try await rule.check { try SQLiteSequencerStore.openExisting(path: path) }
  }

  /// A store that leaves one rule out is found: the suite can fail.
  @Test(arguments: BrokenStore.Lack.allCases) func brokenStoresAreFound(
    lack: BrokenStore.Lack
  ) async {
    await withKnownIssue {
      for rule in StoreConformance.rules {
        let storage = MemoryStorage()
        try await rule.check { BrokenStore(storage, lack: lack) }
      }
    }
  }
}
