// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Foundation
import Ledger
import LedgerStore
import TestSupport
import Testing

/// What is done with files that are missing, strange, damaged or old.
@Suite struct FileTests {
  private static func text(_ name: String) -> [UInt8] { StoreConformance.text(name) }

  /// A closed database with a log, a staged batch and claims.
  private static func database(in folder: TemporaryFolder, claims: Int = 200) async throws -> String
  {
    let path = folder.path + "/box.sqlite"
    let store = try SQLiteSequencerStore.createNew(path: path)
    try await store.create(checkpoint: text("zero"))
    try await store.stage(StoreConformance.batch(0, "one"), after: text("zero"))
    try await store.commit(
      LogCommit(
        old: text("zero"), new: text("one"),
        claims: (0..<claims).map { (StoreConformance.claim($0), UInt64($0)) }))
    try store.close()
    return path
  }

  private func expectFailure<R>(
    _ part: String, _ location: SourceLocation = #_sourceLocation,
    _ call: () async throws -> R
  ) async {
    do {
      _ = try await call()
      Issue.record("no error", sourceLocation: location)
    } catch StoreError.failed(let reason) {
      #expect(reason.contains(part), sourceLocation: location)
    } catch {
      Issue.record(error, sourceLocation: location)
    }
  }

  /// A wrong path must not begin a second log.
  @Test func openingMakesNothing() async throws {
    let folder = try TemporaryFolder()
    for path in [folder.path + "/box.sqlite", folder.path + "/none/box.sqlite", folder.path, ""] {
      await expectFailure("there is no database") {
        try SQLiteSequencerStore.openExisting(path: path)
      }
    }
    #expect(try folder.files().isEmpty)
  }

  @Test func creatingReplacesNothing() async throws {
    let folder = try TemporaryFolder()
    let path = try await Self.database(in: folder)
    let before = try folder.bytes("box.sqlite")
    await expectFailure("already") {
      try SQLiteSequencerStore.createNew(path: path)
    }
    #expect(try folder.bytes("box.sqlite") == before)
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    #expect(attributes[.posixPermissions] as? Int == 0o600)
    await expectFailure("SQLITE_CANTOPEN") {
      try SQLiteSequencerStore.createNew(path: folder.path + "/none/box.sqlite")
    }
    // What a creation leaves that was cut off at once.
    try folder.write([], "empty.sqlite")
    try SQLiteSequencerStore.createNew(path: folder.path + "/empty.sqlite").close()
  }

  /// A write-ahead log that another database of the same name left behind is not read.
  @Test func aStrangersLogIsNotRead() async throws {
    let folder = try TemporaryFolder()
    let store = try SQLiteSequencerStore.createNew(path: folder.path + "/old.sqlite")
    try await store.create(checkpoint: Self.text("a stranger's"))
    try folder.write(folder.bytes("old.sqlite-wal"), "box.sqlite-wal")
    let created = try SQLiteSequencerStore.createNew(path: folder.path + "/box.sqlite")
    #expect(try await created.load() == nil)
    try store.close()
  }

  @Test func strangeFilesAreRefused() async throws {
    let folder = try TemporaryFolder()
    let good = try await Self.database(in: folder, claims: 3)
    let bytes = try folder.bytes("box.sqlite")
    try folder.write([UInt8](repeating: 0x41, count: 5000), "text.sqlite")
    await expectFailure("SQLITE_NOTADB") {
      try SQLiteSequencerStore.openExisting(path: folder.path + "/text.sqlite")
    }
    // A name that SQLite would read as an address, or as memory.
    for name in ["file:box.sqlite?mode=memory", ":memory:"] {
      await expectFailure("there is no database") {
        try SQLiteSequencerStore.openExisting(path: name)
      }
    }
    // SQLite's header: offset 60 is user_version, 68 application_id.
    for (offset, part) in [(60, "another version"), (68, "not a database of a log's sequencer")] {
      var changed = bytes
      changed[offset + 3] ^= 1
      try folder.write(changed, "box.sqlite")
      await expectFailure(part) { try SQLiteSequencerStore.openExisting(path: good) }
      #expect(try folder.bytes("box.sqlite") == changed)
    }
  }

