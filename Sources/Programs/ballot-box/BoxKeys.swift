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
  /// Where the file lies, for errors.
  let path: String
  let origin: String
  let entries: Ed25519.PrivateKey
  let logKey: NoteVerifierKey
  private let logSeed: SecretBytes

  private static let magic = Array("urna/box/v1".utf8) + [0]

  /// Fresh keys, and the bytes of their file.
  static func generate(origin: String) throws -> SecretBytes {
    let logSeed = try SecretBytes(random: 32)
    let entrySeed = try SecretBytes(random: 32)
    return SecretBytes(copying: magic).appending(logSeed).appending(entrySeed)
      .appending(Array(origin.utf8))
  }

  /// Reads the file.
  static func read(_ path: String) throws(ProgramError) -> BoxKeys {
    let file = try Files.readSecret(path, limit: 1024)
    let start = magic.count
    guard file.count > start + 64, let head = file.slice(0..<start), head.revealed() == magic,
      let logSeed = file.slice(start..<start + 32),
      let entrySeed = file.slice(start + 32..<start + 64),
      let name = file.slice(start + 64..<file.count),
      let origin = String(validating: name.revealed(), as: UTF8.self)
    else { throw ProgramError(.wrong, "\(path): not a key file of a ballot box") }
    do {
      let signer = try NoteSigner(name: origin, key: try Ed25519.PrivateKey(seed: logSeed))
      return BoxKeys(
        path: path, origin: origin, entries: try Ed25519.PrivateKey(seed: entrySeed),
        logKey: signer.verifierKey, logSeed: logSeed)
    } catch { throw ProgramError(.wrong, "\(path): \(error)") }
  }

  private init(
    path: String, origin: String, entries: consuming Ed25519.PrivateKey, logKey: NoteVerifierKey,
    logSeed: consuming SecretBytes
  ) {
    self.path = path
    self.origin = origin
    self.entries = entries
    self.logKey = logKey
    self.logSeed = logSeed
  }

  /// The key that signs checkpoints.
  func signer() throws(ProgramError) -> NoteSigner {
    do { return try NoteSigner(name: origin, key: try Ed25519.PrivateKey(seed: logSeed)) } catch {
      throw ProgramError(.wrong, "log key: \(error)")
    }
  }

  /// The key that signs entries and promises, taken out.
  consuming func intoEntryKey() -> Ed25519.PrivateKey { entries }

  /// What the commission needs to know: {"key","log"}.
  var publicFile: [UInt8] {
    let value: JSONValue = [
      "key": .string(entries.publicKey.hex), "log": .string(logKey.vkey),
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
    try Files.write(try BoxKeys.read(keys).publicFile, to: self.public)
    Console.print("made \(keys) and \(self.public)")
  }
}
