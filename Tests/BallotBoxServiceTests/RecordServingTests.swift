// SPDX-License-Identifier: Apache-2.0

import BallotBoxService
import Cryptography
import Election
import ElectionFixtures
import Ledger
import LedgerFiles
import Synchronization
import TestSupport
import Testing

/// The record as files (c2sp.org/tlog-tiles).
@Suite struct RecordServingTests {
  // adversary: L-08, S-01
  @Test func whatTheCheckpointDoesNotCoverIsNotThere() async throws {
    let fixture = try ElectionFixture.voting()
    let plan = try await BoxPlan(fixture)
    let size = fixture.entries.count
    // A file beyond the checkpoint, as an append that was cut off leaves it; and strangers.
    for name in [
      "record/tile/0/001", "record/tile/entries/000.p/\(size + 1)", "record/secret",
      "record/tile/secret", "record/tile/data/000", "record/tile/0/000.p/\(size).tmp",
    ] {
      try plan.folder.write(Array("never".utf8), name)
    }
    try await plan.run { box in
      for path in [
        "tile/0/001", "tile/0/000.p/\(size + 1)", "tile/entries/000.p/\(size + 1)",
        "tile/payloads/000.p/\(size + 1)", "tile/0/000", "tile/entries/000", "tile/1/000",
        "tile/1/000.p/1", "tile/64/000", "tile/00/000.p/\(size)", "tile/0/0.p/\(size)",
        "tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/0\(size)", "tile/0/000.p",
        "tile/0/x000/000.p/\(size)", "tile/0/-01", "tile/data/000", "tile/names/000", "tile",
        "tile/", "tile/0", "tile/0/", "tile/0/000.p/\(size)/", "tile/0/000.p/\(size)/x",
        "tile/0/000.p/\(size).tmp", "tile/secret", "secret", "record", ".lock",
        "tile/../log.vkey", "tile/0/../../secret", "tile/%2e%2e/secret",
        "tile/..%2fsecret", "tile%2f0%2f000.p%2f\(size)", "tile/0/000%2ep/\(size)%00",
        "tile//0/000.p/\(size)", "tile/0//000.p/\(size)", "tile\\0\\000.p\\\(size)",
        "tile/0/18446744073709551616", "tile/0/x999/x999/x999/x999/x999/x999/x999/999",
        "tile/0/000.p/99999999999999999999", "log.vkey/x", "checkpoint.tmp",
      ] {
        let answer = try await box.get("/" + path)
        #expect(answer.status == 404 || answer.status == 400, "\(path): \(answer.status)")
        #expect(!answer.text.contains("never"), "\(path)")
      }
      for kind in ["0", "entries", "payloads"] {
        #expect(try await box.get("/tile/\(kind)/000.p/\(size)").status == 200, "\(kind)")
      }
    }
  }

  @Test func cachesMayKeepTilesAndNothingElse() async throws {
    let fixture = try ElectionFixture.voting()
    let plan = try await BoxPlan(fixture)
    let size = fixture.entries.count
    try await plan.run { box in
      for path in [
        "/tile/0/000.p/\(size)", "/tile/entries/000.p/\(size)", "/tile/payloads/000.p/\(size)",
      ] {
        let answer = try await box.get(path)
        #expect(answer.headers["cache-control"] == "public, max-age=31536000, immutable")
        #expect(answer.headers["content-type"] == "application/octet-stream")
        #expect(answer.body == (try plan.folder.bytes("record" + path)))
        let head = try await box.send(Call(method: "HEAD", path: path))
        #expect(head.status == 200)
        #expect(head.body == [])
        #expect(head.headers["content-length"] == String(answer.body.count))
        #expect(head.headers["cache-control"] == answer.headers["cache-control"])
      }
      let checkpoint = try await box.get("/checkpoint")
      #expect(checkpoint.headers["cache-control"] == "public, max-age=1")
      #expect(checkpoint.headers["content-type"] == "text/plain; charset=utf-8")
      #expect(checkpoint.body == (try plan.folder.bytes("record/checkpoint")))
      let head = try await box.send(Call(method: "HEAD", path: "/checkpoint"))
      #expect(head.status == 200 && head.body == [])
      let key = try await box.get("/log.vkey")
      #expect(key.body == (try plan.folder.bytes("record/log.vkey")))
      for path in ["/tile/0/001", "/nothing"] {
        let answer = try await box.get(path)
        #expect(answer.headers["cache-control"] == "no-store", "\(path)")
        let head = try await box.send(Call(method: "HEAD", path: path))
        #expect(head.status == 404 && head.body == [], "\(path)")
      }
    }
  }

