// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Foundation
import Testing

/// A trustee who answered once does not answer otherwise for the same decryption: two answers to two
/// challenges with one nonce give away the share.
@Suite struct TrusteeMemoryTests {
  /// The demonstration's record up to the first decryption session, on its own.
  private func reopened(_ opened: VotingRecord, in folder: TemporaryFolder) throws -> String {
    let record = try opened.copy(to: folder)
    let files = try DemoElection.files(below: "\(opened.demo.work)/entries")
    func named(_ prefixes: [String]) -> [String] {
      files.filter { file in prefixes.contains { file.hasPrefix($0) } }
        .map { String($0.dropLast(6)) }
    }
    for batch in [
      named(["ballot-1-"]), named(["challenge-1-", "cast-1-"]), named(["ballot-2-"]),
      named(["cast-2-"]), ["closed"], ["tally", "session-1"],
    ] {
      try accept(batch.map(opened.entry), opened, record)
    }
    return record
  }

  private func accept(_ files: [String], _ opened: VotingRecord, _ record: String) throws {
    let run = try opened.accept(files, into: record)
    try #require(run.status == 0, "\(files): \(run.output)\(run.errors)")
  }

  private func decrypt(
    _ trustee: Int, _ opened: VotingRecord, _ record: String, secret: String? = nil,
    output: String
  ) throws -> ProgramRun {
    let secrets = "\(opened.demo.work)/secrets"
    return try ProgramRun.run(
      "trustee",
      [
        "decrypt", "--record", record, "--secret", secret ?? "\(secrets)/trustee-\(trustee)",
        "--passphrase-file", "\(secrets)/trustee-\(trustee).passphrase", "--output", output,
      ])
  }

  // adversary: T-12
  @Test func aSecondAnswerIsRefused() async throws {
    let opened = try await VotingRecord.open()
    let folder = try TemporaryFolder("memory")
    let record = try reopened(opened, in: folder)
    let others = [1, 3, 4]

    // Trustee 5 answers with other nonces than in the demonstration: a secret file with another
    // session secret, at byte 48 of its content.
    let passphrase = try SecretBytes(
      copying: Array(
        BadInputTests.bytes("\(opened.demo.work)/secrets/trustee-5.passphrase").dropLast())
    )
    var content = try PassphraseBox.open(
      BadInputTests.bytes("\(opened.demo.work)/secrets/trustee-5"), passphrase: passphrase,
      context: "urna/trustee/v1"
    ).revealed()
    content[50] ^= 0x55
    let changed = try folder.write(
      try PassphraseBox.seal(
        SecretBytes(copying: content), passphrase: passphrase, context: "urna/trustee/v1"),
      to: "trustee-5", permissions: 0o600)

    for round in ["commitment", "factors"] {
      let other = try decrypt(5, opened, record, secret: changed, output: folder / round)
      try #require(other.status == 0, "\(other.errors)")
      #expect(
        try BadInputTests.bytes(folder / round)
          != BadInputTests.bytes(opened.entry("\(round)-1-5")))
      try accept(
        others.map { opened.entry("\(round)-1-\($0)") } + [folder / round], opened, record)
    }
    let second = try decrypt(1, opened, record, output: folder / "response")
    #expect(second.status == 5 && second.errors.contains("answered other challenges"))
    #expect(!FileManager.default.fileExists(atPath: folder / "response"))
  }

  /// An interrupted step gives the same bytes when it is repeated.
  @Test func theSameAnswerIsRepeated() async throws {
    let opened = try await VotingRecord.open()
    let folder = try TemporaryFolder("memory")
    let record = try reopened(opened, in: folder)
    for round in ["commitment", "factors", "response"] {
      let again = try decrypt(1, opened, record, output: folder / round)
      try #require(again.status == 0, "\(again.errors)")
      #expect(
        try BadInputTests.bytes(folder / round)
          == BadInputTests.bytes(opened.entry("\(round)-1-1")), "\(round)")
      guard round != "response" else { break }
      try accept([1, 3, 4, 5].map { opened.entry("\(round)-1-\($0)") }, opened, record)
    }
  }
}
