// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Election
import ElectionFixtures
import Foundation
import Groups
import Ledger
import LedgerFiles
import Testing
import Verification

/// A record in a folder that goes when the test is over.
final class RecordOnDisk: Sendable {
  let path: String
  let group: Group

  /// Memory where there is some: the writer waits for the disk after every file.
  private static let base =
    FileManager.default.fileExists(atPath: "/dev/shm")
    ? "/dev/shm" : FileManager.default.temporaryDirectory.path

  /// Writes entries in this order, under a checkpoint of the log's key or another one, in two appends
  /// when the first one is to leave its tiles.
  init(
    _ items: [Item], in group: Group, signer name: String = "log", firstAppend: Int = 0
  ) throws {
    self.group = group
    path =
      FileManager.default.temporaryDirectory
      .appendingPathComponent("urna-\(UUID().uuidString)").path
    let signer = try NoteSigner(name: ElectionSetup.logName, key: Identity(name).key())
    var writer = try RecordWriter.create(directory: path, signer: signer)
    let written = items.map { (entry: $0.entry.bytes, payload: $0.payload) }
    _ = try writer.append(batch: Array(written.prefix(firstAppend)))
    _ = try writer.append(batch: Array(written.dropFirst(firstAppend)))
  }

  /// A copy of another record's folder.
  init(copying other: RecordOnDisk) throws {
    group = other.group
    path = other.path + "-\(UUID().uuidString)"
    try FileManager.default.copyItem(atPath: other.path, toPath: path)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  struct Item: Sendable {
    var entry: LedgerEntry
    var payload: [UInt8]
  }

  func verify() async throws -> RecordVerification {
    try await RecordVerification.verify(path: path, in: group)
  }

  /// The rules that fail, without those that say that a toy group is no real one.
  func failing() async throws -> Set<RuleID> {
    let rules = Set(try await verify().findings.failures.map(\.rule))
    return group === Group.standard ? rules : rules.subtracting([.eg1B, .eg1C, .eg1D])
  }

  /// The verdict, as it would be if the group were the standard one.
  func verdict() async throws -> Verdict {
    let verification = try await verify()
    if group === Group.standard { return verification.report.verdict }
    var findings = Findings()
    let rules: Set<RuleID> = [.eg1B, .eg1C, .eg1D]
    for (rule, count) in verification.findings.counts where count > 0 {
      findings.check(rule, true, at: "", "")
    }
    for failure in verification.findings.failures where !rules.contains(failure.rule) {
      findings.check(failure.rule, false, at: failure.place, failure.detail)
    }
    return VerificationReport(findings, notApplicable: verification.notApplicable).verdict
  }

  // MARK: Files

  func bytes(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(path)/\(name)")))
  }

  func write(_ bytes: [UInt8], _ name: String) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: "\(path)/\(name)"))
  }

  func remove(_ name: String) throws {
    try FileManager.default.removeItem(atPath: "\(path)/\(name)")
  }

  /// Changes one bit of a file.
  func flip(_ name: String, at position: Int) throws {
    var bytes = try bytes(name)
    bytes[position] ^= 1
    try write(bytes, name)
  }

  /// The name of the only bundle or tile of a kind, such as `tile/payloads`.
  func partial(_ kind: String) throws -> String {
    let size = try RecordDirectory(path: path).size
    return "\(kind)/000.p/\(size)"
  }
}

extension ElectionFixture {
  var items: [RecordOnDisk.Item] {
    entries.map { RecordOnDisk.Item(entry: $0.entry, payload: $0.payload) }
  }
}

/// Records that many tests read. They are made once.
enum Records {
  /// The toy election with every kind of ballot.
  static let toy: Result<RecordOnDisk, any Error> = Result {
    try RecordOnDisk(ElectionFixture.toy(.certified).items, in: ElectionSetup().group)
  }

  /// An election in the standard group: two trustees, five voters, all kinds of ballots.
  static let standardFixture: Result<ElectionFixture, any Error> = Result {
    var setup = ElectionSetup(group: .standard)
    setup.trustees = 2
    setup.voters = [
      .init(style: 1), .init(style: 2, weight: 3), .init(style: 2), .init(style: 2),
    ]
    var fixture = try ElectionFixture(setup)
    try fixture.advance(from: .empty, to: .voting)
    try fixture.vote(1, fixture.choices(1, [1: [0, 1, 0], 3: [0, 1]], writeIn: "Ann"))
    try fixture.vote(2, fixture.choices(2, [2: [3, 0, 2], 4: [1, 0]]))
    let challenged = try fixture.submit(3, fixture.choices(3, [4: [0, 1]]))
    try fixture.admit(fixture.challenge(challenged))
    try fixture.submit(4, fixture.choices(4, [4: [0, 1]]))
    try fixture.advance(from: .decided, to: .certified)
    return fixture
  }

  static let standard: Result<RecordOnDisk, any Error> = Result {
    try RecordOnDisk(standardFixture.get().items, in: .standard)
  }
}
