// SPDX-License-Identifier: Apache-2.0

import Election
import ElectionFixtures
import Foundation
import Glibc
import Ledger
import TestSupport
import Testing

/// Disks that are full or cannot be written: the box stops, says why, loses nothing that it acknowledged,
/// and starts when the disk is back.
@Suite(.serialized) struct DiskTests {
  /// A small disk in memory, for the length of a test. Needs the right to mount.
  final class SmallDisk: Sendable {
    let path: String
    private let folder: TemporaryFolder

    init?(kibibytes: Int) throws {
      folder = try TemporaryFolder()
      path = folder.path + "/disk"
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      guard
        try DiskTests.run(
          ["mount", "-t", "tmpfs", "-o", "size=\(kibibytes)k", "tmpfs", path]) == 0
      else { return nil }
    }

    /// Takes all room that is left.
    func fill() throws {
      _ = try DiskTests.run(["dd", "if=/dev/zero", "of=\(path)/filler", "bs=4096"])
    }

    func clear() throws { try FileManager.default.removeItem(atPath: path + "/filler") }

    deinit { _ = try? DiskTests.run(["umount", "-l", path]) }
  }

  static func run(_ words: [String]) throws -> Int32 { try ToolRun("/usr/bin/env", words).status }

  /// Sends ballots until one is not accepted; the accepted ones.
  private static func submitUntilItStops(
    _ files: [EntryFile], _ port: Int
  ) async throws -> [EntryFile] {
    var accepted: [EntryFile] = []
    for file in files {
      do {
        let answer = try await Call.post("/ballots", file.bytes).send(to: port)
        guard answer.status == 202 else {
          #expect([500, 503].contains(answer.status), "\(answer.text)")
          return accepted
        }
        accepted.append(file)
      } catch is Call.Broken { return accepted }
    }
    Issue.record("everything was accepted")
    return accepted
  }

  /// The box has ended by itself with an error that names `what`; then it runs again.
  private static func check(
    _ plan: ProcessPlan, _ process: ServeProcess, _ accepted: [EntryFile], _ files: [EntryFile],
    names what: [String], repair: () throws -> Void
  ) async throws {
    let end = try await process.end()
    #expect(end.status == 4, "\(end.errors)")
    #expect(what.contains { end.errors.contains($0) }, "\(end.errors)")
    #expect(end.errors.contains("error: "))
    try repair()
    try await ProcessTests.served(plan) { port in
      for file in files {
        let answer = try await Call.post("/ballots", file.bytes).send(to: port)
        #expect(answer.status == 202, "\(answer.text)")
      }
    }
    let entries = try TestBox.entries(plan.record)
    #expect(Set(entries).isSuperset(of: accepted))
    for file in files { #expect(entries.filter { $0 == file }.count == 1) }
    let fsck = try await plan.run("fsck")
    #expect(fsck.status == 0, "\(fsck.output)\(fsck.errors)")
  }

  /// The disk of record and database is full.
  @Test(.hangs) func aFullDisk() async throws {
    guard let disk = try SmallDisk(kibibytes: 8192) else {
      print("SKIPPED: no right to mount a small disk")
      return
    }
    let fixture = try ProcessPlan.fixture(12)
    let files = try await ProcessPlan.ballots(fixture, 1...12).map(\.file)
    let plan = try await ProcessPlan(fixture, in: disk.path)
    let process = try plan.start()
    let port = try await process.port()
    #expect(try await Call.post("/ballots", files[0].bytes).send(to: port).status == 202)
    try disk.fill()
    let accepted = try await Self.submitUntilItStops(Array(files.dropFirst()), port)
    try await Self.check(
      plan, process, [files[0]] + accepted, files,
      names: ["SQLITE_FULL", "No space left", "SQLITE_IOERR"]
    ) { try disk.clear() }
  }

  /// No file may grow beyond a limit, as under a quota.
  @Test(.hangs) func aLimitOfFiles() async throws {
    let fixture = try ProcessPlan.fixture(40)
    let files = try await ProcessPlan.ballots(fixture, 1...40).map(\.file)
    let plan = try await ProcessPlan(fixture)
    var limited = plan
    let size =
      try files.map(\.payload.count).reduce(0, +) / 3
      + Int(
        FileManager.default.attributesOfItem(atPath: plan.database)[.size] as? UInt64 ?? 0)
    limited.wrapper = [
      "env", "--ignore-signal=XFSZ", "prlimit", "--fsize=\(size)", "--",
    ]
    let process = try limited.start()
    let port = try await process.port()
    let accepted = try await Self.submitUntilItStops(files, port)
    try await Self.check(
      plan, process, accepted, files,
      names: ["File too large", "SQLITE_FULL", "SQLITE_IOERR"]
    ) {}
  }

  /// The record's folder becomes read-only under the running box.
  @Test(.hangs) func aReadOnlyFolder() async throws {
    let fixture = try ProcessPlan.fixture(4)
    let files = try await ProcessPlan.ballots(fixture, 1...4).map(\.file)
    let plan = try await ProcessPlan(fixture)
    let process = try plan.start()
    let port = try await process.port()
    #expect(try await Call.post("/ballots", files[0].bytes).send(to: port).status == 202)
    guard try Self.run(["mount", "--bind", plan.record, plan.record]) == 0 else {
      print("SKIPPED: no right to mount")
      process.signal(SIGTERM)
      _ = try await process.end()
      return
    }
    defer { _ = try? Self.run(["umount", "-l", plan.record]) }
    let isReadOnly = try Self.run(["mount", "-o", "remount,bind,ro", plan.record]) == 0
    #expect(isReadOnly)
    let accepted = try await Self.submitUntilItStops(Array(files.dropFirst()), port)
    #expect(accepted == [])
    // It does not start on such a folder either.
    _ = try await process.end()
    let again = try await plan.start().end()
    #expect(again.status == 4, "\(again.errors)")
    #expect(again.errors.contains("Read-only"), "\(again.errors)")
    try await Self.check(
      plan, process, [files[0]], files, names: ["Read-only"]
    ) {
      let status = try Self.run(["umount", "-l", plan.record])
      #expect(status == 0)
    }
  }
}
