// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Foundation
import Ledger
import LedgerFiles
import TestSupport
import Testing
import WebClient

/// Records that are read over HTTP.
@Suite(.hangs)
struct RemoteFilesTests {
  /// A folder with a record, gone with its last use.
  final class RecordFolder: Sendable {
    let path: String

    init(_ size: Int, payloadByteCount: Int = 40, first: Int = 0) throws {
      path =
        FileManager.default.temporaryDirectory.appendingPathComponent(
          "urna-\(UUID().uuidString)"
        ).path
      let signer = try NoteSigner(
        name: "example.org/election",
        key: Ed25519.PrivateKey(seed: SecretBytes(copying: [UInt8](repeating: 1, count: 32))))
      var writer = try RecordWriter.create(directory: path, signer: signer)
      _ = try writer.append(batch: Self.items(first..<first + size, payloadByteCount))
    }

    deinit {
      do { try FileManager.default.removeItem(atPath: path) } catch { print("left: \(path)") }
    }

    static func items(_ numbers: Range<Int>, _ byteCount: Int) throws -> [RecordWriter.Item] {
      try numbers.map { number in
        let payload =
          Array("{\"n\":\(number)}".utf8) + [UInt8](repeating: 0x20, count: byteCount)
        let leaf =
          "{\"by\":\"commission\",\"payload\":{\"sha256\":\"\(SHA256.hash(payload).hex)\",\"size\":"
          + "\(payload.count)},\"signature\":\"\(String(repeating: "0", count: 128))\","
          + "\"type\":\"test.entry\",\"version\":1}"
        return (try LedgerEntry(bytes: Array(leaf.utf8)).bytes, payload)
      }
    }
  }

  private func files(
    _ address: String, limits: RemoteFiles.Limits = RemoteFiles.Limits(), attempts: Int = 1
  ) throws -> RemoteFiles {
    RemoteFiles(
      WebClient(
        try WebAddress(address), times: WebTimes(silence: .seconds(5), total: .seconds(20)),
        retry: RetryPolicy(attempts: attempts, pause: .zero, jitter: { _ in .zero })),
      limits: limits)
  }

  @Test("A record behind a URL reads as its folder does", arguments: [0, 1, 256, 300, 600])
  func sameAsFolder(_ size: Int) throws {
    let folder = try RecordFolder(size)
    let server = try FolderServer(folder.path)
    let remote = try RecordDirectory(files: files(server.address))
    let local = try RecordDirectory(path: folder.path)
    #expect(remote.checkpointNote == local.checkpointNote)
    #expect(remote.verifyTree() == [])
    var count: UInt64 = 0
    try remote.forEachEntry { index, entry, payload in
      let (expected, content) = (try local.entry(at: index), try local.payload(at: index))
      #expect(entry == expected && payload == content)
      count = index + 1
    }
    #expect(count == UInt64(size))
    if size > 0 {
      let index = UInt64(size / 2)
      let (receipt, expected) = (try remote.receipt(at: index), try local.receipt(at: index))
      #expect(receipt == expected)
    }
    // A resource that does not change is got once, whatever is read of it.
    let tiles = server.paths.filter { $0.hasPrefix("tile/") }
    #expect(Set(tiles).count == tiles.count)
  }

  @Test("A partial resource whose full one has replaced it is found in the full one")
  func fullForPartial() throws {
    let folder = try RecordFolder(300)
    let older = try RecordFolder(300)
    let old = try [UInt8](
      #require(FileManager.default.contents(atPath: "\(older.path)/checkpoint")))
    var writer = try RecordWriter.open(
      directory: folder.path,
      signer: NoteSigner(
        name: "example.org/election",
        key: Ed25519.PrivateKey(seed: SecretBytes(copying: [UInt8](repeating: 1, count: 32)))))
    _ = try writer.append(batch: RecordFolder.items(300..<512, 40))
    let server = try FolderServer(folder.path) { path, connection in
      path == "checkpoint" && connection.answer(200, body: old)
    }
    let remote = try RecordDirectory(files: files(server.address))
    #expect(remote.size == 300)
    #expect(remote.verifyTree() == [])
    #expect(server.paths.contains("tile/entries/001"))
  }

  @Test(
    "A server that fails is told from a record that is wrong, and stays failed",
    arguments: ["tile/0/000", "tile/entries/000", "tile/payloads/000", "tile/1/000.p/1"])
  func failingServer(_ broken: String) throws {
    let folder = try RecordFolder(300)
    let server = try FolderServer(folder.path) { path, connection in
      path == broken && connection.answer(500)
    }
    let remote = try RecordDirectory(files: files(server.address))
    let problems = remote.verifyTree()
    #expect(!problems.isEmpty)
    let unavailable = try #require(remote.unavailable)
    #expect(unavailable.isUnavailable && !unavailable.isMissing)
    #expect(unavailable.file == broken && unavailable.rule.contains("500"))
    let asked = server.paths.count
    #expect(throws: unavailable) { try remote.entries(inBundle: 1) }
    #expect(server.paths.count == asked)
  }

  @Test("What is missing or too long decides about the record, and not about the server")
  func missingAndLong() throws {
    let folder = try RecordFolder(300)
    let server = try FolderServer(folder.path) { path, connection in
      switch path {
      case "tile/entries/000": connection.answer(404)
      case "tile/0/000": connection.answer(200, body: [UInt8](repeating: 0, count: 8193))
      default: false
      }
    }
    let remote = try RecordDirectory(files: files(server.address))
    let missing = #expect(throws: FileError.self) { try remote.entries(inBundle: 0) }
    #expect(missing?.isMissing == true)
    let long = #expect(throws: LedgerError.self) {
      try remote.tile(level: 0, index: 0, width: 256)
    }
    #expect(long?.rule == "at most 8192 bytes")
    #expect(remote.unavailable == nil)
  }

