// SPDX-License-Identifier: Apache-2.0

internal import BigIntegers
public import Cryptography

/// Scalars: encodings and public arithmetic modulo q.
extension Group {
  /// Reads a scalar of exactly 32 big-endian bytes.
  /// - Throws: `GroupError.wrongLength` for another length, `.outOfRange` unless s < q.
  public func scalar(bytes: some Collection<UInt8>) throws(GroupError) -> Scalar {
    let value: Natural<4>
    do { value = try Natural(bigEndian: bytes) } catch { throw GroupError(error) }
    return try scalar(value)
  }

  /// Reads a scalar of exactly 64 upper-case hexadecimal digits.
  /// - Throws: `GroupError.wrongLength` or `.outOfRange`.
  public func scalar(hex: String) throws(GroupError) -> Scalar {
    let value: Natural<4>
    do { value = try Natural(hex: hex) } catch { throw GroupError(error) }
    return try scalar(value)
  }

  private func scalar(_ value: Natural<4>) throws(GroupError) -> Scalar {
    guard value < order.value else { throw .outOfRange }
    return Scalar(value)
  }

  /// int(digest) mod q, the last step of H_q (ElectionGuard 2.1.0, 5.4).
  public func scalar(reducing digest: Digest) -> Scalar {
    Scalar(order.vartimeReduce(Natural<4>(wrappingBigEndian: digest.bytes)))
  }

  /// Whether 0 ≤ s < q. Every way of reading a scalar sees to it already; the rules about ranges (2.B,
  /// 6.B and their like) do not rely on that.
  public func isInRange(_ s: Scalar) -> Bool { s.value < order.value }

  /// A small number as a scalar: an index, a vote, a weight.
  public func scalar(_ small: UInt64) -> Scalar {
    Scalar(order.vartimeReduce(Natural(UInt(small))))
  }

  /// (a + b) mod q
  public func vartimeAdd(_ a: Scalar, _ b: Scalar) -> Scalar {
    Scalar(order.vartimeAdd(a.value, b.value))
  }

  /// (a − b) mod q
  public func vartimeSubtract(_ a: Scalar, _ b: Scalar) -> Scalar {
    Scalar(order.vartimeSubtract(a.value, b.value))
  }

  /// a · b mod q
  public func vartimeMultiply(_ a: Scalar, _ b: Scalar) -> Scalar {
    Scalar(order.vartimeMultiply(a.value, b.value))
  }

  /// a⁻¹ mod q, or nil for 0.
  public func vartimeInverse(_ a: Scalar) -> Scalar? {
    order.vartimeInverse(a.value).map(Scalar.init)
  }
}
