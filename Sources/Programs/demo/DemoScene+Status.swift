// SPDX-License-Identifier: Apache-2.0

import CommandLineSupport
import Cryptography
import Election
import StrictJSON

/// What citizens prove about their entries of the roll, once the list is frozen.
extension DemoScene {
  /// A citizen on the roll who never asks for a credential.
  static let absentCitizen = "Citizen abroad"
  static let absentReference = "reference-abroad"

  /// Proofs of status, each checked without the record: nothing was issued; a credential that was never activated;
  /// one that was given up, and another.
  func showStatus(_ cast: VoterCast) throws {
    let absent = "\(work)/absent.status"
    // Who wants to be known as the entry's citizen shows the salt.
    let (reference, leaf) = (secret("absent-reference"), secret("absent-leaf"))
    try Files.writeSecret(Array((Self.absentReference + "\n").utf8), to: reference)
    try processes.expect(
      "issuer",
      ["roll", "proof", "--roll", secret("roll"), "--citizen-file", reference, "--output", leaf])
    let district = cast.districts[0].label
    let number = try index(ofName: Self.absentCitizen)
    try prove(
      district, number, to: absent, options: ["--leaf", leaf],
      shows: ["no credential was ever issued", "it is the roll's entry with the key"])
    step("a citizen who never asked for a credential has a proof that none was ever issued")
    let lazy = cast.voters[Self.lazyVoter - 1]
    try prove(
      lazy.district, try rollIndex(of: lazy), to: "\(work)/lazy.status",
      shows: ["request 1 for entry", "not cancelled", "whose entry it is does not show"])
    let robbed = cast.voters[Self.robbedVoter - 1]
    try prove(
      robbed.district, try rollIndex(of: robbed), to: "\(work)/robbed.status",
      shows: ["request 1 for entry", "Z, cancelled", "request 2 for entry", "not cancelled"])
    step("others prove when theirs were issued; nobody needs the record to check it")
    try refuseOtherEntry(absent, number)
  }

  /// The number of a voter's entry, as the wallet knows it.
  private func rollIndex(of voter: DemoVoter) throws -> Int {
    let path = secret("voter-\(voter.number)")
    let credentials = try Files.readJSON(path).openFields()["credentials"].array()
    guard let credential = credentials.first else {
      throw ProgramError(.wrong, "\(path): no credential")
    }
    return try credential.openFields()["index"].integer(1...CredentialTerms.maximumVoters)
  }

  private func prove(
    _ district: String, _ index: Int, to path: String, options: [String] = [],
    shows texts: [String]
  ) throws {
    try processes.expect(
      "voter",
      [
        "status", "--record", place, "--district", district, "--index", "\(index)", "--proof",
        path,
      ] + options)
    let outcome = try processes.expect(
      "verifier", ["status", path, "--election", try electionID().hex])
    for text in texts where !outcome.output.contains(text) {
      throw ProgramError(.wrong, "verifier status \(path): \(outcome.output)")
    }
  }

  /// The same answer about another entry does not pass.
  private func refuseOtherEntry(_ path: String, _ index: Int) throws {
    let bytes = try Files.read(path)
    let text = Array("\"index\":\(index),\"path\"".utf8)
    guard let range = bytes.firstRange(of: text) else {
      throw ProgramError(.wrong, "\(path): no status")
    }
    let other = Array("\"index\":\(index == 1 ? 2 : index - 1),\"path\"".utf8)
    try Files.write(
      Array(bytes[..<range.lowerBound]) + other + bytes[range.upperBound...], to: "\(path).2")
    let outcome = try processes.expect(
      "verifier", ["status", "\(path).2", "--election", try electionID().hex], status: 1)
    guard outcome.errors.contains("ELI-6") else {
      throw ProgramError(
        .wrong, "a changed proof was refused for another reason: \(outcome.errors)")
    }
    step("the same proof about another entry is refused: ELI-6")
  }
}
