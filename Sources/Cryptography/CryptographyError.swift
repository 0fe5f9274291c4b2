// SPDX-License-Identifier: Apache-2.0

/// What can go wrong in this module. No case carries a secret.
public enum CryptographyError: Error, Equatable, Sendable {
  /// An input has the wrong number of bytes.
  case invalidLength(expected: Int, actual: Int)
  /// The operating system gave no randomness.
  case randomnessUnavailable
  /// The passphrase is wrong, or the data was changed. Which of the two cannot be told apart.
  case authenticationFailed
  /// A sealed box does not have the expected form; the word names the field.
  case malformedBox(String)
  /// A cost parameter is outside the accepted range.
  case costOutOfRange
  /// libcrypto refused; the word names the operation.
  case backend(String)
}

extension CryptographyError: CustomStringConvertible {
  /// The reason in words.
  public var description: String {
    switch self {
    case .invalidLength(let expected, let actual): "\(actual) bytes instead of \(expected)"
    case .randomnessUnavailable: "the operating system gave no randomness"
    case .authenticationFailed: "wrong passphrase, or the data was changed"
    case .malformedBox(let field): "not a sealed box (\(field))"
    case .costOutOfRange: "a cost parameter is outside the accepted range"
    case .backend(let operation): "libcrypto refused: \(operation)"
    }
  }
}
