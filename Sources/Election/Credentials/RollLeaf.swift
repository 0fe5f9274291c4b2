// SPDX-License-Identifier: Apache-2.0

public import Cryptography
internal import Ledger

/// What identifies a citizen in an entry of the electoral roll.
public enum RollIdentity: Hashable, Sendable {
  /// K_i: one or two keys, made for this election, that must all sign. Anybody can check them.
  case keys([Ed25519.PublicKey])
  /// SHA-256 of a personal identifier, as a certificate or an identity provider names it. Only auditors can
  /// check it.
  case identifier(Digest)

  /// Most keys of an entry: those of two letters from two authorities.
  public static let maximumKeys = 2

  /// The digest of a personal identifier: `SHA-256("urna/identifier/v1" ‖ 00 ‖ identifier)`.
  public static func digest(ofIdentifier identifier: String) -> Digest {
    SHA256.hash(TaggedBytes("urna/identifier/v1").bytes + Array(identifier.utf8))
  }

  /// X_i: a byte for the kind, a byte for the count, then 32 bytes each.
  var bytes: [UInt8] {
    switch self {
    case .keys(let keys): [1, UInt8(truncatingIfNeeded: keys.count)] + keys.flatMap(\.bytes)
    case .identifier(let digest): [2, 1] + digest.bytes
    }
  }
}

/// An entry of the electoral roll as the roll's tree has it. The tree's root is public; an entry is known to the
/// citizen and to the issuers, who have the roll.
///
///     leaf = "urna/roll/v1" ‖ 00 ‖ register_id ‖ u32 district ‖ u32 i ‖ salt_i ‖ X_i
///
/// The tree is that of RFC 6962 over these bytes, in the order of i. The salt is random and goes to the citizen:
/// without it nobody can try out whose entry a leaf is.
public struct RollLeaf: Hashable, Sendable {
  /// register_id: 32 random bytes that name the roll.
  public let register: Digest
  /// The number of the district in the configuration, from 1.
  public let district: Int
  /// i, the number of the entry in its district, from 1.
  public let index: Int
  /// salt_i, 32 bytes; secret until a record opens it.
  public let salt: Digest
  /// X_i
  public let identity: RollIdentity

  /// A leaf from its parts.
  public init(
    register: Digest, district: Int, index: Int, salt: Digest, identity: RollIdentity
  ) {
    self.register = register
    self.district = district
    self.index = index
    self.salt = salt
    self.identity = identity
  }

  /// The leaf's bytes.
  public var bytes: [UInt8] {
    var tagged = TaggedBytes("urna/roll/v1")
    tagged.append(register)
    tagged.append(u32: district)
    tagged.append(u32: index)
    tagged.append(salt)
    return tagged.bytes + identity.bytes
  }

  /// The hash in the tree.
  public var hash: Digest { MerkleTree.leafHash(bytes) }

  /// Whether the path leads from this leaf to the root of a district of `size` entries.
  public func isIncluded(path: [Digest], size: Int, root: Digest) -> Bool {
    guard index >= 1, size >= 1 else { return false }
    return MerkleTree.verifyInclusion(
      leafHash: hash, index: UInt64(index - 1), size: UInt64(size), root: root, proof: path)
  }
}
