// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BlindSignatures
import CommandLineSupport
import Cryptography
import Election
import Foundation
import HardwareKeys
import Ledger
import StrictJSON
import Verification

/// The PIN of a hardware module: in a file, never on the command line.
struct TokenPIN: ParsableArguments {
  @Option(help: "A secret file with the PIN of the hardware module in its first line.")
  var pinFile: String?

  func pin() throws(ProgramError) -> SecretBytes { try Self.read(pinFile) }

  /// Empty where no file is named: the keys are in no module.
  static func read(_ path: String?) throws(ProgramError) -> SecretBytes {
    guard let path else { return SecretBytes(zeros: 0) }
    let file = try Files.readSecret(path, limit: 1024)
    let end = file.revealed().firstIndex(of: UInt8(ascii: "\n")) ?? file.count
    guard end > 0, let pin = file.slice(0..<end) else {
      throw ProgramError(.wrong, "\(path): a PIN in the first line")
    }
    return pin
  }
}

/// `issuer keys`
struct Keys: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Makes the issuer's keys, and destroys those that sign credentials.",
    subcommands: [GenerateKeys.self, DestroyKeys.self])
}

/// `issuer keys generate`
struct GenerateKeys: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate",
    abstract: "Makes an identity key, and a key for credentials of each district.",
    discussion: """
      The public file goes to the commission. Keys are for one scope, an election or a petition: the file of the \
      credential keys remembers the first that they signed for, and the issuer refuses every other. Keys of \
      2048 bits keep until the voting is over, which is all that they have to; nobody can link credentials \
      whatever becomes of them.

      With --module, --token and --pin-file the credential keys are made in a PKCS#11 module and stay there.
      """)

  @Option(help: "The issuer's name, for people.") var name: String
  @Option(help: "A district's label, as in the manifest; once for each, in the roll's order.")
  var district: [String]
  @Option(help: "Length of the keys: 2048, 3072 or 4096 bits.") var bits = 3072
  @Option(help: "The secret file of the identity key to write, mode 0600.") var secret: String
  @Option(help: "The secret file of the credential keys to write, mode 0600.") var keys: String
  @Option(help: "The public file to write.") var `public`: String
  @Option(help: "The library of a PKCS#11 module that makes and keeps the credential keys.")
  var module: String?
  @Option(help: "The label of the module's token.") var token: String?
  @Option(help: "The token's serial number, where labels are not unique.") var tokenSerial: String?
  @OptionGroup var pin: TokenPIN
  @OptionGroup var passphrase: PassphraseOptions

  func validate() throws {
    guard (module == nil) == (token == nil), (module == nil) == (pin.pinFile == nil) else {
      throw ValidationError("--module, --token and --pin-file go together.")
    }
    guard RSAPrivateKey.modulusBits.contains(bits) else {
      throw ValidationError("--bits: 2048, 3072 or 4096.")
    }
    guard (1...CredentialTerms.maximumDistricts).contains(district.count),
      Set(district).count == district.count,
      district.allSatisfy({ (1...256).contains($0.utf8.count) })
    else {
      throw ValidationError(
        "--district: 1 to \(CredentialTerms.maximumDistricts) labels, each once, of 1 to 256 bytes."
      )
    }
    for (option, text) in [("module", module), ("token", token), ("token-serial", tokenSerial)] {
      if let text, !(1...4096).contains(text.utf8.count) {
        throw ValidationError("--\(option): 1 to 4096 bytes.")
      }
    }
    guard (1...256).contains(name.utf8.count) else {
      throw ValidationError("--name: 1 to 256 bytes.")
    }
  }

  mutating func run() async throws {
    try Files.refuseToOverwrite(secret)
    try Files.refuseToOverwrite(keys)
    let words = try passphrase.passphrase(isNew: true)
    var file = CredentialKeyFile()
    var published: [JSONValue] = []
    for label in district {
      do {
        let key: BlindRSAPublicKey
        if let module, let token {
          let place = HardwareToken.Place(module: module, label: token, serial: tokenSerial)
          let name = "urna \(label) \(Hex.encode(try SecureRandom.bytes(8)))"
          let hardware = try HardwareRSASigner.generate(
            bits: bits, on: place, label: name, pin: try pin.pin(), sessions: 1)
          try file.append(label, place, label: name)
          key = try hardware.publicKey(CredentialTerms.encoding)
        } else {
          let made = try RSAPrivateKey.generate(bits: bits)
          try file.append(label, try made.der())
          key = try LocalRSASigner(made).publicKey(CredentialTerms.encoding)
        }
        published.append([
          "district": .string(label), "key": .string(Hex.encode(key.subjectPublicKeyInfo)),
        ])
      } catch let error as ProgramError { throw error } catch {
        throw ProgramError(.inputOutput, "making a key: \(error)")
      }
    }
    try file.write(to: keys, passphrase: words)
    let identity = try IdentityFile.create(
      secret, context: CredentialKeyFile.identityContext, passphrase: words)
    let value: JSONValue = [
      "name": .string(name), "key": .string(identity.hex), "credentialKeys": .array(published),
    ]
    try Files.write(value.prettyBytes(), to: self.public)
    Console.print("made \(secret), \(keys) and \(self.public)")
  }
}

