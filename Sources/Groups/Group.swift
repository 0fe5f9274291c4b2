// SPDX-License-Identifier: Apache-2.0

package import BigIntegers

/// The subgroup Z_p^r of prime order q of the integers modulo p, with its generator g.
///
/// This is the one door to arithmetic in the group; the engine behind it can be replaced without a
/// change elsewhere. Functions named `vartime…` take time that depends on their operands and are for
/// public values only; they may leak what they are given through timing. `power` and the functions
/// on ``SecretScalar`` run in constant time.
public final class Group: Sendable {
  /// The standard parameters of ElectionGuard 2.1.0, 3.1.1.
  public static let standard = builtIn(.electionGuard4096)
  /// The reduced parameters of the appendix; the verifier refuses records that use them.
  public static let reduced = builtIn(.electionGuard3072)

  /// p, q and g.
  public let parameters: GroupParameters
  /// g with its table of powers.
  public let generator: FixedBase
  /// p
  package let field: Modulus<64>
  /// q
  package let order: Modulus<4>

  /// Prepares a group. Primality is not tested here: the built-in sets are tested, others are for
  /// tests.
  /// - Throws: `GroupError.invalidParameters` unless p and q are odd, 1 < g < p and g^q = 1.
  package init(_ parameters: GroupParameters) throws(GroupError) {
    do {
      field = try Modulus(parameters.p)
      order = try Modulus(parameters.q)
    } catch { throw .invalidParameters }
    guard parameters.g > Natural(1), parameters.g < parameters.p,
      field.vartimePow(parameters.g, parameters.q) == Natural(1)
    else { throw .invalidParameters }
    self.parameters = parameters
    generator = FixedBase(Element(parameters.g), field: field, order: order)
  }

  private static func builtIn(_ parameters: GroupParameters) -> Group {
    do { return try Group(parameters) } catch {
      // Cannot happen: the constants are in the program, not in its input, and a test makes both.
      preconditionFailure("built-in group \(parameters.name): \(error)")
    }
  }

  /// 1, the neutral element.
  public var identity: Element { Element(Natural(1)) }

  /// l_p, bytes of an element's encoding.
  public var elementByteCount: Int { parameters.elementByteCount }

  /// A table for a base that is used often, such as K.
  public func fixedBase(_ base: Element) -> FixedBase {
    FixedBase(base, field: field, order: order)
  }
}

/// A public base with a table of its powers.
public struct FixedBase: Sendable {
  /// The base.
  public let element: Element
  package let table: FixedBaseTable<64>

  init(_ element: Element, field: Modulus<64>, order: Modulus<4>) {
    self.element = element
    table = FixedBaseTable(base: element.value, modulus: field, exponentLimbs: order.size)
  }
}
