// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLineSupport
import Cryptography
import Election
import ElGamal
import Groups
import Ledger
import LedgerFiles
import StrictJSON
import Verification

/// `trustee enroll`
struct Enroll: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Makes the secret file and the public file with the identity key.")

  @OptionGroup var secret: SecretOptions
  @Option(help: "The public file to write, for the commission.") var `public`: String

  mutating func run() async throws {
    try Files.refuseToOverwrite(secret.secret)
    let passphrase = try secret.passphraseOptions.passphrase(isNew: true)
    let file: SecretFile
    do { file = try SecretFile.fresh() } catch { throw ProgramError(.inputOutput, "\(error)") }
    try secret.write(file, passphrase)
    let value: JSONValue = ["key": .string(try file.identityKey().publicKey.hex)]
    try Files.write(value.prettyBytes(), to: self.public)
    Console.print("made \(secret.secret) and \(self.public)")
  }
}

/// What the commands on a record share.
struct StepOptions: ParsableArguments {
  @OptionGroup var secret: SecretOptions
  @OptionGroup var record: RecordOptions
  @OptionGroup var output: EntryOutput

  /// The trustee's index: the place of their identity key in the configuration.
  func index(
    _ state: ElectionState, _ key: borrowing Ed25519.PrivateKey
  ) throws(ProgramError) -> Int {
    let own = key.publicKey
    guard let position = state.configuration?.trusteeKeys.firstIndex(of: own) else {
      throw ProgramError(.refused, "the configuration does not name the key of this secret file")
    }
    return position + 1
  }

  /// Refuses to make an entry that does not come in this phase.
  func requirePhase(of type: EntryType, _ state: ElectionState) throws(ProgramError) {
    guard state.isAdmitted(type) else {
      throw ProgramError(
        .refused,
        "the election is in the phase \(state.phase.rawValue), which has no \(type.rawValue)")
    }
  }

  /// Signs a payload, and writes the entry or sends it.
  func deliver<Payload: EntryPayload>(
    _ payload: Payload, trustee: Int, _ directory: RecordDirectory, _ state: ElectionState,
    key: borrowing Ed25519.PrivateKey
  ) async throws(ProgramError) {
    let file: EntryFile
    do {
      file = try EntryFile.signed(
        payload, by: .trustee(trustee), electionID: state.electionID, key: key, in: state.group)
    } catch { throw ProgramError(.inputOutput, "\(output.name): \(error)") }
    try await output.deliver(file, record, directory, state)
  }
}

/// `trustee generate`
struct Generate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Makes the trustee's keys for this election and proves to know their secrets.")

  @OptionGroup var step: StepOptions

  mutating func run() async throws {
    let passphrase = try step.secret.passphraseOptions.passphrase()
    var file = try step.secret.open(passphrase)
    let (directory, state) = try await step.record.fold(.everything)
    try step.requirePhase(of: .trusteeKeys, state)
    let identity = try file.identityKey()
    let trustee = try step.index(state, identity)
    guard let configuration = state.configuration, let hash = state.parameterBaseHash else {
      throw ProgramError(.incomplete, "the record has no configuration")
    }
    guard file.share.count == 0 else {
      throw ProgramError(
        .refused, "this secret file holds the share of an election",
        hint: "enroll with a new secret file for another election")
    }
    guard state.ceremony.keys[trustee] == nil else {
      throw ProgramError(.refused, "the record has this trustee's keys of the round already")
    }
    let payload: TrusteeKeysPublished
    do {
      let secrets = try TrusteeSecrets.generate(
        trustee: trustee, threshold: configuration.threshold, in: state.group)
      payload = TrusteeKeysPublished(
        round: state.ceremony.round,
        keys: try secrets.publicKeys(parameterBaseHash: hash, in: state.group))
      file.polynomials = secrets.encoded(in: state.group)
    } catch { throw ProgramError(.inputOutput, "\(error)") }
    file.round = state.ceremony.round
    file.trustee = trustee
    try step.secret.write(file, passphrase)
    try await step.deliver(payload, trustee: trustee, directory, state, key: identity)
  }
}

/// The steps between `generate` and `decrypt`.
extension StepOptions {
  /// Opens record and secret file in the round that the file's polynomials belong to.
  func ceremony() async throws -> Ceremony {
    let passphrase = try secret.passphraseOptions.passphrase()
    let file = try secret.open(passphrase)
    let (directory, state) = try await record.fold(.everything)
    try requirePhase(of: .trusteeKeys, state)
    let identity = try file.identityKey()
    let trustee = try index(state, identity)
    guard file.round == state.ceremony.round, file.trustee == trustee else {
      throw ProgramError(
        .refused, "round \(state.ceremony.round) of the ceremony needs new keys",
        hint: "run trustee generate")
    }
    guard let hash = state.parameterBaseHash, let keys = state.ceremony.allKeys(state.trusteeCount)
    else {
      throw ProgramError(.incomplete, "the keys of some trustees are not in the record yet")
    }
    return Ceremony(
      directory: directory, state: state, passphrase: passphrase, file: file, identity: identity,
      trustee: trustee,
      hash: hash, keys: keys)
  }
}

/// A ceremony under way, from one trustee's place.
struct Ceremony: ~Copyable {
  let directory: RecordDirectory
  let state: ElectionState
  let passphrase: SecretBytes
  var file: SecretFile
  let identity: Ed25519.PrivateKey
  let trustee: Int
  let hash: Digest
  let keys: [TrusteeKeys]

