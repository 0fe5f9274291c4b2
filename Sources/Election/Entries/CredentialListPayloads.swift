// SPDX-License-Identifier: Apache-2.0

public import Cryptography
public import Groups
public import StrictJSON

/// How many credentials of a district there are, by what became of them: the gap report.
public struct CredentialCounts: Hashable, Sendable {
  /// Records of issuance, cancelled ones among them.
  public var issued: Int
  /// Records that were cancelled.
  public var cancelled: Int
  /// Keys that were activated and not cancelled: the list.
  public var listed: Int

  /// Credentials that were issued and are on no list: so many keys at most could issuers, all of them together,
  /// have put on the list without anybody's request.
  public var gap: Int { issued - cancelled - listed }

  /// Counts from their parts.
  public init(issued: Int = 0, cancelled: Int = 0, listed: Int = 0) {
    self.issued = issued
    self.cancelled = cancelled
    self.listed = listed
  }
}

/// The commission freezes the list of keys that may vote: what the record so far gives, counted, and the
/// witnessed checkpoint that it was computed from.
public struct CredentialListFrozen: EntryPayload, Equatable {
  /// `credential.list-frozen`
  public static let type = EntryType.credentialListFrozen

  /// The list of a district.
  public struct District: Hashable, Sendable {
    /// The counts.
    public let counts: CredentialCounts
    /// The root of the tree over the list's keys, sorted.
    public let root: Digest
    /// The root of the tree over what was issued for each entry of the roll (``IssuanceStatus``), in their order.
    public let issuanceRoot: Digest

    /// A list from its parts.
    public init(counts: CredentialCounts, root: Digest, issuanceRoot: Digest) {
      self.counts = counts
      self.root = root
      self.issuanceRoot = issuanceRoot
    }
  }

  /// By district.
  public var districts: [District]
  /// The checkpoint of the record up to the batch of this entry, with the witnesses' lines.
  public var checkpoint: String

  /// A list from its parts.
  public init(districts: [District], checkpoint: String) {
    self.districts = districts
    self.checkpoint = checkpoint
  }

  /// Reads the payload.
  /// - Throws: `JSONError`.
  public init(_ reader: JSONReader, in group: Group) throws(JSONError) {
    let fields = try reader.payloadFields(["checkpoint", "districts"])
    checkpoint = try fields["checkpoint"].string(minBytes: 1, maxBytes: 65_536)
    districts = try fields["districts"].list(1...CredentialTerms.maximumDistricts) {
      item throws(JSONError) in
      let fields = try item.fields(["cancelled", "issuanceRoot", "issued", "listed", "root"])
      let range = 0...Int(Int32.max)
      return District(
        counts: CredentialCounts(
          issued: try fields["issued"].integer(range),
          cancelled: try fields["cancelled"].integer(range),
          listed: try fields["listed"].integer(range)),
        root: try fields["root"].digest(),
        issuanceRoot: try fields["issuanceRoot"].digest())
    }
  }

  /// The members of the payload.
  public func members(in group: Group) -> [JSONMember] {
    [
      JSONMember(name: "checkpoint", value: .string(checkpoint)),
      JSONMember(
        name: "districts",
        value: .array(
          districts.map {
            [
              "cancelled": $0.counts.cancelled.json, "issuanceRoot": $0.issuanceRoot.json,
              "issued": $0.counts.issued.json, "listed": $0.counts.listed.json,
              "root": $0.root.json,
            ]
          })),
    ]
  }
}

/// An issuer declares that its keys are destroyed, and how often each has signed.
public struct IssuerKeysDestroyed: EntryPayload, Equatable {
  /// `issuer.key-destroyed`
  public static let type = EntryType.issuerKeysDestroyed

  /// A key that is no more.
  public struct Key: Hashable, Sendable {
    /// key_id
    public let keyID: Digest
    /// How many requests it signed.
    public let signatures: Int

    /// A key from its parts.
    public init(keyID: Digest, signatures: Int) {
      self.keyID = keyID
      self.signatures = signatures
    }
  }

  /// All keys of the issuer, by district.
  public var keys: [Key]

  /// A declaration from its part.
  public init(keys: [Key]) { self.keys = keys }

  /// Reads the payload.
  /// - Throws: `JSONError`.
  public init(_ reader: JSONReader, in group: Group) throws(JSONError) {
    keys = try reader.payloadFields(["keys"])["keys"].list(1...CredentialTerms.maximumDistricts) {
      item throws(JSONError) in
      let fields = try item.fields(["keyID", "signatures"])
      return Key(
        keyID: try fields["keyID"].digest(),
        signatures: try fields["signatures"].integer(0...Int(Int32.max)))
    }
  }

  /// The members of the payload.
  public func members(in group: Group) -> [JSONMember] {
    [
      JSONMember(
        name: "keys",
        value: .array(
          keys.map { ["keyID": $0.keyID.json, "signatures": $0.signatures.json] }))
    ]
  }
}
