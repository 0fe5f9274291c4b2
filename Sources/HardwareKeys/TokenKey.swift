// SPDX-License-Identifier: Apache-2.0

internal import CP11Kit

/// How a key is found on a token: by its label, its identifier, or both.
struct KeyName: Sendable {
  let label: String?
  let id: [UInt8]?

  /// In words.
  var words: String {
    let parts = [
      label.map { "“\(HardwareToken.printable($0))”" },
      id.map { "with the identifier \($0.map(Self.hex).joined())" },
    ]
    return parts.compactMap(\.self).joined(separator: " ")
  }

  private static func hex(_ byte: UInt8) -> String {
    (byte < 16 ? "0" : "") + String(byte, radix: 16)
  }

  /// The template for keys of a class with this name.
  func template(_ keyClass: CK_OBJECT_CLASS) -> [Attribute] {
    Self.template(keyClass)
      + (label.map { [Attribute(CKA_LABEL, $0.utf8)] } ?? [])
      + (id.map { [Attribute(CKA_ID, $0)] } ?? [])
  }

  /// The template for RSA keys of a class.
  static func template(_ keyClass: CK_OBJECT_CLASS) -> [Attribute] {
    [Attribute(CKA_CLASS, number: keyClass), Attribute(CKA_KEY_TYPE, number: CKK_RSA)]
  }
}

/// A private key on a token, as a session sees it.
struct TokenKey: Sendable {
  /// Valid in sessions of this process, until all are closed.
  let handle: CK_OBJECT_HANDLE
  /// n, big-endian, without a zero in front.
  let modulus: [UInt8]
  /// e
  let exponent: UInt64
  let isExtractable: Bool
  let isMadeOnToken: Bool
  /// Whether the PIN is asked for before every signature.
  let asksEveryTime: Bool
}

extension TokenSession {
  /// The one private key of a name.
  borrowing func key(_ name: KeyName) throws(TokenFault) -> TokenKey {
    let found = try objects(name.template(CKO_PRIVATE_KEY))
    guard let handle = found.first else {
      throw TokenFault("no private RSA key \(name.words) on the token")
    }
    guard found.count == 1 else {
      throw TokenFault("\(found.count) private RSA keys \(name.words) on the token")
    }
    let numbers = try numbers(of: handle)
    let isSensitive = try flag(CKA_SENSITIVE, of: handle) ?? false
    let isExtractable = try flag(CKA_EXTRACTABLE, of: handle) ?? true
    let wasAlwaysSensitive = try flag(CKA_ALWAYS_SENSITIVE, of: handle) ?? false
    let wasNeverExtractable = try flag(CKA_NEVER_EXTRACTABLE, of: handle) ?? false
    let isLocal = try flag(CKA_LOCAL, of: handle) ?? false
    return TokenKey(
      handle: handle, modulus: numbers.modulus, exponent: numbers.exponent,
      isExtractable: isExtractable || !isSensitive,
      isMadeOnToken: isLocal && wasAlwaysSensitive && wasNeverExtractable,
      asksEveryTime: try flag(CKA_ALWAYS_AUTHENTICATE, of: handle) ?? false)
  }

  /// Every RSA key of a class with a modulus.
  borrowing func keys(
    _ keyClass: CK_OBJECT_CLASS, modulus: [UInt8]
  ) throws(TokenFault) -> [CK_OBJECT_HANDLE] {
    // Not every token looks for a modulus, so this reads all of them.
    var result: [CK_OBJECT_HANDLE] = []
    for object in try objects(KeyName.template(keyClass)) {
      do throws(TokenFault) {
        if try number(CKA_MODULUS, of: object) == modulus { result.append(object) }
      } catch {
        // Somebody else destroyed another key meanwhile.
        guard error.code == CKR_OBJECT_HANDLE_INVALID else { throw error }
      }
    }
    return result
  }

  /// n and e of a private key, from itself or else from the public key with the same identifier.
  private borrowing func numbers(
    of key: CK_OBJECT_HANDLE
  ) throws(TokenFault) -> (modulus: [UInt8], exponent: UInt64) {
    var modulus = try number(CKA_MODULUS, of: key)
    var exponent = try number(CKA_PUBLIC_EXPONENT, of: key)
    if modulus == nil || exponent == nil, let id = try attribute(CKA_ID, of: key), !id.isEmpty {
      let others = try objects(KeyName(label: nil, id: id).template(CKO_PUBLIC_KEY))
      for other in others {
        let found = try number(CKA_MODULUS, of: other)
        guard modulus == nil || modulus == found else { continue }
        modulus = found
        exponent = try number(CKA_PUBLIC_EXPONENT, of: other)
      }
    }
    guard let modulus, let exponent, exponent.count <= 8 else {
      throw TokenFault("the token does not say the modulus and the exponent of the key")
    }
    return (modulus, exponent.reduce(0) { $0 << 8 | UInt64($1) })
  }

  /// A number of a key, without zeros in front.
  private borrowing func number(
    _ type: CK_ATTRIBUTE_TYPE, of object: CK_OBJECT_HANDLE
  ) throws(TokenFault) -> [UInt8]? {
    guard let bytes = try attribute(type, of: object) else { return nil }
    let digits = Array(bytes.drop { $0 == 0 })
    return digits.isEmpty ? nil : digits
  }
}
