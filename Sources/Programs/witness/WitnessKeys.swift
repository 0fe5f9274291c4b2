// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLineSupport
import Cryptography
import Ledger

/// The key of a witness, without a passphrase: a server starts without a person. 50 bytes or more:
///
///     "urna/witness/v1" 00 || seed (32) || name (UTF-8)
struct WitnessKeys {
  private static let magic = [UInt8]("urna/witness/v1".utf8) + [0]

  /// A fresh key, as the bytes of its file.
  static func generate(name: String) throws -> SecretBytes {
    let seed = try SecretBytes(random: 32)
    return SecretBytes(copying: magic).appending(seed).appending([UInt8](name.utf8))
  }

  /// Reads the file.
  static func read(_ path: String) throws(ProgramError) -> Cosigner {
    let file = try Files.readSecret(path, limit: 1024)
    let start = magic.count
    guard file.count > start + 32, let head = file.slice(0..<start), head.revealed() == magic,
      let seed = file.slice(start..<start + 32), let tail = file.slice(start + 32..<file.count),
      let name = String(validating: tail.revealed(), as: UTF8.self)
    else { throw ProgramError(.wrong, "\(path): not a key file of a witness") }
    do { return try Cosigner(name: name, key: try Ed25519.PrivateKey(seed: seed)) } catch {
      throw ProgramError(.wrong, "\(path): \(error)")
    }
  }
}

/// `witness keys`
struct Keys: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Makes a witness's key: a secret file, and the line that others verify with.",
    discussion: """
      The secret file has no passphrase, since a server starts without a person; its mode is 0600. \
      The public file holds the vkey that a policy names. A key belongs to one witness and its \
      database; whoever loses the database makes a new key too.
      """)

  @Option(help: "The secret file to write, mode 0600.") var secret: String
  @Option(help: "The public file to write.") var `public`: String
  @Option(help: "The witness's name, such as witness.example.org.") var name: String

  mutating func run() async throws {
    try Files.refuseToOverwrite(secret)
    let file: SecretBytes
    do {
      _ = try CosignerKey(name: name, publicKey: try Ed25519.PrivateKey.generate().publicKey)
      file = try WitnessKeys.generate(name: name)
    } catch { throw ProgramError(.usage, "--name: \(error)") }
    try Files.writeSecret(file.revealed(), to: secret)
    let vkey = try WitnessKeys.read(secret).verifierKey.vkey
    try Files.write([UInt8]("\(vkey)\n".utf8), to: self.public)
    Console.print("made \(secret) and \(self.public)")
  }
}
