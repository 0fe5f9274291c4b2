// SPDX-License-Identifier: Apache-2.0

public import Cryptography
public import Groups

/// What every check of an election with keys needs: the group, the manifest's outline, the joint
/// keys with their tables, and the hashes. All of it is public, and all hashes are recomputed.
public struct ElectionContext: Sendable {
  /// The group.
  public let group: Group
  /// Contests and ballot styles.
  public let manifest: ManifestOutline
  /// n
  public let trusteeCount: Int
  /// k
  public let threshold: Int
  /// H_P
  public let parameterBaseHash: Digest
  /// H_B
  public let electionBaseHash: Digest
  /// H_E
  public let extendedBaseHash: Digest
  /// K, the key that votes are encrypted under.
  public let voteKey: FixedBase
  /// K̂, the key that all other ballot data is encrypted under.
  public let dataKey: FixedBase

  /// Recomputes the hashes from the manifest's exact bytes and the keys.
  public init(
    group: Group, manifest: ManifestOutline, manifestBytes: [UInt8], trusteeCount: Int,
    threshold: Int, voteKey: Element, dataKey: Element
  ) {
    self.group = group
    self.manifest = manifest
    self.trusteeCount = trusteeCount
    self.threshold = threshold
    parameterBaseHash = BaseHashes.parameters(group, trustees: trusteeCount, threshold: threshold)
    electionBaseHash = BaseHashes.election(
      parameters: parameterBaseHash, manifest: manifestBytes, in: group)
    extendedBaseHash = BaseHashes.extended(
      election: electionBaseHash, voteKey: voteKey, dataKey: dataKey, in: group)
    self.voteKey = group.fixedBase(voteKey)
    self.dataKey = group.fixedBase(dataKey)
  }

  /// H_I of a ballot.
  public func identifierHash(of ballot: Digest) -> Digest {
    BaseHashes.identifier(extended: extendedBaseHash, ballot: ballot, in: group)
  }
}
