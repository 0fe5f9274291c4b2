// SPDX-License-Identifier: Apache-2.0

internal import BigIntegers

/// Elements: encodings and public arithmetic.
extension Group {
  /// Reads an element of exactly l_p big-endian bytes.
  /// - Throws: `GroupError.wrongLength` for another length, `.outOfRange` unless 0 < x < p.
  public func element(bytes: some Collection<UInt8>) throws(GroupError) -> Element {
    let value: Natural<64>
    do { value = try Natural(bigEndian: bytes, width: elementByteCount) } catch {
      throw GroupError(error)
    }
    return try element(value)
  }

  /// Reads an element of exactly 2·l_p upper-case hexadecimal digits.
  /// - Throws: `GroupError.wrongLength` or `.outOfRange`.
  public func element(hex: String) throws(GroupError) -> Element {
    let value: Natural<64>
    do { value = try Natural(hex: hex, width: elementByteCount) } catch { throw GroupError(error) }
    return try element(value)
  }

  private func element(_ value: Natural<64>) throws(GroupError) -> Element {
    guard !value.isZero, value < field.value else { throw .outOfRange }
    return Element(value)
  }

  /// b(x, l_p)
  public func bytes(_ element: Element) -> [UInt8] {
    element.value.bigEndianBytes(width: elementByteCount)
  }

  /// The encoding as upper-case hexadecimal digits.
  public func hex(_ element: Element) -> String { element.value.hex(width: elementByteCount) }

  /// Whether x^q = 1 mod p, so that x is an element of the group. Public values only.
  public func isMember(_ element: Element) -> Bool {
    field.vartimePow(element.value, order.value) == Natural(1)
  }

  /// The Jacobi symbol (x / p), 1 or −1. Elements of the group have 1.
  public func vartimeJacobi(_ element: Element) -> Int { field.vartimeJacobi(element.value) }

  /// x · y mod p
  public func vartimeMultiply(_ x: Element, _ y: Element) -> Element {
    Element(field.vartimeMultiply(x.value, y.value))
  }

  /// The product of all elements; 1 when there is none.
  public func vartimeProduct(_ elements: some Sequence<Element>) -> Element {
    elements.reduce(identity, vartimeMultiply)
  }

  /// x⁻¹ mod p. Every element has an inverse, because p is prime and x is not 0.
  public func vartimeInverse(_ x: Element) -> Element {
    Element(field.vartimeInverse(x.value) ?? Natural(1))
  }

  /// x^s mod p for public x and s.
  public func vartimePower(_ x: Element, _ s: Scalar) -> Element {
    Element(field.vartimePow(x.value, s.value))
  }

  /// base^s mod p for public s, by the table.
  public func vartimePower(_ base: FixedBase, _ s: Scalar) -> Element {
    switch base.powers {
    case .plain(let table): Element(table.vartimePow(s.value))
    case .engine(let powers): Element(powers.forPublic.vartimePow(s.value))
    }
  }

  /// x^s mod p for a secret s, where the result is published. Constant time.
  public func power(_ x: Element, _ s: borrowing SecretScalar) -> Element {
    Element(field.powmSecret(x.value, s.limbs).revealed())
  }

  /// base^s mod p for a secret s, where the result is published. Constant time, by the table.
  public func power(_ base: FixedBase, _ s: borrowing SecretScalar) -> Element {
    revealed(secretPower(base, s))
  }

  /// x^s mod p for a secret s, where the result is secret too. Constant time.
  public func secretPower(_ x: Element, _ s: borrowing SecretScalar) -> SecretElement {
    SecretElement(field.powmSecret(x.value, s.limbs))
  }

  /// base^s mod p for a secret s, where the result is secret too. Constant time, by the table.
  public func secretPower(_ base: FixedBase, _ s: borrowing SecretScalar) -> SecretElement {
    switch base.powers {
    case .plain(let table): return SecretElement(table.powmSecret(s.limbs))
    case .engine(let powers):
      var exponents = SecretLimbList(count: 1, limbs: 4)
      exponents.set(0, s.limbs)
      return SecretElement(powers.forSecrets.powers(exponents).copy(0))
    }
  }

  /// Publishes an element that was secret until now, such as the opened point of a nonce's
  /// encryption.
  public func revealed(_ element: borrowing SecretElement) -> Element {
    Element(element.limbs.revealed())
  }
}
