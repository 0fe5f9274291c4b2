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
///     "urna/credential-keys/v1" 00 ‖ text scope ‖ id (32) ‖ count (2) ‖ count × (text district ‖ holder)
///                                                      no scope before the first use: empty, and no id
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

  /// What is sealed behind the count. Secret.
  private var content = SecretBytes(zeros: 0)
  private var holders: [Holder] = []
  /// The one scope that the keys sign for; nil before the first time.
  private(set) var scope: CredentialScope?

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
    let opened: SecretBytes
    do {
      opened = try PassphraseBox.open(
        box.revealed(), passphrase: passphrase, context: Self.context)
    } catch CryptographyError.authenticationFailed {
      throw ProgramError(.wrong, "\(path): wrong passphrase, or a file of another role")
    } catch { throw ProgramError(.wrong, "\(path): \(error)") }
    var reader = Reader(opened)
    guard let (scope, count) = reader.head(Self.magic), let content = reader.rest(),
      let holders = Self.holders(count, in: content)
    else { throw ProgramError(.wrong, "\(path): not a file of credential keys of this version") }
    self.content = content
    self.holders = holders
    self.scope = scope
  }

  /// Takes the parts of a file one after the other; nil where there is no such part.
  private struct Reader: ~Copyable {
    private let bytes: SecretBytes
    private(set) var offset = 0

    init(_ bytes: borrowing SecretBytes) { self.bytes = bytes.copy() }

    var isAtEnd: Bool { offset == bytes.count }

    mutating func skip(_ count: Int) -> Range<Int>? {
      guard count <= bytes.count - offset else { return nil }
      offset += count
      return offset - count..<offset
    }

    mutating func take(_ count: Int) -> [UInt8]? {
      skip(count).flatMap { bytes.slice($0)?.revealed() }
    }

    mutating func number() -> Int? { take(2).map { $0.reduce(0) { $0 << 8 | Int($1) } } }

    mutating func text() -> String? {
      guard let count = number(), let bytes = take(count) else { return nil }
      return String(validating: bytes, as: UTF8.self)
    }

    /// Scope and count.
    mutating func head(_ magic: [UInt8]) -> (scope: CredentialScope?, count: Int)? {
      guard take(magic.count) == magic, let name = text() else { return nil }
      var scope: CredentialScope?
      if !name.isEmpty {
        guard let id = take(Digest.byteCount).flatMap({ Digest($0) }),
          let known = CredentialScope(name: name, id: id)
        else { return nil }
        scope = known
      }
      return number().map { (scope, $0) }
    }

    func rest() -> SecretBytes? { bytes.slice(offset..<bytes.count) }
  }

  private static func holders(_ count: Int, in content: borrowing SecretBytes) -> [Holder]? {
    var reader = Reader(content)
    var holders: [Holder] = []
    for _ in 0..<count {
      guard let district = reader.text(), !district.isEmpty, let kind = reader.take(1) else {
        return nil
      }
      switch kind {
      case [1]:
        guard let length = reader.number(), let range = reader.skip(length) else { return nil }
        holders.append(.file(range))
      case [2]:
        guard let module = reader.text(), let token = reader.text(), let serial = reader.text(),
          let label = reader.text()
        else { return nil }
        let place = HardwareToken.Place(
          module: module, label: token, serial: serial.isEmpty ? nil : serial)
        holders.append(.token(place, label: label))
      default: return nil
      }
    }
    return reader.isAtEnd && !holders.isEmpty ? holders : nil
  }

  /// Writes the file.
  borrowing func write(
    to path: String, passphrase: borrowing SecretBytes
  ) throws(ProgramError) {
    let name = scope?.name ?? ""
    let head =
      Self.magic + Self.length(name.utf8.count) + name.utf8 + (scope?.id.bytes ?? [])
      + Self.length(holders.count)
    do {
      let box = try PassphraseBox.seal(
        SecretBytes(copying: head).appending(content), passphrase: passphrase,
        context: Self.context)
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
    guard let scope, scope != wanted else { return }
    throw ProgramError(
      exit, "\(path): the keys are of the scope \(scope), not of \(wanted)",
      hint: "make keys for this scope: issuer keys generate")
  }

  /// The same; keys that are of no scope yet are of this one from now on, which the file remembers.
  mutating func bind(
    to wanted: CredentialScope, path: String, passphrase: borrowing SecretBytes
  ) throws(ProgramError) {
    try require(wanted, path: path)
    guard scope == nil else { return }
    scope = wanted
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
