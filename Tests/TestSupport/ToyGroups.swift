// SPDX-License-Identifier: Apache-2.0

internal import BigIntegers
public import Groups

/// The small groups of the specification's appendix. They exist only here: no program links this
/// target, and no document can name them.
public enum ToyGroups {
  /// |q| = 16, |p| = 48 bits.
  public static let q16p48 = make("toy-16-48", p: 0xFF93_DF53_3BFF, q: 0xFFF1, g: 0x6341_7ADF_C7BA)
  /// |q| = 24, |p| = 64 bits.
  public static let q24p64 = make(
    "toy-24-64", p: 0xFFF9_3F35_6A39_5FFF, q: 0xFFFFFD, g: 0xCCCC_A8BC_C08F_3688)
  /// All of them.
  public static let all = [q16p48, q24p64]

  private static func make(_ name: String, p: UInt, q: UInt, g: UInt) -> Group {
    do {
      return try Group(
        GroupParameters(
          name: name, p: Natural(p), q: Natural(q), g: Natural(g), elementByteCount: 8))
    } catch { preconditionFailure("\(name): \(error)") }
  }
}