  @Test("A redirection is no answer")
  func redirection() throws {
    let folder = try RecordFolder(3)
    let server = try FolderServer(folder.path) { path, connection in
      path == "tile/entries/000.p/3"
        && connection.answer(302, ["Location: http://127.0.0.1:1/tile/entries/000.p/3"])
    }
    let remote = try RecordDirectory(files: files(server.address))
    let error = #expect(throws: FileError.self) { try remote.entries(inBundle: 0) }
    #expect(error?.isUnavailable == true && error?.rule.contains("no redirection") == true)
  }

  @Test("503 in between is waited for")
  func busyServer() throws {
    let folder = try RecordFolder(3)
    let seen = Notes<String>()
    let server = try FolderServer(folder.path) { path, connection in
      defer { seen.note(path) }
      return seen.all.count % 2 == 0 && connection.answer(503, ["Retry-After: 0"])
    }
    let remote = try RecordDirectory(files: files(server.address, attempts: 3))
    #expect(remote.verifyTree() == [])
  }

  @Test("What is kept is bounded, in memory and in files")
  func bounded() throws {
    let folder = try RecordFolder(256 * 12, payloadByteCount: 400)
    let server = try FolderServer(folder.path)
    var limits = RemoteFiles.Limits()
    limits.memory = 200_000
    limits.files = 300_000
    let files = try files(server.address, limits: limits)
    let remote = try RecordDirectory(files: files)
    for _ in 0..<2 {
      try remote.forEachEntry { _, _, _ in
        let size = files.keptByteCount
        #expect(size.memory <= limits.memory + 100_000)
        // One bundle may be larger than what is kept.
        #expect(size.files <= limits.files + 110_000)
      }
    }
    #expect(remote.verifyTree() == [])
  }

  @Test("Threads that ask for one resource at a time get it once, and all of them get it")
  func manyThreads() async throws {
    let folder = try RecordFolder(600, payloadByteCount: 4000)
    let server = try FolderServer(folder.path)
    let remote = try RecordDirectory(files: files(server.address))
    let local = try RecordDirectory(path: folder.path)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for task in 0..<16 {
        group.addTask {
          for step in 0..<20 {
            let index = UInt64((task * 37 + step * 131) % 600)
            let (read, expected) = (try remote.payload(at: index), try local.payload(at: index))
            #expect(read == expected)
          }
        }
      }
      try await group.waitForAll()
    }
    let payloads = server.paths.filter { $0.hasPrefix("tile/payloads/") }
    #expect(payloads.count == 3)
  }

  @Test("Nothing can be written behind a URL")
  func readOnly() throws {
    let files = try files("http://127.0.0.1:1")
    #expect(throws: FileError.self) { try files.write([1], to: "checkpoint", permissions: 0o644) }
    #expect(throws: FileError.self) { try files.rename("a", to: "checkpoint") }
    #expect(throws: FileError.self) { try files.remove("checkpoint") }
    #expect(throws: FileError.self) { try files.makeDirectory("tile") }
    #expect(throws: FileError.self) { try files.removeDirectory("tile") }
    #expect(throws: FileError.self) { try files.synchronizeDirectory("tile") }
    #expect(files.unavailable == nil)
  }

  // adversary: L-08
  @Test("A copy of a record over HTTP that breaks off goes on; nothing is written outside")
  func mirrorBreaksOff() throws {
    let folder = try RecordFolder(1100)
    let whole = try RecordDirectory(path: folder.path)
    let copy = folder.path + "-copy"
    defer { do { try FileManager.default.removeItem(atPath: copy) } catch {} }
    var allowed = 3
    var rounds = 0
    while true {
      let budget = allowed
      let seen = Notes<String>()
      let server = try FolderServer(folder.path) { path, connection in
        seen.note(path)
        return seen.all.count > budget && connection.answer(500)
      }
      rounds += 1
      do {
        let remote = try RecordDirectory(files: files(server.address))
        try RecordMirror.update(directory: copy, from: remote)
        break
      } catch let error as MirrorError {
        guard case .source(let file) = error else { throw error }
        #expect(file.isUnavailable, "\(file)")
        #expect(!FileManager.default.fileExists(atPath: copy + "/checkpoint"))
      }
      allowed += 4
    }
    #expect(rounds > 3)
    let mirrored = try RecordDirectory(path: copy)
    #expect(mirrored.checkpointNote == whole.checkpointNote)
    #expect(mirrored.verifyTree() == [])
  }
}
