// SPDX-License-Identifier: Apache-2.0

public import Cryptography
public import QRCodes

/// Why a letter cannot be written. Holds nothing personal.
public enum LetterError: Error, Equatable, Sendable {
  /// The authorities' names are not one or two, or the letter's authority is not among them.
  case authorities
  /// The number of letters in a file is not 1 to 10,000.
  case lettersPerFile
  /// The roll has no such entry with keys.
  case entry(district: Int, index: Int)
  /// The numbers of the entry are outside of what a roll has.
  case code(MailedCodeError)
  /// No QR code could be made.
  case qrCode(QRCodeError)
}

extension LetterError: CustomStringConvertible {
  /// The reason in words.
  public var description: String {
    switch self {
    case .authorities: "one or two authorities send letters, and the sender is one of them"
    case .lettersPerFile: "a file has 1 to \(LetterPrinter.maximumLetters) letters"
    case .entry(let district, let index): "entry \(index) of district \(district) gets no letter"
    case .code(let error): error.description
    case .qrCode(let error): error.description
    }
  }
}

/// Writes letters with codes as HTML for printing: A4, a page for each letter, the address where the window of an
/// envelope after DIN 5008 (form B) is. A file needs nothing else and has no scripts.
///
/// Files are secret: they have the codes in them. They come as ``Cryptography/SecretBytes``, and what they are
/// composed in is wiped.
public struct LetterPrinter: ~Copyable {
  /// Most letters in a file.
  public static let maximumLetters = 10_000

  /// What all letters of a run say.
  public struct Election: Hashable, Sendable {
    /// The election's name, for people.
    public var name: String
    /// register_id
    public var register: Digest
    /// The roll's districts, in the order of their numbers.
    public var districts: [RollDistrict]
    /// The names of the one or two authorities that send letters, in the order of their numbers.
    public var authorities: [String]

    /// An election from its parts.
    public init(
      name: String, register: Digest, districts: [RollDistrict], authorities: [String]
    ) {
      self.name = name
      self.register = register
      self.districts = districts
      self.authorities = authorities
    }
  }

  private let election: Election
  private let authority: Int
  private let lettersPerFile: Int
  private let texts: LetterTexts
  private var page: LetterPage
  private var letters = 0

  /// A printer of one authority's letters.
  ///
  /// - Parameters:
  ///   - authority: the number of the sender: 1 or 2.
  ///   - lettersPerFile: after how many letters a file is full; at most 10,000.
  /// - Throws: ``LetterError/authorities``, ``LetterError/lettersPerFile``.
  public init(
    _ election: Election, authority: Int, lettersPerFile: Int, texts: LetterTexts = .english
  ) throws(LetterError) {
    guard MailedCode.authorities.contains(election.authorities.count),
      election.authorities.indices.contains(authority &- 1)
    else { throw .authorities }
    guard (1...Self.maximumLetters).contains(lettersPerFile) else { throw .lettersPerFile }
    self.election = election
    self.authority = authority
    self.lettersPerFile = lettersPerFile
    self.texts = texts
    page = LetterPage(language: texts.language, title: election.name)
  }

  /// Appends a letter.
  ///
  /// - Parameters:
  ///   - entry: where the letter goes.
  ///   - code: the code of the entry by this authority.
  /// - Returns: the file if it is full now. Secret.
  /// - Throws: ``LetterError``; nothing is appended then.
  public mutating func add(
    _ entry: LetterEntry, code: borrowing MailedCode
  ) throws(LetterError) -> SecretBytes? {
    guard election.districts.indices.contains(entry.district &- 1),
      entry.index >= 1, entry.index <= election.districts[entry.district - 1].keyEntries
    else {
      throw .entry(district: entry.district, index: entry.index)
    }
    do throws(MailedCodeError) {
      _ = try MailedCode.salt(
        register: election.register, district: entry.district, index: entry.index,
        authority: authority)
    } catch {
      throw .code(error)
    }
    let link = LetterLink.text(
      register: election.register, district: entry.district, index: entry.index,
      authority: authority,
      code: code)
    let picture: SecretBytes
    do throws(QRCodeError) {
      picture = try QRCode(link).svg(millimetres: 42)
    } catch {
      throw .qrCode(error)
    }
    append(entry, code, picture)
    letters += 1
    return letters == lettersPerFile ? finish() : nil
  }

  /// Ends the file, and begins the next. Secret.
  ///
  /// - Returns: nil if no letter was appended since the last file.
  public mutating func finish() -> SecretBytes? {
    guard letters > 0 else { return nil }
    letters = 0
    let file = page.finish()
    page = LetterPage(language: texts.language, title: election.name)
    return file
  }

  private mutating func append(
    _ entry: LetterEntry, _ code: borrowing MailedCode, _ picture: borrowing SecretBytes
  ) {
    let sender = election.authorities[authority - 1]
    let other = election.authorities.count == 2 ? election.authorities[2 - authority] : nil
    let district = election.districts[entry.district - 1].label
    let values = [
      "{election}": election.name, "{sender}": sender, "{other}": other ?? "",
      "{district}": district,
    ]
    func filled(_ text: String) -> String { LetterPage.fill(text, values) }

    page.open("section", "letter")
    page.open("div", "window")
    page.element("p", "sender", sender)
    page.element("p", "name", entry.name)
    for line in entry.address.split(separator: "\n", omittingEmptySubsequences: false) {
      page.element("p", "line", String(line))
    }
    page.close("div")
    page.open("div", "body")
    page.element("h1", nil, filled(texts.subject))
    for paragraph in texts.purpose { page.element("p", nil, filled(paragraph)) }
    page.open("div", "code")
    page.open("div", "qr")
    page.append(secret: picture)
    page.element("p", nil, filled(texts.scanHint))
    page.close("div")
    page.element("h2", nil, filled(texts.codeHeading))
    page.open("p", "groups")
    page.append(secret: code.grouped())
    page.close("p")
    page.element("p", nil, "\(texts.districtLabel) \(entry.district) (\(district))")
    page.element("p", nil, "\(texts.entryLabel) \(entry.index)")
    page.element(
      "p", nil, "\(texts.letterLabel) \(authority)/\(election.authorities.count)")
    page.close("div")
    page.element("p", "other", filled(other == nil ? texts.onlyLetter : texts.otherLetter))
    for warning in texts.warnings { page.element("p", nil, filled(warning)) }
    page.close("div")
    page.close("section")
  }
}
