// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// Files that hold secrets: who may read them, what opens them, and that none is overwritten.
@Suite struct SecretFileTests {
  private struct Owner {
    let program: String
    let arguments: [String]
    let secret: String
  }

  private static let owners = [
    Owner(
      program: "trustee",
      arguments: ["enroll", "--secret", "{}", "--public", "{out}", "--passphrase-file", "{words}"],
      secret: "{}"),
    Owner(
      program: "election",
      arguments: ["keys", "--secret", "{}", "--public", "{out}", "--passphrase-file", "{words}"],
      secret: "{}"),
    Owner(
      program: "voter", arguments: ["keys", "--wallet", "{}", "--public", "{out}"], secret: "{}"),
    Owner(
      program: "ballot-box",
      arguments: ["keys", "--keys", "{}", "--public", "{out}", "--origin", "example.org/log"],
      secret: "{}"),
  ]

  private func make(_ owner: Owner, in folder: TemporaryFolder) throws -> ProgramRun {
    let words = try folder.write(Array("correct horse\n".utf8), to: "words", permissions: 0o600)
    return try ProgramRun.run(
      owner.program,
      owner.arguments.map {
        switch $0 {
        case "{}": folder / "secret"
        case "{out}": folder / "public.json"
        case "{words}": words
        default: $0
        }
      })
  }

  // adversary: T-14
  @Test func areMadeForTheOwnerOnly() throws {
    for owner in Self.owners {
      let folder = try TemporaryFolder("secret")
      let run = try make(owner, in: folder)
      #expect(run.status == 0, "\(owner.program): \(run.errors)")
      let attributes = try FileManager.default.attributesOfItem(atPath: folder / "secret")
      #expect(attributes[.posixPermissions] as? Int == 0o600, "\(owner.program)")
      #expect(try folder.names().filter { $0 != "words" } == ["public.json", "secret"])
    }
  }

  @Test func areNeverOverwritten() throws {
    for owner in Self.owners {
      let folder = try TemporaryFolder("secret")
      _ = try make(owner, in: folder)
      let before = try Data(contentsOf: URL(fileURLWithPath: folder / "secret"))
      let again = try make(owner, in: folder)
      #expect(again.status == 5 && again.errors.contains("exists already"), "\(owner.program)")
      #expect(try Data(contentsOf: URL(fileURLWithPath: folder / "secret")) == before)
    }
  }

  // adversary: T-14
  @Test func openOnlyWithThePassphrase() async throws {
    let opened = try await VotingRecord.open()
    let secrets = "\(opened.demo.work)/secrets"
    let folder = try TemporaryFolder("wrong")
    for (words, what) in [
      ("wrong\n", "wrong passphrase"), ("\n", "1 to 1024 bytes"),
      (String(repeating: "x", count: 2000), "1 to 1024 bytes"),
    ] {
      let file = try folder.write(words, to: "words")
      let trustee = try ProgramRun.run(
        "trustee",
        [
          "generate", "--record", opened.record, "--secret", "\(secrets)/trustee-1",
          "--passphrase-file", file, "--output", folder / "out",
        ])
      let commission = try ProgramRun.run(
        "election",
        [
          "close", "--record", opened.record, "--secret", "\(secrets)/commission",
          "--passphrase-file", file, "--output", folder / "out",
        ])
      for run in [trustee, commission] {
        #expect(run.status == 1 && run.errors.contains(what), "\(run.errors)")
        #expect(run.output.isEmpty)
      }
      #expect(try folder.names() == ["words"])
    }
  }

  @Test func areRefusedWhenOthersMayRead() async throws {
    let opened = try await VotingRecord.open()
    let folder = try TemporaryFolder("open")
    let wallet = try folder.write(
      try BadInputTests.freshWallet(opened), to: "wallet", permissions: 0o644)
    let run = try ProgramRun.run(
      "voter",
      [
        "vote", "--record", opened.record, "--wallet", wallet, "--choices",
        "\(opened.demo.work)/ballots/choices-8.json", "--output", folder / "out",
      ])
    #expect(run.status == 5 && run.errors.contains("others may read"), "\(run.errors)")
    #expect(run.errors.contains("hint: chmod 600"))
    #expect(try folder.names() == ["wallet"])
  }

  /// A secret file of one role does not open as another's.
  @Test func belongToOneRole() async throws {
    let opened = try await VotingRecord.open()
    let secrets = "\(opened.demo.work)/secrets"
    let folder = try TemporaryFolder("role")
    let run = try ProgramRun.run(
      "election",
      [
        "close", "--record", opened.record, "--secret", "\(secrets)/trustee-1",
        "--passphrase-file", "\(secrets)/trustee-1.passphrase", "--output", folder / "out",
      ])
    #expect(run.status == 1 && run.errors.contains("a file of another role"), "\(run.errors)")
  }
}
