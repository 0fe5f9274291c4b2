// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
internal import ElGamal
internal import Groups

/// The proofs of one or many ballots: verifications 6 and 7 of ElectionGuard 2.1.0, and BAL-7. What is
/// expensive of them, the powers, is computed for all ballots in one pass; each ballot's findings
/// depend on that ballot and the context alone, however many are checked together.
public struct BallotProofs: Sendable {
  /// The ballot.
  public let ballot: EncryptedBallot
  /// How findings name it.
  public let place: String

  /// The proofs of a ballot.
  public init(of ballot: EncryptedBallot, at place: String) {
    self.ballot = ballot
    self.place = place
  }

  /// Range proofs of the ballot, a measure of the work.
  public var proofCount: Int { ballot.contests.reduce(0) { $0 + $1.selections.count + 1 } }

  /// Checks the proofs of ballots, and returns the findings of each in their order (6.A to 6.D, 7.A to
  /// 7.D, BAL-7).
  public static func check(_ ballots: [BallotProofs], _ context: ElectionContext) -> [Findings] {
    let sums = context.group.vartimeProducts(
      ballots.flatMap { $0.ballot.contests.map { $0.selections.map(\.ciphertext) } })[...]
    var requests: [CommitmentRequest] = []
    var plans: [Plan] = []
    var rest = sums
    for ballot in ballots {
      let own = rest.prefix(ballot.ballot.contests.count)
      rest = rest.dropFirst(own.count)
      plans.append(Plan(ballot.ballot, sums: own, context, &requests))
    }
    let answers = context.group.vartimeCommitments(requests)
    return zip(ballots, plans).map { $0.findings($1, answers, context) }
  }

  /// Where the answers for one ballot stand.
  private struct Plan {
    struct Contest {
      let index: Int
      var selections: [BallotRangeCheck] = []
      let limit: BallotRangeCheck
      let data: (encryption: ContestDataEncryption, request: Int)?
    }

    let identifierHash: Digest
    var contests: [Contest] = []
    let nonce: Int

    init(
      _ ballot: EncryptedBallot, sums: ArraySlice<Ciphertext>, _ context: ElectionContext,
      _ requests: inout [CommitmentRequest]
    ) {
      let group = context.group
      let hash = context.identifierHash(of: ballot.identifier)
      identifierHash = hash
      for (contest, sum) in zip(ballot.contests, sums) {
        guard let definition = context.manifest.contest(contest.index) else { continue }
        func statement(_ option: Int?, _ ciphertext: Ciphertext, bound: Int) -> RangeStatement {
          RangeStatement(
            identifierHash: hash, contest: contest.index, option: option,
            ciphertext: ciphertext, bound: bound)
        }
        var selections: [BallotRangeCheck] = []
        for (offset, selection) in contest.selections.enumerated() {
          selections.append(
            BallotRangeCheck(
              selection.proof,
              statement(offset + 1, selection.ciphertext, bound: definition.optionLimit),
              context, &requests))
        }
        let limit = BallotRangeCheck(
          contest.limitProof, statement(nil, sum, bound: definition.selectionLimit), context,
          &requests)
        var data: (encryption: ContestDataEncryption, request: Int)?
        if let encryption = contest.data {
          data = (encryption, requests.count)
          requests.append(
            encryption.c2.commitmentRequest(base: group.generator, image: encryption.c0))
        }
        contests.append(
          Contest(index: contest.index, selections: selections, limit: limit, data: data))
      }
      nonce = requests.count
      requests.append(
        ballot.nonce.c2.commitmentRequest(base: group.generator, image: ballot.nonce.c0))
    }
  }

  private func findings(
    _ plan: Plan, _ answers: [Commitments], _ context: ElectionContext
  ) -> Findings {
    var findings = Findings()
    let group = context.group
    for contest in plan.contests {
      let contestPlace = "\(place), contest \(contest.index)"
      for selection in contest.selections {
        let selectionPlace = "\(contestPlace), option \(selection.statement.option ?? 0)"
        // α = 1 would show the vote (adversary's catalogue G-08).
        let members = answers[selection.alpha].isMember && answers[selection.beta].isMember
        findings.check(
          .eg6A, members && selection.statement.ciphertext.alpha != group.identity,
          at: selectionPlace,
          members ? "encrypted with the nonce 0" : "not an element of the group")
        findings.check(selection, (.eg6B, .eg6C, .eg6D), at: selectionPlace, answers, group)
      }
      findings.check(
        .eg7A, answers[contest.limit.alpha].isMember && answers[contest.limit.beta].isMember,
        at: contestPlace, "not an element of the group")
      findings.check(contest.limit, (.eg7B, .eg7C, .eg7D), at: contestPlace, answers, group)
      if let (encryption, request) = contest.data {
        let isValid = answers[request].values.first.map {
          encryption.isProofValid(
            commitment: $0, contest: contest.index, identifierHash: plan.identifierHash, in: group)
        }
        findings.check(
          .bal7, answers[request].isMember && isValid == true, at: contestPlace,
          "the proof of the contest data does not hold")
      }
    }
    let isValid = answers[plan.nonce].values.first.map {
      ballot.nonce.isProofValid(commitment: $0, identifierHash: plan.identifierHash, in: group)
    }
    findings.check(
      .bal7, answers[plan.nonce].isMember && isValid == true, at: place,
      "the proof of the encrypted ballot nonce does not hold")
    return findings
  }
}

/// A range proof with the indices of the requests about α and β.
private struct BallotRangeCheck {
  let proof: RangeProof
  let statement: RangeStatement
  let alpha: Int
  let beta: Int

  init(
    _ proof: RangeProof, _ statement: RangeStatement, _ context: ElectionContext,
    _ requests: inout [CommitmentRequest]
  ) {
    self.proof = proof
    self.statement = statement
    let wanted = proof.commitmentRequests(
      statement, key: context.voteKey, in: context.group)
    alpha = requests.count
    beta = requests.count + 1
    requests.append(wanted.alpha)
    requests.append(wanted.beta)
  }
}

extension EncryptedBallot {
  /// Checks the proofs of this ballot alone; see ``BallotProofs``.
  public func checkProofs(_ context: ElectionContext, at place: String) -> Findings {
    BallotProofs.check([BallotProofs(of: self, at: place)], context).first ?? Findings()
  }
}

extension Findings {
  /// The items of one range proof: challenges, responses, the proof itself.
  fileprivate mutating func check(
    _ check: BallotRangeCheck, _ rules: (RuleID, RuleID, RuleID), at place: String,
    _ answers: [Commitments], _ group: Group
  ) {
    let branches = check.proof.branches
    self.check(
      rules.0, branches.allSatisfy { group.isInRange($0.challenge) }, at: place,
      "a challenge is not below q")
    self.check(
      rules.1, branches.allSatisfy { group.isInRange($0.response) }, at: place,
      "a response is not below q")
    self.check(
      rules.2,
      check.proof.isValid(
        check.statement, alpha: answers[check.alpha].values, beta: answers[check.beta].values,
        in: group),
      at: place, "the proof does not hold for 0 to \(check.statement.bound)")
  }
}
