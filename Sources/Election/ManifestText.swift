// SPDX-License-Identifier: Apache-2.0

internal import Ledger

/// One text in every language of the manifest, the default language first.
public struct LocalizedText: Sendable, Equatable {
  /// The text in one language.
  public struct Translation: Sendable, Equatable {
    /// A BCP 47 tag.
    public let language: String
    /// The text.
    public let text: String

    /// Makes a translation.
    public init(language: String, text: String) {
      self.language = language
      self.text = text
    }
  }

  /// The translations in the order of the manifest's languages.
  public let translations: [Translation]

  /// Makes a text; the manifest that takes it checks it.
  public init(_ translations: [Translation]) {
    self.translations = translations
  }

  /// Makes a text from language and text pairs.
  public init(_ pairs: KeyValuePairs<String, String>) {
    translations = pairs.map { Translation(language: $0.key, text: $0.value) }
  }

  /// The text in a language of the manifest.
  public func text(in language: String) -> String? {
    translations.first { $0.language == language }?.text
  }

  /// The text in the default language.
  public var defaultText: String {
    translations.first?.text ?? ""
  }
}

/// The largest manifest that is accepted.
public enum ManifestLimits {
  /// Bytes of the file: it is a payload of the record.
  public static let bytes = PayloadBundle.maximumPayloadByteCount
  /// Languages.
  public static let languages = 20
  /// Parties.
  public static let parties = 1_000
  /// Districts.
  public static let districts = 2_500
  /// Ballot styles.
  public static let ballotStyles = 5_000
  /// Contests.
  public static let contests = 1_000
  /// Options of a contest.
  public static let options = 100
  /// R, the selection limit of an option.
  public static let optionLimit = 100
  /// L, the selection limit of a contest.
  public static let selectionLimit = 1_000
  /// b_Λ, blocks of contest data.
  public static let contestDataBlocks = 1_024
  /// Bytes of a label.
  public static let labelBytes = 128
  /// Characters (Unicode scalars) of a text.
  public static let textCharacters = 10_000
}

/// What labels, language tags and texts may be.
enum ManifestRule {
  static let label =
    "a label is 1 to \(ManifestLimits.labelBytes) ASCII letters, digits, '.', '-', '_', "
    + "the first a letter or '_'"

  /// An XML NCName in ASCII: usable as an identifier in every export.
  static func isLabel(_ text: String) -> Bool {
    let bytes = text.utf8
    guard let first = bytes.first, bytes.count <= ManifestLimits.labelBytes else { return false }
    return isLetter(first) && bytes.allSatisfy(isLabelByte)
  }

  static func isLabelByte(_ byte: UInt8) -> Bool {
    isLetter(byte) || isDigit(byte) || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-")
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || byte == UInt8(ascii: "_")
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  /// The shape of a BCP 47 tag: a primary tag of letters, further ones of letters and digits.
  static func isLanguage(_ text: String) -> Bool {
    let tags = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
    guard let primary = tags.first, (2...8).contains(primary.count), text.utf8.count <= 35 else {
      return false
    }
    return primary.allSatisfy { isLetter($0) && $0 != UInt8(ascii: "_") }
      && tags.dropFirst().allSatisfy { tag in
        (1...8).contains(tag.count)
          && tag.allSatisfy { (isLetter($0) && $0 != UInt8(ascii: "_")) || isDigit($0) }
      }
  }

  /// The rule that a visible text breaks, or nil.
  ///
  /// Controls and marks that turn the writing direction are refused: a name with them can be shown
  /// in another order than it is read, or disturb a terminal.
  static func problem(inText text: String, allowingLineBreaks: Bool) -> String? {
    let scalars = text.unicodeScalars
    guard let first = scalars.first, let last = scalars.last else { return "a text is empty" }
    if first.properties.isWhitespace || last.properties.isWhitespace {
      return "a text starts or ends with space"
    }
    var count = 0
    for scalar in scalars {
      count += 1
      if allowingLineBreaks, scalar == "\n" { continue }
      if isForbidden(scalar) {
        return "a text has the character U+\(String(scalar.value, radix: 16, uppercase: true)), "
          + "a control or a mark that turns the writing direction"
      }
    }
    return count <= ManifestLimits.textCharacters
      ? nil : "a text has more than \(ManifestLimits.textCharacters) characters"
  }

  static func isForbidden(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x00...0x1F, 0x7F...0x9F: true  // C0, DEL, C1
    case 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: true  // direction
    case 0x2028, 0x2029: true  // line and paragraph separators
    case 0x200B, 0x2060...0x2064, 0xFEFF: true  // invisible without a use in writing
    case 0xFFF9...0xFFFB, 0xE0000...0xE007F: true  // interlinear marks, tags
    case 0xFDD0...0xFDEF: true  // noncharacters
    default: scalar.value & 0xFFFE == 0xFFFE
    }
  }
}
