// SPDX-License-Identifier: Apache-2.0

import BlindSignatures
import CommandLineSupport
import Cryptography
import Election
import HardwareKeys
import Issuance

/// The keys that sign credentials, sealed under the passphrase; or where they are in a hardware module. The identity
/// key is a file of its own: it is needed after these are destroyed.
struct CredentialKeyFile: ~Copyable {
  static let identityContext = "urna/issuer/v1"

  private var bundle = CredentialKeyBundle()

  init() {}

  /// Adds a key that this file holds.
  mutating func append(_ district: String, _ key: borrowing SecretBytes) throws(ProgramError) {
    do { try bundle.append(district, key) } catch { throw ProgramError(.usage, "a key: \(error)") }
  }

  /// Adds a key that a token holds.
  mutating func append(
    _ district: String, _ place: HardwareToken.Place, label: String
  ) throws(ProgramError) {
    do {
      try bundle.append(
        district, module: place.module, token: place.label, serial: place.serial, label: label)
    } catch { throw ProgramError(.usage, "a key's place: \(error)") }
  }

  /// Whether a key is in a hardware module, so that its PIN is needed.
  var needsPIN: Bool {
    bundle.keys.contains { if case .token = $0.holder { true } else { false } }
  }

  // MARK: The file

  /// Reads the file.
  init(path: String, passphrase: borrowing SecretBytes) throws(ProgramError) {
    let box = try Files.readSecret(path, limit: PassphraseBox.maximumSecretByteCount + 1024)
    let opened: SecretBytes
    do {
      opened = try PassphraseBox.open(
        box.revealed(), passphrase: passphrase, context: CredentialKeyBundle.context)
    } catch CryptographyError.authenticationFailed {
      throw ProgramError(.wrong, "\(path): wrong passphrase, or a file of another role")
    } catch { throw ProgramError(.wrong, "\(path): \(error)") }
    guard let bundle = CredentialKeyBundle(opened) else {
      throw ProgramError(.wrong, "\(path): not a file of credential keys of this version")
    }
    self.bundle = bundle
  }

  /// Writes the file.
  borrowing func write(
    to path: String, passphrase: borrowing SecretBytes
  ) throws(ProgramError) {
    do {
      let box = try PassphraseBox.seal(
        bundle.encoded(), passphrase: passphrase, context: CredentialKeyBundle.context)
      try Files.writeSecret(box, to: path)
    } catch let error as ProgramError { throw error } catch {
      throw ProgramError(.inputOutput, "\(path): \(error)")
    }
  }

  // MARK: The scope

  /// Demands that the keys sign for a scope and for no other.
  ///
  /// - Throws: `ProgramError`, naming the scope that they signed for before.
  borrowing func require(
    _ wanted: CredentialScope, path: String, _ exit: ProgramExit = .refused
  ) throws(ProgramError) {
    guard let scope = bundle.scope, scope != wanted else { return }
    throw ProgramError(
      exit, "\(path): the keys are of the scope \(scope), not of \(wanted)",
      hint: "make keys for this scope: issuer keys generate")
  }

  /// The same; keys that are of no scope yet are of this one from now on, which the file remembers.
  mutating func bind(
    to wanted: CredentialScope, path: String, passphrase: borrowing SecretBytes
  ) throws(ProgramError) {
    try require(wanted, path: path)
    guard bundle.scope == nil else { return }
    bundle.scope = wanted
    try write(to: path, passphrase: passphrase)
  }

  // MARK: The keys

  /// The signers, by district in this file's order.
  ///
  /// - Parameter pin: of the tokens, where there are some.
  borrowing func signers(
    pin: borrowing SecretBytes
  ) throws(ProgramError) -> [BlindSigner<AnyRSASigner>] {
    var signers: [BlindSigner<AnyRSASigner>] = []
    for key in bundle.keys {
      do {
        switch key.holder {
        case .bundle(let range):
          guard let der = bundle.key(range) else {
            throw CryptographyError.malformedBox("a key")
          }
          let local = LocalRSASigner(try RSAPrivateKey(der: der))
          signers.append(
            BlindSigner(
              try local.publicKey(CredentialTerms.encoding), holder: AnyRSASigner(local)))
        case .token(let module, let token, let serial, let label):
          let hardware = try HardwareRSASigner(
            on: HardwareToken.Place(module: module, label: token, serial: serial), label: label,
            pin: pin.copy())
          signers.append(
            BlindSigner(
              try hardware.publicKey(CredentialTerms.encoding), holder: AnyRSASigner(hardware)))
        }
      } catch { throw ProgramError(.wrong, "the credential key of \(key.district): \(error)") }
    }
    return signers
  }

  /// Destroys the keys that are in hardware modules.
  borrowing func destroyOnTokens(pin: borrowing SecretBytes) throws(ProgramError) {
    for key in bundle.keys {
      guard case .token(let module, let token, let serial, let label) = key.holder else { continue }
      do {
        let hardware = try HardwareRSASigner(
          on: HardwareToken.Place(module: module, label: token, serial: serial), label: label,
          pin: pin.copy(), sessions: 1)
        try hardware.destroy()
      } catch { throw ProgramError(.inputOutput, "the key \(label): \(error)") }
      Console.print("destroyed the key \(label) on the token")
    }
  }
}
