// SPDX-License-Identifier: Apache-2.0

public import Cryptography
internal import ElGamal
public import Groups

/// Lagrange's coefficients of a set of trustees.
public enum Interpolation {
  /// w_i = ∏_{ℓ ∈ U∖i} ℓ / (ℓ − i) mod q (ElectionGuard 2.1.0, 3.6.4).
  /// - Returns: nil when the trustees are not different from each other.
  public static func coefficient(of trustee: Int, among available: [Int], in group: Group)
    -> Scalar?
  {
    var numerator = Scalar.one
    var denominator = Scalar.one
    let i = group.scalar(UInt64(clamping: trustee))
    for other in available where other != trustee {
      let l = group.scalar(UInt64(clamping: other))
      numerator = group.vartimeMultiply(numerator, l)
      denominator = group.vartimeMultiply(denominator, group.vartimeSubtract(l, i))
    }
    guard Set(available).count == available.count,
      let inverse = group.vartimeInverse(denominator)
    else { return nil }
    return group.vartimeMultiply(numerator, inverse)
  }
}

/// The parts of all available trustees of one item, put together. Public.
public struct CombinedDecryption: Sendable, Equatable {
  /// M = ∏ M_i^(w_i), or β.
  public let factor: Element
  /// a = ∏ a_i
  public let a: Element
  /// b = ∏ b_i
  public let b: Element
  /// c
  public let challenge: Scalar

  /// Combines the parts of the trustees U.
  /// - Returns: nil when a part is missing or the trustees are not different.
  public init?(
    _ item: DecryptionItem, parts: [Int: PartialDecryption], extendedBaseHash: Digest,
    in group: Group
  ) {
    let available = parts.keys.sorted()
    var factor = group.identity
    var a = group.identity
    var b = group.identity
    for trustee in available {
      guard let part = parts[trustee],
        let weight = Interpolation.coefficient(of: trustee, among: available, in: group)
      else { return nil }
      factor = group.vartimeMultiply(factor, group.vartimePower(part.factor, weight))
      a = group.vartimeMultiply(a, part.a)
      b = group.vartimeMultiply(b, part.b)
    }
    self.factor = factor
    self.a = a
    self.b = b
    challenge = item.challenge(
      a: a, b: b, factor: factor, extendedBaseHash: extendedBaseHash, in: group)
  }

  /// The blame check (note 3.7): whether a trustee's part and response fit their public keys,
  /// a_i = g^(v_i)·(g^(z_i))^(c_i) and b_i = A^(v_i)·M_i^(c_i) with c_i = c·w_i.
  /// - Parameter shareImage: g^(z_i), from all trustees' commitments.
  public func isResponseValid(
    _ response: Scalar, of trustee: Int, part: PartialDecryption, shareImage: Element,
    item: DecryptionItem, available: [Int], in group: Group
  ) -> Bool {
    guard let weight = Interpolation.coefficient(of: trustee, among: available, in: group),
      group.isMember(part.factor)
    else { return false }
    let proof = CompactProof(
      challenge: group.vartimeMultiply(challenge, weight), response: response)
    return group.vartimeCommitment(proof, base: group.generator, image: shareImage) == part.a
      && group.vartimeCommitment(proof, base: item.base, image: part.factor) == part.b
  }
}
