// SPDX-License-Identifier: Apache-2.0

internal import CGMP

extension Modulus {
  /// (a + b) mod m for a, b < m.
  public func vartimeAdd(_ a: Natural<limbCount>, _ b: Natural<limbCount>) -> Natural<limbCount> {
    var sum = a
    let carry = unsafe sum.withMutableLimbs { left in
      unsafe b.withLimbs { right in unsafe __gmpn_add_n(left, left, right, size) }
    }
    return carry != 0 || sum >= value ? wrappingSubtract(sum, value) : sum
  }

  /// (a − b) mod m for a, b < m.
  public func vartimeSubtract(
    _ a: Natural<limbCount>, _ b: Natural<limbCount>
  ) -> Natural<limbCount> {
    var difference = wrappingSubtract(a, b)
    guard a < b else { return difference }
    _ = unsafe difference.withMutableLimbs { left in
      unsafe value.withLimbs { right in unsafe __gmpn_add_n(left, left, right, size) }
    }
    return difference
  }

  private func wrappingSubtract(
    _ a: Natural<limbCount>, _ b: Natural<limbCount>
  ) -> Natural<limbCount> {
    var difference = a
    _ = unsafe difference.withMutableLimbs { left in
      unsafe b.withLimbs { right in unsafe __gmpn_sub_n(left, left, right, size) }
    }
    return difference
  }

  /// a · b mod m for a, b < m.
  public func vartimeMultiply(
    _ a: Natural<limbCount>, _ b: Natural<limbCount>
  ) -> Natural<limbCount> {
    var result = Natural<limbCount>()
    unsafe withUnsafeTemporaryAllocation(of: UInt.self, capacity: 3 * limbCount + 1) { scratch in
      guard let product = scratch.baseAddress else { return }
      let quotient = unsafe product + 2 * limbCount
      unsafe a.withLimbs { left in
        unsafe b.withLimbs { right in
          unsafe value.withLimbs { modulus in
            unsafe result.withMutableLimbs { remainder in
              unsafe __gmpn_mul_n(product, left, right, size)
              unsafe __gmpn_tdiv_qr(quotient, remainder, 0, product, 2 * size, modulus, size)
            }
          }
        }
      }
    }
    return result
  }

  /// a mod m for any a of the type's width.
  public func vartimeReduce(_ a: Natural<limbCount>) -> Natural<limbCount> {
    guard a >= value else { return a }
    var result = Natural<limbCount>()
    unsafe withUnsafeTemporaryAllocation(of: UInt.self, capacity: limbCount + 1) { quotient in
      guard let quotient = quotient.baseAddress else { return }
      unsafe a.withLimbs { numerator in
        unsafe value.withLimbs { modulus in
          unsafe result.withMutableLimbs { remainder in
            unsafe __gmpn_tdiv_qr(quotient, remainder, 0, numerator, limbCount, modulus, size)
          }
        }
      }
    }
    return result
  }

  /// base^exponent mod m for base < m and a public exponent of any width.
  public func vartimePow<let exponentLimbs: Int>(
    _ base: Natural<limbCount>, _ exponent: Natural<exponentLimbs>
  ) -> Natural<limbCount> {
    unsafe withIntegers(base) { base, modulus in
      unsafe exponent.withLimbs { limbs in
        var power = unsafe mpz_t()
        let exponent = unsafe __gmpz_roinit_n(&power, limbs, exponentLimbs)
        return unsafe read { result in unsafe __gmpz_powm(result, base, exponent, modulus) }
      }
    }
  }

  /// a⁻¹ mod m, or nil when a and m have a common factor.
  public func vartimeInverse(_ a: Natural<limbCount>) -> Natural<limbCount>? {
    var exists: Int32 = 0
    let inverse = unsafe withIntegers(a) { number, modulus in
      unsafe read { result in exists = unsafe __gmpz_invert(result, number, modulus) }
    }
    return exists == 0 ? nil : inverse
  }

  /// The Jacobi symbol (a / m): 1, −1, or 0 when a and m have a common factor.
  public func vartimeJacobi(_ a: Natural<limbCount>) -> Int {
    unsafe Int(withIntegers(a) { number, modulus in unsafe __gmpz_jacobi(number, modulus) })
  }

  /// Lends a and m to a function on GMP's integers, without copies.
  private func withIntegers<Result>(
    _ a: Natural<limbCount>, _ body: (mpz_srcptr, mpz_srcptr) -> Result
  ) -> Result {
    unsafe a.withLimbs { limbs in
      unsafe value.withLimbs { modulusLimbs in
        var number = unsafe mpz_t()
        var modulus = unsafe mpz_t()
        _ = unsafe __gmpz_roinit_n(&number, limbs, limbCount)
        _ = unsafe __gmpz_roinit_n(&modulus, modulusLimbs, size)
        return unsafe body(&number, &modulus)
      }
    }
  }

  /// The result of a function that writes one of GMP's integers, which is below m.
  private func read(_ body: (mpz_ptr) -> Void) -> Natural<limbCount> {
    var integer = unsafe mpz_t()
    unsafe __gmpz_init(&integer)
    defer { unsafe __gmpz_clear(&integer) }
    unsafe body(&integer)
    var result = Natural<limbCount>()
    let used = unsafe min(__gmpz_size(&integer), limbCount)
    for index in 0..<used {
      result.limbs[index] = unsafe __gmpz_getlimbn(&integer, mp_size_t(index))
    }
    return result
  }
}
