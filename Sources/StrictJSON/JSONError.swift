// SPDX-License-Identifier: Apache-2.0

/// Where a JSON text breaks a rule, and which. It never holds a value of the text.
public struct JSONError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The place, such as `$.contests[3].alpha`. Indices start at 0; odd names are quoted and shortened.
  public let path: String
  /// The byte of the text, when the text itself is malformed.
  public let offset: Int?
  /// The rule that is broken, in plain words.
  public let rule: String

  /// Makes an error.
  public init(path: String, offset: Int? = nil, rule: String) {
    self.path = path
    self.offset = offset
    self.rule = rule
  }

  /// `path: rule`, with the byte when it is known.
  public var description: String {
    if let offset { "\(path): \(rule) (byte \(offset))" } else { "\(path): \(rule)" }
  }
}