/// `issuer keys destroy`
struct DestroyKeys: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "destroy",
    abstract: "Removes the credential keys, and declares it on the record.",
    discussion: """
      The file is overwritten and removed. Copies elsewhere (backups, snapshots, disks that move blocks) are not \
      reached: destroy those as well, in front of witnesses. Run again, the command only makes the declaration.
      """)

  @OptionGroup var record: RecordOptions
  @Option(help: "The issuer's number in the configuration.") var number: Int
  @Option(help: "The secret file of the identity key.") var secret: String
  @Option(help: "The secret file of the credential keys.") var keys: String
  @Option(help: "The issuer's database.") var database: String
  @OptionGroup var pin: TokenPIN
  @OptionGroup var output: EntryOutput
  @OptionGroup var passphrase: PassphraseOptions

  mutating func run() async throws {
    let (directory, state) = try await record.fold(.structure)
    guard state.phase == .frozen, let terms = state.terms, let scope = state.scope else {
      throw ProgramError(
        .refused,
        "the keys are destroyed when the list is frozen, not in the phase "
          + state.phase.rawValue)
    }
    let words = try passphrase.passphrase()
    let identity = try IdentityFile.open(
      secret, context: CredentialKeyFile.identityContext, passphrase: words)
    guard let issuer = terms.issuer(number), issuer.key == identity.publicKey else {
      throw ProgramError(.wrong, "\(secret): not the key of issuer \(number) of the configuration")
    }
    let counts = try await IssuerDatabase.counts(database, scope)
    if Files.exists(keys) {
      let file = try CredentialKeyFile(path: keys, passphrase: words)
      try file.require(scope, path: keys)
      try file.destroyOnTokens(pin: try pin.pin())
      try Self.destroy(keys)
    }
    let payload = IssuerKeysDestroyed(
      keys: issuer.credentialKeys.enumerated().map { position, key in
        IssuerKeysDestroyed.Key(keyID: key.keyID, signatures: counts[position + 1] ?? 0)
      })
    let entry = try ProgramError.naming(output.name) {
      try EntryFile.signed(
        payload, by: .issuer(number), electionID: state.electionID, key: identity,
        in: state.group)
    }
    try await output.deliver(entry, record, directory, state)
  }

  /// Overwrites and removes a file.
  private static func destroy(_ path: String) throws(ProgramError) {
    do {
      let handle = try FileHandle(forUpdating: URL(fileURLWithPath: path))
      let size = try handle.seekToEnd()
      try handle.seek(toOffset: 0)
      try handle.write(contentsOf: Data(count: Int(size)))
      try handle.synchronize()
      try handle.close()
      try FileManager.default.removeItem(atPath: path)
    } catch {
      throw ProgramError(.inputOutput, "\(path): the keys could not be destroyed: \(error)")
    }
    Console.print("destroyed \(path)")
  }
}
