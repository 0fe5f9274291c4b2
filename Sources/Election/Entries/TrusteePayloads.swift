// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
public import ElGamal
public import Groups
public import StrictJSON

/// A trustee's public keys. The trustee is the entry's author.
public struct TrusteeKeysPublished: EntryPayload, Equatable {
  /// `trustee.keys`
  public static let type = EntryType.trusteeKeys
  /// The round of the ceremony, from 1. A complaint that is upheld begins the next one.
  public var round: Int
  /// The keys.
  public var keys: TrusteeKeys

  /// Keys from their parts.
  public init(round: Int, keys: TrusteeKeys) {
    self.round = round
    self.keys = keys
  }

  /// Reads the payload.
  /// - Throws: `JSONError`.
  public init(_ reader: JSONReader, in group: Group) throws(JSONError) {
    let fields = try reader.payloadFields([
      "communicationKey", "dataCommitments", "dataProof", "round", "trustee", "voteCommitments",
      "voteProof",
    ])
    round = try fields["round"].index()
    let maximum = ElectionConfiguration.maximumTrustees
    keys = TrusteeKeys(
      trustee: try fields["trustee"].integer(1...maximum),
      voteCommitments: try fields["voteCommitments"].list(1...maximum) {
        item throws(JSONError) in try item.element(in: group)
      },
      dataCommitments: try fields["dataCommitments"].list(1...maximum) {
        item throws(JSONError) in try item.element(in: group)
      },
      communicationKey: try fields["communicationKey"].element(in: group),
      voteProof: try Self.proof(fields["voteProof"], in: group),
      dataProof: try Self.proof(fields["dataProof"], in: group))
  }

  private static func proof(
    _ reader: JSONReader, in group: Group
  ) throws(JSONError) -> TrusteeKeyProof {
    let fields = try reader.fields(["challenge", "responses"])
    return TrusteeKeyProof(
      challenge: try fields["challenge"].scalar(in: group),
      responses: try fields["responses"].list(1...ElectionConfiguration.maximumTrustees + 1) {
        item throws(JSONError) in try item.scalar(in: group)
      })
  }

  /// The members of the payload.
  public func members(in group: Group) -> [JSONMember] {
    func json(_ proof: TrusteeKeyProof) -> JSONValue {
      [
        "challenge": group.json(proof.challenge),
        "responses": .array(proof.responses.map { group.json($0) }),
      ]
    }
    return [
      JSONMember(name: "communicationKey", value: group.json(keys.communicationKey)),
      JSONMember(
        name: "dataCommitments", value: .array(keys.dataCommitments.map { group.json($0) })),
      JSONMember(name: "dataProof", value: json(keys.dataProof)),
      JSONMember(name: "round", value: round.json),
      JSONMember(name: "trustee", value: keys.trustee.json),
      JSONMember(
        name: "voteCommitments", value: .array(keys.voteCommitments.map { group.json($0) })),
      JSONMember(name: "voteProof", value: json(keys.voteProof)),
    ]
  }
}

/// A trustee's encrypted shares for all other trustees, ascending.
public struct TrusteeSharesPublished: EntryPayload, Equatable {
  /// `trustee.shares`
  public static let type = EntryType.trusteeShares
  /// The round of the ceremony.
  public var round: Int
  /// i, the sender.
  public var trustee: Int
  /// The shares.
  public var shares: [ShareEncryption]

  /// Shares from their parts.
  public init(round: Int, trustee: Int, shares: [ShareEncryption]) {
    self.round = round
    self.trustee = trustee
    self.shares = shares
  }

  /// Reads the payload.
  /// - Throws: `JSONError`.
  public init(_ reader: JSONReader, in group: Group) throws(JSONError) {
    let fields = try reader.payloadFields(["round", "shares", "trustee"])
    round = try fields["round"].index()
    let maximum = ElectionConfiguration.maximumTrustees
    let from = try fields["trustee"].integer(1...maximum)
    trustee = from
    shares = try fields["shares"].list(0...maximum) { item throws(JSONError) in
      let members = try item.fields(["c0", "c1", "c2", "to"])
      return ShareEncryption(
        from: from, to: try members["to"].integer(1...maximum),
        c0: try members["c0"].element(in: group),
        c1: try members["c1"].hex(bytes: ShareEncryption.maskedByteCount),
        c2: try members["c2"].proof(in: group))
    }
  }

