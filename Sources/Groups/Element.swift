// SPDX-License-Identifier: Apache-2.0

package import BigIntegers

/// An integer x with 0 < x < p: a public value that stands where an element of the group belongs.
///
/// Being an `Element` does not say that x^q = 1. Membership in the subgroup of order q costs an
/// exponentiation and is a check of the rulebook; see ``Group/isMember(_:)``.
/// Only ``Group`` makes elements, so every one is in range and has one encoding.
public struct Element: Hashable, Sendable {
  package let value: Natural<64>

  package init(_ value: Natural<64>) { self.value = value }
}

/// An integer s with 0 ≤ s < q, public: a challenge, a response, a published nonce.
public struct Scalar: Hashable, Sendable {
  package let value: Natural<4>

  package init(_ value: Natural<4>) { self.value = value }

  /// Bytes of the encoding (l_q = 32).
  public static let byteCount = 32

  /// Zero.
  public static let zero = Scalar(Natural())
  /// One.
  public static let one = Scalar(Natural(1))

  /// b(s, 32)
  public var bytes: [UInt8] { value.bigEndianBytes() }

  /// 64 upper-case hexadecimal digits.
  public var hex: String { value.hex() }
}

/// An integer s with 0 ≤ s < q, secret: a key's coefficient, an encryption nonce, a vote.
///
/// It lives in one heap block that is wiped on release, and is neither copied implicitly, compared,
/// printed nor encoded. ``Group`` does arithmetic on it in constant time.
public struct SecretScalar: ~Copyable, Sendable {
  package let limbs: SecretLimbs

  package init(_ limbs: consuming SecretLimbs) { self.limbs = limbs }

  /// A second block with the same value.
  public borrowing func copy() -> SecretScalar { SecretScalar(limbs.copy()) }
}

/// An element that must not become known, such as the shared point of a key agreement.
public struct SecretElement: ~Copyable, Sendable {
  package let limbs: SecretLimbs

  package init(_ limbs: consuming SecretLimbs) { self.limbs = limbs }
}
