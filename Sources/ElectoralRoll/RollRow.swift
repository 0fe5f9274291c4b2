// SPDX-License-Identifier: Apache-2.0

public import Cryptography
public import Election

/// An entry of the roll with the citizen behind it. Private: whoever has it can find the citizen's requests.
public struct RollRow: Hashable, Sendable {
  /// The number of the district, from 1.
  public let district: Int
  /// i, the number of the entry in its district, from 1.
  public let index: Int
  /// The citizen's reference inside the administration.
  public let citizen: String
  /// The digest of the personal identifier (``Election/RollIdentity/digest(ofIdentifier:)``); nil if the entry
  /// is known by keys.
  public let identifier: Digest?
  /// salt_i, 32 random bytes. Secret until the citizen's request shows it.
  public let salt: Digest
  /// The name on a letter; may be empty with an identifier.
  public let name: String
  /// The lines of the address; may be empty with an identifier.
  public let address: String

  /// A row from its parts, as a database keeps them. Checked when a ``RollDraft`` is made of rows.
  public init(
    district: Int, index: Int, citizen: String, identifier: Digest?, salt: Digest, name: String,
    address: String
  ) {
    self.district = district
    self.index = index
    self.citizen = citizen
    self.identifier = identifier
    self.salt = salt
    self.name = name
    self.address = address
  }

  /// Whether the entry is known by keys, which come from letters.
  public var hasKeys: Bool { identifier == nil }

  /// The entry's leaf in the tree of its district.
  ///
  /// - Parameter keys: K_i, one or two; not used if the entry is known by an identifier.
  /// - Returns: nil for an entry with keys without 1 or 2 of them.
  public func leaf(register: Digest, keys: [Ed25519.PublicKey]) -> RollLeaf? {
    let identity: RollIdentity
    if let identifier {
      identity = .identifier(identifier)
    } else {
      guard (1...RollIdentity.maximumKeys).contains(keys.count) else { return nil }
      identity = .keys(keys)
    }
    return RollLeaf(
      register: register, district: district, index: index, salt: salt, identity: identity)
  }
}

extension RollRow: CustomStringConvertible, CustomReflectable {
  /// Says nothing about the citizen, so that no log does.
  public var description: String { "entry \(index) of district \(district)" }
  /// Empty, so that a dump shows nothing.
  public var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}

/// A district with the figures that the election's configuration has.
public struct RollDistrict: Hashable, Sendable {
  /// The label, as in the manifest.
  public let label: String
  /// The number, from 1.
  public let number: Int
  /// N_d: how many entries there are.
  public let voters: Int
  /// How many of them, the first ones, are known by keys.
  public let keyEntries: Int

  /// A district from its figures.
  public init(label: String, number: Int, voters: Int, keyEntries: Int) {
    self.label = label
    self.number = number
    self.voters = voters
    self.keyEntries = keyEntries
  }
}
