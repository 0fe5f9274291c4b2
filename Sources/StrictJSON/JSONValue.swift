// SPDX-License-Identifier: Apache-2.0

/// One JSON value (RFC 8259).
///
/// Two values are equal when their members come in the same order and their strings have the same
/// UTF-8 bytes. Swift's own `String` equality also equates texts that differ in Unicode
/// normalisation (the Kelvin sign equals `K`); a format that is hashed must tell them apart.
public enum JSONValue: Sendable {
  /// The literal `null`.
  case null
  /// The literal `true` or `false`.
  case bool(Bool)
  /// A number written without fraction and exponent. Parsed ones lie within ±(2^53 − 1).
  case integer(Int64)
  /// The raw text of a number with a fraction or an exponent. It is never canonical.
  case decimal(String)
  /// A text.
  case string(String)
  /// A list.
  case array([JSONValue])
  /// Members in the order of the file.
  case object([JSONMember])

  /// The largest integer that every JSON reader keeps exact: 2^53 − 1 (RFC 8259 section 6).
  public static let largestInteger: Int64 = 9_007_199_254_740_991

  /// What the value is, in words for an error message.
  public var kind: String {
    switch self {
    case .null: "null"
    case .bool: "a boolean"
    case .integer: "an integer"
    case .decimal: "a decimal number"
    case .string: "a string"
    case .array: "an array"
    case .object: "an object"
    }
  }
}

/// A name and its value inside an object.
public struct JSONMember: Equatable, Sendable {
  /// The name, unescaped.
  public let name: String
  /// The value.
  public let value: JSONValue

  /// Makes a member.
  public init(name: String, value: JSONValue) {
    self.name = name
    self.value = value
  }

  /// Same bytes of the name, same value.
  public static func == (left: Self, right: Self) -> Bool {
    left.name.hasSameBytes(as: right.name) && left.value == right.value
  }
}

extension JSONValue: Equatable {
  /// Exact equality; see the type.
  public static func == (left: Self, right: Self) -> Bool {
    switch (left, right) {
    case (.null, .null): true
    case (.bool(let a), .bool(let b)): a == b
    case (.integer(let a), .integer(let b)): a == b
    case (.decimal(let a), .decimal(let b)): a.hasSameBytes(as: b)
    case (.string(let a), .string(let b)): a.hasSameBytes(as: b)
    case (.array(let a), .array(let b)): a == b
    case (.object(let a), .object(let b)): a == b
    default: false
    }
  }
}

extension String {
  /// Equality of the UTF-8 bytes, without Unicode normalisation.
  package func hasSameBytes(as other: String) -> Bool {
    utf8.count == other.utf8.count && utf8.elementsEqual(other.utf8)
  }
}

extension JSONValue {
  /// An object of these members, in this order.
  public static func object(_ pairs: KeyValuePairs<String, JSONValue>) -> JSONValue {
    .object(pairs.map { JSONMember(name: $0.key, value: $0.value) })
  }
}

extension JSONValue: ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral,
  ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByNilLiteral
{
  /// An object; the members keep their order.
  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(elements.map { JSONMember(name: $0.0, value: $0.1) })
  }

  /// An array.
  public init(arrayLiteral elements: JSONValue...) {
    self = .array(elements)
  }

  /// A string.
  public init(stringLiteral value: String) {
    self = .string(value)
  }

  /// An integer.
  public init(integerLiteral value: Int64) {
    self = .integer(value)
  }

  /// A boolean.
  public init(booleanLiteral value: Bool) {
    self = .bool(value)
  }

  /// The value `null`.
  public init(nilLiteral: ()) {
    self = .null
  }
}
