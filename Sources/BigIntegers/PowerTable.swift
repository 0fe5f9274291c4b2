// SPDX-License-Identifier: Apache-2.0

/// Powers of one public base as rows of an engine, for public exponents: row (w, d) is
/// base^(d·256^w) for the 32 windows w of eight bits and the digits d. 4 or 5 MiB.
package final class PowerTable: Sendable {
  static let windows = 32
  static let windowBits = 8

  private let field: MontgomeryField
  private let rows: LimbBlock

  /// Builds the table for a base below p.
  package init(base: Natural<64>, in field: MontgomeryField) {
    self.field = field
    rows = field.powerRows(of: base, windows: Self.windows, windowBits: Self.windowBits)
  }

  /// The row of a digit; both arguments are public and in range, and nobody writes there.
  private func row(window: Int, digit: Int) -> UnsafeMutablePointer<UInt> {
    unsafe rows[(window << Self.windowBits + digit) * field.rowLimbs]
  }

  /// The row of a window for an exponent.
  func row(window: Int, of exponent: Natural<4>) -> UnsafeMutablePointer<UInt> {
    let digit = exponent.limbs[window / 8] >> UInt(window % 8 * Self.windowBits) & 255
    return unsafe row(window: window, digit: Int(digit))
  }

  /// base^s for one public exponent. The windows are shared out among the lanes.
  package func vartimePow(_ exponent: Natural<4>) -> Natural<64> {
    var result = Natural<64>()
    let lanes = field.lanes
    let work = LimbBlock(zeros: 2 * field.blockLimbs + lanes * field.rowLimbs)
    unsafe field.withRowAddresses { addresses in
      let (product, factor) = unsafe (work[0], work[field.blockLimbs])
      func laneRow(_ lane: Int) -> UnsafeMutablePointer<UInt> {
        unsafe work[2 * field.blockLimbs + lane * field.rowLimbs]
      }
      for first in stride(from: 0, to: Self.windows, by: lanes) {
        for lane in 0..<lanes {
          unsafe addresses[lane] = row(window: first + lane, of: exponent)
        }
        unsafe field.gather(first == 0 ? product : factor, addresses)
        if first > 0 { unsafe field.multiply(product, product, factor) }
      }
      var width = lanes
      while width > 1 {
        for lane in 0..<lanes { unsafe addresses[lane] = laneRow(lane) }
        unsafe field.scatter(addresses, product)
        width /= 2
        for lane in 0..<lanes { unsafe addresses[lane] = laneRow(width + lane % width) }
        unsafe field.gather(factor, addresses)
        unsafe field.multiply(product, product, factor)
      }
      unsafe field.multiply(product, product, field.unit.pointer)
      for lane in 0..<lanes { unsafe addresses[lane] = laneRow(lane) }
      unsafe field.scatter(addresses, product)
      result = unsafe field.unpacked(laneRow(0))
    }
    return result
  }
}

extension MontgomeryField {
  /// base^(d·2^(b·w)) for the windows w of b bits and the digits d, as rows ordered by window and
  /// digit.
  func powerRows(of base: Natural<64>, windows: Int, windowBits: Int) -> LimbBlock {
    let digits = 1 << windowBits
    // A group of windows beyond the last one pads the last block.
    let padded = (windows + lanes - 1) / lanes * lanes
    let rows = LimbBlock(zeros: padded * digits * rowLimbs)
    let bases = LimbBlock(zeros: padded * rowLimbs)
    let work = LimbBlock(zeros: 2 * blockLimbs)
    unsafe withRowAddresses { addresses in
      let (power, step) = unsafe (work[0], work[blockLimbs])
      unsafe pack(base, into: bases.pointer)
      for lane in 0..<lanes { unsafe addresses[lane] = UnsafeMutablePointer(bases.pointer) }
      unsafe gather(power, addresses)
      unsafe multiply(power, power, radixSquared.pointer)
      for window in 0..<padded {
        for lane in 0..<lanes { unsafe addresses[lane] = bases[window * rowLimbs] }
        unsafe scatter(addresses, power)
        for _ in 0..<windowBits { unsafe square(power, power) }
      }
      for first in stride(from: 0, to: padded, by: lanes) {
        for lane in 0..<lanes { unsafe addresses[lane] = bases[(first + lane) * rowLimbs] }
        unsafe gather(step, addresses)
        unsafe power.update(from: one.pointer, count: blockLimbs)
        for digit in 0..<digits {
          for lane in 0..<lanes {
            unsafe addresses[lane] = rows[((first + lane) * digits + digit) * rowLimbs]
          }
          unsafe scatter(addresses, power)
          unsafe multiply(power, power, step)
        }
      }
    }
    return rows
  }

  /// Lends a list of `lanes` addresses for ``gather(_:_:)`` and ``scatter(_:_:)``.
  func withRowAddresses(
    _ body: (UnsafeMutablePointer<UnsafeMutablePointer<UInt>?>) -> Void
  ) {
    unsafe withUnsafeTemporaryAllocation(of: UnsafeMutablePointer<UInt>?.self, capacity: lanes) {
      addresses in
      guard let start = addresses.baseAddress else { return }
      for lane in 0..<lanes { unsafe (start + lane).initialize(to: nil) }
      unsafe body(start)
    }
  }
}
