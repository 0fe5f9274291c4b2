// SPDX-License-Identifier: Apache-2.0

/// Why a step of the blind signature protocol failed: the errors of RFC 9474, section 4. No case carries a
/// secret.
public enum BlindRSAError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The key is not in the accepted form; the words name the rule.
  case key(String)
  /// A message, a request or a signature has another length than the key's modulus.
  case unexpectedInputSize(expected: Int, found: Int)
  /// A number is not below the modulus.
  case representativeOutOfRange
  /// The encoded message has a factor in common with the modulus.
  case invalidInput
  /// The blinding factor has no inverse. With random factors: the key is broken.
  case blindingError
  /// The signature does not verify. The signer answered wrongly, or to another request.
  case invalidSignature
  /// The signer computed a wrong signature, which was kept back.
  case signingFailure
  /// What was saved between two steps is not in the expected form.
  case malformedState
  /// The operating system gave no randomness.
  case randomnessUnavailable
  /// The key's holder, such as a hardware module, refused; the words say what.
  case backend(String)

  /// The reason in words.
  public var description: String {
    switch self {
    case .key(let rule): "the key: \(rule)"
    case .unexpectedInputSize(let expected, let found): "\(found) bytes instead of \(expected)"
    case .representativeOutOfRange: "the number is not below the modulus"
    case .invalidInput: "the encoded message has a factor in common with the modulus"
    case .blindingError: "the blinding factor has no inverse"
    case .invalidSignature: "the signature is wrong"
    case .signingFailure: "the signer computed a wrong signature"
    case .malformedState: "what was saved is not in the expected form"
    case .randomnessUnavailable: "the operating system gave no randomness"
    case .backend(let reason): reason
    }
  }
}
