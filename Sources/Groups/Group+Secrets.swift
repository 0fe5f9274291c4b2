// SPDX-License-Identifier: Apache-2.0

internal import BigIntegers
public import Cryptography

/// Secret scalars: where they come from, constant-time arithmetic modulo q, and the ways out.
extension Group {
  /// A uniform scalar in 0 … q−1, by rejection from the operating system's generator.
  /// - Throws: `GroupError.randomnessUnavailable`.
  public func randomSecretScalar() throws(GroupError) -> SecretScalar {
    try randomSecretScalar { count throws(CryptographyError) in try SecretBytes(random: count) }
  }

  /// The same with candidates from `draw`; for tests of the rejection. No other source calls it.
  package func randomSecretScalar(
    drawing draw: (Int) throws(CryptographyError) -> SecretBytes
  ) throws(GroupError) -> SecretScalar {
    // q has its top bit set in every built-in group; a toy group's candidates are cut to its width.
    let width = (order.value.bitWidth + 7) / 8
    while true {
      var candidate: SecretBytes
      do { candidate = try draw(width) } catch { throw .randomnessUnavailable }
      let limbs = unsafe candidate.withUnsafeBytes { bytes in
        unsafe SecretLimbs(bigEndian: bytes, count: order.size)
      }
      if order.isReduced(limbs) { return SecretScalar(limbs) }
    }
  }

  /// A uniform scalar that is public from the start.
  /// - Throws: `GroupError.randomnessUnavailable`.
  public func randomScalar() throws(GroupError) -> Scalar { revealed(try randomSecretScalar()) }

  /// int(bytes) mod q for 32 secret bytes: H_q of a secret input.
  public func secretScalar(reducing bytes: borrowing SecretBytes) -> SecretScalar {
    let wide = unsafe bytes.withUnsafeBytes { bytes in
      unsafe SecretLimbs(bigEndian: bytes, count: max(4, order.size))
    }
    return SecretScalar(order.reduce(wide))
  }

  /// Reads 32 secret bytes.
  /// - Throws: `GroupError.wrongLength` for another length, `.outOfRange` unless s < q.
  public func secretScalar(bytes: borrowing SecretBytes) throws(GroupError) -> SecretScalar {
    guard bytes.count == Scalar.byteCount else {
      throw .wrongLength(expected: Scalar.byteCount, found: bytes.count)
    }
    let wide = unsafe bytes.withUnsafeBytes { bytes in
      unsafe SecretLimbs(bigEndian: bytes, count: 4)
    }
    let reduced = SecretScalar(order.reduce(wide))
    guard encoded(reduced).isEqualConstantTime(to: bytes) else { throw .outOfRange }
    return reduced
  }

  /// A public scalar as an operand among secrets.
  public func secret(_ scalar: Scalar) -> SecretScalar {
    SecretScalar(SecretLimbs(scalar.value, count: order.size))
  }

  /// A small secret number, such as a vote, as a scalar.
  public func secretScalar(small: UInt64) -> SecretScalar {
    SecretScalar(order.reduce(SecretLimbs(Natural<1>(UInt(small)), count: order.size)))
  }

  /// b(s, 32) as secret bytes.
  public func encoded(_ scalar: borrowing SecretScalar) -> SecretBytes {
    var bytes = SecretBytes(zeros: Scalar.byteCount)
    unsafe bytes.withUnsafeMutableBytes { unsafe scalar.limbs.write(bigEndian: $0) }
    return bytes
  }

  /// b(x, l_p) of a secret element.
  public func encoded(_ element: borrowing SecretElement) -> SecretBytes {
    var bytes = SecretBytes(zeros: elementByteCount)
    unsafe bytes.withUnsafeMutableBytes { unsafe element.limbs.write(bigEndian: $0) }
    return bytes
  }

  /// The scalar as a public one: for what the protocol publishes.
  public func revealed(_ scalar: borrowing SecretScalar) -> Scalar {
    Scalar(scalar.limbs.revealed())
  }

  /// (a + b) mod q
  public func add(_ a: borrowing SecretScalar, _ b: borrowing SecretScalar) -> SecretScalar {
    SecretScalar(order.add(a.limbs, b.limbs))
  }

  /// (a − b) mod q
  public func subtract(_ a: borrowing SecretScalar, _ b: borrowing SecretScalar) -> SecretScalar {
    SecretScalar(order.subtract(a.limbs, b.limbs))
  }

  /// a · b mod q
  public func multiply(_ a: borrowing SecretScalar, _ b: borrowing SecretScalar) -> SecretScalar {
    SecretScalar(order.multiply(a.limbs, b.limbs))
  }

  /// `ifTrue` when the secret bit is 1, `ifFalse` when it is 0, without a branch.
  public func select(
    _ bit: UInt, _ ifTrue: borrowing SecretScalar, _ ifFalse: borrowing SecretScalar
  ) -> SecretScalar {
    SecretScalar(order.select(bit, ifTrue.limbs, ifFalse.limbs))
  }

  /// The response u − c·s of a proof of knowledge of s, published.
  public func response(
    nonce u: borrowing SecretScalar, challenge c: Scalar, secret s: borrowing SecretScalar
  ) -> Scalar {
    revealed(subtract(u, multiply(secret(c), s)))
  }
}
