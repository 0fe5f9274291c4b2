// SPDX-License-Identifier: Apache-2.0

/// A rule of a file of the roll that a line breaks. It says which column and never what is in it; the only
/// content that is repeated is a district that has the form of a label.
public enum RollRule: Error, Hashable, Sendable {
  /// The file has nothing in it.
  case emptyFile
  /// The file has more bytes than are read.
  case fileTooLong(limit: Int)
  /// The file begins with a byte order mark.
  case byteOrderMark
  /// The first line is not exactly these columns.
  case header([String])
  /// A quoted field that begins on the line never ends.
  case openQuote(column: Int)
  /// A quotation mark inside a field that does not begin with one.
  case strayQuote(column: Int)
  /// Text behind the closing quotation mark.
  case textAfterQuote(column: Int)
  /// A carriage return without a line feed.
  case carriageReturn
  /// The line ends otherwise than the first one.
  case mixedLineEnds
  /// The last line has no end.
  case lineNotEnded
  /// The row has more bytes than any row needs.
  case rowTooLong(limit: Int)
  /// The row has another number of columns.
  case columns(found: Int, expected: Int)

  /// The column is not UTF-8.
  case encoding(column: String)
  /// The column has a control character, or one that changes the direction of text.
  case control(column: String)
  /// The column is not in Unicode's form NFC.
  case normalization(column: String)
  /// The column begins or ends with a blank.
  case blanks(column: String)
  /// The column is empty.
  case empty(column: String)
  /// The column has more bytes than allowed.
  case fieldTooLong(column: String, limit: Int)
  /// The column has more lines than allowed.
  case tooManyLines(column: String, limit: Int)
  /// The column is empty, but without an identifier a letter is sent.
  case neededForLetter(column: String)
  /// The column is not a number from 1, written without leading zeros.
  case number(column: String)

  /// The district is not one of the election's; nil if it has not even the form of a label.
  case unknownDistrict(String?)
  /// The value of the column stands on an earlier line.
  case duplicate(column: String, line: Int)
  /// The column has the value of another citizen.
  case taken(column: String)

  /// The roll has no such entry with keys.
  case unknownEntry
  /// The entry stands on an earlier line.
  case duplicateEntry(line: Int)
  /// Not the 64 upper-case hexadecimal digits of an Ed25519 key.
  case key
  /// Entries without a line; the first of them.
  case missingEntries(count: Int, district: String, index: Int)

  /// Not add, remove, move or change.
  case action
  /// The action does not take the column.
  case notTaken(column: String, action: String)
  /// The citizen to add is on the list.
  case citizenKnown
  /// The citizen is not on the list.
  case citizenUnknown
  /// The line changes nothing.
  case noChange
  /// The reason, which is published, names the citizen.
  case reasonNamesCitizen
}

extension RollRule: CustomStringConvertible {
  /// The rule in words.
  public var description: String {
    switch self {
    case .emptyFile: "the file is empty"
    case .fileTooLong(let limit): "the file has more than \(limit) bytes"
    case .byteOrderMark: "the file begins with a byte order mark"
    case .header(let columns): "the columns must be \(columns.joined(separator: ","))"
    case .openQuote(let column): "the quoted field in column \(column) does not end"
    case .strayQuote(let column): "a quotation mark stands inside the field in column \(column)"
    case .textAfterQuote(let column): "text follows the quoted field in column \(column)"
    case .carriageReturn: "a carriage return stands without a line feed"
    case .mixedLineEnds: "the line does not end as the first line does"
    case .lineNotEnded: "the last line has no end; the file may be cut off"
    case .rowTooLong(let limit): "the row has more than \(limit) bytes"
    case .columns(let found, let expected): "\(found) columns instead of \(expected)"
    case .encoding(let column): "the \(column) is not UTF-8"
    case .control(let column): "the \(column) has a control character"
    case .normalization(let column): "the \(column) is not in the Unicode form NFC"
    case .blanks(let column): "the \(column) begins or ends with a blank"
    case .empty(let column): "the \(column) is empty"
    case .fieldTooLong(let column, let limit): "the \(column) has more than \(limit) bytes"
    case .tooManyLines(let column, let limit): "the \(column) has more than \(limit) lines"
    case .neededForLetter(let column):
      "the \(column) is empty, and a citizen without an identifier gets letters"
    case .number(let column): "the \(column) is not a number from 1"
    case .unknownDistrict(let label?): "the district '\(label)' is not in the election"
    case .unknownDistrict(nil): "the district is not in the election and not a label"
    case .duplicate(let column, let line): "the \(column) stands on line \(line) already"
    case .taken(let column): "the \(column) belongs to another citizen"
    case .unknownEntry: "the roll has no such entry with keys"
    case .duplicateEntry(let line): "the entry stands on line \(line) already"
    case .key: "the key is not an Ed25519 key of 64 upper-case hexadecimal digits"
    case .missingEntries(let count, let district, let index):
      "\(count) entries are missing; the first is number \(index) of the district '\(district)'"
    case .action: "the action is not add, remove, move or change"
    case .notTaken(let column, let action): "the action '\(action)' takes no \(column)"
    case .citizenKnown: "the citizen is on the list already"
    case .citizenUnknown: "the citizen is not on the list"
    case .noChange: "the line changes nothing"
    case .reasonNamesCitizen: "the reason, which is published, names the citizen"
    }
  }
}
