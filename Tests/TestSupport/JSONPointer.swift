// SPDX-License-Identifier: Apache-2.0

public import StrictJSON

/// A pointer that leads nowhere.
public struct PointerError: Error {
  /// The pointer.
  public let pointer: String

  /// An error about a pointer.
  public init(pointer: String) { self.pointer = pointer }
}

/// Places inside a value, as in RFC 6901 without escapes: `/ballots/0/weight`.
extension JSONValue {
  /// The value at a place.
  public func value(at pointer: String) throws -> JSONValue {
    var value = self
    for step in pointer.split(separator: "/") {
      switch value {
      case .object(let members):
        guard let member = members.first(where: { $0.name == step }) else {
          throw PointerError(pointer: pointer)
        }
        value = member.value
      case .array(let items): value = items[try Self.index(step, items, pointer)]
      default: throw PointerError(pointer: pointer)
      }
    }
    return value
  }

  private static func index(
    _ step: Substring, _ items: [JSONValue], _ pointer: String
  ) throws -> Int {
    guard let index = Int(step), items.indices.contains(index) else {
      throw PointerError(pointer: pointer)
    }
    return index
  }

  /// The value with another one at a place.
  public func replacing(_ pointer: String, with new: JSONValue) throws -> JSONValue {
    try changing(pointer) { _ in [new] }
  }

  /// The value without a member or item.
  public func removing(_ pointer: String) throws -> JSONValue { try changing(pointer) { _ in [] } }

  /// Puts any number of values in the place of one; in an object they all bear its name.
  public func changing(_ pointer: String, _ change: (JSONValue) -> [JSONValue]) throws -> JSONValue
  {
    try changing(pointer.split(separator: "/")[...], pointer, change)
  }

  private func changing(
    _ steps: ArraySlice<Substring>, _ pointer: String, _ change: (JSONValue) -> [JSONValue]
  ) throws -> JSONValue {
    guard let step = steps.first else { return change(self).first ?? .null }
    let rest = steps.dropFirst()
    func replacements(_ value: JSONValue) throws -> [JSONValue] {
      rest.isEmpty ? change(value) : [try value.changing(rest, pointer, change)]
    }
    switch self {
    case .object(let members):
      guard members.contains(where: { $0.name == step }) else {
        throw PointerError(pointer: pointer)
      }
      return .object(
        try members.flatMap { member in
          guard member.name == step else { return [member] }
          return try replacements(member.value).map { JSONMember(name: member.name, value: $0) }
        })
    case .array(let items):
      let index = try Self.index(step, items, pointer)
      return .array(
        Array(items[..<index]) + (try replacements(items[index])) + Array(items[(index + 1)...]))
    default: throw PointerError(pointer: pointer)
    }
  }

  /// Pointers to everything below a place that is neither an array nor an object.
  public func leaves(below pointer: String) throws -> [String] {
    switch try value(at: pointer) {
    case .object(let members):
      try members.flatMap { try leaves(below: "\(pointer)/\($0.name)") }
    case .array(let items): try items.indices.flatMap { try leaves(below: "\(pointer)/\($0)") }
    default: [pointer]
    }
  }
}
