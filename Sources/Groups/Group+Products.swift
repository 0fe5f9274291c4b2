// SPDX-License-Identifier: Apache-2.0

internal import BigIntegers

extension Group {
  /// The product of every list; 1 for an empty one. An engine multiplies several lists, or parts of
  /// long ones, at a time.
  public func vartimeProducts(_ lists: [[Element]]) -> [Element] {
    guard let engine = arithmetic.engine else { return lists.map { vartimeProduct($0) } }
    return engine.vartimeProducts(lists.map { $0.map(\.value) }).map(Element.init)
  }
}
