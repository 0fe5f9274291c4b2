// SPDX-License-Identifier: Apache-2.0

/// The first part of an answer.
package struct ResponseHead: Hashable, Sendable {
  /// 100 to 599.
  package let status: Int
  /// Whether the server speaks HTTP/1.1, so that the connection may be used again.
  package let isPersistent: Bool
  /// Names in lower case, values without white space around them, in order.
  package let fields: [Field]

  /// A name and a value.
  package struct Field: Hashable, Sendable {
    package let name: String
    package let value: String
  }

  /// The one value of a field; nil when it is absent or stands there twice.
  func value(_ name: String) -> String? {
    let values = fields.filter { $0.name == name }
    return values.count == 1 ? values.first?.value : nil
  }
}

/// Reads answers of HTTP/1.1 (RFC 9112) piece by piece, whatever the pieces.
///
/// Accepted is a part of the format in which an answer has one reading: lines end in CRLF, a length is
/// given once or the body is `chunked`, nothing is folded, compressed or upgraded. Everything else is
/// refused by name. Sizes are bounded; the body's bound is the caller's.
package struct ResponseParser {
  /// What an input leads to.
  package enum Event: Equatable {
    case head(ResponseHead)
    case body(ArraySlice<UInt8>)
    case end
  }

  /// Most bytes of a head, or of what follows a chunked body.
  static let maximumHeadByteCount = 32_768
  static let maximumFieldCount = 100
  /// Most answers of status 1xx before the real one.
  static let maximumInterimCount = 8
  private static let maximumChunkLine = 64

  private enum State {
    case head([UInt8])
    case length(Int)
    case chunkLine([UInt8])
    case chunk(Int)
    case chunkEnd(Int)
    case trailers(line: Int, total: Int, isReturn: Bool)
    case done
  }

  private var state = State.head([])
  private var interim = 0

  /// At the beginning of an answer.
  package init() {}

  /// Whether the answer is complete.
  package var isDone: Bool {
    if case .done = state { return true }
    return false
  }

  /// Whether no byte of an answer has come.
  var isUntouched: Bool {
    if case .head(let bytes) = state { return bytes.isEmpty && interim == 0 }
    return false
  }

  /// Takes bytes from the front of `input` until something is complete; nil when it needs more.
  ///
  /// - Throws: `Problem` naming the rule.
  package mutating func next(_ input: inout ArraySlice<UInt8>) throws(Problem) -> Event? {
    while true {
      switch state {
      case .head(let bytes):
        guard let head = try takeHead(bytes, &input) else { return nil }
        if (100..<200).contains(head.status) {
          interim += 1
          guard head.status != 101, interim <= Self.maximumInterimCount else {
            throw Problem("no change of protocol, and at most 8 interim answers")
          }
          state = .head([])
          continue
        }
        state = try Self.body(of: head)
        return .head(head)
      case .length(0): state = .done
      case .length(let left), .chunk(let left):
        guard !input.isEmpty else { return nil }
        let piece = input.prefix(left)
        input = input.dropFirst(piece.count)
        let rest = left - piece.count
        if case .length = state {
          state = .length(rest)
        } else {
          state = rest == 0 ? .chunkEnd(0) : .chunk(rest)
        }
        return .body(piece)
      case .chunkLine(let bytes):
        guard try takeChunkLine(bytes, &input) else { return nil }
      case .chunkEnd(let count):
        guard let byte = input.popFirst() else { return nil }
        guard byte == (count == 0 ? 0x0D : 0x0A) else { throw Problem("CRLF behind a chunk") }
        state = count == 0 ? .chunkEnd(1) : .chunkLine([])
      case .trailers(let line, let total, let isReturn):
        guard let byte = input.popFirst() else { return nil }
        guard total < Self.maximumHeadByteCount else {
          throw Problem("at most \(Self.maximumHeadByteCount) bytes behind the body")
        }
        if byte == 0x0A {
          guard isReturn else { throw Problem("lines end in CRLF") }
          state = line == 1 ? .done : .trailers(line: 0, total: total + 1, isReturn: false)
        } else {
          guard !isReturn else { throw Problem("lines end in CRLF") }
          state = .trailers(line: line + 1, total: total + 1, isReturn: byte == 0x0D)
        }
      case .done: return .end
      }
    }
  }

  private mutating func takeHead(
    _ bytes: [UInt8], _ input: inout ArraySlice<UInt8>
  ) throws(Problem) -> ResponseHead? {
    var head = bytes
    // Moved out, so that appending does not copy.
    state = .head([])
    while let byte = input.popFirst() {
      head.append(byte)
      if byte == 0x0A, head.suffix(4) == [0x0D, 0x0A, 0x0D, 0x0A] { return try Self.parse(head) }
      guard head.count < Self.maximumHeadByteCount else {
        throw Problem("a head of at most \(Self.maximumHeadByteCount) bytes")
      }
    }
    state = .head(head)
    return nil
  }

  private mutating func takeChunkLine(
    _ bytes: [UInt8], _ input: inout ArraySlice<UInt8>
  ) throws(Problem) -> Bool {
    var line = bytes
    while let byte = input.popFirst() {
      if byte == 0x0A {
        guard line.popLast() == 0x0D else { throw Problem("lines end in CRLF") }
        // Extensions of a chunk mean nothing here.
        let digits = line.prefix { $0 != UInt8(ascii: ";") }
        guard (1...8).contains(digits.count), let size = Self.hexadecimal(digits) else {
          throw Problem("a chunk's length of 1 to 8 hexadecimal digits")
        }
        state = size == 0 ? .trailers(line: 0, total: 0, isReturn: false) : .chunk(size)
        return true
      }
      line.append(byte)
      guard line.count <= Self.maximumChunkLine else {
        throw Problem("a chunk's line of at most \(Self.maximumChunkLine) bytes")
      }
    }
    state = .chunkLine(line)
    return false
  }

  private static func hexadecimal(_ digits: ArraySlice<UInt8>) -> Int? {
    var number = 0
    for digit in digits {
      switch digit {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): number = number << 4 | Int(digit - 0x30)
      case UInt8(ascii: "A")...UInt8(ascii: "F"): number = number << 4 | Int(digit - 0x41 + 10)
      case UInt8(ascii: "a")...UInt8(ascii: "f"): number = number << 4 | Int(digit - 0x61 + 10)
      default: return nil
      }
    }
    return number
  }

  /// An answer that breaks a rule.
  package struct Problem: Error, Equatable {
    package let rule: String
    init(_ rule: String) { self.rule = rule }
  }
}

