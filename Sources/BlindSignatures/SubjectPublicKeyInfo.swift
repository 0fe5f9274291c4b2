// SPDX-License-Identifier: Apache-2.0

internal import BigIntegers

/// The DER of a public key: RFC 5280's SubjectPublicKeyInfo with `id-RSASSA-PSS` and explicit parameters
/// (RFC 4055), as RFC 9474, section 6.1 and RFC 9578, section 6.5 have it. One form is written, and no other
/// is read.
extension BlindRSAPublicKey {
  /// `SEQUENCE { SEQUENCE { id-RSASSA-PSS, RSASSA-PSS-params }, BIT STRING { SEQUENCE { n, e } } }`
  public var subjectPublicKeyInfo: [UInt8] {
    var exponentBytes = (0..<8).map { UInt8(truncatingIfNeeded: exponent >> UInt64(56 - 8 * $0)) }
    exponentBytes = Array(exponentBytes.drop { $0 == 0 })
    let key = DER.sequence(DER.integer(modulusBytes) + DER.integer(exponentBytes))
    return DER.sequence(
      Self.algorithm(encoding) + DER.element(0x03, [0] + key))
  }

  /// Reads a key.
  ///
  /// - Throws: ``BlindRSAError/key(_:)`` for any other bytes than ``subjectPublicKeyInfo`` writes.
  public convenience init(subjectPublicKeyInfo bytes: [UInt8]) throws(BlindRSAError) {
    let rule = "the DER of a SubjectPublicKeyInfo with id-RSASSA-PSS and SHA-384"
    // The lengths that come into question are few, and the rest is fixed.
    for encoding in BlindRSAVariant.Encoding.allCases {
      let head = Self.algorithm(encoding)
      guard let rest = DER.contents(0x30, bytes), rest.starts(with: head),
        let bits = DER.contents(0x03, Array(rest.dropFirst(head.count))), bits.first == 0,
        let numbers = DER.contents(0x30, Array(bits.dropFirst())),
        let (modulus, tail) = DER.integer(at: numbers),
        let (exponent, end) = DER.integer(at: tail), end.isEmpty, exponent.count <= 5
      else { continue }
      let value = exponent.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      try self.init(modulus: modulus, exponent: value, encoding: encoding)
      guard subjectPublicKeyInfo == bytes else { throw .key(rule) }
      return
    }
    throw .key(rule)
  }

  /// AlgorithmIdentifier: id-RSASSA-PSS; hash SHA-384, MGF1 with SHA-384, the salt's length. A salt of 20
  /// would be the default and is none of ours; 0 is written out.
  private static func algorithm(_ encoding: BlindRSAVariant.Encoding) -> [UInt8] {
    let pss = DER.element(0x06, [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0A])
    let mgf1 = DER.element(0x06, [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x08])
    let sha384 = DER.sequence(
      DER.element(0x06, [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02]))
    return DER.sequence(
      pss
        + DER.sequence(
          DER.element(0xA0, sha384) + DER.element(0xA1, DER.sequence(mgf1 + sha384))
            + DER.element(0xA2, DER.integer([UInt8(encoding.saltByteCount)]))))
  }
}

/// The little of DER (X.690) that a public key needs.
private enum DER {
  static func element(_ tag: UInt8, _ contents: [UInt8]) -> [UInt8] {
    let count = contents.count
    if count < 0x80 { return [tag, UInt8(count)] + contents }
    if count < 0x100 { return [tag, 0x81, UInt8(count)] + contents }
    return [tag, 0x82, UInt8(truncatingIfNeeded: count >> 8), UInt8(truncatingIfNeeded: count)]
      + contents
  }

  static func sequence(_ contents: [UInt8]) -> [UInt8] { element(0x30, contents) }

  /// A number that is not negative, from its big-endian bytes without a leading zero.
  static func integer(_ bytes: [UInt8]) -> [UInt8] {
    guard let first = bytes.first else { return element(0x02, [0]) }
    return element(0x02, first >= 0x80 ? [0] + bytes : bytes)
  }

  /// What is inside the one element that the bytes are; nil if they are another one.
  static func contents(_ tag: UInt8, _ bytes: [UInt8]) -> [UInt8]? {
    guard let (contents, rest) = element(tag, at: bytes), rest.isEmpty else { return nil }
    return contents
  }

  /// A number at the front, without its leading zero, and what follows.
  static func integer(at bytes: [UInt8]) -> ([UInt8], [UInt8])? {
    guard let (contents, rest) = element(0x02, at: bytes), let first = contents.first,
      first < 0x80
    else { return nil }
    return (first == 0 ? Array(contents.dropFirst()) : contents, rest)
  }

  private static func element(_ tag: UInt8, at bytes: [UInt8]) -> ([UInt8], [UInt8])? {
    guard bytes.first == tag, bytes.count >= 2 else { return nil }
    var rest = bytes.dropFirst(2)
    var count = Int(bytes[1])
    if count >= 0x80 {
      let width = count - 0x80
      guard (1...2).contains(width), rest.count >= width else { return nil }
      count = rest.prefix(width).reduce(0) { $0 << 8 | Int($1) }
      rest = rest.dropFirst(width)
    }
    guard rest.count >= count else { return nil }
    return (Array(rest.prefix(count)), Array(rest.dropFirst(count)))
  }
}
