// SPDX-License-Identifier: Apache-2.0

internal import BigIntegers

/// A number of a record in another format, where a value out of range is a finding about the record
/// and not a fault of its syntax.
public struct ForeignNumber<Value: Sendable>: Sendable {
  /// The value that takes part in later equations, reduced modulo p or q.
  public let value: Value
  /// Whether the number itself was in range.
  public let isInRange: Bool

  init(_ value: Value, isInRange: Bool) {
    self.value = value
    self.isInRange = isInRange
  }
}

extension Group {
  /// Reads 2·l_p upper-case hexadecimal digits, or one digit more for a number that does not fit.
  /// An element is in range when 0 < x < p. A multiple of p has no element that it could stand for;
  /// its value is 1.
  /// - Throws: `GroupError.wrongLength` or `.notUpperCaseHex`.
  public func foreignElement(hex: String) throws(GroupError) -> ForeignNumber<Element> {
    let width = elementByteCount
    let (lead, rest) = try Self.lead(hex, digits: 2 * width)
    let low: Natural<64>
    do { low = try Natural(hex: rest, width: width) } catch { throw GroupError(error) }
    var value = field.vartimeReduce(low)
    if lead > 0 {
      let radix = field.vartimePow(Natural(16), Natural<1>(UInt(2 * width)))
      value = field.vartimeAdd(value, field.vartimeMultiply(radix, Natural(lead)))
    }
    let isInRange = lead == 0 && !low.isZero && low < field.value
    return ForeignNumber(Element(value.isZero ? Natural(1) : value), isInRange: isInRange)
  }

  /// Reads 64 upper-case hexadecimal digits, or one digit more for a number that does not fit.
  /// A scalar is in range when 0 ≤ s < q.
  /// - Throws: `GroupError.wrongLength` or `.notUpperCaseHex`.
  public func foreignScalar(hex: String) throws(GroupError) -> ForeignNumber<Scalar> {
    let (lead, rest) = try Self.lead(hex, digits: 2 * Scalar.byteCount)
    let low: Natural<4>
    do { low = try Natural(hex: rest) } catch { throw GroupError(error) }
    var value = order.vartimeReduce(low)
    if lead > 0 {
      let radix = order.vartimePow(
        order.vartimeReduce(Natural(16)), Natural<1>(UInt(2 * Scalar.byteCount)))
      value = order.vartimeAdd(
        value, order.vartimeMultiply(radix, order.vartimeReduce(Natural(lead))))
    }
    return ForeignNumber(Scalar(value), isInRange: lead == 0 && low < order.value)
  }

  /// The digit that is one too many, 0 for none, and the digits behind it.
  private static func lead(_ hex: String, digits: Int) throws(GroupError) -> (UInt, String) {
    guard hex.utf8.count == digits + 1, let first = hex.utf8.first else { return (0, hex) }
    guard first != UInt8(ascii: "0") else {
      throw .wrongLength(expected: digits, found: digits + 1)
    }
    let lead: Natural<1>
    do {
      lead = try Natural(hex: "0" + String(decoding: [first], as: UTF8.self), width: 1)
    } catch { throw GroupError(error) }
    return (lead.limbs[0], String(decoding: hex.utf8.dropFirst(), as: UTF8.self))
  }
}
