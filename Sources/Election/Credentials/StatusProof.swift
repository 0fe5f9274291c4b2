// SPDX-License-Identifier: Apache-2.0

public import Cryptography
public import Groups
public import Ledger
public import StrictJSON

/// What shows, without the record, whether a credential was ever issued for an entry of the electoral roll:
/// configuration and frozen list with their paths to a witnessed checkpoint, the entry's ``IssuanceStatus`` with
/// its path to the list's issuance root and, if the citizen wants it, the opened leaf of the roll, which says whose
/// entry it is.
///
/// As a file it is canonical JSON:
/// {"checkpoint","configuration","frozen","roll","status","version"}; `roll` may be absent, and then the file names
/// a number and no person. Schema: `Specs/schemas/status-proof.schema.json`.
///
/// Source: `Specs/credentials.md`.
public struct StatusProof: Sendable {
  /// An entry of the record with its path to the checkpoint's root.
  public struct Entry: Equatable, Sendable {
    /// The leaf.
    public var leaf: LedgerEntry
    /// The payload; its canonical form is what the leaf names.
    public var payload: JSONValue
    /// The hashes beside the path, the leaf's sibling first; 63 at most.
    public var path: [Digest]

    /// An entry from its parts.
    /// - Throws: `JSONError` unless the payload is canonical JSON.
    public init(leaf: LedgerEntry, payload: [UInt8], path: [Digest]) throws(JSONError) {
      self.leaf = leaf
      self.payload = try JSONValue(parsingCanonical: payload)
      self.path = path
    }
  }

  /// The configuration, entry 0 of the record.
  public var configuration: Entry
  /// `credential.list-frozen`
  public var frozen: Entry
  /// Its index in the record.
  public var frozenIndex: Int
  /// The record's checkpoint, a signed note with the witnesses' lines.
  public var checkpoint: String
  /// The district's number, from 1.
  public var district: Int
  /// i, the number of the roll's entry, from 1.
  public var index: Int
  /// What was issued for it, by attempt.
  public var attempts: [IssuanceStatus.Attempt]
  /// The hashes beside the path of the status to the issuance root.
  public var path: [Digest]
  /// What opens the roll's leaf; nil for a proof about a number only. Personal.
  public var roll: RollOpening?

  let group: Group

  /// The longest file in bytes: two payloads of 16 MiB, and what lies around them.
  public static let maximumByteCount = 2 * PayloadBundle.maximumPayloadByteCount + (1 << 20)

  private static let limits = JSONLimits(
    maxBytes: maximumByteCount, maxDepth: 16, maxStringBytes: SignedNote.maximumByteCount,
    maxItems: 2_010_000)

  /// A proof from its parts. Nothing is checked here.
  public init(
    configuration: Entry, frozen: Entry, frozenIndex: Int, checkpoint: String,
    status: IssuanceStatus, path: [Digest], roll: RollOpening?, in group: Group
  ) {
    self.configuration = configuration
    self.frozen = frozen
    self.frozenIndex = frozenIndex
    self.checkpoint = checkpoint
    district = status.district
    index = status.index
    attempts = status.attempts
    self.path = path
    self.roll = roll
    self.group = group
  }

  /// Reads a file.
  ///
  /// - Throws: `JSONError` naming place and rule, unless the bytes are the canonical form of a proof. What it says
  ///   is not checked here; see ``check(_:)``.
  public init(bytes: [UInt8], in group: Group) throws(JSONError) {
    let reader = JSONReader(try JSONValue(parsingCanonical: bytes, limits: Self.limits))
    let fields = try reader.fields(
      ["checkpoint", "configuration", "frozen", "status", "version"], optional: ["roll"])
    _ = try fields["version"].integer(1...1)
    checkpoint = try fields["checkpoint"].string(
      minBytes: 1, maxBytes: SignedNote.maximumByteCount)
    configuration = try Entry(try fields["configuration"].fields(Entry.names))
    let list = try fields["frozen"].fields(Entry.names + ["index"])
    frozen = try Entry(list)
    frozenIndex = try list["index"].integer(0...Int(JSONValue.largestInteger))
    let status = try fields["status"].fields(["attempts", "district", "index", "path"])
    district = try status["district"].integer(1...CredentialTerms.maximumDistricts)
    index = try status["index"].integer(1...CredentialTerms.maximumVoters)
    attempts = try status["attempts"].list(0...IssuanceStatus.maximumAttempts) {
      item throws(JSONError) in try IssuanceStatus.Attempt(item)
    }
    path = try status["path"].path()
    roll = nil
    if let reader = fields.optional("roll") {
      roll = try RollOpening(try reader.fields(RollOpening.names))
    }
    self.group = group
  }

  /// The members of the file.
  public var json: JSONValue {
    var members = [
      JSONMember(name: "checkpoint", value: .string(checkpoint)),
      JSONMember(name: "configuration", value: .object(configuration.members)),
      JSONMember(
        name: "frozen",
        value: .object(
          frozen.members + [JSONMember(name: "index", value: frozenIndex.json)])),
      JSONMember(
        name: "status",
        value: [
          "attempts": .array(attempts.map(\.json)), "district": district.json,
          "index": index.json, "path": .array(path.map(\.json)),
        ]),
      JSONMember(name: "version", value: 1.json),
    ]
    if let roll { members.append(JSONMember(name: "roll", value: .object(roll.members))) }
    return .object(members)
  }

  /// The file.
  public var bytes: [UInt8] { json.canonicalBytes() }
}

extension StatusProof.Entry {
  static let names = ["leaf", "path", "payload"]

  init(_ fields: JSONFields) throws(JSONError) {
    let reader = try fields["leaf"]
    // A leaf is canonical JSON, and so is written here as it is in the record.
    do { leaf = try LedgerEntry(bytes: reader.value.canonicalBytes()) } catch {
      throw reader.failure("\(error)")
    }
    payload = try fields["payload"].value
    path = try fields["path"].list(0...InclusionReceipt.maximumProofCount) {
      item throws(JSONError) in try item.digest()
    }
  }

  var members: [JSONMember] {
    [
      JSONMember(name: "leaf", value: leaf.json),
      JSONMember(name: "path", value: .array(path.map(\.json))),
      JSONMember(name: "payload", value: payload),
    ]
  }
}

extension LedgerEntry {
  /// The leaf as JSON; its canonical form is ``bytes``.
  fileprivate var json: JSONValue {
    [
      "by": .string("\(author)"),
      "payload": ["sha256": payloadDigest.json, "size": payloadSize.json],
      "signature": .string(Hex.encode(signature)), "type": .string(type), "version": version.json,
    ]
  }
}

extension IssuanceStatus.Attempt {
  fileprivate init(_ reader: JSONReader) throws(JSONError) {
    let fields = try reader.fields(["cancelled", "entry", "request", "time"])
    isCancelled = try fields["cancelled"].bool()
    entry = try fields["entry"].integer(0...Int(JSONValue.largestInteger))
    request = try fields["request"].digest()
    time = try fields["time"].integer(0...BatchOpened.maximumTime)
  }

  fileprivate var json: JSONValue {
    [
      "cancelled": .bool(isCancelled), "entry": entry.json, "request": request.json,
      "time": time.json,
    ]
  }
}
