// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
internal import ElGamal
public import Groups

/// The proofs of one or many ballots: verifications 6 and 7 of ElectionGuard 2.1.0, and BAL-7. What is
/// expensive of them, the powers, is computed for all ballots in one pass; each ballot's findings
/// depend on that ballot and the context alone, however many are checked together.
public struct BallotProofs: Sendable {
  /// The ballot.
  public let ballot: EncryptedBallot
  /// How findings name it.
  public let place: String
  /// The commitments of all proofs as somebody claims them, a sidecar to the record
  /// (`Specs/sidecar.md`). Not trusted: when they do not hold, the ballot is checked without them.
  public var claimed: [Element]?

  /// The proofs of a ballot.
  public init(of ballot: EncryptedBallot, at place: String, claimed: [Element]? = nil) {
    self.ballot = ballot
    self.place = place
    self.claimed = claimed
  }

  /// Range proofs of the ballot, a measure of the work.
  public var proofCount: Int { ballot.contests.reduce(0) { $0 + $1.selections.count + 1 } }

  /// What a check of many ballots gives.
  public struct Results: Sendable {
    /// The findings of every ballot, in their order.
    public internal(set) var findings: [Findings]
    /// How they were checked.
    public internal(set) var statistics = ProofStatistics()
  }

  /// Checks the proofs of ballots (6.A to 6.D, 7.A to 7.D, BAL-7).
  public static func check(_ ballots: [BallotProofs], _ context: ElectionContext) -> Results {
    let plans = BallotProofPlan.plans(ballots, context)
    var results = Results(findings: ballots.map { _ in Findings() })
    let accepted = acceptedClaims(ballots, plans, context, &results)
    let open = ballots.indices.filter { !accepted.contains($0) }
    results.statistics.recomputed += open.count
    var answers = context.group.vartimeCommitments(open.flatMap { plans[$0].requests })[...]
    for index in open {
      let own = Array(answers.prefix(plans[index].requests.count))
      answers = answers.dropFirst(own.count)
      results.findings[index] = plans[index].findings(ballots[index], own, context)
    }
    return results
  }

  /// The commitments of a ballot's proofs, in the order of the sidecar: α's and then β's of every
  /// selection, of the limit, then the one of the contest data, contest by contest; the one of the
  /// ballot nonce last.
  public static func commitments(
    _ ballots: [EncryptedBallot], _ context: ElectionContext
  ) -> [[Element]] {
    let plans = BallotProofPlan.plans(ballots.map { BallotProofs(of: $0, at: "") }, context)
    var answers = context.group.vartimeCommitments(plans.flatMap(\.requests))[...]
    return plans.map { plan in
      let own = answers.prefix(plan.requests.count)
      answers = answers.dropFirst(own.count)
      return own.flatMap(\.values)
    }
  }

  /// How many commitments the proofs of a ballot have.
  public func commitmentCount(_ context: ElectionContext) -> Int {
    ballot.contests.reduce(1) { count, contest in
      guard context.manifest.contest(contest.index) != nil else { return count }
      let proofs = contest.selections.map(\.proof) + [contest.limitProof]
      return count + proofs.reduce(0) { $0 + 2 * $1.branches.count } + (contest.data == nil ? 0 : 1)
    }
  }

  /// Ballots whose claimed commitments pass every hash, and hold together in one random linear
  /// combination; their findings go into `results`. The others are left to be recomputed, so a wrong
  /// claim changes no verdict.
  private static func acceptedClaims(
    _ ballots: [BallotProofs], _ plans: [BallotProofPlan], _ context: ElectionContext,
    _ results: inout Results
  ) -> Set<Int> {
    var candidates: [(index: Int, findings: Findings)] = []
    var claims: [CommitmentClaim] = []
    for (index, ballot) in ballots.enumerated() {
      guard let claimed = ballot.claimed else { continue }
      guard let answers = plans[index].answers(claimed) else {
        results.statistics.disagreeing += 1
        continue
      }
      let findings = plans[index].findings(ballot, answers, context)
      guard !findings.hasFailures else {
        results.statistics.disagreeing += 1
        continue
      }
      candidates.append((index, findings))
      claims += plans[index].claims(answers)
    }
    let hold: Bool
    do { hold = try context.group.vartimeClaimsHold(claims) } catch { hold = false }
    guard hold else {
      results.statistics.disagreeing += candidates.count
      return []
    }
    for (index, findings) in candidates { results.findings[index] = findings }
    results.statistics.fromSidecar += candidates.count
    return Set(candidates.map(\.index))
  }
}

extension EncryptedBallot {
  /// Checks the proofs of this ballot alone; see ``BallotProofs``.
  public func checkProofs(_ context: ElectionContext, at place: String) -> Findings {
    BallotProofs.check([BallotProofs(of: self, at: place)], context).findings.first ?? Findings()
  }
}
