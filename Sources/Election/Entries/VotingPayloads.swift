// SPDX-License-Identifier: Apache-2.0

public import Cryptography
public import ElGamal
public import Groups
public import StrictJSON

/// The keys and hashes that all trustees confirmed: what every ballot is encrypted under.
public struct ElectionKeys: Sendable, Equatable {
  /// K
  public var voteKey: Element
  /// K̂
  public var dataKey: Element
  /// H_P
  public var parameterBaseHash: Digest
  /// H_B
  public var electionBaseHash: Digest
  /// H_G
  public var trusteeKeysHash: Digest
  /// H_E
  public var extendedBaseHash: Digest

  /// Keys from their parts.
  public init(
    voteKey: Element, dataKey: Element, parameterBaseHash: Digest, electionBaseHash: Digest,
    trusteeKeysHash: Digest, extendedBaseHash: Digest
  ) {
    self.voteKey = voteKey
    self.dataKey = dataKey
    self.parameterBaseHash = parameterBaseHash
    self.electionBaseHash = electionBaseHash
    self.trusteeKeysHash = trusteeKeysHash
    self.extendedBaseHash = extendedBaseHash
  }

  init(_ reader: JSONReader, in group: Group) throws(JSONError) {
    let fields = try reader.fields([
      "dataKey", "electionBaseHash", "extendedBaseHash", "parameterBaseHash", "trusteeKeysHash",
      "voteKey",
    ])
    voteKey = try fields["voteKey"].element(in: group)
    dataKey = try fields["dataKey"].element(in: group)
    parameterBaseHash = try fields["parameterBaseHash"].digest()
    electionBaseHash = try fields["electionBaseHash"].digest()
    trusteeKeysHash = try fields["trusteeKeysHash"].digest()
    extendedBaseHash = try fields["extendedBaseHash"].digest()
  }

  func json(in group: Group) -> JSONValue {
    [
      "dataKey": group.json(dataKey), "electionBaseHash": electionBaseHash.json,
      "extendedBaseHash": extendedBaseHash.json, "parameterBaseHash": parameterBaseHash.json,
      "trusteeKeysHash": trusteeKeysHash.json, "voteKey": group.json(voteKey),
    ]
  }
}

/// Encrypted totals: a ciphertext for every option of every contest, in the manifest's order.
public struct EncryptedTotals: Sendable, Equatable {
  /// (A, B) by contest and option.
  public var contests: [[Ciphertext]]

  /// Totals from their parts.
  public init(contests: [[Ciphertext]]) { self.contests = contests }

  /// (1, 1) for every option: the zero tape.
  public static func empty(_ manifest: ManifestOutline, in group: Group) -> EncryptedTotals {
    EncryptedTotals(
      contests: manifest.contests.map { contest in
        contest.options.map { _ in group.emptyAggregate }
      })
  }

  init(_ reader: JSONReader, in group: Group) throws(JSONError) {
    contests = try reader.list(1...100_000) { contest throws(JSONError) in
      try contest.list(1...100_000) { item throws(JSONError) in try item.ciphertext(in: group) }
    }
  }

  func json(in group: Group) -> JSONValue {
    .array(contests.map { .array($0.map { group.json($0) }) })
  }
}

/// The commission opens the voting: the confirmed keys, and the proof that nothing is in the box.
public struct VotingOpened: EntryPayload, Equatable {
  /// `voting.opened`
  public static let type = EntryType.votingOpened
  /// Entries of the log when the commission signed; only the batch's own entry may come between.
  public var treeSize: Int
  /// The keys that the trustees confirmed.
  public var keys: ElectionKeys
  /// The zero tape.
  public var totals: EncryptedTotals

  /// An opening from its parts.
  public init(treeSize: Int, keys: ElectionKeys, totals: EncryptedTotals) {
    self.treeSize = treeSize
    self.keys = keys
    self.totals = totals
  }

  /// Reads the payload.
  /// - Throws: `JSONError`.
  public init(_ reader: JSONReader, in group: Group) throws(JSONError) {
    let fields = try reader.payloadFields(["keys", "totals", "treeSize"])
    treeSize = try fields["treeSize"].integer(0...Int(Int32.max))
    keys = try ElectionKeys(fields["keys"], in: group)
    totals = try EncryptedTotals(fields["totals"], in: group)
  }

  /// The members of the payload.
  public func members(in group: Group) -> [JSONMember] {
    [
      JSONMember(name: "keys", value: keys.json(in: group)),
      JSONMember(name: "totals", value: totals.json(in: group)),
      JSONMember(name: "treeSize", value: treeSize.json),
    ]
  }
}

/// How many ballots are in the box, by what happened to them.
public struct BallotCounts: Sendable, Equatable {
  /// All submitted ballots.
  public var submitted: Int
  /// Ballots that voters cast, counted or replaced.
  public var cast: Int
  /// Ballots that voters challenged.
  public var challenged: Int
  /// Cast ballots that count: one of every voter who cast.
  public var counted: Int

  /// Ballots about which no decision arrived.
  public var undecided: Int { submitted - cast - challenged }

  /// Counts from their parts.
  public init(submitted: Int = 0, cast: Int = 0, challenged: Int = 0, counted: Int = 0) {
    self.submitted = submitted
    self.cast = cast
    self.challenged = challenged
    self.counted = counted
  }

  init(_ reader: JSONReader) throws(JSONError) {
    let fields = try reader.fields(["cast", "challenged", "counted", "submitted"])
    let range = 0...Int(Int32.max)
    cast = try fields["cast"].integer(range)
    challenged = try fields["challenged"].integer(range)
    counted = try fields["counted"].integer(range)
    submitted = try fields["submitted"].integer(range)
  }

  var json: JSONValue {
    [
      "cast": cast.json, "challenged": challenged.json, "counted": counted.json,
      "submitted": submitted.json,
    ]
  }
}

/// The commission closes the voting and says how many ballots the box holds.
public struct VotingClosed: EntryPayload, Equatable {
  /// `voting.closed`
  public static let type = EntryType.votingClosed
  /// The counts up to here.
  public var ballots: BallotCounts
  /// Where voters have credentials: how many keys of each district have a counted ballot; otherwise nil.
  public var voted: [Int]?

  /// A closing from its parts.
  public init(ballots: BallotCounts, voted: [Int]?) {
    self.ballots = ballots
    self.voted = voted
  }

  /// Reads the payload.
  /// - Throws: `JSONError`.
  public init(_ reader: JSONReader, in group: Group) throws(JSONError) {
    let fields = try reader.payloadFields(["ballots"], optional: ["voted"])
    ballots = try BallotCounts(fields["ballots"])
    voted = nil
    if let voted = fields.optional("voted") {
      self.voted = try voted.list(1...CredentialTerms.maximumDistricts) { count throws(JSONError) in
        try count.integer(0...Int(Int32.max))
      }
    }
  }

  /// The members of the payload.
  public func members(in group: Group) -> [JSONMember] {
    var members = [JSONMember(name: "ballots", value: ballots.json)]
    if let voted { members.append(JSONMember(name: "voted", value: .array(voted.map(\.json)))) }
    return members
  }
}
