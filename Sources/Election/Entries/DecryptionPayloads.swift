// SPDX-License-Identifier: Apache-2.0

public import Cryptography
internal import ElGamal
public import Groups
public import StrictJSON

/// Most items of one decryption: totals and contest data.
private let maximumItems = 1_000_000

/// A trustee commits to their parts of all items.
public struct DecryptionCommitted: EntryPayload, Equatable {
  /// `decryption.commitment`
  public static let type = EntryType.decryptionCommitment
  /// The session.
  public var session: Int
  /// d_i, one an item, in the order of the items.
  public var commitments: [Digest]

  /// Commitments from their parts.
  public init(session: Int, commitments: [Digest]) {
    self.session = session
    self.commitments = commitments
  }

  /// Reads the payload.
  /// - Throws: `JSONError`.
  public init(_ reader: JSONReader, in group: Group) throws(JSONError) {
    let fields = try reader.payloadFields(["commitments", "session"])
    session = try fields["session"].index()
    commitments = try fields["commitments"].list(1...maximumItems) { item throws(JSONError) in
      try item.digest()
    }
  }

  /// The members of the payload.
  public func members(in group: Group) -> [JSONMember] {
    [
      JSONMember(name: "commitments", value: .array(commitments.map(\.json))),
      JSONMember(name: "session", value: session.json),
    ]
  }
}

/// A trustee reveals their parts of all items.
public struct DecryptionFactorsRevealed: EntryPayload, Equatable {
  /// `decryption.factors`
  public static let type = EntryType.decryptionFactors
  /// The session.
  public var session: Int
  /// M_i, a_i and b_i, one an item.
  public var parts: [PartialDecryption]

  /// Parts of a session.
  public init(session: Int, parts: [PartialDecryption]) {
    self.session = session
    self.parts = parts
  }

  /// Reads the payload.
  /// - Throws: `JSONError`.
  public init(_ reader: JSONReader, in group: Group) throws(JSONError) {
    let fields = try reader.payloadFields(["parts", "session"])
    session = try fields["session"].index()
    parts = try fields["parts"].list(1...maximumItems) { item throws(JSONError) in
      let members = try item.fields(["a", "b", "factor"])
      return PartialDecryption(
        factor: try members["factor"].element(in: group), a: try members["a"].element(in: group),
        b: try members["b"].element(in: group))
    }
  }

  /// The members of the payload.
  public func members(in group: Group) -> [JSONMember] {
    [
      JSONMember(
        name: "parts",
        value: .array(
          parts.map { part in
            [
              "a": group.json(part.a), "b": group.json(part.b),
              "factor": group.json(part.factor),
            ]
          })),
      JSONMember(name: "session", value: session.json),
    ]
  }
}

/// A trustee answers the challenges of all items.
public struct DecryptionResponded: EntryPayload, Equatable {
  /// `decryption.response`
  public static let type = EntryType.decryptionResponse
  /// The session.
  public var session: Int
  /// v_i, one an item.
  public var responses: [Scalar]

  /// Responses from their parts.
  public init(session: Int, responses: [Scalar]) {
    self.session = session
    self.responses = responses
  }

  /// Reads the payload.
  /// - Throws: `JSONError`.
  public init(_ reader: JSONReader, in group: Group) throws(JSONError) {
    let fields = try reader.payloadFields(["responses", "session"])
    session = try fields["session"].index()
    responses = try fields["responses"].list(1...maximumItems) { item throws(JSONError) in
      try item.scalar(in: group)
    }
  }

  /// The members of the payload.
  public func members(in group: Group) -> [JSONMember] {
    [
      JSONMember(name: "responses", value: .array(responses.map { group.json($0) })),
      JSONMember(name: "session", value: session.json),
    ]
  }
}

/// The decrypted totals and the opened contest data, with proofs.
public struct TallyDecrypted: EntryPayload, Equatable {
  /// `tally.decrypted`
  public static let type = EntryType.tallyDecrypted

  /// The totals of one contest.
  public struct Contest: Sendable, Equatable {
    /// The contest's label.
    public var label: String
    /// The options, in the manifest's order.
    public var options: [DecryptedTotal]

    /// Totals from their parts.
    public init(label: String, options: [DecryptedTotal]) {
      self.label = label
      self.options = options
    }
  }

  /// The session that decrypted.
  public var session: Int
  /// The totals.
  public var contests: [Contest]
  /// Opened contest data, in the order of the items.
  public var contestData: [DecryptedContestData]

  /// A result from its parts.
  public init(session: Int, contests: [Contest], contestData: [DecryptedContestData]) {
    self.session = session
    self.contests = contests
    self.contestData = contestData
  }

  /// Reads the payload.
  /// - Throws: `JSONError`.
  public init(_ reader: JSONReader, in group: Group) throws(JSONError) {
    let fields = try reader.payloadFields(["contestData", "contests", "session"])
    session = try fields["session"].index()
    contests = try fields["contests"].list(0...100_000) { contest throws(JSONError) in
      let members = try contest.fields(["label", "options"])
      return Contest(
        label: try members["label"].string(minBytes: 1),
        options: try members["options"].list(0...100_000) { option throws(JSONError) in
          let members = try option.fields(["label", "power", "proof", "total"])
          return DecryptedTotal(
            label: try members["label"].string(minBytes: 1),
            total: try members["total"].integer(0...ElectionConfiguration.maximumTotal),
            power: try members["power"].element(in: group),
            proof: try members["proof"].proof(in: group))
        })
    }
    contestData = try fields["contestData"].list(0...maximumItems) { item throws(JSONError) in
      let members = try item.fields(["ballot", "bytes", "contest", "proof", "shared"])
      return DecryptedContestData(
        ballot: try members["ballot"].digest(), contest: try members["contest"].index(),
        shared: try members["shared"].element(in: group),
        proof: try members["proof"].proof(in: group),
        bytes: try members["bytes"].hex(bytes: 1...32_768))
    }
  }

  /// The members of the payload.
  public func members(in group: Group) -> [JSONMember] {
    let contests: [JSONValue] = contests.map { contest in
      let options: [JSONValue] = contest.options.map { option in
        [
          "label": .string(option.label), "power": group.json(option.power),
          "proof": group.json(option.proof), "total": option.total.json,
        ]
      }
      return ["label": .string(contest.label), "options": .array(options)]
    }
    let data: [JSONValue] = contestData.map { item in
      [
        "ballot": item.ballot.json, "bytes": .string(Hex.encode(item.bytes)),
        "contest": item.contest.json, "proof": group.json(item.proof),
        "shared": group.json(item.shared),
      ]
    }
    return [
      JSONMember(name: "contestData", value: .array(data)),
      JSONMember(name: "contests", value: .array(contests)),
      JSONMember(name: "session", value: session.json),
    ]
  }
}
