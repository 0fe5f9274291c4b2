// SPDX-License-Identifier: Apache-2.0

import Election
import ElectionFixtures
import Ledger
import LedgerFiles
import Testing
import Verification

/// A fold that goes on when the record has grown.
@Suite struct RecordAdvanceTests {
  @Test(
    "In steps or at once, a fold leads to the same state and the same findings",
    arguments: [1, 2, 7, 40])
  func inSteps(_ step: Int) async throws {
    let fixture = try ElectionFixture.toy(.certified)
    let whole = try RecordDirectory(path: Records.toy.get().path)
    let expected = try await RecordFold.fold(
      whole, depth: .everything, in: fixture.group, cores: 2)
    var fold: RecordFold?
    var size = step
    while true {
      let part = try RecordOnDisk(
        Array(fixture.items.prefix(size)), in: fixture.group)
      let record = try RecordDirectory(path: part.path)
      if var known = fold {
        try await known.advance(over: record, depth: .everything, cores: 2)
        fold = known
      } else {
        fold = try await RecordFold.fold(
          record, depth: .everything, in: fixture.group, cores: 2)
      }
      let state = try #require(fold)
      #expect(state.tree.root == record.checkpoint.root && state.state.size == size)
      if size == fixture.items.count { break }
      size = min(size + step * 5, fixture.items.count)
    }
    let found = try #require(fold)
    #expect(found.findings.counts == expected.findings.counts)
    #expect(found.findings.failures == expected.findings.failures)
    #expect(found.state.phase == expected.state.phase)
    #expect(found.state.result?.contests == expected.state.result?.contests)
    #expect(found.tree.root == expected.tree.root)
  }

  @Test("A fold that could not go on stays where it was")
  func failedStep() async throws {
    let fixture = try ElectionFixture.toy(.certified)
    let size = 20
    let part = try RecordOnDisk(Array(fixture.items.prefix(size)), in: fixture.group)
    var fold = try await RecordFold.fold(
      RecordDirectory(path: part.path), depth: .everything, in: fixture.group, cores: 2)
    let before = (fold.tree.root, fold.findings)
    let damaged = try RecordOnDisk(fixture.items, in: fixture.group)
    let record = try RecordDirectory(path: damaged.path)
    try damaged.remove("tile/payloads/000.p/\(fixture.items.count)")
    await #expect(throws: FileError.self) {
      try await fold.advance(over: record, depth: .everything, cores: 2)
    }
    #expect(fold.tree.root == before.0 && fold.findings == before.1)
    try await fold.advance(
      over: RecordDirectory(path: Records.toy.get().path), depth: .everything, cores: 2)
    #expect(fold.state.phase == .certified)
  }
}
