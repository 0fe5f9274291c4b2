// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLineSupport
import Cryptography
import Ledger
import LedgerFiles
import StrictJSON

/// The two keys of the ballot box: one signs checkpoints, one signs its entries. 73 bytes or more:
///
///     "urna/box/v1" 00 || seed of the log key (32) || seed of the entry key (32) || origin (UTF-8)
struct BoxKeys: ~Copyable {
  let log: NoteSigner
  let entries: Ed25519.PrivateKey

  private static let magic = Array("urna/box/v1".utf8) + [0]

  /// Fresh keys, and the bytes of their file.
  static func generate(origin: String) throws -> (SecretBytes) {
    let logSeed = try SecretBytes(random: 32)
    let entrySeed = try SecretBytes(random: 32)
    return SecretBytes(copying: magic).appending(logSeed).appending(entrySeed)
      .appending(Array(origin.utf8))
  }

  /// Reads the file.
  init(path: String) throws(ProgramError) {
    let file = try Files.readSecret(path, limit: 1024)
    let start = Self.magic.count
    guard file.count > start + 64, let magic = file.slice(0..<start),
      magic.revealed() == Self.magic, let logSeed = file.slice(start..<start + 32),
      let entrySeed = file.slice(start + 32..<start + 64),
      let name = file.slice(start + 64..<file.count)
    else { throw ProgramError(.wrong, "\(path): not a key file of a ballot box") }
    do {
      guard let origin = String(validating: name.revealed(), as: UTF8.self) else {
        throw LedgerError("origin", "valid UTF-8")
      }
      log = try NoteSigner(name: origin, key: try Ed25519.PrivateKey(seed: logSeed))
      entries = try Ed25519.PrivateKey(seed: entrySeed)
    } catch { throw ProgramError(.wrong, "\(path): \(error)") }
  }

  /// What the commission needs to know: {"key","log"}.
  var publicFile: [UInt8] {
    let value: JSONValue = [
      "key": .string(entries.publicKey.hex), "log": .string(log.verifierKey.vkey),
    ]
    return value.prettyBytes()
  }
}

/// `ballot-box keys`
struct Keys: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Makes the box's keys: a secret file and a public one for the commission.")

  @Option(help: "The secret file to write, mode 0600.") var keys: String
  @Option(help: "The public file to write.") var `public`: String
  @Option(help: "The log's origin, a name like example.org/2026/council.") var origin: String

  mutating func run() async throws {
    try Files.refuseToOverwrite(keys)
    let file: SecretBytes
    do {
      _ = try NoteVerifierKey(name: origin, publicKey: try Ed25519.PrivateKey.generate().publicKey)
      file = try BoxKeys.generate(origin: origin)
    } catch { throw ProgramError(.usage, "--origin: \(error)") }
    try Files.writeSecret(file.revealed(), to: keys)
    try Files.write(try BoxKeys(path: keys).publicFile, to: self.public)
    Console.print("made \(keys) and \(self.public)")
  }
}
