// SPDX-License-Identifier: Apache-2.0

internal import Configuration

/// What a program was told, from where it was told first: flags, then the environment, then the file.
/// What is nowhere is nil, and the program's default counts.
public struct Settings: Sendable {
  private let keys: [String: ConfigurationKey]
  private let sources: [Source]

  private struct Source {
    let name: String
    let provider: any ConfigProvider
  }

  /// Values of flags, by the names of their keys, as texts; a list is comma-separated. Nil counts as
  /// not given.
  public typealias Flags = [String: String?]

  /// Collects what was said, and checks all of it.
  ///
  /// - Parameters:
  ///   - keys: all keys that the program knows.
  ///   - flags: what the command line said.
  ///   - environment: all variables of the process; those of the keys begin with `URNA_`.
  ///   - file: the configuration file, if there is one.
  /// - Throws: ``ServiceError`` naming the key, the place and the rule.
  public init(
    keys: [ConfigurationKey], flags: Flags = [:], environment: [String: String] = [:],
    file: ConfigurationFile? = nil
  ) throws(ServiceError) {
    self.keys = Dictionary(keys.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    var flagValues: [String: String] = [:]
    for (name, value) in flags {
      guard let key = self.keys[name] else {
        throw ServiceError.configuration(key: name, place: "flags", rule: "the key is unknown")
      }
      if let value { flagValues[Self.variable(key)] = value }
    }
    // Flags are texts like variables of the environment, and are read by the same rules.
    var sources = [
      Source(
        name: "flags",
        provider: EnvironmentVariablesProvider(environmentVariables: flagValues)
          .prefixKeys(with: "urna")),
      Source(
        name: "environment",
        provider: EnvironmentVariablesProvider(environmentVariables: environment)
          .prefixKeys(with: "urna")),
    ]
    if let file { sources.append(Source(name: file.name, provider: file.provider)) }
    self.sources = sources
    // A wrong value is an error even where another one goes before it.
    for key in keys {
      for source in sources { _ = try Self.content(key, from: source) }
    }
  }

  /// The variable of a key: `URNA_LIMITS_HEADER_SECONDS`.
  public static func variable(_ key: ConfigurationKey) -> String {
    var name = "URNA"
    for part in key.parts {
      name += "_"
      var previousIsLower = false
      for character in part {
        if previousIsLower, character.isUppercase { name += "_" }
        previousIsLower = character.isLowercase
        name += character.uppercased()
      }
    }
    return name
  }

  /// A text.
  public func string(_ name: String) throws(ServiceError) -> String? {
    guard case .string(let text) = try content(key(name)) else { return nil }
    return text
  }

  /// A text that must be there.
  public func requiredString(_ name: String) throws(ServiceError) -> String {
    guard let text = try string(name) else { throw missing(name) }
    return text
  }

  /// A whole number.
  public func integer(_ name: String) throws(ServiceError) -> Int? {
    guard case .int(let number) = try content(key(name)) else { return nil }
    return number
  }

  /// `true` or `false`.
  public func boolean(_ name: String) throws(ServiceError) -> Bool? {
    guard case .bool(let value) = try content(key(name)) else { return nil }
    return value
  }

  /// A list of texts.
  public func strings(_ name: String) throws(ServiceError) -> [String]? {
    guard case .stringArray(let texts) = try content(key(name)) else { return nil }
    return texts
  }

  /// An error about a key's value, for a program's own rule.
  public func failure(_ name: String, _ rule: String) -> ServiceError {
    .configuration(key: name, place: "configuration", rule: rule)
  }

  private func missing(_ name: String) -> ServiceError { failure(name, "the key is missing") }

  private func key(_ name: String) throws(ServiceError) -> ConfigurationKey {
    guard let key = keys[name] else { throw failure(name, "the key is unknown") }
    return key
  }

  private func content(_ key: ConfigurationKey) throws(ServiceError) -> ConfigContent? {
    for source in sources {
      if let content = try Self.content(key, from: source) { return content }
    }
    return nil
  }

  private static func content(
    _ key: ConfigurationKey, from source: Source
  ) throws(ServiceError) -> ConfigContent? {
    let found: LookupResult
    do { found = try source.provider.value(forKey: key.absolute, type: key.type) } catch {
      throw ServiceError.configuration(key: key.name, place: source.name, rule: key.kindRule)
    }
    guard let content = found.value?.content else { return nil }
    if let rule = key.brokenRule(by: content) {
      throw ServiceError.configuration(key: key.name, place: source.name, rule: rule)
    }
    return content
  }
}
