// SPDX-License-Identifier: Apache-2.0

internal import Configuration

/// A key that a program's configuration may have: `limits.headerSeconds`.
///
/// In a file its parts are nested objects, `{"limits": {"headerSeconds": 10}}`; in the environment it
/// is `URNA_LIMITS_HEADER_SECONDS`; on the command line whatever flag the program gives it.
public struct ConfigurationKey: Hashable, Sendable {
  /// What a value may be.
  public enum Kind: Hashable, Sendable {
    /// A text of at most so many UTF-8 bytes.
    case string(maxBytes: Int)
    /// One of these texts.
    case choice([String])
    /// A whole number in a range.
    case integer(ClosedRange<Int>)
    /// `true` or `false`.
    case boolean
    /// A list of texts: so many, each of at most so many UTF-8 bytes. Comma-separated in the
    /// environment.
    case strings(maxCount: Int, maxBytes: Int)
  }

  /// Parts joined by full stops, each in camel case.
  public let name: String
  /// What its value may be.
  public let kind: Kind

  /// A key. Names hold letters, digits and full stops.
  public init(_ name: String, _ kind: Kind) {
    self.name = name
    self.kind = kind
  }

  /// A text, 4,096 bytes at most: a path, an address.
  public static func string(_ name: String) -> Self { Self(name, .string(maxBytes: 4096)) }

  /// A whole number.
  public static func integer(_ name: String, _ range: ClosedRange<Int>) -> Self {
    Self(name, .integer(range))
  }

  var parts: [String] { name.split(separator: ".").map(String.init) }
  var absolute: AbsoluteConfigKey { AbsoluteConfigKey(parts) }

  var type: ConfigType {
    switch kind {
    case .string, .choice: .string
    case .integer: .int
    case .boolean: .bool
    case .strings: .stringArray
    }
  }

  /// The rule that a value breaks; nil for a right one.
  func brokenRule(by content: ConfigContent) -> String? {
    switch (kind, content) {
    case (.string(let maximum), .string(let text)):
      text.utf8.count <= maximum ? nil : "a text of at most \(maximum) bytes is required"
    case (.choice(let allowed), .string(let text)):
      allowed.contains(text) ? nil : "one of \(allowed.joined(separator: ", ")) is required"
    case (.integer(let range), .int(let number)):
      range.contains(number)
        ? nil : "an integer of \(range.lowerBound) to \(range.upperBound) is required"
    case (.boolean, .bool): nil
    case (.strings(let maxCount, let maxBytes), .stringArray(let texts)):
      texts.count <= maxCount && texts.allSatisfy { $0.utf8.count <= maxBytes }
        ? nil : "at most \(maxCount) texts of at most \(maxBytes) bytes are required"
    default: kindRule
    }
  }

  /// The rule about the type of the value.
  var kindRule: String {
    switch kind {
    case .string, .choice: "a text is required"
    case .integer: "an integer is required"
    case .boolean: "true or false is required"
    case .strings: "a list of texts is required"
    }
  }
}
