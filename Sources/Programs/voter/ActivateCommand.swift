// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLineSupport
import Cryptography
import Election
import Ledger
import LedgerFiles
import Verification

/// `voter activate`
struct Activate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract:
      "Puts the credential's key on the list: of those that may vote, or of those that signed a petition.",
    discussion: """
      Nothing joins this to the registration but time and address: do it at another time, and over another way. \
      With --wait the wallet chooses a random second of the activation once, waits for it, and goes on with the \
      same choice when it is started again. Sending again does no harm.
      """)

  @OptionGroup var voter: VoterOptions
  @Flag(help: "Wait for a random time of the activation.") var wait = false
  @OptionGroup var output: EntryOutput

  /// Seconds before the end of the activation that a random time keeps free, for trying again.
  private static let reserve = 300

  mutating func run() async throws {
    var wallet = try voter.open()
    if wait {
      let (_, state) = try await voter.record.fold(.structure)
      let known = try wallet.credential(in: state)
      var credential = known.credential
      let window = known.terms.activation
      if credential.activationTime == nil {
        let first = max(window.lowerBound, UniversalTime.now)
        let last = max(first, window.upperBound - Self.reserve)
        do { credential.activationTime = try SecureRandom.number(in: first...last) } catch {
          throw ProgramError(.inputOutput, "no randomness")
        }
        try wallet.keep(credential)
        try voter.keep(wallet)
      }
      let seconds = max(0, (credential.activationTime ?? 0) - UniversalTime.now)
      Console.print("activates at \(UniversalTime.text(credential.activationTime ?? 0))")
      try await Task.sleep(for: .seconds(seconds))
    }
    let (directory, state) = try await voter.record.fold(.structure)
    let (credential, terms) = try wallet.credential(in: state)
    let key = try wallet.key(for: state)
    if case .active = state.credentials.status(of: key.publicKey) {
      Console.print("the key is on the list already")
      return
    }
    guard state.phase == .activation else {
      throw ProgramError(
        .refused, "keys are not activated in the phase \(state.phase.rawValue)")
    }
    // The first k, so that the choice of issuers says nothing.
    let signatures = credential.signatures.sorted { $0.key < $1.key }.prefix(terms.required)
    guard credential.signatures.count == terms.issuers.count else {
      throw ProgramError(
        .incomplete, "the signatures of some issuers are missing", hint: "voter register")
    }
    let entry = try ProgramError.naming(voter.wallet) {
      try EntryFile.signed(
        CredentialActivation(
          district: credential.district,
          nonce: try credential.secrets(wallet.seed).message().nonce,
          signatures: signatures.map { .init(issuer: $0.key, bytes: $0.value) }),
        by: .pseudonym(key.publicKey), electionID: state.electionID, key: key, in: state.group)
    }
    let findings = state.precheck(entry)
    if let failure = findings.failures.first {
      throw ProgramError(
        .wrong, "the credential breaks \(failure.rule.rawValue): \(failure.detail)")
    }
    try await output.deliver(entry, voter.record, directory, state)
  }
}

/// `voter cancel`
struct Cancel: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Gives the credential up, as when the device was stolen. The key can never vote.",
    discussion: """
      Before the list is frozen. During the registration the next voter register gets another credential; \
      afterwards the vote is lost. The cancellation joins the roll's entry and the key in public: it says that \
      this entry gave up this key, and nothing of a new one.
      """)

  @OptionGroup var voter: VoterOptions
  @OptionGroup var output: EntryOutput

  mutating func run() async throws {
    let (directory, state) = try await voter.record.fold(.structure)
    var wallet = try voter.open()
    let known = try wallet.credential(in: state)
    var credential = known.credential
    let key = try wallet.key(for: state)
    if state.credentials.records(district: credential.district, index: credential.index)
      .dropFirst(credential.attempt).first?.isCancelled == true
    {
      credential.beginNextAttempt()
      try wallet.keep(credential)
      try voter.keep(wallet)
      Console.print("the credential is cancelled already; voter register gets another one")
      return
    }
    let entry = try ProgramError.naming(voter.wallet) {
      try EntryFile.signed(
        try Self.payload(credential, wallet.seed, known.terms), by: .pseudonym(key.publicKey),
        electionID: state.electionID, key: key, in: state.group)
    }
    let outcome = await output.outcome(entry, voter.record, directory, state)
    try outcome.finish()
    if output.path == nil {
      credential.beginNextAttempt()
      try wallet.keep(credential)
      try voter.keep(wallet)
    }
  }

  private static func payload(
    _ credential: WalletCredential, _ seed: [UInt8], _ terms: CredentialTerms
  ) throws -> CredentialCancelled {
    let secrets = try credential.secrets(seed)
    let (request, blinded) = try secrets.request(terms, index: credential.index)
    let message = try secrets.message()
    var factors: [[UInt8]] = []
    for number in terms.issuers.indices.map({ $0 + 1 }) {
      guard let key = terms.credentialKey(issuer: number, district: credential.district) else {
        throw ProgramError(.wrong, "the election has no issuer \(number)")
      }
      factors.append(try secrets.openingFactor(for: key, issuer: number))
    }
    let statement = IssueRequest.cancellation(of: request.hash, pseudonym: message.pseudonym)
    return CredentialCancelled(
      district: credential.district, index: credential.index, attempt: credential.attempt,
      nonce: message.nonce, blinded: blinded, factors: factors,
      signatures: try credential.signed(statement, seed: seed).signatures)
  }
}

extension WalletCredential {
  /// The credential was given up: another key, other signatures.
  mutating func beginNextAttempt() {
    attempt += 1
    signatures = [:]
    activationTime = nil
  }
}
