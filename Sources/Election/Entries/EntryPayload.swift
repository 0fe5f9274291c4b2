// SPDX-License-Identifier: Apache-2.0

public import Groups
public import StrictJSON

/// What an entry of the ledger says: canonical JSON (RFC 8785) with a `version`, strictly parsed.
///
/// Integers of the group are upper-case hexadecimal of fixed length: 2·l_p digits modulo p, 64
/// modulo q. The schema of every payload is in `Specs/schemas`.
public protocol EntryPayload: Sendable {
  /// The type of the entries that carry it.
  static var type: EntryType { get }

  /// Reads the members behind `version`.
  /// - Throws: `JSONError` naming the place and the rule.
  init(_ reader: JSONReader, in group: Group) throws(JSONError)

  /// The members without `version`.
  func members(in group: Group) -> [JSONMember]
}

extension EntryPayload {
  /// The version of all payloads of this issue of the format.
  public static var version: Int { 1 }

  /// The exact bytes of the payload.
  public func bytes(in group: Group) -> [UInt8] {
    JSONValue.object(
      [JSONMember(name: "version", value: .integer(Int64(Self.version)))] + members(in: group)
    ).canonicalBytes()
  }

  /// Reads a payload's exact bytes.
  /// - Throws: `JSONError` unless the bytes are the canonical form of a payload of this type.
  public init(bytes: [UInt8], in group: Group) throws(JSONError) {
    let value = try JSONValue(parsingCanonical: bytes)
    try self.init(JSONReader(value), in: group)
  }
}

extension JSONReader {
  /// The members of a payload: `version`, which must be 1, the required ones and optional ones.
  func payloadFields(
    _ required: [String], optional: [String] = []
  ) throws(JSONError) -> JSONFields {
    let fields = try fields(["version"] + required, optional: optional)
    _ = try fields["version"].integer(1...1)
    return fields
  }
}
