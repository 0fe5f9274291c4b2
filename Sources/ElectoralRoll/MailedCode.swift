// SPDX-License-Identifier: Apache-2.0

public import Cryptography
internal import Election

/// Why something is no code of a letter, or gives no key. Holds nothing of the code.
public enum MailedCodeError: Error, Equatable, Sendable {
  /// Another number of characters than 22, not counting blanks and dashes.
  case length(found: Int)
  /// A character that no code has, at this place from 1, not counting blanks and dashes.
  case character(place: Int)
  /// The check at the end does not fit: a character is wrong or two are swapped.
  case check
  /// The number of the district, the entry or the authority is outside of what a roll has.
  case place
  /// libcrypto or the operating system refused.
  case cryptography(CryptographyError)
}

extension MailedCodeError: CustomStringConvertible {
  /// The reason in words.
  public var description: String {
    switch self {
    case .length(let found): "the code has \(found) characters instead of \(MailedCode.characters)"
    case .character(let place): "character \(place) is in no code"
    case .check: "the code is not right: a character is wrong, or two are swapped"
    case .place: "there is no such district, entry or authority"
    case .cryptography(let error): error.description
    }
  }
}

/// The code in a letter: 100 random bits as 20 characters, and two more as a check. Secret: with it, and with the
/// other letter's, one asks for a credential in the citizen's place. Cannot be copied, printed or compared.
///
/// Source: `Specs/roll.md`, section "Codes".
public struct MailedCode: ~Copyable, Sendable {
  /// How many characters a code has, with the check.
  public static let characters = 22
  /// How many of them are random, five bits each.
  public static let randomCharacters = 20
  /// The numbers of authorities.
  public static let authorities = 1...RollIdentity.maximumKeys
  /// scrypt's N, r and p for the key's seed: 32 MiB and about a tenth of a second.
  public static let cost: (n: UInt64, r: UInt64, p: UInt64) = (1 << 15, 8, 1)
  /// Most bytes of what people write, with blanks and dashes.
  public static let maximumWrittenByteCount = 200

  /// The 22 characters in ASCII.
  private let text: SecretBytes

  private init(text: consuming SecretBytes) { self.text = text }

  /// A new code from the operating system's generator.
  ///
  /// - Throws: ``MailedCodeError/cryptography(_:)``.
  public static func random() throws(MailedCodeError) -> MailedCode {
    do throws(CryptographyError) {
      return MailedCode(random: try SecretBytes(random: randomCharacters))
    } catch {
      throw .cryptography(error)
    }
  }

  /// The code of 20 random bytes; three bits of each are not used.
  private init(random: borrowing SecretBytes) {
    var text = SecretBytes(zeros: Self.characters)
    unsafe random.withUnsafeBytes { random in
      unsafe text.withUnsafeMutableBytes { text in
        var sums: (UInt8, UInt8) = (0, 0)
        for index in random.indices {
          let value = unsafe random[index] & 31
          CodeCheck.add(value, &sums)
          unsafe text[index] = CodeCheck.character(value)
        }
        let check = CodeCheck.check(sums)
        unsafe text[Self.randomCharacters] = CodeCheck.character(check.0)
        unsafe text[Self.randomCharacters + 1] = CodeCheck.character(check.1)
      }
    }
    self.text = text
  }

