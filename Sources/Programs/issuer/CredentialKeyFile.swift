// SPDX-License-Identifier: Apache-2.0

import BlindSignatures
import CommandLineSupport
import Cryptography
import Election
import HardwareKeys
import Issuance

/// The keys that sign credentials, one for each district, sealed under the passphrase; or where they are in a
/// hardware module. The identity key is a file of its own: it is needed after these are destroyed. The plain bytes,
/// all integers big-endian:
///
///     "urna/credential-keys/v1" 00 ‖ count (2) ‖ count × (text district ‖ holder)
///     holder = 01 ‖ text PKCS#8 DER                    the key is in this file
///            | 02 ‖ text module ‖ text token ‖ text serial ‖ text label         empty serial: any
///     text   = length (2) ‖ bytes
struct CredentialKeyFile: ~Copyable {
  /// Who holds a key.
  private enum Holder {
    /// This file: a range of its content, PKCS#8.
    case file(Range<Int>)
    /// A token, under a label.
    case token(HardwareToken.Place, label: String)
  }

  static let context = "urna/issuer-credential-keys/v1"
  static let identityContext = "urna/issuer/v1"
  private static let magic = Array("urna/credential-keys/v1".utf8) + [0]

  /// What is sealed. Secret.
  private var content = SecretBytes(copying: magic + [0, 0])
  private var holders: [Holder] = []

  init() {}

  /// Adds a key that this file holds.
  mutating func append(_ district: String, _ key: borrowing SecretBytes) {
    add(district, kind: 1)
    content = content.appending(Self.length(key.count))
    holders.append(.file(content.count..<content.count + key.count))
    content = content.appending(key)
  }

  /// Adds a key that a token holds.
  mutating func append(_ district: String, _ place: HardwareToken.Place, label: String) {
    add(district, kind: 2)
    for text in [place.module, place.label, place.serial ?? "", label] {
      content = content.appending(Self.length(text.utf8.count) + text.utf8)
    }
    holders.append(.token(place, label: label))
  }

  private mutating func add(_ district: String, kind: UInt8) {
    content = content.appending(Self.length(district.utf8.count) + district.utf8 + [kind])
  }

  private static func length(_ count: Int) -> [UInt8] {
    let count = UInt16(clamping: count)
    return [UInt8(truncatingIfNeeded: count >> 8), UInt8(truncatingIfNeeded: count)]
  }

  /// Whether a key is in a hardware module, so that its PIN is needed.
  var needsPIN: Bool {
    holders.contains { if case .token = $0 { true } else { false } }
  }

  // MARK: The file

  /// Reads the file.
  init(path: String, passphrase: borrowing SecretBytes) throws(ProgramError) {
    let box = try Files.readSecret(path, limit: PassphraseBox.maximumSecretByteCount + 1024)
    do {
      content = try PassphraseBox.open(
        box.revealed(), passphrase: passphrase, context: Self.context)
    } catch CryptographyError.authenticationFailed {
      throw ProgramError(.wrong, "\(path): wrong passphrase, or a file of another role")
    } catch { throw ProgramError(.wrong, "\(path): \(error)") }
    guard let holders = Self.holders(in: content) else {
      throw ProgramError(.wrong, "\(path): not a file of credential keys of this version")
    }
    self.holders = holders
  }

  private static func holders(in content: borrowing SecretBytes) -> [Holder]? {
    var offset = 0
    func take(_ count: Int) -> [UInt8]? {
      guard let part = content.slice(offset..<offset + count) else { return nil }
      offset += count
      return part.revealed()
    }
    func number() -> Int? { take(2).map { Int($0[0]) << 8 | Int($0[1]) } }
    func text() -> String? {
      number().flatMap(take).flatMap { String(validating: $0, as: UTF8.self) }
    }
    guard take(magic.count) == magic, let count = number() else { return nil }
    var holders: [Holder] = []
    for _ in 0..<count {
      guard let district = text(), !district.isEmpty, let kind = take(1)?.first else { return nil }
      switch kind {
      case 1:
        guard let length = number(), offset + length <= content.count else { return nil }
        holders.append(.file(offset..<offset + length))
        offset += length
      case 2:
        guard let module = text(), let token = text(), let serial = text(), let label = text()
        else { return nil }
        let place = HardwareToken.Place(
          module: module, label: token, serial: serial.isEmpty ? nil : serial)
        holders.append(.token(place, label: label))
      default: return nil
      }
    }
    return offset == content.count && !holders.isEmpty ? holders : nil
  }

  /// Writes the file.
  borrowing func write(
    to path: String, passphrase: borrowing SecretBytes
  ) throws(ProgramError) {
    let head = SecretBytes(copying: Self.magic + Self.length(holders.count))
    do {
      guard let rest = content.slice(head.count..<content.count) else {
        throw ProgramError(.inputOutput, "\(path): no keys")
      }
      let box = try PassphraseBox.seal(
        head.appending(rest), passphrase: passphrase, context: Self.context)
      try Files.writeSecret(box, to: path)
    } catch let error as ProgramError { throw error } catch {
      throw ProgramError(.inputOutput, "\(path): \(error)")
    }
  }

  // MARK: The keys

  /// The signers, by district in this file's order.
  ///
  /// - Parameter pin: of the tokens, where there are some.
  borrowing func signers(
    pin: borrowing SecretBytes
  ) throws(ProgramError) -> [BlindSigner<AnyRSASigner>] {
    var signers: [BlindSigner<AnyRSASigner>] = []
    for holder in holders {
      do {
        switch holder {
        case .file(let range):
          guard let der = content.slice(range) else {
            throw CryptographyError.malformedBox("a key")
          }
          let local = LocalRSASigner(try RSAPrivateKey(der: der))
          signers.append(
            BlindSigner(
              try local.publicKey(CredentialTerms.encoding), holder: AnyRSASigner(local)))
        case .token(let place, let label):
          let hardware = try HardwareRSASigner(on: place, label: label, pin: pin.copy())
          signers.append(
            BlindSigner(
              try hardware.publicKey(CredentialTerms.encoding), holder: AnyRSASigner(hardware)))
        }
      } catch { throw ProgramError(.wrong, "a credential key: \(error)") }
    }
    return signers
  }

  /// Destroys the keys that are in hardware modules.
  borrowing func destroyOnTokens(pin: borrowing SecretBytes) throws(ProgramError) {
    for holder in holders {
      guard case .token(let place, let label) = holder else { continue }
      do {
        let hardware = try HardwareRSASigner(on: place, label: label, pin: pin.copy(), sessions: 1)
        try hardware.destroy()
      } catch { throw ProgramError(.inputOutput, "the key \(label): \(error)") }
      Console.print("destroyed the key \(label) on the token")
    }
  }
}
