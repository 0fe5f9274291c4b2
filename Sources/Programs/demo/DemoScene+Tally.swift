// SPDX-License-Identifier: Apache-2.0

import CommandLineSupport
import Election
import Foundation
import Ledger
import StrictJSON

/// From the closing to the verdict.
extension DemoScene {
  func decrypt() throws {
    let present = (1...Self.trusteeCount).filter { $0 != Self.absentTrustee }
    step("the commission publishes the encrypted totals; trustee \(Self.absentTrustee) is absent")
    try commission(
      "tally",
      [
        "--available", present.map(String.init).joined(separator: ","), "--output",
        entry("tally"), "--session-output", entry("session-1"),
      ])
    try accept([entry("tally"), entry("session-1")])
    step("the trustees verify the record, commit to their shares, and decrypt")
    try runDecryption(present, session: 1, wrong: Self.wrongTrustee)
    let named = try namedTrustees()
    guard named == [Self.wrongTrustee] else {
      throw ProgramError(.wrong, "named were \(named), not trustee \(Self.wrongTrustee)")
    }
    step("trustee \(Self.wrongTrustee) is named for a wrong share; the others decrypt again")
    let honest = present.filter { $0 != Self.wrongTrustee }
    try commission(
      "tally",
      [
        "--available", honest.map(String.init).joined(separator: ","), "--session-output",
        entry("session-2"),
      ])
    try accept([entry("session-2")])
    try runDecryption(honest, session: 2, wrong: nil)
  }

  /// Three rounds: commitments, factors, responses.
  private func runDecryption(_ trustees: [Int], session: Int, wrong: Int?) throws {
    for round in ["commitment", "factors", "response"] {
      for trustee in trustees {
        let name = "\(round)-\(session)-\(trustee)"
        try runTrustee(trustee, "decrypt", as: name)
        if round == "response", trustee == wrong { try falsify(entry(name), trustee: trustee) }
      }
      try accept(trustees.map { entry("\(round)-\(session)-\($0)") })
    }
  }

  private func namedTrustees() throws -> [Int] {
    let outcome = try processes.expect("ballot-box", ["status", "--record", record])
    let reader = try ProgramError.naming("ballot-box status") {
      JSONReader(try JSONValue(parsing: Array(outcome.output.utf8)))
    }
    return try reader.openFields()["named"].array().map { try $0.integer(1...100) }
  }

  func publish() throws {
    step("the commission publishes and certifies the result")
    try commission(
      "publish", ["--output", entry("decrypted"), "--certified-output", entry("certified")])
    try accept([entry("decrypted"), entry("certified")])
  }

  /// The verifier's verdict on the record, and the result.
  func verify() throws -> (certified: ResultCertified, decrypted: TallyDecrypted) {
    step("an observer verifies the record")
    let outcome = try processes.expect("verifier", ["record", record])
    for line in outcome.output.split(separator: "\n") { Console.print("    \(line)") }
    let group = ElectionState().group
    let (certified, decrypted) = (
      try Files.readEntry(entry("certified")), try Files.readEntry(entry("decrypted"))
    )
    return try ProgramError.naming("result") {
      (
        try ResultCertified(bytes: certified.payload, in: group),
        try TallyDecrypted(bytes: decrypted.payload, in: group)
      )
    }
  }

  /// The closing table: what was certified against what the voters meant.
  func compare(
    _ result: ResultCertified, _ decrypted: TallyDecrypted, with cast: VoterCast,
    _ manifest: Manifest
  ) throws {
    let expected = cast.expectedTotals()
    Console.print("")
    Console.print(Self.row("contest", "option", "certified", "meant"))
    var wrong = 0
    for (contest, (published, meant)) in zip(result.contests, expected).enumerated() {
      for (option, total) in zip(published.options, meant) {
        let mark = option.total == total ? "" : "  WRONG"
        if option.total != total { wrong += 1 }
        Console.print(Self.row(published.label, option.label, "\(option.total)", "\(total)") + mark)
      }
      if published.options.count != meant.count
        || published.label != manifest.contests[contest].label
      {
        wrong += 1
      }
    }
    let (names, unreadable) = decrypted.writtenNames(manifest.outline)
    let written = Set(names.map { "\($0.contest), \($0.option): \($0.name)" })
    guard unreadable == 0, written == cast.expectedNames() else {
      throw ProgramError(.wrong, "the written names are not those that the voters wrote")
    }
    Console.print("")
    Console.print("\(names.count) written names, all as the voters wrote them")
    guard wrong == 0, result.contests.count == expected.count else {
      throw ProgramError(.wrong, "\(wrong) totals differ from what the voters meant")
    }
    Console.print("")
  }

  private static func row(_ a: String, _ b: String, _ c: String, _ d: String) -> String {
    func left(_ text: String, _ width: Int) -> String {
      text + String(repeating: " ", count: max(1, width - text.count))
    }
    func right(_ text: String, _ width: Int) -> String {
      String(repeating: " ", count: max(1, width - text.count)) + text
    }
    return left(String(a.prefix(28)), 30) + left(String(b.prefix(28)), 30) + right(c, 9)
      + right(d, 9)
  }
}
