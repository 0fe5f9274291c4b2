// SPDX-License-Identifier: Apache-2.0

/// The numbers x, x·s, x·s² … for public x and s, known by one limb each: what a search for a
/// logarithm walks along.
///
/// Numbers stay in Montgomery's form, so `lanes` of them cost one product of blocks. A number is
/// known by the lowest 64 bits of x·R mod p: equal numbers of one field have equal ones.
package final class MontgomeryProgression {
  private let field: MontgomeryField
  /// A block of numbers, a block with s^lanes in all lanes, and a row.
  private let work: LimbBlock
  private var lane = 0

  /// A walk that begins at x; x and s are below p.
  package init(from x: Natural<64>, by s: Natural<64>, in field: MontgomeryField) {
    self.field = field
    let (lanes, rowLimbs) = (field.lanes, field.rowLimbs)
    work = LimbBlock(zeros: 2 * field.blockLimbs + lanes * rowLimbs)
    let (numbers, steps) = unsafe (work[0], work[field.blockLimbs])
    let rows = unsafe work[2 * field.blockLimbs]
    unsafe field.withRowAddresses { addresses in
      for lane in 0..<lanes { unsafe addresses[lane] = rows + lane * rowLimbs }
      var (number, power) = (x, Natural<64>(1))
      for lane in 0..<lanes {
        unsafe field.pack(number, into: rows + lane * rowLimbs)
        number = field.modulus.vartimeMultiply(number, s)
        power = field.modulus.vartimeMultiply(power, s)
      }
      unsafe field.gather(numbers, addresses)
      for lane in 0..<lanes { unsafe field.pack(power, into: rows + lane * rowLimbs) }
      unsafe field.gather(steps, addresses)
    }
    unsafe field.vartimeMultiply(numbers, numbers, field.radixSquared.pointer)
    unsafe field.vartimeMultiply(steps, steps, field.radixSquared.pointer)
  }

  /// The limb of the next number, the first time that of x itself.
  package func vartimeNext() -> UInt64 {
    if lane == field.lanes {
      unsafe field.vartimeMultiply(work[0], work[0], work[field.blockLimbs])
      lane = 0
    }
    defer { lane += 1 }
    return UInt64(vartimeLowestLimb(lane))
  }

  private func vartimeLowestLimb(_ lane: Int) -> UInt {
    guard field.engine == .vector else { return unsafe work.pointer[0] }
    let (lanes, top) = (field.lanes, 78)
    // Limbs of 52 bits of a number below 2p. One that is not below p has ones in all bits from 4056
    // to 4095, or bit 4096, as p has.
    if unsafe work.pointer[top * lanes + lane] < 1 << 40 - 1 {
      return unsafe work.pointer[lane] | work.pointer[lanes + lane] << 52
    }
    let row = unsafe work[2 * field.blockLimbs]
    for limb in 0..<field.rowLimbs { unsafe row[limb] = work.pointer[limb * lanes + lane] }
    return unsafe field.unpacked(row).limbs[0]
  }
}
