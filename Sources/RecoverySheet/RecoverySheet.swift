// SPDX-License-Identifier: Apache-2.0

public import Cryptography
public import QRCodes

/// Why there is no sheet. Holds nothing of the seed.
public enum RecoverySheetError: Error, Equatable, Sendable {
  /// The seed has another length than 32 bytes.
  case seedLength(found: Int)
  /// No QR code could be made.
  case qrCode(QRCodeError)
}

extension RecoverySheetError: CustomStringConvertible {
  /// The reason in words.
  public var description: String {
    switch self {
    case .seedLength(let found): "a seed has \(SeedWords.seedByteCount) bytes, not \(found)"
    case .qrCode(let error): error.description
    }
  }
}

/// A wallet's seed on paper: 24 words and a QR code.
public enum RecoverySheet {
  /// Columns of the table, which is read row by row: what is copied out of it is in the right order.
  private static let columns = 4

  /// The sheet as HTML for printing: one page A4, which needs nothing else and has no scripts.
  ///
  /// - Parameters:
  ///   - seed: 32 bytes. Secret.
  ///   - electionName: the election's name, for people.
  ///   - madeOn: the day on which the sheet is made, as it is to be printed.
  ///   - texts: what the sheet says.
  /// - Returns: the file in UTF-8. As secret as the seed.
  /// - Throws: ``RecoverySheetError``.
  public static func html(
    seed: borrowing SecretBytes, electionName: String, madeOn: String,
    texts: RecoverySheetTexts = .english
  ) throws(RecoverySheetError) -> SecretBytes {
    let values = ["{election}": electionName, "{date}": madeOn]
    func filled(_ text: String) -> String { SheetPage.fill(text, values) }
    let picture = try picture(of: seed)
    var page = SheetPage(language: texts.language, title: filled(texts.title))
    page.element("h1", nil, filled(texts.title))
    page.element("p", "subject", filled(texts.subject))
    for paragraph in texts.purpose { page.element("p", nil, filled(paragraph)) }
    page.open("div", "warning")
    for paragraph in texts.warnings { page.element("p", nil, filled(paragraph)) }
    page.close("div")
    page.element("h2", nil, filled(texts.wordsHeading))
    page.open("table")
    for number in 1...SeedWords.count {
      if number % columns == 1 { page.open("tr") }
      do throws(SeedWordsError) {
        page.cell(number, word: try SeedWords.word(number, of: seed))
      } catch {
        throw .seedLength(found: seed.count)
      }
      if number % columns == 0 { page.close("tr") }
    }
    page.close("table")
    page.open("div", "picture")
    page.append(secret: picture)
    page.element("p", nil, filled(texts.scanHint))
    page.close("div")
    for paragraph in texts.instructions { page.element("p", nil, filled(paragraph)) }
    return page.finish()
  }

  private static func picture(
    of seed: borrowing SecretBytes
  ) throws(RecoverySheetError) -> SecretBytes {
    let link: SeedLink
    do throws(SeedLinkError) {
      link = try SeedLink(seed: seed)
    } catch {
      throw .seedLength(found: seed.count)
    }
    do throws(QRCodeError) {
      return try QRCode(link.text()).svg(millimetres: 45)
    } catch {
      throw .qrCode(error)
    }
  }
}
