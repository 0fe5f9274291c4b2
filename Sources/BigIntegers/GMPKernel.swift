// SPDX-License-Identifier: Apache-2.0

internal import CGMP

/// Montgomery products with GMP for the shape of modulus that ``MontgomeryField`` has, R = 2^4096.
///
/// p + 1 = 2^256·(M + 2^3840 − 2^3584) with M of 56 limbs, and four quotient digits m at a time are
/// four limbs of the product itself. So m·p clears them and adds m·M one block higher and
/// m·(2^256 − 1) sixty limbs higher: rows of 56 limbs instead of 64.
enum GMPKernel {
  /// p in 64 limbs, then M.
  static let constantLimbs = 64 + 56

  /// Writes the constants of a modulus.
  static func prepare(_ constants: UnsafeMutablePointer<UInt>, p: Natural<64>) {
    for index in 0..<64 { unsafe constants[index] = p.limbs[index] }
    for index in 0..<56 { unsafe constants[64 + index] = p.limbs[4 + index] }
    // The carry of p + 1 out of the ones at the low end of p.
    unsafe constants[64] &+= 1
  }

  /// Limbs of scratch that a product needs.
  static let scratchLimbs = 128 + 16

  /// r = a·b·R⁻¹ mod p for public numbers.
  static func vartimeMultiply(
    _ r: UnsafeMutablePointer<UInt>, _ a: UnsafePointer<UInt>, _ b: UnsafePointer<UInt>,
    constants p: UnsafePointer<UInt>
  ) {
    unsafe withUnsafeTemporaryAllocation(of: UInt.self, capacity: scratchLimbs) { scratch in
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
    unsafe withWipedScratch(scratchLimbs + itch) { product in
      unsafe __gmpn_sec_mul(product, a, 64, b, 64, product + scratchLimbs)
      let carry = unsafe reduce(product, constants: p)
      let sum = unsafe product + 64
      let borrow = unsafe __gmpn_sub_n(product, sum, p, 64)
      unsafe r.update(from: product, count: 64)
      _ = unsafe __gmpn_cnd_add_n(borrow & (1 - carry), r, r, p, 64)
    }
  }

  /// Adds the multiple of p that clears the low half of `product`; the sum, below 2p, is the high
  /// half and the carry that is returned. Sixteen limbs behind the product are scratch.
  private static func reduce(
    _ product: UnsafeMutablePointer<UInt>, constants p: UnsafePointer<UInt>
  ) -> UInt {
    let middle = unsafe p + 64
    let (top, carries) = unsafe (product + 128, product + 136)
    unsafe carries.update(repeating: 0, count: 8)
    for block in 0..<16 {
      let digits = unsafe product + 4 * block
      // m·(2^256 − 1) in eight limbs; the carries of the rows belong to the lower four of them.
      unsafe top.update(repeating: 0, count: 4)
      unsafe (top + 4).update(from: digits, count: 4)
      unsafe borrow(__gmpn_sub_n(top, top, digits, 4), top + 4)
      for row in 0..<4 {
        unsafe carries[row] = __gmpn_addmul_1(digits + row + 4, middle, 56, digits[row])
      }
      unsafe __gmpn_add_n(top, top, carries, 8)
      let target = unsafe digits + 60
      // The cleared limbs keep the carry, which belongs 68 limbs higher.
      unsafe digits.update(repeating: 0, count: 4)
      unsafe digits[0] = __gmpn_add_n(target, target, top, 8)
    }
    let last = unsafe product[60]
    return unsafe last + __gmpn_add_n(product + 68, product + 68, product, 60)
  }

  /// Takes a borrow from four limbs that have it, in constant time.
  private static func borrow(_ borrow: UInt, _ limbs: UnsafeMutablePointer<UInt>) {
    var borrow = borrow
    for index in 0..<4 {
      let (difference, isUnder) = unsafe limbs[index].subtractingReportingOverflow(borrow)
      unsafe limbs[index] = difference
      borrow = isUnder ? 1 : 0
    }
  }
}