  /// The members of the payload.
  public func members(in group: Group) -> [JSONMember] {
    [
      JSONMember(name: "round", value: round.json),
      JSONMember(
        name: "shares",
        value: .array(
          shares.map { share in
            [
              "c0": group.json(share.c0), "c1": .string(Hex.encode(share.c1)),
              "c2": group.json(share.c2), "to": share.to.json,
            ]
          })),
      JSONMember(name: "trustee", value: trustee.json),
    ]
  }
}

/// A trustee has received all shares, and every one matches its sender's commitments.
public struct TrusteeReceipt: EntryPayload, Equatable {
  /// `trustee.receipt`
  public static let type = EntryType.trusteeReceipt
  /// The round of the ceremony.
  public var round: Int

  /// A receipt for a round.
  public init(round: Int) { self.round = round }

  /// Reads the payload.
  /// - Throws: `JSONError`.
  public init(_ reader: JSONReader, in group: Group) throws(JSONError) {
    round = try reader.payloadFields(["round"])["round"].index()
  }

  /// The members of the payload.
  public func members(in group: Group) -> [JSONMember] {
    [JSONMember(name: "round", value: round.json)]
  }
}

/// A trustee opens a share that does not match its sender's commitments.
public struct TrusteeComplaint: EntryPayload, Equatable {
  /// `trustee.complaint`
  public static let type = EntryType.trusteeComplaint
  /// The round of the ceremony.
  public var round: Int
  /// The sender of the share.
  public var accused: Int
  /// The evidence.
  public var evidence: ComplaintEvidence

  /// A complaint from its parts.
  public init(round: Int, accused: Int, evidence: ComplaintEvidence) {
    self.round = round
    self.accused = accused
    self.evidence = evidence
  }

  /// Reads the payload.
  /// - Throws: `JSONError`.
  public init(_ reader: JSONReader, in group: Group) throws(JSONError) {
    let fields = try reader.payloadFields(["accused", "proof", "round", "shared"])
    round = try fields["round"].index()
    accused = try fields["accused"].integer(1...ElectionConfiguration.maximumTrustees)
    evidence = ComplaintEvidence(
      shared: try fields["shared"].element(in: group), proof: try fields["proof"].proof(in: group))
  }

  /// The members of the payload.
  public func members(in group: Group) -> [JSONMember] {
    [
      JSONMember(name: "accused", value: accused.json),
      JSONMember(name: "proof", value: group.json(evidence.proof)),
      JSONMember(name: "round", value: round.json),
      JSONMember(name: "shared", value: group.json(evidence.shared)),
    ]
  }
}

/// A trustee confirms the joint keys and hashes, recomputed from all trustees' keys.
public struct TrusteeConfirmation: EntryPayload, Equatable {
  /// `trustee.confirmation`
  public static let type = EntryType.trusteeConfirmation
  /// The round of the ceremony.
  public var round: Int
  /// The keys.
  public var keys: ElectionKeys

  /// A confirmation from its parts.
  public init(round: Int, keys: ElectionKeys) {
    self.round = round
    self.keys = keys
  }

  /// Reads the payload.
  /// - Throws: `JSONError`.
  public init(_ reader: JSONReader, in group: Group) throws(JSONError) {
    let fields = try reader.payloadFields(["keys", "round"])
    round = try fields["round"].index()
    keys = try ElectionKeys(fields["keys"], in: group)
  }

  /// The members of the payload.
  public func members(in group: Group) -> [JSONMember] {
    [
      JSONMember(name: "keys", value: keys.json(in: group)),
      JSONMember(name: "round", value: round.json),
    ]
  }
}