  /// Whatever single byte changes: it is refused, or what is read is what was written.
  @Test func aDamagedPageIsNoticed() async throws {
    let folder = try TemporaryFolder()
    let path = try await Self.database(in: folder)
    let good = try folder.bytes("box.sqlite")
    let expected = StoredLog(
      checkpoint: Self.text("one"), staged: try StoreConformance.batch(0, "one"))
    var generator = SeededGenerator(seed: 4)
    var refused = 0
    for _ in 0..<300 {
      var bytes = good
      // The first page but for its header's marks, and the rest; not the bytes no page uses.
      let place = Int.random(in: 100..<good.count, using: &generator)
      bytes[place] ^= UInt8.random(in: 1...255, using: &generator)
      try folder.write(bytes, "box.sqlite")
      do throws(StoreError) {
        let store = try SQLiteSequencerStore.openExisting(path: path)
        #expect(try await store.load() == expected, "byte \(place)")
        #expect(try await store.claimCount() == 200, "byte \(place)")
        for number in 0..<200 {
          #expect(
            try await store.leaf(claiming: StoreConformance.claim(number)) == UInt64(number),
            "byte \(place)")
        }
        try store.close()
      } catch {
        refused += 1
      }
      for suffix in ["-wal", "-shm"] where folder.exists("box.sqlite" + suffix) {
        try folder.remove("box.sqlite" + suffix)
      }
    }
    // The rest fell on space that no row uses.
    #expect(refused > 60)
  }

  /// Each claim's digest and leaf lie on the disk as they are: changing one is noticed.
  @Test func aChangedClaimIsNoticed() async throws {
    let folder = try TemporaryFolder()
    let path = try await Self.database(in: folder)
    let good = try folder.bytes("box.sqlite")
    for number in [0, 77, 199] {
      let digest = StoreConformance.claim(number).digest.bytes
      let place = try #require(
        good.indices.dropLast(32).first { good[$0..<($0 + 32)].elementsEqual(digest) })
      for offset in [0, 31, 32] {
        var bytes = good
        bytes[place + offset] ^= 1
        try folder.write(bytes, "box.sqlite")
        await expectFailure("damaged") {
          try SQLiteSequencerStore.openExisting(path: path)
        }
      }
    }
  }

  /// Without the write-ahead log a database is an older one, but a whole one: the sequencer, which
  /// compares it with the record, decides.
  @Test func withoutTheLogTheOlderStateIsWhole() async throws {
    let folder = try TemporaryFolder()
    let path = try await Self.database(in: folder)
    let store = try SQLiteSequencerStore.openExisting(path: path)
    try await store.stage(StoreConformance.batch(1, "two"), after: Self.text("one"))
    try await store.commit(
      LogCommit(
        old: Self.text("one"), new: Self.text("two"),
        claims: [(StoreConformance.claim(1000), 1)]))
    #expect(folder.exists("box.sqlite-wal"))
    // As after a crash: a copy of the file alone, and one with the log.
    try folder.write(folder.bytes("box.sqlite"), "alone.sqlite")
    try folder.write(folder.bytes("box.sqlite"), "both.sqlite")
    try folder.write(folder.bytes("box.sqlite-wal"), "both.sqlite-wal")
    let alone = try SQLiteSequencerStore.openExisting(path: folder.path + "/alone.sqlite")
    let old = try #require(try await alone.load())
    #expect(old.checkpoint == Self.text("one"))
    #expect(old.staged == (try StoreConformance.batch(0, "one")))
    #expect(try await alone.claimCount() == 200)
    let both = try SQLiteSequencerStore.openExisting(path: folder.path + "/both.sqlite")
    #expect(try await both.load()?.checkpoint == Self.text("two"))
    #expect(try await both.claimCount() == 201)
    try store.close()
  }

  @Test func aTornLogEndsAtItsLastWholeTransaction() async throws {
    let folder = try TemporaryFolder()
    let path = try await Self.database(in: folder)
    let store = try SQLiteSequencerStore.openExisting(path: path)
    try await store.stage(StoreConformance.batch(1, "two"), after: Self.text("one"))
    let staged = try folder.bytes("box.sqlite-wal").count
    try await store.commit(
      LogCommit(
        old: Self.text("one"), new: Self.text("two"),
        claims: [(StoreConformance.claim(1000), 1)]))
    let file = try folder.bytes("box.sqlite")
    let log = try folder.bytes("box.sqlite-wal")
    try store.close()
    #expect(log.count > staged)
    for length in stride(from: staged, through: log.count, by: 512) {
      try folder.write(file, "torn.sqlite")
      try folder.write([UInt8](log.prefix(length)), "torn.sqlite-wal")
      let torn = try SQLiteSequencerStore.openExisting(path: folder.path + "/torn.sqlite")
      let loaded = try #require(try await torn.load())
      #expect(loaded.staged == (try StoreConformance.batch(1, "two")))
      let isCommitted = loaded.checkpoint == Self.text("two")
      #expect(isCommitted || loaded.checkpoint == Self.text("one"))
      #expect(!isCommitted || length > log.count - 512)
      #expect(try await torn.claimCount() == (isCommitted ? 201 : 200))
      try torn.close()
    }
  }

  @Test func rebuilding() async throws {
    let folder = try TemporaryFolder()
    let store = try SQLiteSequencerStore.openExisting(path: try await Self.database(in: folder))
    struct Unreadable: Error {}
    await #expect(throws: Unreadable.self) {
      try await store.replaceAll(checkpoint: Self.text("nine")) { insert in
        try insert(StoreConformance.claim(1), 1)
        throw Unreadable()
      }
    }
    await #expect(throws: StoreError.claimed(StoreConformance.claim(7))) {
      try await store.replaceAll(checkpoint: Self.text("nine")) { insert in
        for number in [6, 7, 8, 7] {
          // Even if whoever reads the files passes the error over.
          do { try insert(StoreConformance.claim(number), 1) } catch {}
        }
      }
    }
    #expect(try await store.load()?.checkpoint == Self.text("one"))
    #expect(try await store.claimCount() == 200)
    try await store.replaceAll(checkpoint: Self.text("nine")) { insert in
      for number in 0..<5000 { try insert(StoreConformance.claim(number), UInt64(number)) }
    }
    try store.close()
    let again = try SQLiteSequencerStore.openExisting(path: folder.path + "/box.sqlite")
    #expect(try await again.load() == StoredLog(checkpoint: Self.text("nine"), staged: nil))
    #expect(try await again.claimCount() == 5000)
    #expect(try await again.leaf(claiming: StoreConformance.claim(4321)) == 4321)
    await expectFailure("closed") { try await store.load() }
  }
}
