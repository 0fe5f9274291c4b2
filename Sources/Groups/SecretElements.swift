// SPDX-License-Identifier: Apache-2.0

internal import BigIntegers

/// Elements that may be secret: the results of a ``SecretPowerBatch``, and products of them. Not
/// copied, compared, printed or encoded.
public struct SecretElements: ~Copyable, Sendable {
  private var list: SecretLimbList

  init(_ list: consuming SecretLimbList) { self.list = list }

  /// first, first·factor, first·factor² …: `count` elements, in constant time.
  public init(
    geometric first: consuming SecretElement, by factor: borrowing SecretElement, count: Int,
    in group: Group
  ) {
    list = SecretLimbList(count: count, limbs: 64)
    var element = first
    for position in 0..<list.count {
      list.set(position, element.limbs)
      element = group.multiply(element, factor)
    }
  }

  /// Number of elements; public.
  public var count: Int { list.count }

  /// The element at a position below `count`, which becomes public.
  public borrowing func revealed(_ position: Int) -> Element { Element(list.revealed(position)) }

  /// The element at a position below `count`.
  public borrowing func copy(_ position: Int) -> SecretElement {
    SecretElement(list.copy(position))
  }

  /// The element at a secret position below `count`, which becomes public; the others stay secret. All
  /// are read.
  public borrowing func selected(_ position: Int) -> Element {
    Element(list.selected(position).revealed())
  }
}

extension Group {
  /// x · y mod p for secret elements. Constant time.
  public func multiply(
    _ x: borrowing SecretElement, _ y: borrowing SecretElement
  ) -> SecretElement {
    SecretElement(field.multiply(x.limbs, y.limbs))
  }

  /// A public element as an operand among secrets.
  public func secret(_ element: Element) -> SecretElement {
    SecretElement(SecretLimbs(element.value, count: field.size))
  }
}
