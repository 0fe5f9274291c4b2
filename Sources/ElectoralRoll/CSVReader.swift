// SPDX-License-Identifier: Apache-2.0

/// A reader of RFC 4180 that repairs nothing and names the line.
///
/// Stricter than the RFC: a header with exact names, one kind of line ends (LF or CRLF) for all rows, an end
/// behind the last line, no byte order mark. Inside quotation marks both line ends are allowed, since
/// spreadsheets write LF there whatever they write between rows; they are read as LF.
///
/// Own code because SwiftCSV 0.10.0 accepts a quoted field that never ends, rows with too few or too many
/// columns, equal names in the header, NUL and a carriage return alone, and cannot say which line was wrong.
struct CSVReader {
  /// Most bytes of a file: 1 GiB.
  static let maximumBytes = 1 << 30
  /// Most bytes of a row.
  static let maximumRowBytes = 8192

  /// What the next row is.
  enum Step {
    case row
    /// Something is wrong with the row; the next one can be read.
    case problem(RollProblem)
    /// Something is wrong, and where the next row begins is unknown.
    case stop(RollProblem)
    case end
  }

  /// A field of the current row, as it stands in the file.
  private struct Field {
    let range: Range<Int>
    /// Whether quotation marks or line ends in it are written otherwise than they are read.
    let isEscaped: Bool
  }

  /// Why the current row cannot be read on.
  private struct Fault: Error {
    let line: Int
    let rule: RollRule
  }

  /// The line on which the current row begins.
  private(set) var line = 0

  private let bytes: [UInt8]
  private let columns: [String]
  private var fields: [Field] = []
  private var position = 0
  private var nextLine = 1
  private var endsWithReturn: Bool?

  private static let quote = UInt8(ascii: "\"")
  private static let comma = UInt8(ascii: ",")
  private static let feed: UInt8 = 10
  private static let carriageReturn: UInt8 = 13

  /// A reader that stands before the header.
  init(_ bytes: [UInt8], columns: [String]) {
    self.bytes = bytes
    self.columns = columns
  }

  /// Reads the header. Nil if it is right.
  mutating func header() -> RollProblem? {
    if bytes.isEmpty { return RollProblem(line: nil, rule: .emptyFile) }
    if bytes.count > Self.maximumBytes {
      return RollProblem(line: nil, rule: .fileTooLong(limit: Self.maximumBytes))
    }
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
      return RollProblem(line: 1, rule: .byteOrderMark)
    }
    switch next() {
    case .problem(let problem), .stop(let problem): return problem
    case .end: return RollProblem(line: nil, rule: .emptyFile)
    case .row: break
    }
    let isRight = columns.indices.allSatisfy { field($0).elementsEqual(columns[$0].utf8) }
    return isRight ? nil : RollProblem(line: 1, rule: .header(columns))
  }

  /// Reads the next row.
  mutating func next() -> Step {
    guard position < bytes.count else { return .end }
    line = nextLine
    let start = position
    fields.removeAll(keepingCapacity: true)
    do throws(Fault) {
      while try readField() {}
    } catch {
      return .stop(RollProblem(line: error.line, rule: error.rule))
    }
    guard position - start <= Self.maximumRowBytes else {
      return .problem(RollProblem(line: line, rule: .rowTooLong(limit: Self.maximumRowBytes)))
    }
    guard fields.count == columns.count else {
      if line == 1 { return .problem(RollProblem(line: 1, rule: .header(columns))) }
      return .problem(
        RollProblem(line: line, rule: .columns(found: fields.count, expected: columns.count)))
    }
    return .row
  }

  /// The bytes of a field of the current row, without the quotation marks around it.
  func field(_ index: Int) -> [UInt8] {
    let field = fields[index]
    guard field.isEscaped else { return Array(bytes[field.range]) }
    var result: [UInt8] = []
    var index = field.range.lowerBound
    while index < field.range.upperBound {
      // A quotation mark and a carriage return each stand before the byte that counts.
      if bytes[index] == Self.quote || bytes[index] == Self.carriageReturn { index += 1 }
      result.append(bytes[index])
      index += 1
    }
    return result
  }

  /// Whether a field of the current row has nothing in it.
  func isEmpty(_ index: Int) -> Bool { fields[index].range.isEmpty }

  /// Reads a field and what stands behind it. False behind the last field of a row.
  private mutating func readField() throws(Fault) -> Bool {
    if position < bytes.count, bytes[position] == Self.quote {
      try readQuoted()
    } else {
      try readPlain()
    }
    guard position < bytes.count else { throw Fault(line: nextLine, rule: .lineNotEnded) }
    if bytes[position] == Self.comma {
      position += 1
      return true
    }
    let hasReturn = bytes[position] == Self.carriageReturn
    if hasReturn { position += 1 }
    position += 1
    if let endsWithReturn, endsWithReturn != hasReturn {
      throw Fault(line: nextLine, rule: .mixedLineEnds)
    }
    endsWithReturn = hasReturn
    nextLine += 1
    return false
  }

  /// Stops at a comma or at a line's end.
  private mutating func readPlain() throws(Fault) {
    let start = position
    while position < bytes.count {
      let byte = bytes[position]
      if byte == Self.comma || byte == Self.feed { break }
      if byte == Self.carriageReturn {
        try checkReturn(line: nextLine)
        break
      }
      if byte == Self.quote {
        throw Fault(line: nextLine, rule: .strayQuote(column: fields.count + 1))
      }
      position += 1
    }
    fields.append(Field(range: start..<position, isEscaped: false))
  }

  /// Stops behind the closing quotation mark, at a comma or at a line's end.
  private mutating func readQuoted() throws(Fault) {
    let column = fields.count + 1
    // A missing quotation mark shows far behind; what helps is where the field begins.
    let firstLine = nextLine
    let start = position + 1
    var isEscaped = false
    position = start
    while position < bytes.count {
      let byte = bytes[position]
      if byte == Self.quote {
        guard position + 1 < bytes.count, bytes[position + 1] == Self.quote else { break }
        isEscaped = true
        position += 1
      } else if byte == Self.carriageReturn {
        try checkReturn(line: nextLine)
        isEscaped = true
      } else if byte == Self.feed {
        nextLine += 1
      }
      position += 1
    }
    guard position < bytes.count else {
      throw Fault(line: firstLine, rule: .openQuote(column: column))
    }
    fields.append(Field(range: start..<position, isEscaped: isEscaped))
    position += 1
    guard position < bytes.count else { return }
    let byte = bytes[position]
    if byte == Self.carriageReturn {
      try checkReturn(line: nextLine)
    } else if byte != Self.comma, byte != Self.feed {
      throw Fault(line: firstLine, rule: .textAfterQuote(column: column))
    }
  }

  /// A line feed must follow the carriage return here.
  private func checkReturn(line: Int) throws(Fault) {
    guard position + 1 < bytes.count, bytes[position + 1] == Self.feed else {
      throw Fault(line: line, rule: .carriageReturn)
    }
  }
}
