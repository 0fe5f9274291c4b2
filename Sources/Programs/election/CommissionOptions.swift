// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLineSupport
import Cryptography
import Election
import Ledger
import StrictJSON

/// The commission's key, which signs its entries.
struct CommissionOptions: ParsableArguments {
  static let context = "urna/commission/v1"

  @Option(help: "The commission's secret key file.") var secret: String
  @OptionGroup var passphrase: PassphraseOptions

  func key() throws(ProgramError) -> Ed25519.PrivateKey {
    try IdentityFile.open(
      secret, context: Self.context, passphrase: try passphrase.passphrase())
  }

  /// Signs a payload.
  func sign<Payload: EntryPayload>(
    _ payload: Payload, _ state: ElectionState, key: borrowing Ed25519.PrivateKey
  ) throws(ProgramError) -> EntryFile {
    do {
      return try EntryFile.signed(
        payload, by: .commission, electionID: state.electionID, key: key, in: state.group)
    } catch { throw ProgramError(.inputOutput, "\(Payload.type.rawValue): \(error)") }
  }
}

/// `election keys`
struct Keys: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Makes the commission's key under a passphrase.")

  @Option(help: "The secret key file to write, mode 0600.") var secret: String
  @Option(help: "The public file to write.") var `public`: String
  @OptionGroup var passphrase: PassphraseOptions

  mutating func run() async throws {
    try Files.refuseToOverwrite(secret)
    let key = try IdentityFile.create(
      secret, context: CommissionOptions.context,
      passphrase: try passphrase.passphrase(isNew: true))
    let value: JSONValue = ["key": .string(key.hex)]
    try Files.write(value.prettyBytes(), to: self.public)
    Console.print("made \(secret) and \(self.public)")
  }
}
