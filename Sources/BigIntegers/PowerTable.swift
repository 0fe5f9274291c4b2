// SPDX-License-Identifier: Apache-2.0

/// Powers of one public base as rows of an engine, for public exponents: row (w, d) is base^(d·2^(b·w))
/// for the windows w of b bits and the digits d. Eight bits for several numbers at a time, where a
/// table has 5 MiB; nine bits, and 7 MiB, for one.
///
/// The rows of the last window are not in Montgomery's form: a product with one row of every window is
/// out of that form by itself.
package final class PowerTable: Sendable {
  private let field: MontgomeryField
  private let windowBits: Int
  private let rows: LimbBlock

  /// Number of windows; their digits cover 256 bits.
  let windows: Int

  /// Builds the table for a base below p.
  package init(base: Natural<64>, in field: MontgomeryField) {
    self.field = field
    windowBits = field.lanes > 1 ? 8 : 9
    windows = (256 + windowBits - 1) / windowBits
    rows = field.powerRows(of: base, windows: windows, windowBits: windowBits)
    let work = LimbBlock(zeros: field.blockLimbs)
    unsafe field.withRowAddresses { addresses in
      for first in stride(from: 0, to: 1 << windowBits, by: field.lanes) {
        for lane in 0..<field.lanes {
          unsafe addresses[lane] = row(window: windows - 1, digit: first + lane)
        }
        unsafe field.gather(work.pointer, addresses)
        unsafe field.vartimeMultiply(work.pointer, work.pointer, field.unit.pointer)
        unsafe field.scatter(addresses, work.pointer)
      }
    }
  }

  /// The row of a digit; both arguments are public and in range.
  private func row(window: Int, digit: Int) -> UnsafeMutablePointer<UInt> {
    unsafe rows[(window << windowBits + digit) * field.rowLimbs]
  }

  /// The row of a window for an exponent; for reading.
  func row(window: Int, of exponent: Natural<4>) -> UnsafeMutablePointer<UInt> {
    let (word, shift) = (window * windowBits / 64, UInt(window * windowBits % 64))
    var digit = exponent.limbs[word] >> shift
    if shift > 64 - UInt(windowBits), word < 3 {
      digit |= exponent.limbs[word + 1] << (64 - shift)
    }
    return unsafe row(window: window, digit: Int(digit & (1 << UInt(windowBits) - 1)))
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
      for first in stride(from: 0, to: windows, by: lanes) {
        for lane in 0..<lanes {
          unsafe addresses[lane] = row(window: first + lane, of: exponent)
        }
        if first == 0 {
          unsafe field.gather(product, addresses)
        } else {
          unsafe field.vartimeMultiply(product, byRows: addresses, scratch: factor)
        }
      }
      var width = lanes
      while width > 1 {
        for lane in 0..<lanes { unsafe addresses[lane] = laneRow(lane) }
        unsafe field.scatter(addresses, product)
        width /= 2
        for lane in 0..<lanes { unsafe addresses[lane] = laneRow(width + lane % width) }
        unsafe field.vartimeMultiply(product, byRows: addresses, scratch: factor)
      }
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
      unsafe vartimeMultiply(power, power, radixSquared.pointer)
      for window in 0..<padded {
        for lane in 0..<lanes { unsafe addresses[lane] = bases[window * rowLimbs] }
        unsafe scatter(addresses, power)
        for _ in 0..<windowBits { unsafe vartimeSquare(power, power) }
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
          unsafe vartimeMultiply(power, power, step)
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
