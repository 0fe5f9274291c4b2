// SPDX-License-Identifier: Apache-2.0

/// A value and its place. Every accessor checks what it returns and names the place and the rule
/// when the value is something else.
public struct JSONReader: Sendable {
  /// The value.
  public let value: JSONValue
  let place: JSONPath

  /// Starts at the top of a value.
  /// - Parameter path: the name of the top in error messages.
  public init(_ value: JSONValue, path: String = "$") {
    self.value = value
    place = .root(path)
  }

  init(_ value: JSONValue, place: JSONPath) {
    self.value = value
    self.place = place
  }

  /// The place, such as `$.contests[3].alpha`. Indices start at 0. Built on each call.
  public var path: String { place.text }

  /// Whether the value is `null`.
  public var isNull: Bool { value == .null }

  /// An error at this place, for a caller's own rule.
  public func failure(_ rule: String) -> JSONError {
    JSONError(path: path, rule: rule)
  }

  /// The members of an object that has all of `required`, perhaps some of `optional`, and no other.
  /// - Throws: `JSONError` for another value, or for the first member that is unknown or missing.
  public func fields(
    _ required: [String], optional: [String] = []
  ) throws(JSONError) -> JSONFields {
    let fields = try openFields()
    for member in fields.members {
      let isKnown =
        required.contains { $0.hasSameBytes(as: member.name) }
        || optional.contains { $0.hasSameBytes(as: member.name) }
      guard isKnown else {
        throw JSONError(path: JSONPath.member(place, member.name).text, rule: "unknown member")
      }
    }
    for name in required where fields.optional(name) == nil {
      throw JSONError(path: JSONPath.member(place, name).text, rule: "the member is missing")
    }
    return fields
  }

  /// The members of an object of which this program does not know all: a foreign format.
  public func openFields() throws(JSONError) -> JSONFields {
    guard case .object(let members) = value else { throw mismatch("an object") }
    return JSONFields(members: members, place: place)
  }

  /// The items of an array.
  /// - Parameter counts: how many there may be.
  public func array(_ counts: ClosedRange<Int> = 0...1_000_000) throws(JSONError) -> [JSONReader] {
    guard case .array(let values) = value else { throw mismatch("an array") }
    guard counts.contains(values.count) else {
      throw failure(
        "an array of \(Self.text(counts)) items is required, this one has \(values.count)")
    }
    var readers: [JSONReader] = []
    readers.reserveCapacity(values.count)
    for (index, item) in values.enumerated() {
      readers.append(JSONReader(item, place: .item(place, index)))
    }
    return readers
  }

  func mismatch(_ wanted: String) -> JSONError {
    failure("\(wanted) is required, not \(value.kind)")
  }

  static func text(_ range: ClosedRange<Int>) -> String {
    range.lowerBound == range.upperBound
      ? "\(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"
  }
}

/// The members of one object.
public struct JSONFields: Sendable {
  let members: [JSONMember]
  let place: JSONPath

  /// All names, in the order of the file.
  public var names: [String] { members.map(\.name) }

  /// All members, in the order of the file.
  public var all: [(name: String, reader: JSONReader)] {
    members.map { ($0.name, JSONReader($0.value, place: .member(place, $0.name))) }
  }

  /// The member of that name.
  /// - Throws: `JSONError` when there is none.
  public subscript(_ name: String) -> JSONReader {
    get throws(JSONError) {
      guard let reader = optional(name) else {
        throw JSONError(path: JSONPath.member(place, name).text, rule: "the member is missing")
      }
      return reader
    }
  }

  /// The member of that name, if there is one. A member whose value is `null` counts as there.
  public func optional(_ name: String) -> JSONReader? {
    for member in members where member.name.hasSameBytes(as: name) {
      return JSONReader(member.value, place: .member(place, member.name))
    }
    return nil
  }
}
