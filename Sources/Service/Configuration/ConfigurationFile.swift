// SPDX-License-Identifier: Apache-2.0

internal import Configuration
internal import LedgerFiles
internal import StrictJSON

/// A configuration file: one JSON object (RFC 8259) of at most 1 MiB. A key's parts are nested objects.
///
/// A key that the program does not know, a key twice, and a value of another type are errors that
/// name the key: a misspelt limit must not be no limit.
public struct ConfigurationFile: Sendable {
  /// The largest file, in bytes.
  public static let maximumByteCount = 1 << 20

  let name: String
  let provider: InMemoryProvider

  /// Reads the file.
  /// - Parameter keys: all keys that it may have.
  public init(path: String, keys: [ConfigurationKey]) throws(ServiceError) {
    let bytes: [UInt8]
    do { bytes = try BoundedFile.read(path, limit: Self.maximumByteCount) } catch {
      throw ServiceError.file(path: path, rule: error.rule)
    }
    try self.init(bytes: bytes, name: path, keys: keys)
  }

  /// Parses the text of a file.
  /// - Parameter name: what errors call it.
  public init(bytes: [UInt8], name: String, keys: [ConfigurationKey]) throws(ServiceError) {
    self.name = name
    var values: [AbsoluteConfigKey: ConfigValue] = [:]
    let limits = JSONLimits(maxBytes: Self.maximumByteCount, maxDepth: 8, maxItems: 10_000)
    do {
      let top = JSONReader(try JSONValue(parsing: bytes, limits: limits))
      try Self.read(top, prefix: [], keys: keys, name: name, into: &values)
    } catch let error as JSONError {
      throw ServiceError.configuration(key: error.path, place: name, rule: Self.rule(error))
    } catch let error as ServiceError {
      throw error
    } catch {
      throw ServiceError.file(path: name, rule: "not a configuration file")
    }
    provider = InMemoryProvider(name: name, values: values)
  }

  private static func rule(_ error: JSONError) -> String {
    error.offset.map { "\(error.rule) (byte \($0))" } ?? error.rule
  }

  private static func read(
    _ reader: JSONReader, prefix: [String], keys: [ConfigurationKey], name: String,
    into values: inout [AbsoluteConfigKey: ConfigValue]
  ) throws {
    for (member, child) in try reader.openFields().all {
      let parts = prefix + [member]
      let path = parts.joined(separator: ".")
      // A member's own full stop would make another key of it.
      let isPlain = member.utf8.allSatisfy { $0 != UInt8(ascii: ".") }
      if isPlain, let key = keys.first(where: { $0.parts == parts }) {
        guard let content = try content(of: child) else {
          throw ServiceError.configuration(key: path, place: name, rule: key.kindRule)
        }
        if let rule = key.brokenRule(by: content) {
          throw ServiceError.configuration(key: path, place: name, rule: rule)
        }
        values[key.absolute] = ConfigValue(content, isSecret: false)
      } else if isPlain, keys.contains(where: { $0.parts.starts(with: parts) }) {
        try read(child, prefix: parts, keys: keys, name: name, into: &values)
      } else {
        throw ServiceError.configuration(
          key: String(path.prefix(128)), place: name, rule: "the key is unknown")
      }
    }
  }

  /// The value, or nil if it is none that a key can have.
  private static func content(of reader: JSONReader) throws -> ConfigContent? {
    switch reader.value {
    case .string(let text): return .string(text)
    case .integer(let number): return .int(Int(number))
    case .bool(let value): return .bool(value)
    case .array:
      var texts: [String] = []
      for item in try reader.array(0...10_000) {
        guard case .string(let text) = item.value else { return nil }
        texts.append(text)
      }
      return .stringArray(texts)
    case .null, .decimal, .object: return nil
    }
  }
}
