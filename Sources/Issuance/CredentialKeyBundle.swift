// SPDX-License-Identifier: Apache-2.0

public import Cryptography
public import Election

/// The keys of an issuer that sign credentials, one for each district, or where in a hardware module they are. Kept
/// sealed under a passphrase. All integers are big-endian:
///
///     "urna/credential-keys/v1" 00 ‖ text scope ‖ id (32) ‖ count (2) ‖ count × (text district ‖ holder)
///                                                      no scope before the first use: empty, and no id
///     holder = 01 ‖ text PKCS#8 DER                    the key is in these bytes
///            | 02 ‖ text module ‖ text token ‖ text serial ‖ text label         empty serial: any
///     text   = length (2) ‖ bytes
///
/// Secret.
public struct CredentialKeyBundle: ~Copyable, Sendable {
  /// Who holds a key.
  public enum Holder: Hashable, Sendable {
    /// The bundle; see ``key(_:)``.
    case bundle(Range<Int>)
    /// A token of a PKCS#11 module, under a label.
    case token(module: String, token: String, serial: String?, label: String)
  }

  /// A key's place.
  public struct Key: Hashable, Sendable {
    /// The district's label.
    public let district: String
    /// Who holds the key.
    public let holder: Holder
  }

  /// What a sealed bundle is for (``Cryptography/PassphraseBox``).
  public static let context = "urna/issuer-credential-keys/v1"
  /// Longest text in bytes.
  public static let maximumTextByteCount = Int(UInt16.max)
  private static let magic = Array("urna/credential-keys/v1".utf8) + [0]

  /// The keys, in the order in which they were added.
  public private(set) var keys: [Key] = []
  /// The one scope that the keys sign for; nil before the first time.
  public var scope: CredentialScope?
  /// What stands behind the count.
  private var content = SecretBytes(zeros: 0)

  /// A bundle without keys.
  public init() {}

  /// Adds a key, PKCS#8 DER.
  ///
  /// - Throws: ``CryptographyError/invalidLength(expected:actual:)`` for a key or a label of more than 65,535 bytes.
  public mutating func append(
    _ district: String, _ key: borrowing SecretBytes
  ) throws(CryptographyError) {
    let front = try Self.text(district.utf8) + [1] + Self.length(key.count)
    content = content.appending(front)
    let start = content.count
    content = content.appending(key)
    keys.append(Key(district: district, holder: .bundle(start..<content.count)))
  }

  /// Adds a key that a token holds.
  ///
  /// - Throws: ``CryptographyError/invalidLength(expected:actual:)`` for a text of more than 65,535 bytes.
  public mutating func append(
    _ district: String, module: String, token: String, serial: String?, label: String
  ) throws(CryptographyError) {
    var part = try Self.text(district.utf8) + [2]
    for text in [module, token, serial ?? "", label] { part += try Self.text(text.utf8) }
    content = content.appending(part)
    keys.append(
      Key(
        district: district,
        holder: .token(module: module, token: token, serial: serial, label: label)))
  }

  /// The key of ``Holder/bundle(_:)``, PKCS#8 DER.
  public borrowing func key(_ range: Range<Int>) -> SecretBytes? { content.slice(range) }

  // MARK: Bytes

  /// The bundle's bytes.
  ///
  /// - Throws: ``CryptographyError/invalidLength(expected:actual:)`` for more than 65,535 keys.
  public borrowing func encoded() throws(CryptographyError) -> SecretBytes {
    let head =
      try Self.magic + Self.text((scope?.name ?? "").utf8) + (scope?.id.bytes ?? [])
      + Self.length(keys.count)
    return SecretBytes(copying: head).appending(content)
  }

  /// Reads a bundle; nil for other bytes.
  public init?(_ bytes: borrowing SecretBytes) {
    var reader = Reader(bytes)
    guard reader.take(Self.magic.count) == Self.magic, let name = reader.text() else { return nil }
    if !name.isEmpty {
      guard let id = reader.take(Digest.byteCount).flatMap({ Digest($0) }),
        let known = CredentialScope(name: name, id: id)
      else { return nil }
      scope = known
    }
    guard let count = reader.number(), count > 0, let rest = reader.rest() else { return nil }
    content = rest
    reader = Reader(content)
    for _ in 0..<count {
      guard let district = reader.text(), !district.isEmpty, let holder = reader.holder() else {
        return nil
      }
      keys.append(Key(district: district, holder: holder))
    }
    guard reader.isAtEnd else { return nil }
  }

  private static func length(_ count: Int) throws(CryptographyError) -> [UInt8] {
    guard let short = UInt16(exactly: count) else {
      throw .invalidLength(expected: maximumTextByteCount, actual: count)
    }
    return [UInt8(truncatingIfNeeded: short >> 8), UInt8(truncatingIfNeeded: short)]
  }

  private static func text(_ bytes: String.UTF8View) throws(CryptographyError) -> [UInt8] {
    try length(bytes.count) + bytes
  }

  /// Takes the parts one after the other; nil where there is no such part.
  private struct Reader: ~Copyable {
    private let bytes: SecretBytes
    private var offset = 0

    init(_ bytes: borrowing SecretBytes) { self.bytes = bytes.copy() }

    var isAtEnd: Bool { offset == bytes.count }

    mutating func skip(_ count: Int) -> Range<Int>? {
      guard count <= bytes.count - offset else { return nil }
      offset += count
      return offset - count..<offset
    }

    mutating func take(_ count: Int) -> [UInt8]? {
      guard let range = skip(count) else { return nil }
      return bytes.slice(range)?.revealed()
    }

    mutating func number() -> Int? { take(2).map { $0.reduce(0) { $0 << 8 | Int($1) } } }

    mutating func text() -> String? {
      guard let count = number(), let bytes = take(count) else { return nil }
      return String(validating: bytes, as: UTF8.self)
    }

    mutating func holder() -> Holder? {
      switch take(1) {
      case [1]:
        guard let length = number(), let range = skip(length) else { return nil }
        return .bundle(range)
      case [2]:
        guard let module = text(), let token = text(), let serial = text(), let label = text()
        else { return nil }
        return .token(
          module: module, token: token, serial: serial.isEmpty ? nil : serial, label: label)
      default: return nil
      }
    }

    func rest() -> SecretBytes? { bytes.slice(offset..<bytes.count) }
  }
}
