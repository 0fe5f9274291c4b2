// SPDX-License-Identifier: Apache-2.0

internal import Cryptography

/// A check of proofs that depends on nothing but what it carries. Few are run at admission, many
/// together over a record; both give the same findings.
public enum ProofCheck: Sendable {
  /// The proofs of a ballot; those of many ballots share one pass.
  case ballot(BallotProofs, ElectionContext)
  /// Anything else.
  case other(@Sendable () -> Findings)

  /// Range proofs that are checked in one pass. More bring no speed, and take memory.
  public static let proofsPerPass = 256

  /// How much work the check is, in range proofs.
  public var weight: Int {
    switch self {
    case .ballot(let ballot, _): ballot.proofCount
    case .other: 1
    }
  }

  /// Runs checks and returns the findings of each in their order.
  public static func run(_ checks: [ProofCheck]) -> [Findings] {
    var results = checks.map { _ in Findings() }
    // Ballots of one election have one context; H_E binds all of it.
    var passes: [Digest: (context: ElectionContext, indices: [Int], ballots: [BallotProofs])] = [:]
    for (index, check) in checks.enumerated() {
      switch check {
      case .other(let run): results[index] = run()
      case .ballot(let ballot, let context):
        var pass = passes[context.extendedBaseHash] ?? (context, [], [])
        pass.indices.append(index)
        pass.ballots.append(ballot)
        passes[context.extendedBaseHash] = pass
      }
    }
    for pass in passes.values {
      for (index, findings) in zip(pass.indices, BallotProofs.check(pass.ballots, pass.context)) {
        results[index] = findings
      }
    }
    return results
  }
}
