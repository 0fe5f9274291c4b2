// SPDX-License-Identifier: Apache-2.0

extension JSONValue {
  /// The canonical form (RFC 8785): no spaces, names sorted by UTF-16 code units, shortest escapes.
  ///
  /// Integers must lie within ±(2^53 − 1). A `decimal` is written as its raw text, which
  /// `init(parsingCanonical:)` refuses.
  public func canonicalBytes() -> [UInt8] {
    var writer = JSONWriter(isPretty: false)
    writer.write(self, indentation: 0)
    return writer.output
  }

  /// A form for people: one member or item a line, two spaces of indentation, members in the order
  /// they have, a line break at the end.
  public func prettyBytes() -> [UInt8] {
    var writer = JSONWriter(isPretty: true)
    writer.write(self, indentation: 0)
    writer.output.append(0x0A)
    return writer.output
  }
}

struct JSONWriter {
  var output: [UInt8] = []
  let isPretty: Bool

  init(isPretty: Bool) {
    self.isPretty = isPretty
  }

  mutating func write(_ value: JSONValue, indentation: Int) {
    switch value {
    case .null: output.append(contentsOf: "null".utf8)
    case .bool(let bool): output.append(contentsOf: (bool ? "true" : "false").utf8)
    case .integer(let integer): output.append(contentsOf: String(integer).utf8)
    case .decimal(let raw): output.append(contentsOf: raw.utf8)
    case .string(let text): write(text)
    case .array(let values):
      output.append(UInt8(ascii: "["))
      for (index, item) in values.enumerated() {
        separate(index, indentation + 1)
        write(item, indentation: indentation + 1)
      }
      if !values.isEmpty { breakLine(indentation) }
      output.append(UInt8(ascii: "]"))
    case .object(let members):
      output.append(UInt8(ascii: "{"))
      for (index, member) in (isPretty ? members : Self.sorted(members)).enumerated() {
        separate(index, indentation + 1)
        write(member.name)
        output.append(UInt8(ascii: ":"))
        if isPretty { output.append(0x20) }
        write(member.value, indentation: indentation + 1)
      }
      if !members.isEmpty { breakLine(indentation) }
      output.append(UInt8(ascii: "}"))
    }
  }

  private mutating func separate(_ index: Int, _ indentation: Int) {
    if index > 0 { output.append(UInt8(ascii: ",")) }
    breakLine(indentation)
  }

  private mutating func breakLine(_ indentation: Int) {
    guard isPretty else { return }
    output.append(0x0A)
    output.append(contentsOf: repeatElement(0x20, count: 2 * indentation))
  }

  /// RFC 8785 section 3.2.3.
  private static func sorted(_ members: [JSONMember]) -> [JSONMember] {
    func precedes(_ a: JSONMember, _ b: JSONMember) -> Bool {
      a.name.utf16.lexicographicallyPrecedes(b.name.utf16)
    }
    let isSorted = zip(members, members.dropFirst()).allSatisfy { precedes($0, $1) }
    return isSorted ? members : members.sorted(by: precedes)
  }

  /// RFC 8785 section 3.2.2.2.
  private mutating func write(_ text: String) {
    output.append(UInt8(ascii: "\""))
    func isPlain(_ byte: UInt8) -> Bool {
      byte >= 0x20 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }
    let allPlain =
      unsafe text.utf8.withContiguousStorageIfAvailable { unsafe $0.allSatisfy(isPlain) }
      ?? text.utf8.allSatisfy(isPlain)
    if allPlain {
      output.append(contentsOf: text.utf8)
    } else {
      for byte in text.utf8 { writeEscaped(byte) }
    }
    output.append(UInt8(ascii: "\""))
  }

  private mutating func writeEscaped(_ byte: UInt8) {
    let letter: UInt8
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): letter = byte
    case 0x08: letter = UInt8(ascii: "b")
    case 0x09: letter = UInt8(ascii: "t")
    case 0x0A: letter = UInt8(ascii: "n")
    case 0x0C: letter = UInt8(ascii: "f")
    case 0x0D: letter = UInt8(ascii: "r")
    case 0x00..<0x20:
      let low = byte & 0x0F
      output.append(contentsOf: "\\u00".utf8)
      output.append(UInt8(ascii: "0") + byte >> 4)
      output.append(low < 10 ? UInt8(ascii: "0") + low : UInt8(ascii: "a") + low - 10)
      return
    default:
      output.append(byte)
      return
    }
    output.append(UInt8(ascii: "\\"))
    output.append(letter)
  }
}
