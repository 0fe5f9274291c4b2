// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLineSupport
import Cryptography
import Election
import Ledger
import LedgerFiles
import Verification

/// `election open-registration`
struct OpenRegistration: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Opens the registration: citizens ask for credentials.")

  @OptionGroup var phase: PhaseOptions
  @OptionGroup var output: EntryOutput

  mutating func run() async throws {
    let (directory, state) = try await phase.fold(.structure, .setup, .keyCeremony)
    guard state.terms != nil else {
      throw ProgramError(.refused, "the configuration lists the voters; there are no credentials")
    }
    guard state.isAdmitted(.registrationOpened) else {
      throw ProgramError(.refused, "the manifest comes before the registration")
    }
    let entry = try phase.commission.sign(
      RegistrationOpened(), state, key: try phase.commission.key())
    try await output.deliver(entry, phase.record, directory, state)
  }
}

/// `election open-activation`
struct OpenActivation: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Ends the registration and opens the activation of keys.")

  @OptionGroup var phase: PhaseOptions
  @OptionGroup var output: EntryOutput

  mutating func run() async throws {
    let (directory, state) = try await phase.fold(.structure, .registration)
    let entry = try phase.commission.sign(
      ActivationOpened(issued: state.credentials.counts.map(\.issued)), state,
      key: try phase.commission.key())
    try await output.deliver(entry, phase.record, directory, state)
  }
}

/// `election freeze`
struct Freeze: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Freezes the list of keys that may vote or that signed, and reports every gap.",
    discussion: """
      The gap is the number of credentials that were issued and put no key on the list. So many keys could \
      issuers, all of them together, have made up. The voting does not open over a larger gap than the \
      configuration allows. A petition is complete with its list; its gap is published, and bounds nothing.
      """)

  @OptionGroup var phase: PhaseOptions
  @OptionGroup var output: EntryOutput

  mutating func run() async throws {
    let (directory, state) = try await phase.fold(.everything, .activation)
    for line in state.gapReport { Console.print(line) }
    let entry = try phase.commission.sign(
      CredentialListFrozen(
        districts: state.frozenLists(),
        checkpoint: String(decoding: directory.checkpointNote, as: UTF8.self)),
      state, key: try phase.commission.key())
    try await output.deliver(entry, phase.record, directory, state)
  }
}
