// SPDX-License-Identifier: Apache-2.0

public import Cryptography
public import Election
public import Ledger

/// An entry of the roll with its path to the root.
public struct RollEntry: Hashable, Sendable {
  /// The entry.
  public let leaf: RollLeaf
  /// The hashes beside the path.
  public let path: [Digest]

  /// An entry from its parts.
  public init(leaf: RollLeaf, path: [Digest]) {
    self.leaf = leaf
    self.path = path
  }
}

/// The electoral roll as an issuer has it. Private: it says who is entitled.
public protocol RollSource: Sendable {
  /// The entry of a number; nil if there is none.
  func entry(district: Int, index: Int) async throws(StoreError) -> RollEntry?

  /// The entry of an identified citizen; nil if there is none.
  ///
  /// - Parameter identifier: ``Election/RollIdentity/digest(ofIdentifier:)``.
  func entry(identifier: Digest) async throws(StoreError) -> RollEntry?
}
