// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLineSupport
import Cryptography
import Election
import Ledger
import Verification

/// `verifier status`
struct Status: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Checks a proof of what was issued for an entry of the roll, without the record.",
    discussion: """
      The proof comes from `voter status --proof`. It says nothing about an election that nobody knows: give the \
      election's identifier, the log's key, or both. The configuration in the proof must fit, and with it the \
      witnesses whose quorum is demanded.

      It shows what the commission stated under the witnesses' quorum when the list was frozen. That the \
      statement is true is checked by everybody who verifies the record (rule ELI-6).

      Exit status: 0 the proof holds, 1 a rule fails, 5 it is of another election. Specs/credentials.md has more.
      """)

  @Argument(help: "The proof.") var file: String
  @Option(help: "The election's identifier (64 digits).") var election: String?
  @Option(help: "The log's key, a vkey, as in the configuration's ballotBox.log.")
  var logKey: String?
  @Option(help: "A witness policy of your own, a file, that must be satisfied as well.")
  var policy: String?

  func validate() throws {
    guard election != nil || logKey != nil else {
      throw ValidationError("--election or --log-key: how the election is known.")
    }
  }

  mutating func run() async throws {
    let anchor = try anchor()
    let bytes = try Files.read(file, limit: StatusProof.maximumByteCount)
    let proof = try ProgramError.naming(file) {
      try StatusProof(bytes: bytes, in: ElectionState().group)
    }
    let finding: StatusProof.Finding
    do throws(StatusProof.Fault) { finding = try proof.check(anchor) } catch {
      let exit = if case .foreign = error { ProgramExit.refused } else { ProgramExit.wrong }
      throw ProgramError(exit, "\(file): \(error)")
    }
    for line in finding.text { Console.print(line) }
    Console.print("verdict: the proof holds")
  }

  private func anchor() throws(ProgramError) -> StatusProof.Anchor {
    var anchor = StatusProof.Anchor()
    if let election {
      guard let digest = Digest(hex: election) else {
        throw ProgramError(.usage, "--election: 64 upper-case hexadecimal digits")
      }
      anchor.electionID = digest
    }
    if let logKey {
      anchor.logKey = try ProgramError.naming("--log-key", .usage) {
        try NoteVerifierKey(vkey: logKey)
      }
    }
    if let policy {
      let bytes = try Files.read(policy, limit: WitnessPolicy.maximumByteCount)
      anchor.policy = try ProgramError.naming(policy) { try WitnessPolicy(bytes) }
    }
    return anchor
  }
}

extension StatusProof.Finding {
  /// What the proof shows, in words.
  fileprivate var text: [String] {
    let place = "entry \(status.index) of the district \(district.label)"
    var lines = [
      "election \(electionID.hex): \(configuration.name)",
      "record of \(witnessed.checkpoint.size) entries, cosigned by "
        + (witnessed.cosignatures.isEmpty
          ? "no witness: the election demands none"
          : witnessed.cosignatures.map {
            "\($0.witness.name) at \(UniversalTime.text(Int(clamping: $0.cosignature.time)))"
          }.joined(separator: ", ")),
    ]
    if status.attempts.isEmpty {
      lines.append("no credential was ever issued for \(place)")
    }
    for (number, attempt) in zip(1..., status.attempts) {
      lines.append(
        "request \(number) for \(place) was recorded as entry \(attempt.entry), at "
          + "\(UniversalTime.text(attempt.time)), "
          + (attempt.isCancelled ? "cancelled" : "not cancelled"))
    }
    switch identity {
    case nil: lines.append("whose entry it is does not show")
    case .keys(let keys):
      let names = keys.map(\.hex).joined(separator: " and ")
      lines.append("it is the roll's entry with the key \(names)")
    case .identifier(let digest):
      lines.append(
        "it is the roll's entry of the citizen whose identifier has the hash \(digest.hex)")
    }
    return lines
  }
}
