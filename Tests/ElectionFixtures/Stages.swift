// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
internal import Election
package import Ledger

/// How far an election of a fixture has come.
package enum Stage: Int, CaseIterable, Comparable, Sendable {
  case empty, configured, keys, shares, receipts, confirmed
  // Without credentials nothing happens in these.
  case registering, issued, activating, activated, frozen, destroyed
  case voting, decided, closed, aggregated
  case session, committed, revealed, responded, decrypted, certified

  package static func < (left: Stage, right: Stage) -> Bool { left.rawValue < right.rawValue }
}

extension ElectionFixture {
  /// The log's key.
  package func logSigner() throws -> NoteSigner {
    try NoteSigner(name: ElectionSetup.logName, key: Identity("log").key())
  }

  /// One stage further.
  package mutating func step(to stage: Stage, decrypting trustees: [Int]? = nil) throws {
    // In a petition there is nothing but credentials.
    if setup.credentials?.scope != nil {
      if stage == .configured { return try configure() }
      return try stepCredentials(to: stage)
    }
    switch stage {
    case .empty: break
    case .configured: try configure()
    case .keys: try publishKeys()
    case .shares: try publishShares()
    case .receipts: try acknowledge()
    case .confirmed: try confirm()
    case .registering, .issued, .activating, .activated, .frozen, .destroyed:
      if setup.credentials != nil { try stepCredentials(to: stage) }
    case .voting: try openVoting()
    case .decided: try playVotes()
    case .closed: try close()
    case .aggregated: try aggregate()
    case .session: try openSession(trustees ?? Array(1...setup.threshold))
    case .committed: try commit()
    case .revealed: try reveal()
    case .responded: try respond()
    case .decrypted: try publishTotals()
    case .certified: try certify()
    }
  }

  /// All stages behind `first` up to `last`.
  package mutating func advance(
    from first: Stage, to last: Stage, decrypting trustees: [Int]? = nil
  ) throws {
    for stage in Stage.allCases where stage > first && stage <= last {
      try step(to: stage, decrypting: trustees)
    }
  }

  /// Every kind of ballot: cast, with a weight, challenged, replaced, undecided, blank, written in.
  /// Voters 6 and 8 stay away.
  package mutating func playVotes() throws {
    try vote(1, choices(1, [1: [1, 0, 0], 2: [3, 2, 0], 3: [1, 0]]))
    let challenged = try submit(2, choices(2, [1: [0, 1, 0], 2: [0, 1, 1], 3: [0, 0]]))
    try admit(challenge(challenged))
    try vote(2, choices(2, [1: [0, 0, 1], 2: [0, 0, 3]], writeIn: nil))
    try vote(3, choices(3, [2: [1, 1, 1], 4: [1, 0]]))
    try vote(4, choices(4, [2: [3, 0, 0], 4: [1, 0]]))
    if setup.revoting { try vote(4, choices(4, [2: [0, 3, 2], 4: [0, 1]])) }
    try submit(5, choices(5, [1: [1, 0, 0]]))
    try vote(7, choices(7, [3: [0, 1]], writeIn: "María Núñez"))
  }

  /// The totals of ``playVotes()``, added up by hand.
  package static let playedTotals = [
    [1, 0, 1], [3 + 0 + 4 + 0, 2 + 0 + 4 + 3, 0 + 3 + 4 + 2], [1, 1], [4, 1], [0, 0],
  ]

  /// The standard toy election, at every stage. Made once.
  private static let toyStages = stages(ElectionSetup())
  /// The same with credentials.
  private static let credentialStages = stages(CredentialSetup.toy)
  /// A petition.
  private static let petitionStages = stages(CredentialSetup.petition)

  private static func stages(_ setup: ElectionSetup) -> Result<[Stage: ElectionFixture], any Error>
  {
    Result {
      var fixture = try ElectionFixture(setup)
      var stages: [Stage: ElectionFixture] = [.empty: fixture]
      for stage in Stage.allCases.dropFirst() {
        try fixture.step(to: stage)
        stages[stage] = fixture
      }
      return stages
    }
  }

  /// The standard toy election at a stage: 3 trustees of whom 2 decrypt, 8 voters.
  package static func toy(_ stage: Stage) throws -> ElectionFixture {
    guard let fixture = try toyStages.get()[stage] else {
      throw NotAdmitted(type: "\(stage)", failures: [])
    }
    return fixture
  }

  /// The toy election with credentials at a stage: three issuers who must all sign; voters 1 to 5 are known by
  /// keys, of which voter 2 has two, the others by identifiers; voter 8 never activates.
  package static func credentialed(_ stage: Stage) throws -> ElectionFixture {
    guard let fixture = try credentialStages.get()[stage] else {
      throw NotAdmitted(type: "\(stage)", failures: [])
    }
    return fixture
  }

  /// A petition at a stage, with the citizens and issuers of ``credentialed(_:)``. Nothing happens before the
  /// registration but the configuration, and nothing after the issuers' keys are destroyed.
  package static func petition(_ stage: Stage) throws -> ElectionFixture {
    guard let fixture = try petitionStages.get()[stage] else {
      throw NotAdmitted(type: "\(stage)", failures: [])
    }
    return fixture
  }
}
