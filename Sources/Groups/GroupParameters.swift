// SPDX-License-Identifier: Apache-2.0

public import BigIntegers

/// p, q and g of a group Z_p^r of prime order q.
///
/// The two built-in sets are the specification's (ElectionGuard 2.1.0, 3.1.1 and the appendix), and
/// are recomputed from their formula by a test. No set is ever read from a file or a message: a
/// document may only name one. (The specification's toy groups exist in the test support alone.)
public struct GroupParameters: Sendable, Equatable {
  /// The name by which documents refer to the set.
  public let name: String
  /// The prime p.
  public let p: Natural<64>
  /// The prime order q of the group.
  public let q: Natural<4>
  /// The generator g.
  public let g: Natural<64>
  /// l_p, bytes of an element's encoding.
  public let elementByteCount: Int

  package init(
    name: String, p: Natural<64>, q: Natural<4>, g: Natural<64>, elementByteCount: Int
  ) {
    self.name = name
    self.p = p
    self.q = q
    self.g = g
    self.elementByteCount = elementByteCount
  }

  /// b(p, l_p) ‖ b(q, 32) ‖ b(g, l_p), as H_P hashes them.
  public var encoded: [UInt8] {
    p.bigEndianBytes(width: elementByteCount) + q.bigEndianBytes()
      + g.bigEndianBytes(width: elementByteCount)
  }
}
