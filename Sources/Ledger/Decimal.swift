// SPDX-License-Identifier: Apache-2.0

/// ASCII decimal numbers with exactly one spelling: digits only, no leading zero, `0` for zero.
package enum Decimal {
  /// The number, or nil if `text` is not its one spelling or exceeds `maximum`.
  package static func decode(
    _ text: some Collection<UInt8>, maximum: UInt64 = .max
  ) -> UInt64? {
    guard let first = text.first, text.count == 1 || first != UInt8(ascii: "0") else { return nil }
    var number: UInt64 = 0
    for character in text {
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(character) else { return nil }
      let (product, overflow) = number.multipliedReportingOverflow(by: 10)
      let (sum, carry) = product.addingReportingOverflow(UInt64(character - UInt8(ascii: "0")))
      guard !overflow, !carry else { return nil }
      number = sum
    }
    return number <= maximum ? number : nil
  }
}
