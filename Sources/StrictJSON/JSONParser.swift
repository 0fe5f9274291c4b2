// SPDX-License-Identifier: Apache-2.0

extension JSONValue {
  /// Reads one JSON text (RFC 8259) strictly.
  ///
  /// The text is UTF-8 without byte order mark. Member names that are equal after unescaping, lone
  /// surrogates, the integer `-0`, integers beyond ±(2^53 − 1) and anything behind the value are refused.
  /// - Throws: `JSONError` with the place, the byte and the rule.
  public init(parsing bytes: [UInt8], limits: JSONLimits = .standard) throws(JSONError) {
    var parser = JSONParser(bytes: bytes, limits: limits)
    do {
      self = try parser.parseDocument()
    } catch {
      throw error.asJSONError
    }
  }

  /// Reads one JSON text that is exactly its own canonical form (RFC 8785): no spaces, names sorted,
  /// the one spelling of each string, integers only.
  /// - Throws: `JSONError`; its offset is the first byte that differs from the canonical form.
  public init(parsingCanonical bytes: [UInt8], limits: JSONLimits = .standard) throws(JSONError) {
    var parser = JSONParser(bytes: bytes, limits: limits)
    parser.allowsDecimals = false
    do {
      self = try parser.parseDocument()
    } catch {
      throw error.asJSONError
    }
    let canonical = canonicalBytes()
    guard canonical != bytes else { return }
    let common = zip(canonical, bytes).prefix { $0 == $1 }
    throw JSONError(
      path: "$", offset: common.reduce(0) { count, _ in count + 1 },
      rule: "the text is not in canonical form (RFC 8785)")
  }
}

/// A broken rule, on its way up: each container adds its step to the trail.
struct JSONFault: Error {
  enum Step {
    case member(String)
    case item(Int)
  }

  let offset: Int
  let rule: String
  private var trail: [Step] = []

  init(_ rule: String, at offset: Int) {
    self.rule = rule
    self.offset = offset
  }

  func inside(_ step: Step) -> JSONFault {
    var fault = self
    fault.trail.append(step)
    return fault
  }

  var asJSONError: JSONError {
    var path = JSONPath.root("$")
    for step in trail.reversed() {
      switch step {
      case .member(let name): path = .member(path, name)
      case .item(let index): path = .item(path, index)
      }
    }
    return JSONError(path: path.text, offset: offset, rule: rule)
  }
}

/// A recursive descent over the bytes. The depth limit bounds the recursion.
struct JSONParser {
  let bytes: [UInt8]
  let limits: JSONLimits
  let maxDepth: Int
  var allowsDecimals = true
  var position = 0
  var items = 0

  init(bytes: [UInt8], limits: JSONLimits) {
    self.bytes = bytes
    self.limits = limits
    maxDepth = min(limits.maxDepth, 512)
  }

  mutating func parseDocument() throws(JSONFault) -> JSONValue {
    guard bytes.count <= limits.maxBytes else {
      throw JSONFault("the text is longer than \(limits.maxBytes) bytes", at: limits.maxBytes)
    }
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
      throw JSONFault("a byte order mark is not allowed", at: 0)
    }
    let value = try parseValue(depth: 0)
    skipSpace()
    guard position == bytes.count else {
      throw JSONFault("bytes follow the value", at: position)
    }
    return value
  }

  mutating func parseValue(depth: Int) throws(JSONFault) -> JSONValue {
    skipSpace()
    items += 1
    guard items <= limits.maxItems else {
      throw JSONFault("the text has more than \(limits.maxItems) values", at: position)
    }
    guard let byte = peek() else { throw endsEarly() }
    switch byte {
    case UInt8(ascii: "\""):
      return .string(try parseString())
    case UInt8(ascii: "{"):
      return try parseObject(depth: depth + 1)
    case UInt8(ascii: "["):
      return try parseArray(depth: depth + 1)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
      return try parseNumber()
    case UInt8(ascii: "t"):
      try expectLiteral("true")
      return .bool(true)
    case UInt8(ascii: "f"):
      try expectLiteral("false")
      return .bool(false)
    case UInt8(ascii: "n"):
      try expectLiteral("null")
      return .null
    default:
      throw JSONFault("a value must start here", at: position)
    }
  }

  private mutating func parseArray(depth: Int) throws(JSONFault) -> JSONValue {
    try open(depth)
    var values: [JSONValue] = []
    if skip(to: UInt8(ascii: "]")) { return .array(values) }
    while true {
      do throws(JSONFault) {
        values.append(try parseValue(depth: depth))
      } catch {
        throw error.inside(.item(values.count))
      }
      if skip(to: UInt8(ascii: ",")) { continue }
      if skip(to: UInt8(ascii: "]")) { return .array(values) }
      throw peek() == nil
        ? endsEarly() : JSONFault("',' or ']' must follow an array's item", at: position)
    }
  }

  private mutating func parseObject(depth: Int) throws(JSONFault) -> JSONValue {
    try open(depth)
    var members: [JSONMember] = []
    var names = JSONNameSet()
    if skip(to: UInt8(ascii: "}")) { return .object(members) }
    while true {
      skipSpace()
      guard let quote = peek() else { throw endsEarly() }
      guard quote == UInt8(ascii: "\"") else {
        throw JSONFault("a member's name in quotes must start here", at: position)
      }
      let start = position
      guard members.count < limits.maxMembers else {
        throw JSONFault("the object has more than \(limits.maxMembers) members", at: start)
      }
      let name = try parseString()
      guard names.insert(name, besides: members) else {
        throw JSONFault("the member's name occurs twice", at: start).inside(.member(name))
      }
      do throws(JSONFault) {
        guard skip(to: UInt8(ascii: ":")) else {
          throw peek() == nil ? endsEarly() : JSONFault("':' must follow the name", at: position)
        }
        members.append(JSONMember(name: name, value: try parseValue(depth: depth)))
      } catch {
        throw error.inside(.member(name))
      }
      if skip(to: UInt8(ascii: ",")) { continue }
      if skip(to: UInt8(ascii: "}")) { return .object(members) }
      throw peek() == nil
        ? endsEarly() : JSONFault("',' or '}' must follow an object's member", at: position)
    }
  }

  private mutating func open(_ depth: Int) throws(JSONFault) {
    guard depth <= maxDepth else {
      throw JSONFault("arrays and objects are nested deeper than \(maxDepth)", at: position)
    }
    position += 1
  }

  private mutating func expectLiteral(_ literal: StaticString) throws(JSONFault) {
    let start = position
    for expected in literal.description.utf8 {
      guard let byte = peek() else { throw endsEarly() }
      guard byte == expected else {
        throw JSONFault("only true, false and null are words", at: start)
      }
      position += 1
    }
  }

  func peek() -> UInt8? {
    position < bytes.count ? bytes[position] : nil
  }

  func endsEarly() -> JSONFault {
    JSONFault("the text ends early", at: bytes.count)
  }

  /// Skips space, then `byte` if it is next. Says whether it was.
  private mutating func skip(to byte: UInt8) -> Bool {
    skipSpace()
    guard peek() == byte else { return false }
    position += 1
    return true
  }

  private mutating func skipSpace() {
    while position < bytes.count {
      switch bytes[position] {
      case 0x20, 0x0A, 0x0D, 0x09: position += 1
      default: return
      }
    }
  }
}
