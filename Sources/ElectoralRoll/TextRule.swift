// SPDX-License-Identifier: Apache-2.0

internal import Foundation

/// What the text of a column must be: valid UTF-8 in the form NFC, without control characters, so long and no
/// longer.
struct TextRule {
  let column: String
  /// Most bytes.
  let limit: Int
  /// Most lines; more than one allows line feeds.
  var lines = 1
  /// Whether blanks at both ends are allowed.
  var allowsBlanks = false

  /// The citizen's reference.
  static let citizen = TextRule(column: "citizen", limit: 128)
  /// A district's label.
  static let district = TextRule(column: "district", limit: 128)
  /// A personal identifier.
  static let identifier = TextRule(column: "identifier", limit: 256)
  /// A name on a letter.
  static let name = TextRule(column: "name", limit: 200, allowsBlanks: true)
  /// The lines of an address below the name: DIN 5008 has room for six in all.
  static let address = TextRule(column: "address", limit: 500, lines: 5, allowsBlanks: true)
  /// Why a change is made.
  static let reason = TextRule(column: "reason", limit: 200)

  /// The text; empty if there is none.
  func text(_ bytes: [UInt8]) throws(RollRule) -> String {
    if bytes.isEmpty { return "" }
    guard bytes.count <= limit else { throw .fieldTooLong(column: column, limit: limit) }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw .encoding(column: column)
    }
    try checkCharacters(text, bytes)
    if !allowsBlanks {
      let scalars = text.unicodeScalars
      let hasBlank = [scalars.first, scalars.last].contains { $0?.properties.isWhitespace ?? false }
      if hasBlank { throw .blanks(column: column) }
    }
    return text
  }

  /// The text of a column that may not be empty.
  func required(_ bytes: [UInt8]) throws(RollRule) -> String {
    if bytes.isEmpty { throw .empty(column: column) }
    return try text(bytes)
  }

  private func checkCharacters(_ text: String, _ bytes: [UInt8]) throws(RollRule) {
    var feeds = 0
    var highest: UInt8 = 0
    for byte in bytes {
      highest = max(highest, byte)
      if byte == 10, lines > 1 {
        feeds += 1
      } else if byte < 0x20 || byte == 0x7F {
        throw .control(column: column)
      }
    }
    guard feeds < lines else { throw .tooManyLines(column: column, limit: lines) }
    guard highest >= 0x80 else { return }
    for scalar in text.unicodeScalars where Self.isControl(scalar.value) {
      throw .control(column: column)
    }
    // Characters below U+0300 are in the form NFC whatever stands beside them.
    guard highest >= 0xCC else { return }
    guard text.precomposedStringWithCanonicalMapping.utf8.elementsEqual(bytes) else {
      throw .normalization(column: column)
    }
  }

  /// The controls C1, separators of lines and paragraphs, what changes the direction of text, byte order
  /// marks, noncharacters. What joins letters (U+200C, U+200D) and marks of direction (U+200E, U+200F) are part
  /// of names in some scripts.
  private static func isControl(_ value: UInt32) -> Bool {
    switch value {
    case 0x80...0x9F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF, 0xFFF9...0xFFFB, 0xFDD0...0xFDEF,
      0xE0000...0xE007F:
      true
    default: value & 0xFFFE == 0xFFFE
    }
  }
}

/// The form of a district's label, as in the manifest.
enum DistrictLabel {
  /// Whether it begins with a letter or `_` and goes on with these, digits, `.` and `-`, in ASCII.
  static func isValid(_ label: String) -> Bool {
    guard let first = label.utf8.first, label.utf8.count <= TextRule.district.limit else {
      return false
    }
    return isLetter(first)
      && label.utf8.allSatisfy { isLetter($0) || (48...57).contains($0) || $0 == 45 || $0 == 46 }
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || byte == UInt8(ascii: "_")
  }
}
