// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BlindSignatures
import CommandLineSupport
import Cryptography
import Election
import Foundation
import Issuance
import Ledger
import StrictJSON
import Verification

/// The keys that sign credentials, one for each district, sealed under the passphrase. The identity key is a file
/// of its own: it is needed after these are destroyed.
struct CredentialKeyFile: ~Copyable {
  static let context = "urna/issuer-credential-keys/v1"
  static let identityContext = "urna/issuer/v1"

  /// Districts that a file holds: the box has 1 MiB at most.
  static let maximumDistricts = 300

  private(set) var labels: [String] = []
  private var ders: [[UInt8]] = []

  init() {}

  mutating func append(_ label: String, der: [UInt8]) {
    labels.append(label)
    ders.append(der)
  }

  /// Reads the file.
  init(path: String, passphrase: borrowing SecretBytes) throws(ProgramError) {
    let box = try Files.readSecret(path, limit: 2 << 20)
    do {
      let opened = try PassphraseBox.open(
        box.revealed(), passphrase: passphrase, context: Self.context)
      let reader = JSONReader(
        try JSONValue(parsing: opened.revealed(), limits: JSONLimits(maxBytes: 1 << 20)))
      let fields = try reader.fields(["keys", "version"])
      _ = try fields["version"].integer(1...1)
      for item in try fields["keys"].array(1...Self.maximumDistricts) {
        let members = try item.fields(["der", "district"])
        append(
          try members["district"].string(minBytes: 1, maxBytes: 256),
          der: try members["der"].hex(bytes: 1...8192))
      }
    } catch CryptographyError.authenticationFailed {
      throw ProgramError(.wrong, "\(path): wrong passphrase, or a file of another role")
    } catch { throw ProgramError(.wrong, "\(path): \(error)") }
  }

  /// Writes the file.
  borrowing func write(
    to path: String, passphrase: borrowing SecretBytes
  ) throws(ProgramError) {
    var items: [JSONValue] = []
    for (label, der) in zip(labels, ders) {
      items.append(["der": .string(Hex.encode(der)), "district": .string(label)])
    }
    var bytes = JSONValue.object([
      JSONMember(name: "version", value: .integer(1)),
      JSONMember(name: "keys", value: .array(items)),
    ]).canonicalBytes()
    do {
      let box = try PassphraseBox.seal(
        SecretBytes.wiping(&bytes), passphrase: passphrase, context: Self.context)
      try Files.writeSecret(box, to: path)
    } catch let error as ProgramError { throw error } catch {
      throw ProgramError(.inputOutput, "\(path): \(error)")
    }
  }

  /// The signers, by district in this file's order.
  borrowing func signers() throws(ProgramError) -> [BlindSigner<AnyRSASigner>] {
    var signers: [BlindSigner<AnyRSASigner>] = []
    for der in ders {
      do {
        let holder = LocalRSASigner(try RSAPrivateKey(der: SecretBytes(copying: der)))
        signers.append(
          BlindSigner(
            try holder.publicKey(CredentialTerms.encoding), holder: AnyRSASigner(holder)))
      } catch { throw ProgramError(.wrong, "a credential key: \(error)") }
    }
    return signers
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
      The public file goes to the commission. Keys of 2048 bits keep until the voting is over, which is all \
      that they have to; nobody can link credentials whatever becomes of them.
      """)

  @Option(help: "The issuer's name, for people.") var name: String
  @Option(help: "A district's label, as in the manifest; once for each, in the roll's order.")
  var district: [String]
  @Option(help: "Length of the keys: 2048, 3072 or 4096 bits.") var bits = 3072
  @Option(help: "The secret file of the identity key to write, mode 0600.") var secret: String
  @Option(help: "The secret file of the credential keys to write, mode 0600.") var keys: String
  @Option(help: "The public file to write.") var `public`: String
  @OptionGroup var passphrase: PassphraseOptions

  func validate() throws {
    guard RSAPrivateKey.modulusBits.contains(bits) else {
      throw ValidationError("--bits: 2048, 3072 or 4096.")
    }
    guard (1...CredentialKeyFile.maximumDistricts).contains(district.count),
      Set(district).count == district.count
    else {
      throw ValidationError(
        "--district: 1 to \(CredentialKeyFile.maximumDistricts) labels, each once.")
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
        let key = try RSAPrivateKey.generate(bits: bits)
        file.append(label, der: try key.der().revealed())
        let holder = LocalRSASigner(key)
        published.append([
          "district": .string(label),
          "key": .string(
            Hex.encode(try holder.publicKey(CredentialTerms.encoding).subjectPublicKeyInfo)),
        ])
      } catch { throw ProgramError(.inputOutput, "making a key: \(error)") }
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
  @OptionGroup var output: EntryOutput
  @OptionGroup var passphrase: PassphraseOptions

  mutating func run() async throws {
    let (directory, state) = try await record.fold(.structure)
    guard state.phase == .frozen, let terms = state.terms else {
      throw ProgramError(
        .refused,
        "the keys are destroyed when the list is frozen, not in the phase "
          + state.phase.rawValue)
    }
    let identity = try IdentityFile.open(
      secret, context: CredentialKeyFile.identityContext,
      passphrase: try passphrase.passphrase())
    guard let issuer = terms.issuer(number), issuer.key == identity.publicKey else {
      throw ProgramError(.wrong, "\(secret): not the key of issuer \(number) of the configuration")
    }
    let counts = try await IssuerDatabase.counts(database)
    if Files.exists(keys) { try Self.destroy(keys) }
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
