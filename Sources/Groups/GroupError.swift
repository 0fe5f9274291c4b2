// SPDX-License-Identifier: Apache-2.0

internal import BigIntegers

/// Why a group or a value in it was refused.
public enum GroupError: Error, Equatable, Sendable {
  /// The encoding has another length than the field demands; bytes or digits.
  case wrongLength(expected: Int, found: Int)
  /// A character that is not one of `0…9A…F`; `position` counts from 0.
  case notUpperCaseHex(position: Int)
  /// An element is not in 1 … p−1, a scalar not in 0 … q−1, or a vote not in 0 … R.
  case outOfRange
  /// p, q and g are not a group of prime order.
  case invalidParameters
  /// The operating system gave no randomness.
  case randomnessUnavailable
  /// The logarithm is not in the range that was searched.
  case logarithmNotFound

  init(_ error: NumberError) {
    self =
      switch error {
      case .wrongLength(let expected, let found): .wrongLength(expected: expected, found: found)
      case .notUpperCaseHex(let position): .notUpperCaseHex(position: position)
      case .outOfRange: .outOfRange
      }
  }
}

extension GroupError: CustomStringConvertible {
  /// The reason in words.
  public var description: String {
    switch self {
    case .wrongLength(let expected, let found): "length \(found) instead of \(expected)"
    case .notUpperCaseHex(let position): "no upper-case hexadecimal digit at \(position)"
    case .outOfRange: "out of range"
    case .invalidParameters: "p, q and g are not a group of prime order"
    case .randomnessUnavailable: "the operating system gave no randomness"
    case .logarithmNotFound: "the logarithm is not in the range that was searched"
    }
  }
}