extension ResponseParser {
  /// Reads a head, its empty line included.
  static func parse(_ bytes: [UInt8]) throws(Problem) -> ResponseHead {
    var lines: [ArraySlice<UInt8>] = []
    for line in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).dropLast() {
      guard line.last == 0x0D, !line.dropLast().contains(0x0D) else {
        throw Problem("lines end in CRLF")
      }
      lines.append(line.dropLast())
    }
    guard let first = lines.first, lines.last?.isEmpty == true else {
      throw Problem("a status line")
    }
    guard lines.count - 2 <= maximumFieldCount else {
      throw Problem("at most \(maximumFieldCount) fields")
    }
    let (status, isCurrent) = try statusLine(first)
    var fields: [ResponseHead.Field] = []
    for line in lines.dropFirst().dropLast() { fields.append(try field(line)) }
    let closes = fields.contains {
      $0.name == "connection" && $0.value.lowercased() != "keep-alive"
    }
    return ResponseHead(status: status, isPersistent: isCurrent && !closes, fields: fields)
  }

  private static func statusLine(_ line: ArraySlice<UInt8>) throws(Problem) -> (Int, Bool) {
    let isCurrent = line.starts(with: "HTTP/1.1 ".utf8)
    guard isCurrent || line.starts(with: "HTTP/1.0 ".utf8) else { throw Problem("HTTP/1.1") }
    let digits = line.dropFirst(9).prefix(3)
    let behind = line.dropFirst(12).first
    guard digits.count == 3, let status = Int(String(decoding: digits, as: UTF8.self)),
      (100...599).contains(status), behind == nil || behind == 0x20
    else { throw Problem("a status from 100 to 599") }
    guard line.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
      throw Problem("no control characters")
    }
    return (status, isCurrent)
  }

  private static func field(_ line: ArraySlice<UInt8>) throws(Problem) -> ResponseHead.Field {
    guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else {
      throw Problem("a field's name and a colon")
    }
    let name = line[..<colon]
    let marks = Array("!#$%&'*+-.^_`|~".utf8)
    let isToken = name.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
      default: marks.contains(byte)
      }
    }
    // A line that begins with a space would continue the one before: folding is refused.
    guard !name.isEmpty, isToken else {
      throw Problem("a field's name of letters, digits and marks")
    }
    var value = line[(colon + 1)...]
    guard value.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
      throw Problem("no control characters")
    }
    let spaces: [UInt8] = [0x20, 0x09]
    while let byte = value.first, spaces.contains(byte) { value.removeFirst() }
    while let byte = value.last, spaces.contains(byte) { value.removeLast() }
    return ResponseHead.Field(
      name: String(decoding: name, as: UTF8.self).lowercased(),
      value: String(decoding: value, as: UTF8.self))
  }

  /// How the body is delimited.
  private static func body(of head: ResponseHead) throws(Problem) -> State {
    if head.status == 204 || head.status == 304 { return .done }
    let encodings = head.fields.filter { $0.name == "content-encoding" }
    guard encodings.allSatisfy({ $0.value.lowercased() == "identity" }) else {
      throw Problem("a body without compression, which was not asked for")
    }
    let transfers = head.fields.filter { $0.name == "transfer-encoding" }
    let lengths = head.fields.filter { $0.name == "content-length" }
    switch (transfers.count, lengths.count) {
    case (1, 0):
      guard transfers.first?.value.lowercased() == "chunked" else {
        throw Problem("no transfer encoding but chunked")
      }
      return .chunkLine([])
    case (0, 1):
      guard let text = lengths.first?.value, (1...15).contains(text.utf8.count),
        text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let length = Int(text)
      else { throw Problem("a length of 1 to 15 digits") }
      return .length(length)
    default: throw Problem("a length, or a chunked body, and only one of them")
    }
  }
}
