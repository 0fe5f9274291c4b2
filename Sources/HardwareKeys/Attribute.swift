// SPDX-License-Identifier: Apache-2.0

internal import CP11Kit

/// One line of a template: a property that an object has or is to have. Only public values.
struct Attribute {
  let type: CK_ATTRIBUTE_TYPE
  let value: [UInt8]

  /// Bytes: text, an identifier, a number without sign that begins with its highest byte.
  init(_ type: CK_ATTRIBUTE_TYPE, _ bytes: some Sequence<UInt8>) {
    self.type = type
    value = Array(bytes)
  }

  /// Yes or no.
  init(_ type: CK_ATTRIBUTE_TYPE, _ flag: Bool) { self.init(type, [flag ? 1 : 0]) }

  /// A number of the processor's width and byte order.
  init(_ type: CK_ATTRIBUTE_TYPE, number: CK_ULONG) {
    self.init(type, unsafe withUnsafeBytes(of: number) { unsafe [UInt8]($0) })
  }

  /// Lends a template in C's form.
  static func withTemplate<R>(
    _ attributes: [Attribute], _ body: (UnsafeMutablePointer<CK_ATTRIBUTE>?, CK_ULONG) -> R
  ) -> R {
    // Numbers in it are read as such: every value begins at a multiple of 16.
    var offsets: [Int] = []
    var size = 0
    for attribute in attributes {
      offsets.append(size)
      size += (attribute.value.count + 16) & ~15
    }
    let block = UnsafeMutableRawBufferPointer.allocate(byteCount: max(16, size), alignment: 16)
    defer { unsafe block.deallocate() }
    var template: [CK_ATTRIBUTE] = unsafe []
    for (attribute, offset) in zip(attributes, offsets) {
      let place = unsafe UnsafeMutableRawBufferPointer(rebasing: block[offset...])
      unsafe place.copyBytes(from: attribute.value)
      unsafe template.append(
        CK_ATTRIBUTE(
          type: attribute.type, pValue: place.baseAddress,
          ulValueLen: CK_ULONG(attribute.value.count)))
    }
    return unsafe template.withUnsafeMutableBufferPointer {
      unsafe body($0.baseAddress, CK_ULONG($0.count))
    }
  }
}
