// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLineSupport
import Cryptography
import Election
import Groups
import Ledger
import StrictJSON
import Verification

/// `voter cast`
struct Cast: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Casts a published ballot: it counts, and cannot be challenged any more.")

  @OptionGroup var voter: VoterOptions
  @Option(help: "The ballot's confirmation code; the last undecided ballot without it.")
  var code: String?
  @OptionGroup var output: EntryOutput

  mutating func run() async throws {
    let (directory, state) = try await voter.record.fold(.keys)
    var wallet = try voter.open()
    let position = try wallet.undecided(state, code: code)
    let confirmationCode = wallet.ballots[position].confirmationCode
    let key = try wallet.key(for: state)
    let entry = try ProgramError.naming(output.name) {
      try EntryFile.signed(
        BallotCast(confirmationCode: confirmationCode), by: .pseudonym(key.publicKey),
        electionID: state.electionID, key: key, in: state.group)
    }
    // What was sent may have arrived, whatever comes back: the opening goes only when it is certain that
    // the decision is made, and until then the same command sends the same entry again.
    Console.print("casts the ballot \(confirmationCode.hex)")
    let outcome = await output.outcome(entry, voter.record, directory, state)
    if outcome.isMade {
      wallet.ballots[position].opening = nil
      try voter.keep(wallet)
    }
    try outcome.finish()
  }
}

/// `voter challenge`
struct Challenge: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract:
      "Challenges a published ballot: it is opened, never counts, and the voter votes again.")

  @OptionGroup var voter: VoterOptions
  @Option(help: "The ballot's confirmation code; the last undecided ballot without it.")
  var code: String?
  @OptionGroup var output: EntryOutput

  mutating func run() async throws {
    let (directory, state) = try await voter.record.fold(.keys)
    let wallet = try voter.open()
    let ballot = wallet.ballots[try wallet.undecided(state, code: code)]
    let key = try wallet.key(for: state)
    guard let opening = ballot.opening, let context = state.context,
      let manifest = state.manifest, let listed = state.voter(key.publicKey),
      let payload = try directory.payload(ofBallot: ballot.confirmationCode, in: state)
    else {
      throw ProgramError(.incomplete, "the wallet cannot open the ballot any more")
    }
    let entry = try ProgramError.naming(voter.wallet) {
      let choices = try Choices.read(
        JSONReader(opening.choices), style: listed.ballotStyle, manifest)
      let submitted = try BallotSubmitted(bytes: payload, in: context.group)
      let secrets = BallotSecrets(ballotNonce: SecretBytes(copying: opening.ballotNonce))
      return try EntryFile.signed(
        BallotChallenged(
          confirmationCode: ballot.confirmationCode,
          opening: try ChallengeOpening(
            choices, identifierHash: context.identifierHash(of: submitted.ballot.identifier),
            secrets: secrets, context: context)),
        by: .pseudonym(key.publicKey), electionID: state.electionID, key: key,
        in: context.group)
    }
    Console.print("challenges the ballot \(ballot.confirmationCode.hex)")
    try await output.deliver(entry, voter.record, directory, state)
    Console.print(
      "when the box has published it, check it on another device: voter check --record "
        + "\(voter.record.path) --code \(ballot.confirmationCode.hex)")
  }
}

extension Wallet {
  /// Position of the ballot to decide about.
  func undecided(_ state: ElectionState, code: String?) throws(ProgramError) -> Int {
    guard state.phase == .voting else {
      throw ProgramError(.refused, "the voting is not open (phase \(state.phase.rawValue))")
    }
    let candidates = ballots.indices.filter { index in
      guard code == nil || ballots[index].confirmationCode.hex == code else { return false }
      // Another content under the same code would not be the ballot that this wallet made.
      let published = state.ballots.ballot(ballots[index].confirmationCode)
      return published?.decision == BallotRegister.Decision.none
        && published?.payloadDigest == ballots[index].payloadDigest
    }
    guard let position = candidates.last else {
      throw ProgramError(
        .incomplete, "the record has no undecided ballot of this wallet",
        hint: "wait until the ballot box has published the ballot, or run voter check")
    }
    return position
  }
}
