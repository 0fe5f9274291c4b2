// SPDX-License-Identifier: Apache-2.0

/// Exponents by 64 bits of their powers: a table with open addressing, half full at most.
///
/// A slot holds 32 bits of the key and the exponent plus 1, or 0. Whoever searches tests what is
/// found, so equal keys of different powers, and keys that agree in 32 bits, cost time and nothing
/// else.
struct BabySteps: Sendable {
  /// Entries of the largest table, which has 64 MiB.
  static let capacity = 1 << 22

  private var slots: [UInt64]
  private let bits: Int

  /// A table for up to `count` entries, ``capacity`` at most.
  init(count: Int) {
    var bits = 1
    while 1 << bits < 2 * count { bits += 1 }
    self.bits = bits
    slots = [UInt64](repeating: 0, count: 1 << bits)
  }

  private func slot(of key: UInt64) -> Int {
    Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> UInt64(64 - bits))
  }

  /// Enters an exponent. The caller does so in ascending order and not more often than announced.
  mutating func insert(_ exponent: Int, key: UInt64) {
    var index = slot(of: key)
    while slots[index] != 0 { index = (index + 1) & (slots.count - 1) }
    slots[index] = key << 32 | UInt64(exponent + 1)
  }

  /// The smallest exponent with that key that passes the test. Equal keys stand in the order in which
  /// they were entered.
  func vartimeFirst(key: UInt64, where isRight: (UInt64) -> Bool) -> UInt64? {
    var index = slot(of: key)
    while slots[index] != 0 {
      let exponent = slots[index] & 0xFFFF_FFFF - 1
      if slots[index] >> 32 == key & 0xFFFF_FFFF, isRight(exponent) { return exponent }
      index = (index + 1) & (slots.count - 1)
    }
    return nil
  }
}
