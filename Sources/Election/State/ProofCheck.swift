// SPDX-License-Identifier: Apache-2.0

internal import Cryptography

/// A check of proofs that depends on nothing but what it carries. Few are run at admission, many
/// together over a record; both give the same findings.
public enum ProofCheck: Sendable {
  /// The proofs of a ballot; those of many ballots share one pass.
  case ballot(BallotProofs, ElectionContext)
  /// Anything else.
  case other(@Sendable () -> Findings)

  /// Range proofs that are checked in one pass: enough to fill the lanes of an engine many times.
  public static let proofsPerPass = 256
  /// Claimed commitments that are checked in one pass, which share its cost: those of 4,096 proofs of
  /// a vote of 0 or 1.
  public static let claimsPerPass = 16_384

  /// How much of a pass the check is: its range proofs, or its claimed commitments.
  public var weight: Int {
    switch self {
    case .ballot(let ballot, _): ballot.claimed?.count ?? ballot.proofCount
    case .other: 1
    }
  }

  /// Whether the check has claimed commitments.
  public var isClaimed: Bool {
    switch self {
    case .ballot(let ballot, _): ballot.claimed != nil
    case .other: false
    }
  }

  /// Runs checks, and returns the findings of each in their order.
  public static func run(_ checks: [ProofCheck]) -> BallotProofs.Results {
    var results = BallotProofs.Results(findings: checks.map { _ in Findings() })
    // Ballots of one election have one context; H_E binds all of it.
    var passes: [Digest: (context: ElectionContext, indices: [Int], ballots: [BallotProofs])] = [:]
    for (index, check) in checks.enumerated() {
      switch check {
      case .other(let run): results.findings[index] = run()
      case .ballot(let ballot, let context):
        let key = context.extendedBaseHash
        passes[key, default: (context, [], [])].indices.append(index)
        passes[key, default: (context, [], [])].ballots.append(ballot)
      }
    }
    for pass in passes.values {
      let outcome = BallotProofs.check(pass.ballots, pass.context)
      results.statistics.merge(outcome.statistics)
      for (index, findings) in zip(pass.indices, outcome.findings) {
        results.findings[index] = findings
      }
    }
    return results
  }
}
