// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLineSupport
import Cryptography
import StrictJSON

/// `election auditors`
struct Auditors: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "The auditors' key, and the evidence that issuers seal under it.",
    discussion: """
      Issuers seal what shows who asked for a credential: certificate or token, salt and path. Only auditors open \
      it; the record has its digest.
      """,
    subcommands: [AuditorKeys.self, OpenEvidence.self])

  static let context = "urna/auditors/v1"
}

/// `election auditors keys`
struct AuditorKeys: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "keys", abstract: "Makes the auditors' key under a passphrase.")

  @Option(help: "The secret key file to write, mode 0600.") var secret: String
  @Option(help: "The public file to write, for election init --auditors.") var `public`: String
  @OptionGroup var passphrase: PassphraseOptions

  mutating func run() async throws {
    try Files.refuseToOverwrite(secret)
    let words = try passphrase.passphrase(isNew: true)
    let key: [UInt8]
    do {
      let privateKey = try SecretBytes(random: X25519Box.keyByteCount)
      key = try X25519Box.publicKey(of: privateKey)
      try Files.writeSecret(
        PassphraseBox.seal(privateKey, passphrase: words, context: Auditors.context), to: secret)
    } catch let error as ProgramError { throw error } catch {
      throw ProgramError(.inputOutput, "\(secret): \(error)")
    }
    let value: JSONValue = ["key": .string(Hex.encode(key))]
    try Files.write(value.prettyBytes(), to: self.public)
    Console.print("made \(secret) and \(self.public)")
  }
}

/// `election auditors open`
struct OpenEvidence: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "open",
    abstract: "Opens sealed evidence, and shows the digest that the record has.")

  @Argument(help: "A sealed file of an issuer, as `issuer evidence` writes it.") var sealed: String
  @Option(help: "The auditors' secret key file.") var secret: String
  @Option(help: "The file to write, mode 0600. Personal.") var output: String
  @OptionGroup var passphrase: PassphraseOptions

  mutating func run() async throws {
    let box = try Files.read(sealed, limit: 4 << 20)
    let file = try Files.readSecret(secret, limit: 4096)
    let words = try passphrase.passphrase()
    do {
      let key = try PassphraseBox.open(
        file.revealed(), passphrase: words, context: Auditors.context)
      let opened = try X25519Box.open(box, privateKey: key, context: "urna/evidence/v1")
      try Files.writeSecret(opened.revealed(), to: output)
    } catch let error as ProgramError { throw error } catch {
      throw ProgramError(.wrong, "\(sealed): \(error)")
    }
    Console.print("sealed \(SHA256.hash(box).hex)")
    Console.print("wrote \(output)")
  }
}
