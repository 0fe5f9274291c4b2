// SPDX-License-Identifier: Apache-2.0

/// A public natural number of fixed width: `limbCount` limbs of 64 bits, least significant first.
///
/// The width is part of the type, so the encoding is canonical: `8 * limbCount` bytes, big-endian.
/// A `Natural` is public; it is copied freely and compared in variable time. Secrets are
/// ``SecretLimbs``.
public struct Natural<let limbCount: Int>: Sendable {
  package var limbs: InlineArray<limbCount, UInt>

  /// Zero.
  public init() { limbs = InlineArray(repeating: 0) }

  /// A number of one limb.
  public init(_ small: UInt) {
    limbs = InlineArray(repeating: 0)
    limbs[0] = small
  }

  /// Bytes of the encoding.
  public static var byteCount: Int { limbCount * 8 }

  /// Whether the number is zero.
  public var isZero: Bool {
    for index in 0..<limbCount where limbs[index] != 0 { return false }
    return true
  }

  /// Bits up to and with the highest one; 0 for zero.
  public var bitWidth: Int {
    for index in stride(from: limbCount - 1, through: 0, by: -1) where limbs[index] != 0 {
      return index * 64 + (64 - limbs[index].leadingZeroBitCount)
    }
    return 0
  }

  /// Lends the limbs to a function of GMP.
  package borrowing func withLimbs<Result>(_ body: (UnsafePointer<UInt>) -> Result) -> Result {
    unsafe withUnsafePointer(to: limbs) { pointer in
      unsafe body(UnsafeRawPointer(pointer).assumingMemoryBound(to: UInt.self))
    }
  }

  /// Lends the limbs for writing.
  package mutating func withMutableLimbs<Result>(
    _ body: (UnsafeMutablePointer<UInt>) -> Result
  ) -> Result {
    unsafe withUnsafeMutablePointer(to: &limbs) { pointer in
      unsafe body(UnsafeMutableRawPointer(pointer).assumingMemoryBound(to: UInt.self))
    }
  }
}

extension Natural: Hashable, Comparable {
  /// Equality, in variable time.
  public static func == (left: Self, right: Self) -> Bool {
    for index in 0..<limbCount where left.limbs[index] != right.limbs[index] { return false }
    return true
  }

  /// Order, in variable time.
  public static func < (left: Self, right: Self) -> Bool {
    for index in stride(from: limbCount - 1, through: 0, by: -1)
    where left.limbs[index] != right.limbs[index] {
      return left.limbs[index] < right.limbs[index]
    }
    return false
  }

  /// Feeds the limbs to the hasher.
  public func hash(into hasher: inout Hasher) {
    for index in 0..<limbCount { hasher.combine(limbs[index]) }
  }
}

extension Natural {
  /// A number written down as limbs, least significant first.
  package init(limbs: InlineArray<limbCount, UInt>) { self.limbs = limbs }
}
