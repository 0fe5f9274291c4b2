// SPDX-License-Identifier: Apache-2.0

internal import CGMP

/// Arithmetic on secrets. Every operand is below m and has `size` limbs at least; time and memory
/// accesses depend on sizes only.
extension Modulus {
  /// A number of exactly the modulus' limbs, reduced: a mod m for a secret a of any width.
  public func reduce(_ a: borrowing SecretLimbs) -> SecretLimbs {
    let result = SecretLimbs(zeros: size)
    let width = max(a.count, size)
    unsafe value.withLimbs { modulus in
      let itch = Int(__gmpn_sec_div_r_itch(width, size))
      unsafe withWipedScratch(width + itch) { scratch in
        unsafe scratch.update(from: a.pointer, count: a.count)
        unsafe __gmpn_sec_div_r(scratch, width, modulus, size, scratch + width)
        unsafe result.pointer.update(from: scratch, count: size)
      }
    }
    return result
  }

  /// (a + b) mod m.
  public func add(_ a: borrowing SecretLimbs, _ b: borrowing SecretLimbs) -> SecretLimbs {
    let result = SecretLimbs(zeros: size)
    let carry = unsafe __gmpn_add_n(result.pointer, a.pointer, b.pointer, size)
    unsafe subtractModulusOnce(from: result.pointer, carry: carry)
    return result
  }

  /// (a − b) mod m.
  public func subtract(_ a: borrowing SecretLimbs, _ b: borrowing SecretLimbs) -> SecretLimbs {
    let result = SecretLimbs(zeros: size)
    let borrow = unsafe __gmpn_sub_n(result.pointer, a.pointer, b.pointer, size)
    unsafe value.withLimbs { modulus in
      _ = unsafe __gmpn_cnd_add_n(borrow, result.pointer, result.pointer, modulus, size)
    }
    return result
  }

  /// a · b mod m.
  public func multiply(_ a: borrowing SecretLimbs, _ b: borrowing SecretLimbs) -> SecretLimbs {
    let result = SecretLimbs(zeros: size)
    unsafe value.withLimbs { modulus in
      let itch = max(
        Int(__gmpn_sec_mul_itch(size, size)), Int(__gmpn_sec_div_r_itch(2 * size, size)))
      unsafe withWipedScratch(2 * size + itch) { product in
        unsafe __gmpn_sec_mul(product, a.pointer, size, b.pointer, size, product + 2 * size)
        unsafe __gmpn_sec_div_r(product, 2 * size, modulus, size, product + 2 * size)
        unsafe result.pointer.update(from: product, count: size)
      }
    }
    return result
  }

  /// `ifTrue` when the secret bit is 1, `ifFalse` when it is 0, without a branch.
  public func select(
    _ bit: UInt, _ ifTrue: borrowing SecretLimbs, _ ifFalse: borrowing SecretLimbs
  ) -> SecretLimbs {
    let result = SecretLimbs(zeros: size)
    let mask = 0 &- (bit & 1)
    for index in 0..<size {
      unsafe result.pointer[index] =
        unsafe (ifTrue.pointer[index] & mask) | (ifFalse.pointer[index] & ~mask)
    }
    return result
  }

  /// base^exponent mod m for a public base below m and a secret exponent of `exponent.count` limbs.
  /// The result is secret as well; ``SecretLimbs/revealed()`` publishes it.
  public func powmSecret(
    _ base: Natural<limbCount>, _ exponent: borrowing SecretLimbs
  ) -> SecretLimbs {
    let result = SecretLimbs(zeros: size)
    let bits = UInt(exponent.count * 64)
    unsafe base.withLimbs { base in
      unsafe value.withLimbs { modulus in
        unsafe withWipedScratch(Int(__gmpn_sec_powm_itch(size, bits, size))) { scratch in
          unsafe __gmpn_sec_powm(
            result.pointer, base, size, exponent.pointer, bits, modulus, size, scratch)
        }
      }
    }
    return result
  }

  /// Subtracts m when `carry` is set or the number is m or more; no branch.
  func subtractModulusOnce(from limbs: UnsafeMutablePointer<UInt>, carry: UInt) {
    unsafe value.withLimbs { modulus in
      unsafe withWipedScratch(size) { scratch in
        let borrow = unsafe __gmpn_sub_n(scratch, limbs, modulus, size)
        _ = unsafe __gmpn_cnd_sub_n(carry | (1 - borrow), limbs, limbs, modulus, size)
      }
    }
  }

  /// Montgomery's reduction of `product` (2·size limbs, destroyed): product · R⁻¹ mod m into
  /// `result`. Works for secrets: its flow depends on `size` only.
  func montgomeryReduce(
    _ product: UnsafeMutablePointer<UInt>, into result: UnsafeMutablePointer<UInt>
  ) {
    unsafe value.withLimbs { modulus in
      for index in 0..<size {
        let factor = unsafe product[index] &* negatedInverse
        // The limb becomes zero and is free to keep the carry, which belongs `size` limbs higher.
        unsafe product[index] = unsafe __gmpn_addmul_1(product + index, modulus, size, factor)
      }
      let carry = unsafe __gmpn_add_n(result, product + size, product, size)
      unsafe subtractModulusOnce(from: result, carry: carry)
    }
  }
}

extension Modulus {
  /// Whether a candidate for a random number is below m. Only the verdict may become known: a
  /// candidate that is not below m is thrown away.
  public func isReduced(_ a: borrowing SecretLimbs) -> Bool {
    guard a.count == size else { return false }
    return unsafe value.withLimbs { modulus in
      unsafe withWipedScratch(size) { scratch in
        unsafe __gmpn_sub_n(scratch, a.pointer, modulus, size) == 1
      }
    }
  }
}
