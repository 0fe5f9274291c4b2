// SPDX-License-Identifier: Apache-2.0

public import Cryptography
internal import Election

/// Why a text is no link of a letter. Holds nothing of the code.
public enum LetterLinkError: Error, Equatable, Sendable {
  /// Not `urna:code?r=…&d=…&i=…&a=…&c=…` in this order and nothing more; the word names what was expected.
  case form(String)
  /// The code in it is wrong.
  case code(MailedCodeError)
}

extension LetterLinkError: CustomStringConvertible {
  /// The reason in words.
  public var description: String {
    switch self {
    case .form(let part): "not the link of a letter: \(part)"
    case .code(let error): error.description
    }
  }
}

/// What the QR code of a letter says. Secret, since the code is in it.
///
///     urna:code?r=<register_id, 64 upper-case hexadecimal digits>&d=<district>&i=<index>&a=<authority>&c=<code>
///
/// Numbers are decimal from 1, without leading zeros. The code has its 22 characters in capitals, without dashes.
/// There is one spelling: what is read is exactly what ``text()`` writes.
public struct LetterLink: ~Copyable, Sendable {
  /// register_id
  public let register: Digest
  /// The number of the district, from 1.
  public let district: Int
  /// i, the number of the entry, from 1.
  public let index: Int
  /// The number of the authority that sent the letter: 1 or 2.
  public let authority: Int
  /// The code. Secret.
  public let code: MailedCode

  /// A link from its parts.
  ///
  /// - Throws: ``MailedCodeError/place``.
  public init(
    register: Digest, district: Int, index: Int, authority: Int, code: consuming MailedCode
  ) throws(MailedCodeError) {
    _ = try MailedCode.salt(
      register: register, district: district, index: index, authority: authority)
    self.register = register
    self.district = district
    self.index = index
    self.authority = authority
    self.code = code
  }

  /// Reads a link.
  ///
  /// - Throws: ``LetterLinkError``.
  public init(_ text: borrowing SecretBytes) throws(LetterLinkError) {
    let head = max(0, text.count - MailedCode.characters)
    guard text.count <= 200, let characters = text.slice(head..<text.count) else {
      throw .form("its length")
    }
    // What stands before the code is public.
    var rest = (text.slice(0..<head)?.revealed() ?? [])[...]
    let register = try Self.register(&rest)
    let district = try Self.number("&d=", &rest, limit: CredentialTerms.maximumDistricts)
    let index = try Self.number("&i=", &rest, limit: CredentialTerms.maximumVoters)
    let authority = try Self.number("&a=", &rest, limit: RollIdentity.maximumKeys)
    guard rest.elementsEqual("&c=".utf8) else { throw .form("&c=") }
    self.code = try Self.code(characters)
    self.register = register
    self.district = district
    self.index = index
    self.authority = authority
  }

  /// The same for text in a string, whose own memory is not wiped.
  public init(_ text: String) throws(LetterLinkError) {
    try self.init(SecretBytes(copying: text.utf8))
  }

  /// The link. Secret.
  public borrowing func text() -> SecretBytes {
    Self.text(
      register: register, district: district, index: index, authority: authority, code: code)
  }

  /// The link of the parts, which are not checked.
  static func text(
    register: Digest, district: Int, index: Int, authority: Int, code: borrowing MailedCode
  ) -> SecretBytes {
    let head = "urna:code?r=\(register.hex)&d=\(district)&i=\(index)&a=\(authority)&c="
    return SecretBytes(copying: head.utf8).appending(code.characters())
  }

  /// The code, spelt as ``MailedCode/characters()`` spells it: small letters and letters that count as digits are
  /// for people.
  private static func code(_ text: borrowing SecretBytes) throws(LetterLinkError) -> MailedCode {
    let code: MailedCode
    do throws(MailedCodeError) {
      code = try MailedCode(parsing: text)
    } catch {
      throw .code(error)
    }
    guard code.characters().isEqualConstantTime(to: text) else { throw .form("the code") }
    return code
  }

  private static func register(_ rest: inout ArraySlice<UInt8>) throws(LetterLinkError) -> Digest {
    let start = "urna:code?r="
    guard rest.starts(with: start.utf8) else { throw .form(start) }
    rest = rest.dropFirst(start.utf8.count)
    let digits = rest.prefix(2 * Digest.byteCount)
    guard let bytes = Hex.decode(utf8: digits), let register = Digest(bytes) else {
      throw .form("the register in 64 upper-case hexadecimal digits")
    }
    rest = rest.dropFirst(digits.count)
    return register
  }

  private static func number(
    _ name: String, _ rest: inout ArraySlice<UInt8>, limit: Int
  ) throws(LetterLinkError) -> Int {
    guard rest.starts(with: name.utf8) else { throw .form(name) }
    rest = rest.dropFirst(name.utf8.count)
    let digits = rest.prefix { $0 != UInt8(ascii: "&") }
    guard let number = StrictNumber.positive(digits), number <= limit else {
      throw .form("\(name) and a number from 1 to \(limit)")
    }
    rest = rest.dropFirst(digits.count)
    return number
  }
}
