// SPDX-License-Identifier: Apache-2.0

public import Groups
public import StrictJSON

/// The encrypted totals of all counted ballots. Every trustee and every verifier recomputes them.
public struct TallyAggregated: EntryPayload, Equatable {
  /// `tally.aggregated`
  public static let type = EntryType.tallyAggregated
  /// The counts, as at the closing.
  public var ballots: BallotCounts
  /// (A, B) of every option.
  public var totals: EncryptedTotals

  /// Totals from their parts.
  public init(ballots: BallotCounts, totals: EncryptedTotals) {
    self.ballots = ballots
    self.totals = totals
  }

  /// Reads the payload.
  /// - Throws: `JSONError`.
  public init(_ reader: JSONReader, in group: Group) throws(JSONError) {
    let fields = try reader.payloadFields(["ballots", "totals"])
    ballots = try BallotCounts(fields["ballots"])
    totals = try EncryptedTotals(fields["totals"], in: group)
  }

  /// The members of the payload.
  public func members(in group: Group) -> [JSONMember] {
    [
      JSONMember(name: "ballots", value: ballots.json),
      JSONMember(name: "totals", value: totals.json(in: group)),
    ]
  }
}

/// The commission opens a decryption with the trustees that are available.
public struct DecryptionOpened: EntryPayload, Equatable {
  /// `decryption.opened`
  public static let type = EntryType.decryptionOpened
  /// Counts decryptions from 1. A next one is opened when a trustee was named or stayed silent.
  public var session: Int
  /// U, the available trustees, ascending.
  public var trustees: [Int]

  /// An opening from its parts.
  public init(session: Int, trustees: [Int]) {
    self.session = session
    self.trustees = trustees
  }

  /// Reads the payload.
  /// - Throws: `JSONError`.
  public init(_ reader: JSONReader, in group: Group) throws(JSONError) {
    let fields = try reader.payloadFields(["session", "trustees"])
    session = try fields["session"].index()
    let maximum = ElectionConfiguration.maximumTrustees
    trustees = try fields["trustees"].list(1...maximum) { item throws(JSONError) in
      try item.index()
    }
  }

  /// The members of the payload.
  public func members(in group: Group) -> [JSONMember] {
    [
      JSONMember(name: "session", value: session.json),
      JSONMember(name: "trustees", value: .array(trustees.map(\.json))),
    ]
  }
}

/// The result of one contest, with the manifest's labels.
public struct ContestResult: Sendable, Equatable {
  /// The result of one option.
  public struct Option: Sendable, Equatable {
    /// The option's label.
    public var label: String
    /// t, the total.
    public var total: Int

    /// A result from its parts.
    public init(label: String, total: Int) {
      self.label = label
      self.total = total
    }
  }

  /// The contest's label.
  public var label: String
  /// The options, in the manifest's order.
  public var options: [Option]

  /// A result from its parts.
  public init(label: String, options: [Option]) {
    self.label = label
    self.options = options
  }
}

/// The commission certifies the result. Nothing may follow.
public struct ResultCertified: EntryPayload, Equatable {
  /// `result.certified`
  public static let type = EntryType.resultCertified
  /// The counts, as at the closing.
  public var ballots: BallotCounts
  /// The totals.
  public var contests: [ContestResult]

  /// A result from its parts.
  public init(ballots: BallotCounts, contests: [ContestResult]) {
    self.ballots = ballots
    self.contests = contests
  }

  /// Reads the payload.
  /// - Throws: `JSONError`.
  public init(_ reader: JSONReader, in group: Group) throws(JSONError) {
    let fields = try reader.payloadFields(["ballots", "contests"])
    ballots = try BallotCounts(fields["ballots"])
    contests = try fields["contests"].list(1...100_000) { contest throws(JSONError) in
      let members = try contest.fields(["label", "options"])
      return ContestResult(
        label: try members["label"].string(minBytes: 1, maxBytes: 1024),
        options: try members["options"].list(1...100_000) { option throws(JSONError) in
          let members = try option.fields(["label", "total"])
          return ContestResult.Option(
            label: try members["label"].string(minBytes: 1, maxBytes: 1024),
            total: try members["total"].integer(0...ElectionConfiguration.maximumTotal))
        })
    }
  }

  /// The members of the payload.
  public func members(in group: Group) -> [JSONMember] {
    [
      JSONMember(name: "ballots", value: ballots.json),
      JSONMember(
        name: "contests",
        value: .array(
          contests.map { contest in
            [
              "label": .string(contest.label),
              "options": .array(
                contest.options.map { ["label": .string($0.label), "total": $0.total.json] }),
            ]
          })),
    ]
  }
}
