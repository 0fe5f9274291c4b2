// SPDX-License-Identifier: Apache-2.0

extension JSONReader {
  /// A string of so many UTF-8 bytes.
  public func string(minBytes: Int = 0, maxBytes: Int = 1024) throws(JSONError) -> String {
    guard case .string(let text) = value else { throw mismatch("a string") }
    let count = text.utf8.count
    guard count >= minBytes else {
      throw failure("a string of at least \(minBytes) bytes is required, this one has \(count)")
    }
    guard count <= maxBytes else {
      throw failure("a string of at most \(maxBytes) bytes is required, this one has \(count)")
    }
    return text
  }

  /// A string that is one of `allowed`, byte for byte. Prefer it to `==`, which equates texts that
  /// differ in Unicode normalisation.
  public func string(oneOf allowed: [String]) throws(JSONError) -> String {
    guard case .string(let text) = value else { throw mismatch("a string") }
    guard let match = allowed.first(where: { $0.hasSameBytes(as: text) }) else {
      throw failure("the string must be one of \(allowed.joined(separator: ", "))")
    }
    return match
  }

  /// An integer in a range.
  public func integer(_ range: ClosedRange<Int>) throws(JSONError) -> Int {
    guard case .integer(let integer) = value else { throw mismatch("an integer") }
    guard let number = Int(exactly: integer), range.contains(number) else {
      throw failure("an integer of \(Self.text(range)) is required")
    }
    return number
  }

  /// A boolean.
  public func bool() throws(JSONError) -> Bool {
    guard case .bool(let bool) = value else { throw mismatch("a boolean") }
    return bool
  }

  /// Exactly `bytes` bytes, written as twice as many upper-case hexadecimal digits.
  public func hex(bytes count: Int) throws(JSONError) -> [UInt8] {
    try hex(bytes: count...count)
  }

  /// A number of bytes in a range, each written as two upper-case hexadecimal digits.
  public func hex(bytes counts: ClosedRange<Int>) throws(JSONError) -> [UInt8] {
    guard case .string(let text) = value else { throw mismatch("a string") }
    let digits = text.utf8.count
    guard digits.isMultiple(of: 2), counts.contains(digits / 2) else {
      throw failure("\(Self.text(counts)) bytes in hexadecimal are required, two digits each")
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(digits / 2)
    let characters = Array(text.utf8)
    for index in stride(from: 0, to: digits, by: 2) {
      guard let high = Self.digit(characters[index]), let low = Self.digit(characters[index + 1])
      else { throw failure("only upper-case hexadecimal digits are allowed") }
      bytes.append(high << 4 | low)
    }
    return bytes
  }

  private static func digit(_ character: UInt8) -> UInt8? {
    switch character {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
    case UInt8(ascii: "A")...UInt8(ascii: "F"): character - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