  /// Readers that check everything while the log grows over the border of a tile: every checkpoint is
  /// signed, continues every other one, and all that it covers is there.
  // adversary: L-01, L-03
  @Test(.hangs) func everyCheckpointIsServedWhole() async throws {
    let fixture = try ElectionFixture.voting(300)
    let files = try (1...300).map { try fixture.blank($0).file }
    var plan = try await BoxPlan(fixture)
    plan.pool.batchEntries = 12
    try await plan.run { box in
      let isOver = Locked(false)
      let roots = Locked<[UInt64: Digest]>([:])
      try await withThrowingTaskGroup(of: Int.self) { group in
        for _ in 0..<3 {
          group.addTask {
            var reader = LogReader(box: box, logKey: try fixture.logSigner().verifierKey)
            repeat {
              let checkpoint = try await reader.next()
              roots.change {
                #expect($0[checkpoint.size, default: checkpoint.root] == checkpoint.root)
                $0[checkpoint.size] = checkpoint.root
              }
            } while !isOver.value
            return reader.checkpointCount
          }
        }
        _ = try await Concurrent.run(16) { lane in
          for number in stride(from: lane, to: files.count, by: 16) {
            let answer = try await box.postUntilDecided(files[number])
            #expect(answer.status == 202, "\(answer.text)")
          }
        }
        isOver.change { $0 = true }
        var count = 0
        for try await seen in group { count += seen }
        #expect(count > 3)
      }
      // The last one once more, and partial tiles of the full one are gone.
      var reader = LogReader(box: box, logKey: try fixture.logSigner().verifierKey)
      let last = try await reader.next()
      #expect(last.size > 300)
      for path in ["/tile/0/000.p/\(fixture.entries.count)", "/tile/entries/000.p/200"] {
        #expect(try await box.get(path).status == 404, "\(path)")
      }
      for path in ["/tile/0/000", "/tile/entries/000", "/tile/payloads/000", "/tile/1/000.p/1"] {
        #expect(try await box.get(path).status == 200, "\(path)")
      }
      #expect(Set(try box.entries()).isSuperset(of: files))
    }
  }
}

/// A reader that trusts nothing: downloads what a checkpoint covers and proves that it continues the one
/// before.
struct LogReader {
  let box: TestBox
  let logKey: NoteVerifierKey
  private var previous: Checkpoint?
  private(set) var checkpointCount = 0

  init(box: TestBox, logKey: NoteVerifierKey) {
    self.box = box
    self.logKey = logKey
  }

  /// The next checkpoint, checked with everything that it covers.
  mutating func next() async throws -> Checkpoint {
    let answer = try await box.get("/checkpoint")
    #expect(answer.status == 200)
    let checkpoint = try Checkpoint.verified(answer.body, logKey: logKey)
    let (old, size) = (previous, checkpoint.size)
    if let old {
      #expect(size >= old.size)
      if size == old.size {
        #expect(checkpoint.root == old.root)
        return checkpoint
      }
    }
    var tiles = FetchedTiles()
    for level in 0..<3 {
      for index in 0...size {
        guard
          let path = TilePath.required(.hashes(level: level), index: index, size: size)
        else { break }
        tiles.tiles[path] = try await fetch(path) { $0.width * 32 }
      }
    }
    let tree = TileTree(tiles, size: size)
    #expect(try tree.root() == checkpoint.root)
    if let old {
      #expect(
        MerkleTree.verifyConsistency(
          oldSize: old.size, oldRoot: old.root, newSize: size, newRoot: checkpoint.root,
          proof: try tree.consistencyProof(from: old.size)))
    }
    try await checkBundles(checkpoint, tiles)
    previous = checkpoint
    checkpointCount += 1
    return checkpoint
  }

  private func checkBundles(_ checkpoint: Checkpoint, _ tiles: FetchedTiles) async throws {
    for index in 0...checkpoint.size {
      guard
        let path = TilePath.required(.entries, index: index, size: checkpoint.size),
        let payloadPath = TilePath.required(.payloads, index: index, size: checkpoint.size),
        let leaves = TilePath.required(.hashes(level: 0), index: index, size: checkpoint.size)
      else { return }
      let entries = try EntryBundle.decode(
        try await fetch(path) { _ in nil }, width: path.width, place: path.path)
      let hashes = entries.flatMap { MerkleTree.leafHash($0).bytes }
      #expect(tiles.tiles[leaves].map { Array($0.prefix(path.width * 32)) } == hashes)
      let payloads = try PayloadBundle.decode(
        try await fetch(payloadPath) { _ in nil }, width: path.width, place: payloadPath.path)
      for (entry, payload) in zip(entries, payloads) {
        #expect(try LedgerEntry(bytes: entry).isPayload(payload))
      }
    }
  }

  /// A resource, or the full one where the partial one is gone.
  private func fetch(
    _ path: TilePath, count: (TilePath) -> Int?
  ) async throws -> [UInt8] {
    var answer = try await box.get("/" + path.path)
    var found = path
    if answer.status == 404, path.isPartial {
      found = path.full
      answer = try await box.get("/" + found.path)
    }
    #expect(answer.status == 200, "\(found.path)")
    if let count = count(found) { #expect(answer.body.count == count, "\(found.path)") }
    return answer.body
  }
}

struct FetchedTiles: TileSource, Sendable {
  var tiles: [TilePath: [UInt8]] = [:]

  func tile(level: Int, index: UInt64, width: Int) throws(LedgerError) -> [UInt8] {
    guard let path = TilePath(.hashes(level: level), index: index, width: width),
      let bytes = tiles[path]
    else { throw LedgerError("tile/\(level)/\(index).p/\(width)", "was fetched") }
    return bytes
  }
}
