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
  /// An anonymous voter, known by the key.
  case pseudonym(Ed25519.PublicKey)

  /// Reads the written form. Nil for any other spelling.
  public init?(_ text: String) {
    if text == "commission" {
      self = .commission
    } else if text == "ballot-box" {
      self = .ballotBox
    } else if text.hasPrefix("trustee/"),
      let number = Decimal.decode(text.utf8.dropFirst(8), maximum: UInt64(Int32.max)), number >= 1
    {
      self = .trustee(Int(number))
    } else if text.hasPrefix("pseudonym/"),
      let key = Ed25519.PublicKey(hex: String(text.dropFirst(10)))
    {
      self = .pseudonym(key)
    } else {
      return nil
    }
  }

  var isInRange: Bool {
    guard case .trustee(let number) = self else { return true }
    return (1...Int(Int32.max)).contains(number)
  }
}

extension Author: CustomStringConvertible {
  /// The written form.
  public var description: String {
    switch self {
    case .commission: "commission"
    case .ballotBox: "ballot-box"
    case .trustee(let number): "trustee/\(number)"
    case .pseudonym(let key): "pseudonym/\(key.hex)"
    }
  }
}
