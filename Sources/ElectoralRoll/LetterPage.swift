// SPDX-License-Identifier: Apache-2.0

internal import Cryptography

/// HTML as it is written. Text always goes through ``escape(_:)``; only this file knows markup.
struct LetterPage: ~Copyable {
  /// Closed blocks, each wiped when the page goes.
  private var blocks: SecretBlocks
  private let tail = "</body>\n</html>\n"

  /// A page with its head.
  init(language: String, title: String) {
    blocks = SecretBlocks()
    append(
      """
      <!DOCTYPE html>
      <html lang="\(Self.escape(language))">
      <head>
      <meta charset="utf-8">
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
      <meta name="referrer" content="no-referrer">
      <title>\(Self.escape(title))</title>
      <style>\(Self.style)</style>
      </head>
      <body>

      """)
  }

  /// Begins an element. Both names are constants.
  mutating func open(_ name: StaticString, _ style: StaticString) {
    append("<\(name) class=\"\(style)\">")
  }

  /// Ends an element.
  mutating func close(_ name: StaticString) { append("</\(name)>\n") }

  /// An element with text in it, each in its own direction.
  mutating func element(_ name: StaticString, _ style: StaticString?, _ text: String) {
    let attribute = style.map { " class=\"\($0)\"" } ?? ""
    append("<\(name)\(attribute) dir=\"auto\">\(Self.escape(text))</\(name)>\n")
  }

  /// Markup or a code, which needs no escapes.
  mutating func append(secret: borrowing SecretBytes) { blocks.append(secret) }

  /// The whole page. What is appended later is not in it.
  mutating func finish() -> SecretBytes {
    append(tail)
    return blocks.joined()
  }

  private mutating func append(_ markup: String) {
    blocks.append(SecretBytes(copying: markup.utf8))
  }

  /// Text as it stands in HTML, in elements and in quoted attributes.
  static func escape(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      default: result.unicodeScalars.append(scalar)
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

  /// DIN 5008, form B: the field of the address is 85 mm by 45 mm, 20 mm from the left and 45 mm from the top;
  /// its upper 17.7 mm are the sender's. Everything else stands below it and is folded inside.
  private static let style = """
    @page { size: A4; margin: 0 }
    * { box-sizing: border-box }
    html, body { margin: 0; background: #fff; color: #000 }
    body { font: 10.5pt/1.35 sans-serif }
    p { margin: 0 0 2.5mm }
    h1 { font-size: 13pt; margin: 0 0 4mm }
    h2 { font-size: 11pt; margin: 0 0 2mm }
    .letter { position: relative; width: 210mm; height: 296.9mm; overflow: hidden; break-after: page }
    .letter:last-child { break-after: auto }
    .window { position: absolute; left: 20mm; top: 45mm; width: 85mm; height: 45mm; padding: 13mm 0 0 5mm }
    .window p { margin: 0; text-align: left; unicode-bidi: isolate }
    .window .sender { height: 4.7mm; font-size: 7pt; white-space: nowrap; overflow: hidden }
    .window .name, .window .line { font-size: 10pt; line-height: 4.5mm; overflow-wrap: anywhere }
    .body { position: absolute; left: 25mm; right: 20mm; top: 107mm }
    .code { border: 0.3mm solid #000; padding: 4mm; margin: 4mm 0; min-height: 60mm }
    .code p { margin: 0 0 1mm }
    .qr { float: right; width: 46mm; text-align: center; font-size: 8pt }
    .groups { font: bold 14pt/1.6 monospace; white-space: nowrap }

    """
}

/// Secret blocks in a row. Appending copies nothing that was appended before.
private struct SecretBlocks: ~Copyable {
  private final class Block {
    let bytes: SecretBytes

    init(_ bytes: consuming SecretBytes) { self.bytes = bytes }
  }

  private var blocks: [Block] = []

  mutating func append(_ bytes: borrowing SecretBytes) { blocks.append(Block(bytes.copy())) }

  /// All of them one behind the other.
  func joined() -> SecretBytes {
    var result = SecretBytes(zeros: blocks.reduce(0) { $0 + $1.bytes.count })
    unsafe result.withUnsafeMutableBytes { result in
      var position = 0
      for block in blocks {
        unsafe block.bytes.withUnsafeBytes { bytes in
          unsafe UnsafeMutableRawBufferPointer(rebasing: result[position...]).copyMemory(
            from: bytes)
        }
        position += block.bytes.count
      }
    }
    return result
  }
}
