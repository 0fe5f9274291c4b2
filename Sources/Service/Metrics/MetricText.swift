// SPDX-License-Identifier: Apache-2.0

/// The lexical rules of the Prometheus text format, version 0.0.4.
enum MetricText {
  /// A metric's name: `[a-zA-Z_:][a-zA-Z0-9_:]*`, at most 128 characters. Others become `_`.
  static func name(_ text: String) -> String { identifier(text, allowsColon: true) }

  /// Labels as they stand between braces, sorted by name, values escaped and of at most 128 characters.
  static func labels(_ dimensions: [(String, String)]) -> String {
    dimensions.prefix(8)
      .map { (identifier($0.0, allowsColon: false), String($0.1.prefix(128))) }
      .sorted { $0.0 < $1.0 }
      .map { "\($0.0)=\"\(escape($0.1, quotes: true))\"" }
      .joined(separator: ",")
  }

  /// The text behind `# HELP`.
  static func help(_ text: String) -> String { escape(String(text.prefix(512)), quotes: false) }

  /// A number as Go writes it.
  static func number(_ value: Double) -> String {
    if value == .infinity { return "+Inf" }
    if let whole = Int64(exactly: value), whole.magnitude < 1 << 53 { return String(whole) }
    return String(value)
  }

  private static func identifier(_ text: String, allowsColon: Bool) -> String {
    var bytes: [UInt8] = []
    for byte in text.utf8.prefix(128) {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "_"):
        bytes.append(byte)
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        if bytes.isEmpty { bytes.append(UInt8(ascii: "_")) }
        bytes.append(byte)
      case UInt8(ascii: ":") where allowsColon: bytes.append(byte)
      default: bytes.append(UInt8(ascii: "_"))
      }
    }
    return bytes.isEmpty ? "_" : String(decoding: bytes, as: UTF8.self)
  }

  private static func escape(_ text: String, quotes: Bool) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\"" where quotes: result += "\\\""
      // Other control characters have no escape in the format.
      case "\u{0}"..."\u{1F}", "\u{7F}": result += " "
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