  /// Reads what somebody typed or a scanner gave. Small letters count as capitals, O as 0, I and L as 1; blanks,
  /// line ends and dashes are passed over. Anything else is refused, and so is a wrong check.
  ///
  /// - Throws: ``MailedCodeError``.
  public init(parsing written: borrowing SecretBytes) throws(MailedCodeError) {
    guard written.count <= Self.maximumWrittenByteCount else { throw .length(found: written.count) }
    var text = SecretBytes(zeros: Self.characters)
    var count = 0
    var wrongPlace: Int?
    var sums: (UInt8, UInt8) = (0, 0)
    unsafe written.withUnsafeBytes { written in
      unsafe text.withUnsafeMutableBytes { text in
        for index in written.indices {
          let byte = unsafe written[index]
          if Self.isSpace(byte) { continue }
          count += 1
          let value = byte < 0x80 ? CodeCheck.value(byte) : 255
          if value > 31 {
            wrongPlace = wrongPlace ?? count
          } else if count <= Self.characters {
            CodeCheck.add(value, &sums)
            unsafe text[count - 1] = CodeCheck.character(value)
          }
        }
      }
    }
    if let wrongPlace { throw .character(place: wrongPlace) }
    guard count == Self.characters else { throw .length(found: count) }
    guard sums.0 | sums.1 == 0 else { throw .check }
    self.text = text
  }

  /// The same for text in a string, whose own memory is not wiped.
  public init(parsing written: String) throws(MailedCodeError) {
    try self.init(parsing: SecretBytes(copying: written.utf8))
  }

  /// The 22 characters in capitals, without dashes: for a link or a QR code. Secret.
  public borrowing func characters() -> SecretBytes { text.copy() }

  /// The characters in groups of four, `XXXX-XXXX-XXXX-XXXX-XXXX-XX`: for a letter. Secret.
  public borrowing func grouped() -> SecretBytes {
    var result = SecretBytes(zeros: Self.characters + (Self.characters - 1) / 4)
    unsafe text.withUnsafeBytes { text in
      unsafe result.withUnsafeMutableBytes { result in
        for index in result.indices {
          unsafe result[index] =
            index % 5 == 4 ? UInt8(ascii: "-") : unsafe text[index - index / 5]
        }
      }
    }
    return result
  }

  /// The private key that the code stands for, at one place of one roll:
  ///
  ///     seed = scrypt(the first 20 characters, "urna/code/v1" ‖ 00 ‖ register_id ‖ u32 district ‖ u32 i ‖ u8 a,
  ///                   N = 2^15, r = 8, p = 1, 32 bytes)
  ///
  /// - Parameters:
  ///   - register: register_id.
  ///   - district: the number of the district, from 1.
  ///   - index: i, the number of the entry, from 1.
  ///   - authority: a, the number of the authority that sent the letter: 1 or 2.
  /// - Returns: the key K_i's private half. Secret.
  /// - Throws: ``MailedCodeError/place``, or ``MailedCodeError/cryptography(_:)``.
  public borrowing func key(
    register: Digest, district: Int, index: Int, authority: Int
  ) throws(MailedCodeError) -> Ed25519.PrivateKey {
    let salt = try Self.salt(
      register: register, district: district, index: index, authority: authority)
    do throws(CryptographyError) {
      guard let passphrase = text.slice(0..<Self.randomCharacters) else {
        throw .invalidLength(expected: Self.characters, actual: text.count)
      }
      let seed = try Scrypt.derive(
        passphrase: passphrase, salt: salt, n: Self.cost.n, r: Self.cost.r, p: Self.cost.p,
        byteCount: Ed25519.keyByteCount)
      return try Ed25519.PrivateKey(seed: seed)
    } catch {
      throw .cryptography(error)
    }
  }

  /// scrypt's salt, which is public.
  static func salt(
    register: Digest, district: Int, index: Int, authority: Int
  ) throws(MailedCodeError) -> [UInt8] {
    guard (1...CredentialTerms.maximumDistricts).contains(district),
      (1...CredentialTerms.maximumVoters).contains(index), authorities.contains(authority)
    else { throw .place }
    var salt = Array("urna/code/v1".utf8) + [0]
    register.append(to: &salt)
    for number in [district, index] {
      for shift in [24, 16, 8, 0] { salt.append(UInt8(truncatingIfNeeded: number >> shift)) }
    }
    salt.append(UInt8(truncatingIfNeeded: authority))
    return salt
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "-") || (9...13).contains(byte)
  }
}
