// SPDX-License-Identifier: Apache-2.0

import Election
import ElectionFixtures
import Foundation
import Groups
import LedgerFiles
import Testing
import Verification

/// The sidecar's files: whatever is wrong with them, the report is the one without.
@Suite struct SidecarTests {
  /// A record and a folder for its sidecar.
  private final class Scene {
    let record: RecordOnDisk
    let folder: String
    let ballots: Int

    init() async throws {
      record = try Records.standard.get()
      folder = record.path + "-sidecar-\(UUID().uuidString)"
      try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true)
      let directory = try RecordDirectory(path: record.path)
      let fold = try await RecordFold.fold(directory, depth: .structure)
      ballots = try await Sidecar(path: folder).write(directory, fold.state)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    var file: URL { URL(fileURLWithPath: "\(folder)/commitments/0") }

    func verify() async throws -> RecordVerification {
      try await RecordVerification.verify(path: record.path, sidecar: Sidecar(path: folder))
    }
  }

  @Test func aRecordWithASidecarPassesByIt() async throws {
    let scene = try await Scene()
    #expect(scene.ballots == 4)
    let plain = try await RecordVerification.verify(path: scene.record.path)
    let verification = try await scene.verify()
    #expect(verification.findings == plain.findings)
    #expect(verification.report.lines == plain.report.lines)
    #expect(verification.report.verdict == .passed)
    #expect(verification.statistics.fromSidecar == 4)
    #expect(verification.statistics.recomputed == 0)
    #expect(verification.report.method.soundness.contains("2^-"))
    #expect(plain.statistics.recomputed == 4)
    #expect(plain.report.method.soundness == "every proof was recomputed exactly")
  }

  @Test func aDamagedSidecarChangesNothingButTheWay() async throws {
    let scene = try await Scene()
    let good = [UInt8](try Data(contentsOf: scene.file))
    let plain = try await RecordVerification.verify(path: scene.record.path)
    func flipped(_ position: Int) -> [UInt8] {
      var bytes = good
      bytes[position] ^= 1
      return bytes
    }
    let header = "urna-commitments/v1\n".utf8.count
    let cases: [(name: String, bytes: [UInt8]?)] = [
      ("missing", nil), ("empty", []), ("header", flipped(3)), ("count", flipped(header + 3)),
      ("a huge count", flipped(header)), ("an element", flipped(header + 4 + 100)),
      ("the last byte", flipped(good.count - 1)), ("half", Array(good.prefix(good.count / 2))),
      (
        "not below p",
        Array(good.prefix(header + 4)) + Array(repeating: 0xFF, count: 512)
          + Array(good.dropFirst(header + 4 + 512))
      ),
      (
        "zero",
        Array(good.prefix(header + 4)) + Array(repeating: 0, count: 512)
          + Array(good.dropFirst(header + 4 + 512))
      ),
    ]
    for (name, bytes) in cases {
      if let bytes {
        try Data(bytes).write(to: scene.file)
      } else {
        try FileManager.default.removeItem(at: scene.file)
      }
      let verification = try await scene.verify()
      #expect(verification.findings == plain.findings, "\(name)")
      #expect(verification.report.verdict == .passed, "\(name)")
      #expect(verification.statistics.recomputed > 0, "\(name)")
    }
  }

  /// The sidecar of a tampered record cannot make it pass.
  @Test func aTamperedRecordFailsWithAnySidecar() async throws {
    let scene = try await Scene()
    let copy = try RecordOnDisk(copying: scene.record)
    let name = try copy.partial("tile/payloads")
    // A digit in the middle of the payloads.
    let bytes = try copy.bytes(name)
    try copy.flip(name, at: bytes.count / 2)
    let plain = try await RecordVerification.verify(path: copy.path)
    let verification = try await RecordVerification.verify(
      path: copy.path, sidecar: Sidecar(path: scene.folder))
    #expect(plain.report.verdict == .failed)
    #expect(verification.findings == plain.findings)
  }
}
