// SPDX-License-Identifier: Apache-2.0

import Foundation
import StrictJSON
import Testing

/// A voter, the box and the commission, by their programs.
@Suite struct VotingTests {
  private struct Voter {
    let number: Int
    let folder: TemporaryFolder
    let record: String
    let opened: VotingRecord

    func run(_ verb: String, _ more: [String] = [], output: String? = nil) throws -> ProgramRun {
      try ProgramRun.run(
        "voter",
        [verb, "--record", record, "--wallet", folder / "wallet"]
          + (output.map { ["--output", folder / $0] } ?? []) + more)
    }

    func vote(to output: String) throws -> ProgramRun {
      try run(
        "vote", ["--choices", "\(opened.demo.work)/ballots/choices-\(number).json"], output: output)
    }

    func accept(_ name: String) throws -> ProgramRun {
      try opened.accept([folder / name], into: record)
    }
  }

  private func voter(_ number: Int = 8) async throws -> Voter {
    let opened = try await VotingRecord.open()
    let folder = try TemporaryFolder("voter")
    _ = try folder.write(
      try BadInputTests.freshWallet(opened, voter: number), to: "wallet", permissions: 0o600)
    return Voter(
      number: number, folder: folder, record: try opened.copy(to: folder), opened: opened)
  }

  // adversary: U-04
  @Test func aBallotIsEitherCastOrChallenged() async throws {
    let voter = try await voter()
    #expect(try voter.vote(to: "ballot").status == 0)
    // Before the box has published it, nothing is decided.
    #expect(try voter.run("cast", output: "early").status != 0)
    #expect(try voter.run("challenge", output: "early").status != 0)
    #expect(try voter.accept("ballot").status == 0)

    let challenge = try voter.run("challenge", output: "challenge")
    #expect(challenge.status == 0, "\(challenge.errors)")
    #expect(try voter.accept("challenge").status == 0)
    let late = try voter.run("cast", output: "cast")
    #expect(late.status != 0 && !FileManager.default.fileExists(atPath: voter.folder / "cast"))

    #expect(try voter.vote(to: "second").status == 0)
    #expect(try voter.accept("second").status == 0)
    let cast = try voter.run("cast", output: "cast")
    #expect(cast.status == 0, "\(cast.errors)")
    #expect(try voter.accept("cast").status == 0)
    #expect(try voter.run("challenge", output: "late").status != 0)
    let check = try voter.run("check")
    #expect(check.status == 0, "\(check.errors)")
    #expect(check.output.contains("challenged") && check.output.contains("cast"), "\(check.output)")
  }

