// SPDX-License-Identifier: Apache-2.0

public import Cryptography
internal import HashTreeCollections
internal import Ledger

/// Which credentials were asked for, which keys were activated, and what was cancelled. Public: entries of the
/// roll by number, keys of pseudonyms, and nothing that joins them but a cancellation.
public struct CredentialRegister: Sendable {
  /// A record of issuance.
  public struct Record: Sendable, Equatable {
    /// Index of the entry that holds it.
    public let entry: Int
    /// The request's name.
    public let request: Digest
    /// SHA-256 of the blinded message for each issuer.
    public let blinded: [Digest]
    /// K_i
    public let keys: [Ed25519.PublicKey]
    /// Whether the credential was given up.
    public internal(set) var isCancelled = false
  }

  /// What is known of a key P.
  public enum Status: Sendable, Equatable {
    /// On the list of a district.
    case active(district: Int)
    /// Given up: it can never be activated.
    case cancelled(district: Int)
  }

  struct RollPlace: Hashable {
    let district: Int
    let index: Int
  }

  // Persistent maps, as in the register of ballots.
  private var records: TreeDictionary<RollPlace, [Record]> = [:]
  private var pseudonyms: TreeDictionary<Ed25519.PublicKey, Status> = [:]
  /// The counts by district.
  public private(set) var counts: [CredentialCounts] = []
  /// By issuer, how often each of its destroyed keys has signed.
  public private(set) var destroyed: [Int: [Int]] = [:]

  init() {}

  init(districts: Int) {
    counts = Array(repeating: CredentialCounts(), count: districts)
  }

  /// The records of an entry of the roll, by attempt.
  public func records(district: Int, index: Int) -> [Record] {
    records[RollPlace(district: district, index: index)] ?? []
  }

  /// What is known of a key; nil if it was neither activated nor cancelled.
  public func status(of pseudonym: Ed25519.PublicKey) -> Status? { pseudonyms[pseudonym] }

  /// The list of a district: its active keys, sorted.
  public func list(district: Int) -> [Ed25519.PublicKey] {
    pseudonyms.compactMap { $0.value == .active(district: district) ? $0.key : nil }.sorted()
  }

  /// The root of every district's list: the tree over its active keys, sorted.
  func listRoots() -> [Digest] {
    var lists = counts.map { _ in [Ed25519.PublicKey]() }
    for (key, status) in pseudonyms {
      if case .active(let district) = status, lists.indices.contains(district - 1) {
        lists[district - 1].append(key)
      }
    }
    return lists.map { list in
      MerkleTree.root(of: list.sorted().map { MerkleTree.leafHash($0.bytes) })
    }
  }

  mutating func issue(_ record: Record, district: Int, index: Int) {
    records[RollPlace(district: district, index: index), default: []].append(record)
    counts[district - 1].issued += 1
  }

  mutating func activate(_ pseudonym: Ed25519.PublicKey, district: Int) {
    // A key that was given up stays so, whatever a dishonest box puts behind it.
    guard pseudonyms[pseudonym] == nil else { return }
    pseudonyms[pseudonym] = .active(district: district)
    counts[district - 1].listed += 1
  }

  mutating func cancel(
    _ pseudonym: Ed25519.PublicKey, district: Int, index: Int, attempt: Int
  ) {
    records[RollPlace(district: district, index: index)]?[attempt].isCancelled = true
    counts[district - 1].cancelled += 1
    if case .active = pseudonyms.updateValue(.cancelled(district: district), forKey: pseudonym) {
      counts[district - 1].listed -= 1
    }
  }

  mutating func destroy(_ keys: [IssuerKeysDestroyed.Key], of issuer: Int) {
    destroyed[issuer] = keys.map(\.signatures)
  }
}
