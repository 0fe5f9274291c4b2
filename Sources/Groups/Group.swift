// SPDX-License-Identifier: Apache-2.0

public import BigIntegers

/// The subgroup Z_p^r of prime order q of the integers modulo p, with its generator g.
///
/// This is the one door to arithmetic in the group; the engine behind it can be replaced without a
/// change elsewhere. Functions named `vartime…` take time that depends on their operands and are for
/// public values only; they may leak what they are given through timing. `power` and the functions
/// on ``SecretScalar`` run in constant time.
public final class Group: Sendable {
  /// The standard parameters of ElectionGuard 2.1.0, 3.1.1, on the engine of this process.
  public static let standard = builtIn(.electionGuard4096)
  /// The reduced parameters of the appendix; the verifier refuses records that use them.
  public static let reduced = builtIn(.electionGuard3072)

  /// p, q and g.
  public let parameters: GroupParameters
  /// g with its table of powers.
  public let generator: FixedBase
  package let arithmetic: Arithmetic

  /// The moduli, and the engine for groups that have one.
  package struct Arithmetic: Sendable {
    /// p
    package let field: Modulus<64>
    /// q
    package let order: Modulus<4>
    /// Fast arithmetic modulo p; nil in groups of another shape than the standard one.
    package let engine: MontgomeryField?
    /// δ = 2^256 − q, when it is small; an engine tests membership with it.
    package let orderComplement: UInt

    init(_ parameters: GroupParameters, _ engine: ArithmeticEngine) throws(NumberError) {
      field = try Modulus(parameters.p)
      order = try Modulus(parameters.q)
      orderComplement = 0 &- parameters.q.limbs[0]
      let isNearPower = (1..<4).allSatisfy { parameters.q.limbs[$0] == .max }
      self.engine =
        isNearPower && orderComplement < 1 << 32 ? MontgomeryField(field, engine: engine) : nil
    }
  }

  /// p
  package var field: Modulus<64> { arithmetic.field }
  /// q
  package var order: Modulus<4> { arithmetic.order }

  /// Prepares a group. Primality is not tested here: the built-in sets are tested, others are for
  /// tests.
  /// - Throws: `GroupError.invalidParameters` unless p and q are odd, 1 < g < p and g^q = 1.
  package init(
    _ parameters: GroupParameters, engine: ArithmeticEngine = .current
  ) throws(GroupError) {
    do { arithmetic = try Arithmetic(parameters, engine) } catch { throw .invalidParameters }
    guard parameters.g > Natural(1), parameters.g < parameters.p,
      arithmetic.field.vartimePow(parameters.g, parameters.q) == Natural(1)
    else { throw .invalidParameters }
    self.parameters = parameters
    generator = FixedBase(Element(parameters.g), in: arithmetic)
  }

  private static func builtIn(_ parameters: GroupParameters) -> Group {
    do { return try Group(parameters) } catch {
      // Cannot happen: the constants are in the program, not in its input, and a test makes both.
      preconditionFailure("built-in group \(parameters.name): \(error)")
    }
  }

  /// The engine that multiplies in this group.
  public var engine: ArithmeticEngine { arithmetic.engine?.engine ?? .gmp }

  /// 1, the neutral element.
  public var identity: Element { Element(Natural(1)) }

  /// l_p, bytes of an element's encoding.
  public var elementByteCount: Int { parameters.elementByteCount }

  /// A table for a base that is used often, such as K.
  public func fixedBase(_ base: Element) -> FixedBase { FixedBase(base, in: arithmetic) }
}
