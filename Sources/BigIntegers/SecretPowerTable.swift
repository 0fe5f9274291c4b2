// SPDX-License-Identifier: Apache-2.0

internal import CMontgomery

/// Powers of one public base for secret exponents of 256 bits: every entry of a window is read for
/// every digit, so neither time nor addresses depend on the exponents.
///
/// Entry (w, d) is base^(d·2^(b·w)) for windows of b bits, six for one number at a time and seven for
/// eight, where one reading serves all.
package final class SecretPowerTable: Sendable {
  private let field: MontgomeryField
  private let windowBits: Int
  private let windows: Int
  /// By window; inside it the entries one after the other, or for lanes limb by limb.
  private let entries: LimbBlock

  private var windowLimbs: Int { field.rowLimbs << windowBits }

  /// Builds the table for a base below p.
  package init(base: Natural<64>, in field: MontgomeryField) {
    self.field = field
    windowBits = field.lanes > 1 ? 7 : 6
    windows = (256 + windowBits - 1) / windowBits
    let rows = field.powerRows(of: base, windows: windows, windowBits: windowBits)
    guard field.lanes > 1 else {
      entries = rows
      return
    }
    let (digits, limbs) = (1 << windowBits, field.rowLimbs)
    entries = LimbBlock(zeros: windows * digits * limbs)
    for window in 0..<windows {
      let start = window * digits * limbs
      for digit in 0..<digits {
        for limb in 0..<limbs {
          unsafe entries[start][limb * digits + digit] = rows[start + digit * limbs][limb]
        }
      }
    }
  }

  /// base^s for secret exponents of four limbs, in their order; the results are secret.
  package func powers(_ exponents: borrowing SecretLimbList) -> SecretLimbList {
    let results = SecretLimbList(count: exponents.count, limbs: 64)
    let (lanes, limbs) = (field.lanes, field.blockLimbs)
    // Result, entry, and the digits of the lanes.
    let work = LimbBlock(zeros: 2 * limbs + lanes + lanes * field.rowLimbs)
    let (result, entry, digits, rows) = unsafe (
      work[0], work[limbs], work[2 * limbs + lanes * field.rowLimbs], work[2 * limbs]
    )
    unsafe field.withRowAddresses { addresses in
      for first in stride(from: 0, to: exponents.count, by: lanes) {
        let count = min(lanes, exponents.count - first)
        for window in 0..<windows {
          for lane in 0..<lanes {
            unsafe digits[lane] =
              lane < count ? digit(exponents.pointer(first + lane), window: window) : 0
          }
          unsafe select(digits, window: window, into: window == 0 ? result : entry)
          if window > 0 { unsafe field.multiply(result, result, entry) }
        }
        unsafe field.multiply(result, result, field.unit.pointer)
        for lane in 0..<lanes { unsafe addresses[lane] = rows + lane * field.rowLimbs }
        unsafe field.scatter(addresses, result)
        for lane in 0..<count {
          unsafe field.unpack(rows + lane * field.rowLimbs, into: results.pointer(first + lane))
        }
      }
    }
    urna_wipe_stack()
    return results
  }

  /// The digit of a window; its position is public, its value secret.
  private func digit(_ exponent: UnsafePointer<UInt>, window: Int) -> UInt {
    let (word, shift) = (window * windowBits / 64, UInt(window * windowBits % 64))
    var bits = unsafe exponent[word] >> shift
    if Int(shift) + windowBits > 64, word < 3 { unsafe bits |= exponent[word + 1] << (64 - shift) }
    return bits & ((1 << UInt(windowBits)) - 1)
  }

  private func select(
    _ digits: UnsafePointer<UInt>, window: Int, into entry: UnsafeMutablePointer<UInt>
  ) {
    let table = unsafe UnsafePointer(entries[window * windowLimbs])
    if field.lanes > 1 {
      unsafe urna_vector_lookup(entry, table, 1 << UInt(windowBits - 4), digits)
    } else {
      unsafe urna_select(entry, table, 1 << UInt(windowBits), unsafe digits[0])
    }
  }
}
