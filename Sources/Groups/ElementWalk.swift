// SPDX-License-Identifier: Apache-2.0

internal import BigIntegers

/// The elements x, x·s, x·s² …, known by 64 bits each.
struct ElementWalk {
  private let group: Group
  private var element: Element
  private let step: Element
  /// The same walk on the engine, when the group has one.
  private let progression: MontgomeryProgression?

  /// A walk that begins at x.
  init(from x: Element, by s: Element, in group: Group) {
    self.group = group
    element = x
    step = s
    progression = group.arithmetic.engine.map {
      MontgomeryProgression(from: x.value, by: s.value, in: $0)
    }
  }

  /// The key of the next element, the first time that of x. Equal elements of a group have equal
  /// keys; the reverse is likely and not certain.
  mutating func vartimeNext() -> UInt64 {
    if let progression { return progression.vartimeNext() }
    defer { element = group.vartimeMultiply(element, step) }
    return UInt64(element.value.limbs[0])
  }
}