  var own: TrusteeKeys? { state.ceremony.keys[trustee] }

  /// The secrets of the file, which the keys in the record must belong to.
  func secrets() throws(ProgramError) -> TrusteeSecrets {
    let secrets = try file.secrets(in: state.group)
    let isOwn: Bool
    do {
      let made = try secrets.publicKeys(parameterBaseHash: hash, in: state.group)
      isOwn =
        own?.voteCommitments == made.voteCommitments
        && own?.dataCommitments == made.dataCommitments
        && own?.communicationKey == made.communicationKey
    } catch { throw ProgramError(.inputOutput, "\(error)") }
    guard isOwn else {
      throw ProgramError(.wrong, "the record holds other keys than this secret file")
    }
    return secrets
  }

  /// The share of the election's key: computed from the shares of all trustees, or, after that was
  /// done once, read from the file and held against the record's keys.
  func share() throws(ProgramError) -> TrusteeShare {
    let group = state.group
    if file.polynomials.count == 0, file.share.count > 0 {
      let share = try file.trusteeShare(in: group)
      guard share.matches(keys, in: group) else {
        throw ProgramError(.wrong, "the record holds other keys than this secret file")
      }
      return share
    }
    guard let own else { throw ProgramError(.incomplete, "the record has no keys of this trustee") }
    let secrets = try secrets()
    var share = TrusteeShare(
      trustee: trustee, voteShare: secrets.share(.vote, for: trustee, in: group),
      dataShare: secrets.share(.data, for: trustee, in: group))
    for sender in keys where sender.trustee != trustee {
      guard let encryption = state.ceremony.share(from: sender.trustee, to: trustee),
        let received = secrets.receive(
          encryption, from: sender, own: own, parameterBaseHash: hash, in: group)
      else {
        throw ProgramError(
          .wrong, "the share of trustee \(sender.trustee) is wrong", hint: "run trustee receive")
      }
      share = share.adding(received, in: group)
    }
    return share
  }
}

/// `trustee share`
struct Share: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Encrypts a share of the trustee's secret for every other trustee.")

  @OptionGroup var step: StepOptions

  mutating func run() async throws {
    let ceremony = try await step.ceremony()
    let secrets = try ceremony.secrets()
    var shares: [ShareEncryption] = []
    do {
      for receiver in ceremony.keys where receiver.trustee != ceremony.trustee {
        shares.append(
          try secrets.encryptedShare(
            for: receiver, parameterBaseHash: ceremony.hash, in: ceremony.state.group))
      }
    } catch { throw ProgramError(.inputOutput, "\(error)") }
    try await step.deliver(
      TrusteeSharesPublished(
        round: ceremony.state.ceremony.round, trustee: ceremony.trustee, shares: shares),
      trustee: ceremony.trustee, ceremony.directory, ceremony.state, key: ceremony.identity)
  }
}

/// `trustee receive`
struct Receive: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Checks the shares that came: writes a receipt, or a complaint about a wrong one.")

  @OptionGroup var step: StepOptions

  mutating func run() async throws {
    let ceremony = try await step.ceremony()
    let state = ceremony.state
    let secrets = try ceremony.secrets()
    guard let own = ceremony.own else {
      throw ProgramError(.incomplete, "the record does not have this trustee's keys")
    }
    for sender in ceremony.keys where sender.trustee != ceremony.trustee {
      guard let share = state.ceremony.share(from: sender.trustee, to: ceremony.trustee) else {
        throw ProgramError(.incomplete, "the share of trustee \(sender.trustee) is not there yet")
      }
      let received = secrets.receive(
        share, from: sender, own: own, parameterBaseHash: ceremony.hash, in: state.group)
      if received != nil { continue }
      let evidence: ComplaintEvidence
      do {
        evidence = try secrets.complaint(
          about: share, parameterBaseHash: ceremony.hash, in: state.group)
      } catch { throw ProgramError(.inputOutput, "\(error)") }
      Console.print("the share of trustee \(sender.trustee) is wrong; this is a complaint")
      try await step.deliver(
        TrusteeComplaint(
          round: state.ceremony.round, accused: sender.trustee, evidence: evidence),
        trustee: ceremony.trustee, ceremony.directory, state, key: ceremony.identity)
      throw ExitCode(ProgramExit.wrong.rawValue)
    }
    try await step.deliver(
      TrusteeReceipt(round: state.ceremony.round), trustee: ceremony.trustee, ceremony.directory,
      state, key: ceremony.identity)
  }
}

/// `trustee confirm`
struct Confirm: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Recomputes the joint keys, confirms them, and keeps only the share for decryption.")

  @OptionGroup var step: StepOptions

  mutating func run() async throws {
    var ceremony = try await step.ceremony()
    let state = ceremony.state
    guard let keys = state.expectedKeys, state.ceremony.receipts.count == state.trusteeCount else {
      throw ProgramError(.incomplete, "the receipts of some trustees are not there yet")
    }
    ceremony.file.share = try ceremony.share().encoded(in: state.group)
    // What the share was made of is not needed again.
    ceremony.file.polynomials = SecretBytes(zeros: 0)
    try step.secret.write(ceremony.file, ceremony.passphrase)
    try await step.deliver(
      TrusteeConfirmation(round: state.ceremony.round, keys: keys), trustee: ceremony.trustee,
      ceremony.directory, state, key: ceremony.identity)
  }
}
