// SPDX-License-Identifier: Apache-2.0

internal import CMontgomery

/// x^e as a factor of a ``MultiPower``; public.
package struct PowerFactor: Sendable {
  /// x, below p and not 0.
  package let x: Natural<64>
  /// e
  package let exponent: Natural<4>

  package init(x: Natural<64>, exponent: Natural<4>) {
    self.x = x
    self.exponent = exponent
  }
}

/// ∏ x_i^(e_i) over many public factors, by buckets (Pippenger's method): for every window of the
/// exponents and every digit d, bucket d takes the product of the x_i with that digit. A factor costs
/// one product a window and nothing else.
///
/// The buckets also give S_b, the product of the x_i with bit b in e_i, and ∏ S_b^(2^b) is the whole.
/// When the bits are random, every S_b is the product of a random subset: should one x_i not be a
/// quadratic residue, each S_b is a non-residue with probability one half.
package struct MultiPower: Sendable {
  /// ∏ x_i^(e_i) mod p
  package let product: Natural<64>
  /// Whether the Jacobi symbol of every S_b is 1.
  package let subsetsAreResidues: Bool
}

extension MontgomeryField {
  /// Computes ∏ x_i^(e_i).
  /// - Parameters:
  ///   - bits: what all exponents fit in, a multiple of 64.
  ///   - testsResidues: whether the Jacobi symbols are computed as well; true is the answer if not.
  package func vartimeMultiPower(
    _ factors: [PowerFactor], bits: Int, testsResidues: Bool
  ) -> MultiPower {
    let windowBits = factors.count < 128 ? 4 : 8
    let buckets = BucketSet(self, windows: bits / windowBits, windowBits: windowBits)
    for factor in factors { buckets.vartimeMultiply(factor) }
    let subsets = buckets.vartimeSubsetProducts()
    // A bucket loses a factor R with every product. R is a power of 4, so its symbol is 1.
    let areResidues = !testsResidues || subsets.allSatisfy { modulus.vartimeJacobi($0) == 1 }
    var product = Natural<64>(1)
    for subset in subsets.reversed() {
      product = modulus.vartimeMultiply(product, product)
      product = modulus.vartimeMultiply(product, subset)
    }
    let correction = modulus.vartimePow(
      unsafe unpacked(radixPowers.pointer), Self.sum(factors.map(\.exponent)))
    return MultiPower(
      product: modulus.vartimeMultiply(product, correction), subsetsAreResidues: areResidues)
  }

  /// The sum of exponents, one limb wider than they are.
  private static func sum(_ exponents: [Natural<4>]) -> Natural<5> {
    var sum = Natural<5>()
    for exponent in exponents {
      var carry: UInt = 0
      for index in 0..<5 {
        let limb = index < 4 ? exponent.limbs[index] : 0
        let (partial, first) = sum.limbs[index].addingReportingOverflow(limb)
        let (total, second) = partial.addingReportingOverflow(carry)
        sum.limbs[index] = total
        carry = first || second ? 1 : 0
      }
    }
    return sum
  }

  /// The buckets of all windows: row (w, d). Digit 0 is where lanes without a factor work.
  private struct BucketSet: ~Copyable {
    let field: MontgomeryField
    let windows: Int
    let windowBits: Int
    let rows: LimbBlock
    let work: LimbBlock

    init(_ field: MontgomeryField, windows: Int, windowBits: Int) {
      self.field = field
      self.windows = windows
      self.windowBits = windowBits
      rows = LimbBlock(zeros: (windows << windowBits) * field.rowLimbs)
      // Two blocks and a row for a factor.
      work = LimbBlock(zeros: 2 * field.blockLimbs + field.rowLimbs)
      let one = LimbBlock(zeros: field.rowLimbs)
      for limb in 0..<field.rowLimbs {
        unsafe one.pointer[limb] = field.one.pointer[limb * field.lanes]
      }
      for index in 0..<windows << windowBits {
        unsafe rows[index * field.rowLimbs].update(from: one.pointer, count: field.rowLimbs)
      }
    }

    private func row(_ window: Int, _ digit: Int) -> UnsafeMutablePointer<UInt> {
      unsafe rows[(window << windowBits + digit) * field.rowLimbs]
    }

    /// The lanes take a window each.
    func vartimeMultiply(_ factor: PowerFactor) {
      let (operand, product) = unsafe (work[0], work[field.blockLimbs])
      let packed = unsafe work[2 * field.blockLimbs]
      unsafe field.pack(factor.x, into: packed)
      for limb in 0..<field.rowLimbs {
        for lane in 0..<field.lanes { unsafe operand[limb * field.lanes + lane] = packed[limb] }
      }
      unsafe field.withRowAddresses { addresses in
        for first in stride(from: 0, to: windows, by: field.lanes) {
          var isEmpty = true
          for lane in 0..<field.lanes {
            let position = (first + lane) * windowBits
            let digit = Int(
              factor.exponent.limbs[position / 64] >> UInt(position % 64)
                & (1 << UInt(windowBits) - 1))
            if digit != 0 { isEmpty = false }
            unsafe addresses[lane] = row(first + lane, digit)
          }
          if isEmpty { continue }
          unsafe field.gather(product, addresses)
          unsafe field.vartimeMultiply(product, product, operand)
          unsafe field.scatter(addresses, product)
        }
      }
    }

    /// S_b for every bit b, from the lowest. Folds the upper half of the digits, those with the highest
    /// bit, onto the lower half, until one digit is left.
    func vartimeSubsetProducts() -> [Natural<64>] {
      var subsets = [Natural<64>](repeating: Natural(), count: windows * windowBits)
      let (product, bucket) = unsafe (work[0], work[field.blockLimbs])
      unsafe field.withRowAddresses { addresses in
        for first in stride(from: 0, to: windows, by: field.lanes) {
          func address(_ digit: Int) {
            for lane in 0..<field.lanes { unsafe addresses[lane] = row(first + lane, digit) }
          }
          for bit in (0..<windowBits).reversed() {
            let half = 1 << bit
            unsafe product.update(from: field.one.pointer, count: field.blockLimbs)
            for digit in half..<2 * half {
              address(digit)
              unsafe field.gather(bucket, addresses)
              unsafe field.vartimeMultiply(product, product, bucket)
              if digit == half { continue }
              address(digit - half)
              unsafe field.vartimeMultiplyRows(addresses, by: bucket)
            }
            unsafe field.vartimeMultiply(product, product, field.unit.pointer)
            // Row 0 is free: it never takes part.
            address(0)
            unsafe field.scatter(addresses, product)
            for lane in 0..<field.lanes {
              subsets[(first + lane) * windowBits + bit] = unsafe field.unpacked(
                row(first + lane, 0))
            }
          }
        }
      }
      return subsets
    }
  }

  /// Multiplies the row at each address by the number of its lane.
  private func vartimeMultiplyRows(
    _ addresses: UnsafeMutablePointer<UnsafeMutablePointer<UInt>?>,
    by block: UnsafeMutablePointer<UInt>
  ) {
    let rows = LimbBlock(zeros: blockLimbs)
    unsafe gather(rows.pointer, addresses)
    unsafe vartimeMultiply(rows.pointer, rows.pointer, block)
    unsafe scatter(addresses, rows.pointer)
  }
}
