// SPDX-License-Identifier: Apache-2.0

extension JSONParser {
  /// Reads a string whose opening quote is next. A string without escapes is copied once.
  mutating func parseString() throws(JSONFault) -> String {
    position += 1
    let start = position
    var index = start
    let count = bytes.count
    // The string's first byte behind the limit; reaching it is an error even without a quote.
    let end = limits.maxStringBytes < count - start ? start + limits.maxStringBytes + 1 : count
    while index < end {
      let byte = bytes[index]
      if byte == UInt8(ascii: "\"") {
        position = index + 1
        return String(decoding: bytes[start..<index], as: UTF8.self)
      }
      if byte == UInt8(ascii: "\\") {
        return try parseEscapedString(copied: start, upTo: index)
      }
      if byte >= 0x80 {
        index += try lengthOfScalar(at: index)
      } else if byte >= 0x20 {
        index += 1
      } else {
        throw JSONFault("a control character in a string must be escaped", at: index)
      }
    }
    if index >= count { throw endsEarly() }
    throw tooLong(at: start)
  }

  private func tooLong(at start: Int) -> JSONFault {
    JSONFault("a string is longer than \(limits.maxStringBytes) bytes", at: start)
  }

  /// Goes on behind the first backslash, which is at `escape`.
  private mutating func parseEscapedString(
    copied start: Int, upTo escape: Int
  ) throws(JSONFault) -> String {
    var text = Array(bytes[start..<escape])
    position = escape
    while let byte = peek() {
      guard text.count <= limits.maxStringBytes else { throw tooLong(at: start) }
      switch byte {
      case UInt8(ascii: "\""):
        position += 1
        return String(decoding: text, as: UTF8.self)
      case UInt8(ascii: "\\"):
        try parseEscape(into: &text)
      case 0x80...:
        let length = try lengthOfScalar(at: position)
        text.append(contentsOf: bytes[position..<position + length])
        position += length
      case 0x20...:
        text.append(byte)
        position += 1
      default:
        throw JSONFault("a control character in a string must be escaped", at: position)
      }
    }
    throw endsEarly()
  }

  private mutating func parseEscape(into text: inout [UInt8]) throws(JSONFault) {
    let start = position
    position += 1
    guard let letter = peek() else { throw endsEarly() }
    position += 1
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(letter)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "u"): text.append(contentsOf: try parseUnicodeEscape(from: start))
    default: throw JSONFault("the escape is unknown", at: start)
    }
  }

  /// Reads the digits behind `\u`, and the second half of a surrogate pair.
  private mutating func parseUnicodeEscape(
    from start: Int
  ) throws(JSONFault) -> Unicode.UTF8.EncodedScalar {
    let first = try parseFourHexDigits()
    var code = first
    if first >= 0xD800, first < 0xDC00 {
      guard position + 1 < bytes.count else { throw endsEarly() }
      guard bytes[position] == UInt8(ascii: "\\"), bytes[position + 1] == UInt8(ascii: "u") else {
        throw JSONFault("a surrogate stands alone", at: start)
      }
      position += 2
      let second = try parseFourHexDigits()
      guard second >= 0xDC00, second < 0xE000 else {
        throw JSONFault("a surrogate stands alone", at: start)
      }
      code = 0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)
    }
    guard let scalar = Unicode.Scalar(code), let encoded = UTF8.encode(scalar) else {
      throw JSONFault("a surrogate stands alone", at: start)
    }
    return encoded
  }

  private mutating func parseFourHexDigits() throws(JSONFault) -> UInt32 {
    var code: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = peek() else { throw endsEarly() }
      let digit: UInt8
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
      case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
      default: throw JSONFault("four hexadecimal digits must follow \\u", at: position)
      }
      code = code << 4 | UInt32(digit)
      position += 1
    }
    return code
  }

  /// The number of bytes of the UTF-8 sequence at `index` (RFC 3629 section 4, the ABNF).
  private func lengthOfScalar(at index: Int) throws(JSONFault) -> Int {
    let lead = bytes[index]
    let length: Int
    let second: ClosedRange<UInt8>
    switch lead {
    case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
    case 0xE0: (length, second) = (3, 0xA0...0xBF)
    case 0xE1...0xEC, 0xEE, 0xEF: (length, second) = (3, 0x80...0xBF)
    case 0xED: (length, second) = (3, 0x80...0x9F)
    case 0xF0: (length, second) = (4, 0x90...0xBF)
    case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
    case 0xF4: (length, second) = (4, 0x80...0x8F)
    default: throw JSONFault("the text is not valid UTF-8", at: index)
    }
    for offset in 1..<length {
      guard index + offset < bytes.count else { throw endsEarly() }
      guard (offset == 1 ? second : 0x80...0xBF).contains(bytes[index + offset]) else {
        throw JSONFault("the text is not valid UTF-8", at: index)
      }
    }
    return length
  }
}
