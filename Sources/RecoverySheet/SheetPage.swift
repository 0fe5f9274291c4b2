// SPDX-License-Identifier: Apache-2.0

internal import Cryptography

/// HTML as it is written, in memory that is wiped. Text always goes through ``escape(_:)``; only this file knows
/// markup.
struct SheetPage: ~Copyable {
  private var bytes: SecretBytes

  /// A page with its head.
  init(language: String, title: String) {
    let head =
      """
      <!DOCTYPE html>
      <html lang="\(Self.escape(language))">
      <head>
      <meta charset="utf-8">
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
      <meta name="referrer" content="no-referrer">
      <meta name="robots" content="noindex, noarchive">
      <title>\(Self.escape(title))</title>
      <style>\(Self.style)</style>
      </head>
      <body>

      """
    bytes = SecretBytes(copying: head.utf8)
  }

  /// Begins an element. Both names are constants.
  mutating func open(_ name: StaticString, _ style: StaticString? = nil) {
    append("<\(name)\(style.map { " class=\"\($0)\"" } ?? "")>")
  }

  /// Ends an element.
  mutating func close(_ name: StaticString) { append("</\(name)>\n") }

  /// An element with text in it, each in its own direction.
  mutating func element(_ name: StaticString, _ style: StaticString? = nil, _ text: String) {
    let attribute = style.map { " class=\"\($0)\"" } ?? ""
    append("<\(name)\(attribute) dir=\"auto\">\(Self.escape(text))</\(name)>\n")
  }

  /// A cell of the table: a number and its word.
  mutating func cell(_ number: Int, word: borrowing SecretBytes) {
    append("<td><span>\(number).</span> <b>")
    append(secret: word)
    append("</b></td>\n")
  }

  /// Markup or a word, which needs no escapes.
  mutating func append(secret: borrowing SecretBytes) { bytes = bytes.appending(secret) }

  /// The whole page.
  consuming func finish() -> SecretBytes { bytes.appending(Array("</body>\n</html>\n".utf8)) }

  private mutating func append(_ markup: String) { bytes = bytes.appending(Array(markup.utf8)) }

  /// Text as it stands in HTML, in elements and in quoted attributes. Control characters, which HTML does not
  /// allow, become U+FFFD.
  static func escape(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      case "\n", "\t": result.unicodeScalars.append(" ")
      default:
        let isControl = scalar.properties.generalCategory == .control
        result.unicodeScalars.append(isControl ? "\u{FFFD}" : scalar)
      }
    }
    return result
  }

  /// Puts values in for their names, once: a value that looks like a name stays as it is.
  static func fill(_ text: String, _ values: [String: String]) -> String {
    var result = ""
    var rest = text[...]
    while let brace = rest.firstIndex(of: "{") {
      result += rest[..<brace]
      rest = rest[brace...]
      if let (name, value) = values.first(where: { rest.hasPrefix($0.key) }) {
        result += value
        rest = rest.dropFirst(name.count)
      } else {
        result.append("{")
        rest = rest.dropFirst()
      }
    }
    return result + rest
  }

  private static let style = """
    @page { size: A4; margin: 20mm }
    * { box-sizing: border-box }
    html, body { margin: 0; background: #fff; color: #000 }
    body { font: 11pt/1.4 sans-serif; max-width: 170mm }
    p { margin: 0 0 2.5mm; overflow-wrap: anywhere }
    h1 { font-size: 16pt; margin: 0 0 2mm }
    h2 { font-size: 12pt; margin: 5mm 0 2mm }
    h1, h2, p { unicode-bidi: isolate }
    .subject { font-size: 12pt; max-height: 17mm; overflow: hidden }
    .warning { border: 0.6mm solid #000; padding: 3mm 3mm 0.5mm; margin: 4mm 0 }
    .warning p:first-child { font-weight: bold }
    table { border-collapse: collapse; width: 100%; table-layout: fixed; direction: ltr }
    td { border: 0.2mm solid #000; padding: 2mm 2mm; font: 12.5pt/1.3 monospace; white-space: nowrap }
    td span { display: inline-block; width: 8mm; font-size: 9pt; text-align: right }
    tr, .warning, .picture { break-inside: avoid }
    .picture { text-align: center; margin: 5mm 0 3mm; font-size: 9pt }
    .picture p { margin: 0 }

    """
}