  // adversary: B-01
  @Test func aBallotIsAcceptedOnce() async throws {
    let voter = try await voter()
    #expect(try voter.vote(to: "ballot").status == 0)
    #expect(try voter.accept("ballot").status == 0)
    let again = try voter.accept("ballot")
    #expect(again.status == 1 && again.output.contains("BAL-4"), "\(again.output)")
    let before = try Data(contentsOf: URL(fileURLWithPath: "\(voter.record)/checkpoint"))
    _ = try voter.accept("ballot")
    #expect(
      try Data(contentsOf: URL(fileURLWithPath: "\(voter.record)/checkpoint")) == before,
      "a refused entry leaves no trace")
  }

  // adversary: B-10
  // adversary: V-02
  @Test func everyFlippedByteOfASubmissionIsRefused() async throws {
    let voter = try await voter()
    #expect(try voter.vote(to: "ballot").status == 0)
    let bytes = [UInt8](
      try Data(contentsOf: URL(fileURLWithPath: voter.folder / "ballot")))
    for step in 0..<12 {
      var changed = bytes
      let position = bytes.count * step / 12 + 3
      changed[position] ^= 0x01
      _ = try voter.folder.write(changed, to: "changed")
      let run = try voter.accept("changed")
      #expect(run.status == 1, "byte \(position): \(run.status) \(run.output)\(run.errors)")
    }
  }

  @Test func aRecordOfAnotherElectionIsRefused() async throws {
    let voter = try await voter()
    let run = try voter.run(
      "vote",
      [
        "--choices", "\(voter.opened.demo.work)/ballots/choices-8.json", "--election",
        String(repeating: "A", count: 64),
      ], output: "ballot")
    #expect(run.status == 5 && run.errors.contains("the record is of election"), "\(run.errors)")
  }

  /// Nothing can be closed, tallied or published in the wrong phase.
  // adversary: L-11
  @Test func phasesComeInOrder() async throws {
    let opened = try await VotingRecord.open()
    let finished = opened.demo
    let folder = try TemporaryFolder("phase")
    let key = [
      "--secret", "\(finished.work)/secrets/commission", "--passphrase-file",
      "\(finished.work)/secrets/commission.passphrase",
    ]
    for (record, verb, more) in [
      (opened.record, "open", ["--output", folder / "a"]),
      (opened.record, "tally", ["--session-output", folder / "a", "--available", "1,2,3"]),
      (opened.record, "publish", ["--output", folder / "a", "--certified-output", folder / "b"]),
      (finished.record, "close", ["--output", folder / "a"]),
      (finished.record, "publish", ["--output", folder / "a", "--certified-output", folder / "b"]),
    ] {
      let run = try ProgramRun.run("election", [verb, "--record", record] + key + more)
      #expect(run.status == 5 || run.status == 2, "\(verb): \(run.status) \(run.errors)")
      #expect(try folder.names().isEmpty, "\(verb)")
    }
    // An entry of the voting after the result is refused by the box with the rule.
    let copy = try finished.copy(to: folder)
    try FileManager.default.copyItem(
      atPath: finished.record + ".sqlite", toPath: copy + ".sqlite")
    let run = try opened.accept([opened.entry("closed")], into: copy)
    #expect(run.status == 1 && run.output.contains("LOG-8"), "\(run.output)")
  }

  /// What a voter wrote is shown as it was written when the ballot is challenged, and text that could
  /// deceive a reader is refused before anything is encrypted.
  // adversary: B-15
  @Test func writtenNamesAreShownOrRefused() async throws {
    let voter = try await voter(5)
    func vote(_ name: String) throws -> ProgramRun {
      let choices: JSONValue = [
        "contests": [
          [
            "contest": "mayor",
            "selections": [["option": "mayor-write-in", "votes": 1, "writeIn": .string(name)]],
          ]
        ]
      ]
      return try voter.run(
        "vote", ["--choices", try voter.folder.write(choices.prettyBytes(), to: "choices")],
        output: "ballot")
    }
    for name in [
      "a\u{202E}b", "a\u{200B}b", "a\nb", "a\u{7}b", "", String(repeating: "x", count: 70_000),
    ] {
      let run = try vote(name)
      #expect(
        run.status == 1 && run.errorLines.count == 1, "\(run.status) \(run.errors.prefix(300))")
      #expect(
        ["invisible character", "does not fit", "writeIn"].contains { run.errors.contains($0) },
        "\(run.errors.prefix(300))")
      #expect(!FileManager.default.fileExists(atPath: voter.folder / "ballot"))
    }
    let name = "<script>Zoë & Søren</script>"
    #expect(try vote(name).status == 0)
    #expect(try voter.accept("ballot").status == 0)
    #expect(try voter.run("challenge", output: "challenge").status == 0)
    #expect(try voter.accept("challenge").status == 0)
    let check = try voter.run("check")
    #expect(
      check.output.contains("mayor: mayor-write-in 1\n    written for mayor-write-in: \(name)\n"))
  }

  // adversary: L-05
  // adversary: L-10
  @Test func aReceiptBelongsToItsBallot() async throws {
    let demo = try await DemoElection.finished()
    let receipts = try FileManager.default.contentsOfDirectory(atPath: "\(demo.work)/receipts")
    #expect(receipts.count == 11)
    let codes = receipts.map { String($0.dropLast(".tlog-proof".count)) }.sorted()
    func check(_ code: String, _ receipt: String) throws -> ProgramRun {
      try ProgramRun.run(
        "voter",
        [
          "check", "--record", demo.record, "--code", code, "--receipt",
          "\(demo.work)/receipts/\(receipt).tlog-proof",
        ])
    }
    let own = try check(codes[0], codes[0])
    #expect(own.status == 0 && own.output.contains("the receipt holds"), "\(own.errors)")
    let foreign = try check(codes[0], codes[1])
    #expect(foreign.status == 1 && !foreign.output.contains("the receipt holds"))
    let unknown = try check(String(repeating: "A", count: 64), codes[0])
    #expect(unknown.status == 1 && unknown.output.contains("NOT IN THE RECORD"))
  }

  /// The box puts another ballot under the code that the wallet sent.
  // adversary: L-10
  @Test func aSwappedBallotIsNoticed() async throws {
    let voter = try await voter()
    #expect(try voter.vote(to: "ballot").status == 0)
    #expect(try voter.accept("ballot").status == 0)
    var wallet = try voter.folder.text("wallet")
    let digits = try #require(wallet.range(of: "\"payload\": \"")?.upperBound)
    let end = wallet.index(digits, offsetBy: 64)
    wallet.replaceSubrange(digits..<end, with: String(repeating: "A", count: 64))
    _ = try voter.folder.write(Array(wallet.utf8), to: "wallet", permissions: 0o600)
    let check = try voter.run("check")
    #expect(check.status == 1 && check.output.contains("WITH ANOTHER CONTENT"), "\(check.output)")
    #expect(try voter.run("cast", output: "cast").status == 3)
  }
}
