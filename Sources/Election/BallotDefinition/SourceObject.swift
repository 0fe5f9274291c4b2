// SPDX-License-Identifier: Apache-2.0

import StrictJSON

/// An object of the source. Whatever is taken from it counts as used; the rest is reported at the end.
struct SourceObject {
  let reader: JSONReader
  let log: SourceLog
  private let fields: JSONFields

  init(_ reader: JSONReader, _ log: SourceLog) throws(JSONError) {
    self.reader = reader
    self.log = log
    fields = try reader.openFields()
    log.markUsed(reader.path)
  }

  var path: String { reader.path }

  /// Looks at a member without using it.
  func peek(_ name: String) -> JSONReader? {
    fields.optional(name)
  }

  /// Uses a member.
  func take(_ name: String) -> JSONReader? {
    guard let member = fields.optional(name) else { return nil }
    log.markUsed(member.path)
    return member
  }

  /// Uses a member that must be there.
  func required(_ name: String) throws(JSONError) -> JSONReader {
    let member = try fields[name]
    log.markUsed(member.path)
    return member
  }

  /// The items of an array of objects; none when the member is absent.
  func items(_ name: String) throws(JSONError) -> [JSONReader] {
    guard let member = take(name) else { return [] }
    return try member.array(0...Int.max)
  }

  func object(_ name: String) throws(JSONError) -> SourceObject? {
    guard let member = take(name) else { return nil }
    return try SourceObject(member, log)
  }

  func integer(_ name: String, _ range: ClosedRange<Int>) throws(JSONError) -> Int? {
    guard let member = take(name) else { return nil }
    return try member.integer(range)
  }

  /// The value of `@type` without the package's name in front.
  func type() throws(JSONError) -> String {
    try Self.type(of: reader)
  }

  static func type(of reader: JSONReader) throws(JSONError) -> String {
    let member = try reader.openFields()["@type"]
    let text = try member.string()
    let prefix = "BallotDefinition."
    guard text.hasPrefix(prefix) else { throw member.failure("the type must start with \(prefix)") }
    return String(text.dropFirst(prefix.count))
  }

  /// The value of `@id`.
  func identifier() throws(JSONError) -> String {
    try required("@id").string(minBytes: 1)
  }
}

/// All objects with an `@id`. An identifier that occurs twice in the file is an error.
struct SourceIdentifiers {
  private var readers: [String: JSONReader] = [:]

  init(_ root: JSONReader) throws(JSONError) {
    try visit(root)
  }

  private mutating func visit(_ reader: JSONReader) throws(JSONError) {
    switch reader.value {
    case .object:
      let fields = try reader.openFields()
      if let member = fields.optional("@id") {
        let identifier = try member.string(minBytes: 1)
        guard readers[identifier] == nil else {
          throw member.failure("the identifier occurs twice in the file")
        }
        readers[identifier] = reader
      }
      for (_, member) in fields.all { try visit(member) }
    case .array:
      for item in try reader.array(0...Int.max) { try visit(item) }
    default: break
    }
  }

  /// The object that a reference names.
  /// - Parameter types: what it may be, `@type` without the package's name.
  func resolve(_ reference: JSONReader, _ types: [String]) throws(JSONError) -> JSONReader {
    guard let reader = readers[try reference.string(minBytes: 1)] else {
      throw reference.failure("no object has this identifier")
    }
    guard types.contains(try SourceObject.type(of: reader)) else {
      throw reference.failure(
        "the identifier does not belong to a \(types.joined(separator: ", "))")
    }
    return reader
  }
}
