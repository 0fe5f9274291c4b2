// SPDX-License-Identifier: Apache-2.0

public import Cryptography
internal import Ledger

/// What was issued for an entry of the electoral roll until the list was frozen: nothing, or requests with their
/// places in the record. It is a leaf of the district's issuance tree:
///
///     leaf = "urna/issuance-status/v1" ‖ 00 ‖ u16 length ‖ scope ‖ id ‖ u32 district ‖ u32 i ‖ u8 count
///       ‖ (u64 entry ‖ u64 time ‖ request hash (32) ‖ u8 cancelled) …
///
/// with the requests in the order of attempts. The tree is that of RFC 6962 over N_d leaves, one for every entry of
/// the roll in the order of i, so that one path shows either answer. Public; it names an entry by number.
///
/// Source: `Specs/credentials.md`.
public struct IssuanceStatus: Hashable, Sendable {
  /// A request on the record.
  public struct Attempt: Hashable, Sendable {
    /// Index of the record's entry that holds it.
    public let entry: Int
    /// The time of that entry's batch, seconds since 1970-01-01T00:00:00Z.
    public let time: Int
    /// The request's name, ``IssueRequest/hash``.
    public let request: Digest
    /// Whether the credential was given up.
    public let isCancelled: Bool

    /// A request from its parts.
    public init(entry: Int, time: Int, request: Digest, isCancelled: Bool) {
      self.entry = entry
      self.time = time
      self.request = request
      self.isCancelled = isCancelled
    }
  }

  /// The election.
  public var scope: CredentialScope
  /// The district's number, from 1.
  public var district: Int
  /// i, the number of the roll's entry, from 1.
  public var index: Int
  /// The requests, by attempt; empty if no credential was ever issued for the entry.
  public var attempts: [Attempt]

  /// Most requests of an entry.
  public static let maximumAttempts = IssueRequest.maximumAttempt + 1

  /// A status from its parts.
  public init(scope: CredentialScope, district: Int, index: Int, attempts: [Attempt]) {
    self.scope = scope
    self.district = district
    self.index = index
    self.attempts = attempts
  }

  /// The leaf's bytes.
  public var bytes: [UInt8] {
    var tagged = TaggedBytes("urna/issuance-status/v1")
    tagged.append(scope)
    tagged.append(u32: district)
    tagged.append(u32: index)
    tagged.append(byte: attempts.count)
    for attempt in attempts {
      tagged.append(u64: attempt.entry)
      tagged.append(u64: attempt.time)
      tagged.append(attempt.request)
      tagged.append(byte: attempt.isCancelled ? 1 : 0)
    }
    return tagged.bytes
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

extension ElectionState {
  /// What was issued for an entry of the roll so far; nil if the roll has no such entry.
  public func issuanceStatus(district number: Int, index: Int) -> IssuanceStatus? {
    guard let scope, let district = terms?.district(number), index >= 1, index <= district.voters
    else { return nil }
    return issuanceStatus(scope, number, index)
  }

  private func issuanceStatus(
    _ scope: CredentialScope, _ district: Int, _ index: Int
  ) -> IssuanceStatus {
    IssuanceStatus(
      scope: scope, district: district, index: index,
      attempts: credentials.records(district: district, index: index).map { record in
        IssuanceStatus.Attempt(
          entry: record.entry, time: batchTime(ofEntry: record.entry) ?? 0,
          request: record.request, isCancelled: record.isCancelled)
      })
  }

  /// The path from an entry of the roll to the root of its district's issuance tree, the leaf's sibling first; nil
  /// if the roll has no such entry. Takes a hash for every entry of the district.
  public func issuancePath(district number: Int, index: Int) -> [Digest]? {
    guard let scope, let district = terms?.district(number), index >= 1, index <= district.voters
    else { return nil }
    return MerkleTree.inclusionProof(
      index: index - 1,
      in: (1...district.voters).map { issuanceStatus(scope, number, $0).hash })
  }

  /// What `credential.list-frozen` says at this point of the record: by district the counts, the root of the list,
  /// and the root of the issuance tree. Takes a hash for every entry of the roll; nothing where voters are listed.
  public func frozenLists() -> [CredentialListFrozen.District] {
    guard let terms, let scope else { return [] }
    let roots = credentials.listRoots()
    return terms.districts.indices.map { position in
      var tree = MerkleFrontier()
      for index in 1...terms.districts[position].voters {
        tree.append(issuanceStatus(scope, position + 1, index).hash)
      }
      return CredentialListFrozen.District(
        counts: credentials.counts[position], root: roots[position], issuanceRoot: tree.root)
    }
  }
}
