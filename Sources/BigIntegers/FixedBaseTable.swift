// SPDX-License-Identifier: Apache-2.0

internal import CGMP

/// Powers of one public base, so that an exponentiation needs multiplications only:
/// entry (w, d) = base^(d · 16^w) · R mod m for the windows w of four bits and the digits d.
///
/// The base and the table are public. A table for 4096 bits and exponents of 256 bits takes
/// 512 KiB and 1,024 multiplications to build, about the price of four exponentiations.
public final class FixedBaseTable<let limbCount: Int>: Sendable {
  /// The base.
  public let base: Natural<limbCount>
  private let modulus: Modulus<limbCount>
  private let exponentLimbs: Int
  private let entries: [UInt]

  private static var windowBits: Int { 4 }
  private static var digits: Int { 16 }
  private var windows: Int { exponentLimbs * 64 / Self.windowBits }

  /// Builds the table for a base below m and exponents of `exponentLimbs` limbs.
  public init(base: Natural<limbCount>, modulus: Modulus<limbCount>, exponentLimbs: Int) {
    self.base = base
    self.modulus = modulus
    self.exponentLimbs = exponentLimbs
    let size = modulus.size
    let windows = exponentLimbs * 64 / Self.windowBits
    var entries = [UInt](repeating: 0, count: windows * Self.digits * size)
    let one = modulus.montgomeryMultiply(modulus.radixSquared, Natural(1))
    var windowBase = modulus.montgomeryMultiply(base, modulus.radixSquared)
    unsafe entries.withUnsafeMutableBufferPointer { entries in
      guard let start = entries.baseAddress else { return }
      for window in 0..<windows {
        var power = one
        for digit in 0..<Self.digits {
          let entry = unsafe start + (window * Self.digits + digit) * size
          for index in 0..<size { unsafe entry[index] = power.limbs[index] }
          power = modulus.montgomeryMultiply(power, windowBase)
        }
        windowBase = power
      }
    }
    self.entries = entries
  }

  /// base^exponent mod m for a secret exponent of at most `exponentLimbs` limbs. Every entry of the
  /// table is read for every digit, so the addresses do not depend on the exponent.
  public func powmSecret(_ exponent: borrowing SecretLimbs) -> SecretLimbs {
    let result = SecretLimbs(zeros: modulus.size)
    unsafe accumulate(into: result.pointer) { window, entry, start in
      let limb = window / 16
      let bits = unsafe limb < exponent.count ? exponent.pointer[limb] : 0
      unsafe __gmpn_sec_tabselect(
        entry, start, modulus.size, Self.digits,
        Int((bits >> UInt(window % 16 * Self.windowBits)) & 15))
    }
    return result
  }

  /// base^exponent mod m for a public exponent.
  public func vartimePow<let width: Int>(_ exponent: Natural<width>) -> Natural<limbCount> {
    var result = Natural<limbCount>()
    unsafe result.withMutableLimbs { result in
      unsafe accumulate(into: result) { window, entry, start in
        let limb = window / 16
        let bits = limb < width ? exponent.limbs[limb] : 0
        let digit = Int((bits >> UInt(window % 16 * Self.windowBits)) & 15)
        unsafe entry.update(from: start + digit * modulus.size, count: modulus.size)
      }
    }
    return result
  }

  /// Multiplies the selected entry of every window; `select` copies it into the scratch it is given.
  private func accumulate(
    into result: UnsafeMutablePointer<UInt>,
    _ select: (Int, UnsafeMutablePointer<UInt>, UnsafePointer<UInt>) -> Void
  ) {
    let size = modulus.size
    let itch = Int(__gmpn_sec_mul_itch(size, size))
    unsafe entries.withUnsafeBufferPointer { entries in
      guard let start = entries.baseAddress else { return }
      unsafe withWipedScratch(3 * size + itch) { entry in
        let product = unsafe entry + size
        unsafe select(0, result, start)
        for window in 1..<windows {
          unsafe select(window, entry, start + window * Self.digits * size)
          unsafe __gmpn_sec_mul(product, result, size, entry, size, product + 2 * size)
          unsafe modulus.montgomeryReduce(product, into: result)
        }
        // Out of Montgomery's form: one more reduction, with zeros above.
        unsafe product.update(from: result, count: size)
        unsafe (product + size).update(repeating: 0, count: size)
        unsafe modulus.montgomeryReduce(product, into: result)
      }
    }
  }
}

extension Modulus {
  /// a · b · R⁻¹ mod m.
  func montgomeryMultiply(
    _ a: Natural<limbCount>, _ b: Natural<limbCount>
  ) -> Natural<limbCount> {
    var result = Natural<limbCount>()
    unsafe withWipedScratch(2 * size) { product in
      unsafe a.withLimbs { left in
        unsafe b.withLimbs { right in
          unsafe __gmpn_mul_n(product, left, right, size)
          unsafe result.withMutableLimbs { unsafe montgomeryReduce(product, into: $0) }
        }
      }
    }
    return result
  }
}
