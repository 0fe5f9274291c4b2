// SPDX-License-Identifier: Apache-2.0

internal import CGMP

/// Montgomery products with GMP for the shape of modulus that ``MontgomeryField`` has, R = 2^4096.
///
/// p + 1 = 2^256·P with P of 60 limbs, so a quotient digit is a limb of the product itself, and digit
/// times p clears that limb and adds digit·P four limbs higher.
enum GMPKernel {
  /// p in 64 limbs, then P.
  static let constantLimbs = 64 + 60

  /// Writes the constants of a modulus.
  static func prepare(_ constants: UnsafeMutablePointer<UInt>, p: Natural<64>) {
    for index in 0..<64 { unsafe constants[index] = p.limbs[index] }
    for index in 0..<60 { unsafe constants[64 + index] = p.limbs[4 + index] }
    // The carry of p + 1 out of the ones at the low end of p. The limbs above it are no ones.
    unsafe constants[64] &+= 1
  }

  /// r = a·b·R⁻¹ mod p for public numbers.
  static func vartimeMultiply(
    _ r: UnsafeMutablePointer<UInt>, _ a: UnsafePointer<UInt>, _ b: UnsafePointer<UInt>,
    constants p: UnsafePointer<UInt>
  ) {
    unsafe withUnsafeTemporaryAllocation(of: UInt.self, capacity: 128) { scratch in
      guard let product = scratch.baseAddress else { return }
      if unsafe a == b {
        unsafe __gmpn_sqr(product, a, 64)
      } else {
        unsafe __gmpn_mul_n(product, a, b, 64)
      }
      let carry = unsafe reduce(product, constants: p)
      let sum = unsafe product + 64
      if unsafe carry != 0 || __gmpn_cmp(sum, p, 64) >= 0 {
        unsafe __gmpn_sub_n(r, sum, p, 64)
      } else {
        unsafe r.update(from: sum, count: 64)
      }
    }
  }

  /// The same for secrets: GMP's ordinary products branch on their operands.
  static func multiplySecret(
    _ r: UnsafeMutablePointer<UInt>, _ a: UnsafePointer<UInt>, _ b: UnsafePointer<UInt>,
    constants p: UnsafePointer<UInt>
  ) {
    let itch = Int(__gmpn_sec_mul_itch(64, 64))
    unsafe withWipedScratch(128 + itch) { product in
      unsafe __gmpn_sec_mul(product, a, 64, b, 64, product + 128)
      let carry = unsafe reduce(product, constants: p)
      let sum = unsafe product + 64
      let borrow = unsafe __gmpn_sub_n(product, sum, p, 64)
      unsafe r.update(from: product, count: 64)
      _ = unsafe __gmpn_cnd_add_n(borrow & (1 - carry), r, r, p, 64)
    }
  }

  /// Adds the multiple of p that clears the low half of `product`; the sum, below 2p, is the high half
  /// and the carry that is returned. Constant time.
  private static func reduce(
    _ product: UnsafeMutablePointer<UInt>, constants p: UnsafePointer<UInt>
  ) -> UInt {
    for index in 0..<64 {
      // The limb becomes zero and is free to keep the carry, which belongs 64 limbs higher.
      unsafe product[index] = __gmpn_addmul_1(product + index + 4, p + 64, 60, product[index])
    }
    return unsafe __gmpn_add_n(product + 64, product + 64, product, 64)
  }
}
