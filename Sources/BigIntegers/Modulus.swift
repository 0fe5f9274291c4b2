// SPDX-License-Identifier: Apache-2.0

internal import CGMP

/// An odd public modulus m > 1 and what depends on it alone.
///
/// `limbCount` is the width of the numbers, `size` the number of limbs that m really has: a small
/// modulus may live in a wide type. Functions named `vartime…` take time that depends on their
/// operands and are for public numbers only. The others, in `Modulus+Secret.swift`, do not branch on
/// secrets or use them as addresses.
public final class Modulus<let limbCount: Int>: Sendable {
  /// m
  public let value: Natural<limbCount>
  /// Limbs of m without leading zeros.
  public let size: Int
  /// −m⁻¹ mod 2^64, the factor of Montgomery's reduction.
  let negatedInverse: UInt
  /// R² mod m with R = 2^(64·size); takes a number into Montgomery's form.
  let radixSquared: Natural<limbCount>

  /// Process-wide: the allocator of GMP wipes what it releases. Runs before GMP's first allocation,
  /// because every use of GMP goes through a modulus.
  private static func installAllocatorOnce() { _ = wipingAllocator }

  /// Prepares a modulus.
  /// - Throws: `NumberError.outOfRange` when m is even or below 3.
  public init(_ value: Natural<limbCount>) throws(NumberError) {
    Self.installAllocatorOnce()
    guard value.bitWidth >= 2, value.limbs[0] & 1 == 1 else { throw .outOfRange }
    self.value = value
    let size = (value.bitWidth + 63) / 64
    self.size = size
    var inverse: UInt = 1
    // Newton: each step doubles the number of right bits, from 1 to 64.
    for _ in 0..<6 { inverse &*= 2 &- value.limbs[0] &* inverse }
    negatedInverse = 0 &- inverse
    var square = Natural<limbCount>()
    unsafe withWipedScratch(2 * size + 1) { numerator in
      unsafe numerator[2 * size] = 1
      unsafe withWipedScratch(size + 2) { quotient in
        unsafe square.withMutableLimbs { result in
          unsafe value.withLimbs { modulus in
            unsafe __gmpn_tdiv_qr(quotient, result, 0, numerator, 2 * size + 1, modulus, size)
          }
        }
      }
    }
    radixSquared = square
  }
}

private let wipingAllocator: Void = urna_gmp_install_wiping_allocator()
