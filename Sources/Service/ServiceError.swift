// SPDX-License-Identifier: Apache-2.0

/// Why a server does not start, or stops. Names the place and the rule; never a value, which may be
/// a secret.
public enum ServiceError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A key of the configuration breaks a rule. The place says where the value came from.
  case configuration(key: String, place: String, rule: String)
  /// A file cannot be read or written.
  case file(path: String, rule: String)
  /// The system does not give what the configuration asks for.
  case operatingSystem(String)

  /// One line: place, then rule.
  public var description: String {
    switch self {
    case .configuration(let key, let place, let rule): "\(place): \(key): \(rule)"
    case .file(let path, let rule): "\(path): \(rule)"
    case .operatingSystem(let rule): rule
    }
  }
}
