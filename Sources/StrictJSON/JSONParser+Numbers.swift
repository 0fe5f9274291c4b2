// SPDX-License-Identifier: Apache-2.0

extension JSONParser {
  /// Reads a number that starts here (RFC 8259 section 6).
  mutating func parseNumber() throws(JSONFault) -> JSONValue {
    let start = position
    let isNegative = peek() == UInt8(ascii: "-")
    if isNegative { position += 1 }
    let digits = position
    try skipDigits(of: start)
    let leadingZero = bytes[digits] == UInt8(ascii: "0")
    if leadingZero, position > digits + 1 {
      throw JSONFault("a number must not start with 0", at: start)
    }
    var isDecimal = false
    let wholeEnd = position
    if peek() == UInt8(ascii: ".") {
      isDecimal = true
      position += 1
      try skipDigits(of: start)
    }
    if let byte = peek(), byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E") {
      isDecimal = true
      position += 1
      if let sign = peek(), sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { position += 1 }
      try skipDigits(of: start)
    }
    if isDecimal {
      guard allowsDecimals else {
        throw JSONFault("only integers are canonical here", at: start)
      }
      return .decimal(String(decoding: bytes[start..<position], as: UTF8.self))
    }
    if isNegative, leadingZero {
      throw JSONFault("-0 is not an integer", at: start)
    }
    // 16 digits are below 10^16, so nothing overflows before the range is checked.
    var magnitude: Int64 = 0
    guard wholeEnd - digits <= 16 else { throw outOfRange(at: start) }
    for byte in bytes[digits..<wholeEnd] {
      magnitude = magnitude * 10 + Int64(byte - UInt8(ascii: "0"))
    }
    guard magnitude <= JSONValue.largestInteger else { throw outOfRange(at: start) }
    return .integer(isNegative ? -magnitude : magnitude)
  }

  private func outOfRange(at start: Int) -> JSONFault {
    JSONFault("an integer must lie within ±(2^53 − 1)", at: start)
  }

  /// Skips one digit or more, never past the length limit of the number that began at `start`.
  private mutating func skipDigits(of start: Int) throws(JSONFault) {
    let first = position
    while let byte = peek(), byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") {
      position += 1
      guard position - start <= limits.maxNumberBytes else {
        throw JSONFault("a number is longer than \(limits.maxNumberBytes) bytes", at: start)
      }
    }
    guard position > first else {
      throw peek() == nil ? endsEarly() : JSONFault("a digit must stand here", at: position)
    }
  }
}
