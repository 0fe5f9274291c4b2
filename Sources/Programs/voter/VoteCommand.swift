// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLineSupport
import Cryptography
import Election
import Groups
import Ledger
import StrictJSON
import Verification

/// What the voter's commands share.
struct VoterOptions: ParsableArguments {
  @OptionGroup var record: RecordOptions
  @Option(help: "The voter's wallet.") var wallet: String
  @OptionGroup var passphrase: PassphraseOptions

  func open() throws(ProgramError) -> Wallet { try Wallet(path: wallet, passphrase) }

  func keep(_ changed: Wallet) throws(ProgramError) { try changed.write(to: wallet, passphrase) }
}

/// `voter vote`
struct Vote: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Encrypts a ballot and signs it for the ballot box.",
    discussion: """
      The choices are JSON: {"contests": [{"contest": label, "selections": [{"option": label, \
      "votes": 1, "writeIn": text}]}]}. A contest that is left out is blank. A contest with too many \
      votes counts as blank as well.
      """)

  @OptionGroup var voter: VoterOptions
  @Option(help: "The choices.") var choices: String
  @OptionGroup var output: EntryOutput

  mutating func run() async throws {
    let (directory, state) = try await voter.record.fold(.keys)
    var wallet = try voter.open()
    let key = try wallet.key(for: state)
    guard state.phase == .voting, let context = state.context, let manifest = state.manifest,
      let electionID = state.electionID, let configuration = state.configuration
    else {
      throw ProgramError(.refused, "the voting is not open (phase \(state.phase.rawValue))")
    }
    guard let listed = state.voter(key.publicKey) else {
      throw ProgramError(.refused, "the key of this wallet is not on the list of voters")
    }
    let reader = try Files.readJSON(choices)
    let ballot: PlaintextBallot
    do {
      ballot = try Choices.read(reader, style: listed.ballotStyle, manifest)
    } catch { throw ProgramError(.wrong, "\(choices): \(error)") }
    for label in Choices.overvotes(ballot, manifest) {
      Console.error("warning: \(label) has too many votes and counts as blank")
    }
    let earlier = state.ballots.ballots(of: key.publicKey)
    let made: (submitted: BallotSubmitted, nonce: [UInt8])
    do {
      made = try encrypt(ballot, listed, earlier, configuration, context, electionID, key)
    } catch let error as ProgramError { throw error } catch {
      throw ProgramError(.wrong, "\(choices): \(error)")
    }
    let entry = try ProgramError.naming(output.name) {
      try EntryFile.signed(
        made.submitted, by: .pseudonym(key.publicKey), electionID: electionID, key: key,
        in: context.group)
    }
    let code = made.submitted.ballot.confirmationCode
    wallet.ballots.append(
      Wallet.Ballot(
        election: electionID, sequence: made.submitted.sequence, confirmationCode: code,
        payloadDigest: entry.entry.payloadDigest,
        opening: Wallet.Opening(ballotNonce: made.nonce, choices: reader.value)))
    // The wallet first: without it the ballot could not be decided about.
    try voter.keep(wallet)
    // So that the same ballot can be sent again when no answer comes; another one would have its number.
    let copy = "\(voter.wallet).ballot-\(made.submitted.sequence).entry"
    if output.path == nil { try Files.write(entry.bytes, to: copy) }
    Console.print("confirmation code \(code.hex)")
    do throws(ProgramError) {
      try await output.deliver(entry, voter.record, directory, state)
    } catch {
      guard output.path == nil, error.exit == .inputOutput else { throw error }
      throw ProgramError(
        error.exit, error.message, hint: "voter submit --box \(voter.record.path) \(copy)")
    }
    Console.print(
      output.path == nil
        ? "now decide: voter cast counts it, voter challenge opens it and you vote again"
        : "when the box has published it, cast or challenge it")
  }

  private func encrypt(
    _ ballot: PlaintextBallot, _ listed: ListedVoter, _ earlier: [BallotRegister.Ballot],
    _ configuration: ElectionConfiguration, _ context: ElectionContext, _ electionID: Digest,
    _ key: borrowing Ed25519.PrivateKey
  ) throws -> (submitted: BallotSubmitted, nonce: [UInt8]) {
    let secrets = try BallotSecrets.fresh()
    guard let random = Digest(try SecureRandom.bytes(Digest.byteCount)) else {
      throw ProgramError(.inputOutput, "no randomness")
    }
    let sequence = earlier.count + 1
    let identifier = BallotSubmitted.identifier(
      electionID: electionID, district: listed.district, pseudonym: key.publicKey,
      sequence: sequence, random: random)
    let device = BaseHashes.device(
      extended: context.extendedBaseHash, configuration.device, in: context.group)
    let encrypted = try EncryptedBallot.encrypt(
      ballot, identifier: identifier, chainingField: .unchained(device: device),
      secrets: secrets, context: context)
    let submitted = BallotSubmitted(
      sequence: sequence, previous: earlier.last?.payloadDigest, random: random,
      ballot: encrypted)
    return (submitted, secrets.ballotNonce.revealed())
  }
}

/// The file with a voter's choices.
enum Choices {
  static func read(
    _ reader: JSONReader, style: Int, _ manifest: Manifest
  ) throws(JSONError) -> PlaintextBallot {
    var contests: [PlaintextBallot.Contest] = []
    for item in try reader.fields(["contests"])["contests"].array(0...1_000) {
      let fields = try item.fields(["contest", "selections"])
      let label = try fields["contest"].string()
      guard let index = manifest.contests.firstIndex(where: { $0.label == label }),
        manifest.ballotStyle(at: style)?.contests.contains(index + 1) == true
      else { throw try fields["contest"].failure("no contest of the ballot style") }
      guard !contests.contains(where: { $0.index == index + 1 }) else {
        throw try fields["contest"].failure("the contest is named twice")
      }
      contests.append(
        try contest(fields["selections"], index: index + 1, manifest.contests[index]))
    }
    return PlaintextBallot(ballotStyle: style, contests: contests)
  }

  private static func contest(
    _ reader: JSONReader, index: Int, _ contest: Contest
  ) throws(JSONError) -> PlaintextBallot.Contest {
    var votes = Array(repeating: 0, count: contest.options.count)
    var writeIns: [ContestData.WriteIn] = []
    for item in try reader.array(0...1_000) {
      let fields = try item.fields(["option", "votes"], optional: ["writeIn"])
      let label = try fields["option"].string()
      guard let option = contest.options.firstIndex(where: { $0.label == label }) else {
        throw try fields["option"].failure("no option of the contest")
      }
      guard votes[option] == 0 else {
        throw try fields["option"].failure("the option is named twice")
      }
      votes[option] = try fields["votes"].integer(1...1_000)
      if let text = fields.optional("writeIn") {
        guard contest.options[option].isWriteIn else {
          throw text.failure("the option is no write-in")
        }
        writeIns.append(ContestData.WriteIn(option: option + 1, text: try text.string(minBytes: 1)))
      }
    }
    return PlaintextBallot.Contest(index: index, votes: votes, writeIns: writeIns)
  }

  /// Labels of contests with more votes than allowed.
  static func overvotes(_ ballot: PlaintextBallot, _ manifest: Manifest) -> [String] {
    ballot.contests.compactMap { choice in
      guard let contest = manifest.contest(at: choice.index) else { return nil }
      let isOvervote =
        choice.votes.contains { $0 > contest.optionLimit }
        || choice.votes.reduce(0, +) > contest.selectionLimit
      return isOvervote ? contest.label : nil
    }
  }
}
