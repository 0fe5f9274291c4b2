// SPDX-License-Identifier: Apache-2.0

import StrictJSON

/// A text of the source, before the languages of the whole election are known.
struct SourceText {
  /// One InternationalizedText, or one text without a language.
  struct Piece {
    let path: String
    let translations: [LocalizedText.Translation]
    let plain: String?
  }

  var pieces: [Piece]
  var separator: String

  /// A text that holds for every language.
  init(plain: String, path: String) {
    pieces = [Piece(path: path, translations: [], plain: plain)]
    separator = " / "
  }

  init(joining texts: [SourceText], separator: String) {
    pieces = texts.flatMap(\.pieces)
    self.separator = separator
  }

  /// Reads an InternationalizedText.
  init(_ object: SourceObject, allowingLineBreaks: Bool = false) throws(JSONError) {
    var translations: [LocalizedText.Translation] = []
    for item in try object.required("Text").array(1...100) {
      let string = try SourceObject(item, object.log)
      let tag = try string.required("Language")
      let language = try tag.string(maxBytes: 35)
      guard ManifestRule.isLanguage(language) else {
        throw tag.failure("a language tag (BCP 47) is required")
      }
      guard !translations.contains(where: { Self.areSame($0.language, language) }) else {
        throw tag.failure("the language occurs twice")
      }
      let content = try string.required("Content")
      translations.append(
        LocalizedText.Translation(
          language: language,
          text: try Self.tidy(content, object.log, allowingLineBreaks: allowingLineBreaks)))
    }
    pieces = [Piece(path: object.path, translations: translations, plain: nil)]
    separator = " / "
  }

  static func areSame(_ left: String, _ right: String) -> Bool {
    left.lowercased() == right.lowercased()
  }

  /// Reads one text. Breaks and tabs become spaces, outer spaces go; each is reported.
  /// Characters that could mislead a reader are an error.
  static func tidy(
    _ reader: JSONReader, _ log: SourceLog, allowingLineBreaks: Bool = false
  ) throws(JSONError) -> String {
    let source = try reader.string(maxBytes: 4 * ManifestLimits.textCharacters)
    var scalars = String.UnicodeScalarView()
    for character in source {
      switch character {
      case "\r\n", "\n", "\r", "\u{2028}", "\u{2029}":
        scalars.append(allowingLineBreaks ? "\n" : " ")
      case "\t": scalars.append(" ")
      default: scalars.append(contentsOf: character.unicodeScalars)
      }
    }
    while let last = scalars.last, last.properties.isWhitespace { scalars.removeLast() }
    let text = String(String.UnicodeScalarView(scalars.drop { $0.properties.isWhitespace }))
    if let problem = ManifestRule.problem(inText: text, allowingLineBreaks: allowingLineBreaks) {
      throw reader.failure(problem)
    }
    if !text.unicodeScalars.elementsEqual(source.unicodeScalars) {
      log.warn("line breaks, tabs and outer spaces of a text were tidied", at: reader.path)
    }
    return text
  }

  /// The text in every language. What is missing is taken from the nearest language, and reported.
  func localized(_ languages: [String], _ log: SourceLog) -> LocalizedText {
    LocalizedText(
      languages.map { language in
        let texts = pieces.map { Self.text(of: $0, in: language, languages, log) }
        return LocalizedText.Translation(
          language: language, text: texts.joined(separator: separator))
      })
  }

  private static func text(
    of piece: Piece, in language: String, _ languages: [String], _ log: SourceLog
  ) -> String {
    func find(_ wanted: (String) -> Bool) -> String? {
      piece.translations.first { wanted($0.language) }?.text
    }
    if let exact = find({ areSame($0, language) }) { return exact }
    if let plain = piece.plain {
      if languages.count > 1 {
        log.warn("a text without a language is used for all languages", at: piece.path)
      }
      return plain
    }
    log.warn("a text has no \(language); another language's text stands there", at: piece.path)
    let primary = language.split(separator: "-").first.map(String.init) ?? language
    return find { areSame($0, primary) || $0.lowercased().hasPrefix(primary.lowercased() + "-") }
      ?? find { tag in languages.first.map { areSame(tag, $0) } ?? false }
      ?? piece.translations.first?.text ?? ""
  }
}
