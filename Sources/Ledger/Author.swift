// SPDX-License-Identifier: Apache-2.0

public import Cryptography

/// Who signs an entry. Written `commission`, `ballot-box`, `trustee/<number>` or
/// `pseudonym/<64 upper-case hex digits of an Ed25519 key>`.
public enum Author: Hashable, Sendable {
  /// The election commission.
  case commission
  /// The ballot box.
  case ballotBox
  /// A trustee, numbered from 1 (ElectionGuard's guardian index) to 2^31 - 1.
  case trustee(Int)
  /// An issuer of credentials, numbered from 1 to 2^31 - 1.
  case issuer(Int)
  /// A citizen, known by the key of an entry of the electoral roll.
  case citizen(Ed25519.PublicKey)
  /// An anonymous voter, known by the key.
  case pseudonym(Ed25519.PublicKey)

  /// Reads the written form. Nil for any other spelling.
  public init?(_ text: String) {
    if text == "commission" {
      self = .commission
    } else if text == "ballot-box" {
      self = .ballotBox
    } else if let number = Self.number(text, behind: "trustee/") {
      self = .trustee(number)
    } else if let number = Self.number(text, behind: "issuer/") {
      self = .issuer(number)
    } else if let key = Self.key(text, behind: "citizen/") {
      self = .citizen(key)
    } else if let key = Self.key(text, behind: "pseudonym/") {
      self = .pseudonym(key)
    } else {
      return nil
    }
  }

  private static func number(_ text: String, behind prefix: String) -> Int? {
    guard text.hasPrefix(prefix),
      let number = Decimal.decode(
        text.utf8.dropFirst(prefix.utf8.count), maximum: UInt64(Int32.max)), number >= 1
    else { return nil }
    return Int(number)
  }

  private static func key(_ text: String, behind prefix: String) -> Ed25519.PublicKey? {
    text.hasPrefix(prefix)
      ? Ed25519.PublicKey(hex: String(text.dropFirst(prefix.utf8.count))) : nil
  }

  var isInRange: Bool {
    switch self {
    case .trustee(let number), .issuer(let number): (1...Int(Int32.max)).contains(number)
    case .commission, .ballotBox, .citizen, .pseudonym: true
    }
  }
}

extension Author: CustomStringConvertible {
  /// The written form.
  public var description: String {
    switch self {
    case .commission: "commission"
    case .ballotBox: "ballot-box"
    case .trustee(let number): "trustee/\(number)"
    case .issuer(let number): "issuer/\(number)"
    case .citizen(let key): "citizen/\(key.hex)"
    case .pseudonym(let key): "pseudonym/\(key.hex)"
    }
  }
}
