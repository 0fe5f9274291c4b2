// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
internal import ElGamal
internal import Groups

/// What has to be computed for the proofs of one ballot, and where the answers belong.
struct BallotProofPlan: Sendable {
  /// A range proof with the positions of the requests about α and β.
  struct RangeCheck: Sendable {
    let proof: RangeProof
    let statement: RangeStatement
    let alpha: Int
    let beta: Int
  }

  struct Contest: Sendable {
    let index: Int
    let selections: [RangeCheck]
    let limit: RangeCheck
    let data: (encryption: ContestDataEncryption, request: Int)?
  }

  /// All requests of the ballot.
  private(set) var requests: [CommitmentRequest] = []
  /// Whether a request is about the product of a contest's selections, which is a member when they
  /// are.
  private var isProduct: [Bool] = []
  private let identifierHash: Digest
  private var contests: [Contest] = []
  private var nonce = 0

  /// The plans of ballots. The sums of all contests are computed together.
  static func plans(_ ballots: [BallotProofs], _ context: ElectionContext) -> [BallotProofPlan] {
    var sums = context.group.vartimeProducts(
      ballots.flatMap { $0.ballot.contests.map { $0.selections.map(\.ciphertext) } })[...]
    return ballots.map { ballot in
      let own = sums.prefix(ballot.ballot.contests.count)
      sums = sums.dropFirst(own.count)
      return BallotProofPlan(ballot.ballot, sums: own, context)
    }
  }

  private init(
    _ ballot: EncryptedBallot, sums: ArraySlice<Ciphertext>, _ context: ElectionContext
  ) {
    let group = context.group
    identifierHash = context.identifierHash(of: ballot.identifier)
    for (contest, sum) in zip(ballot.contests, sums) {
      guard let definition = context.manifest.contest(contest.index) else { continue }
      var selections: [RangeCheck] = []
      for (offset, selection) in contest.selections.enumerated() {
        selections.append(
          rangeCheck(
            selection.proof,
            RangeStatement(
              identifierHash: identifierHash, contest: contest.index, option: offset + 1,
              ciphertext: selection.ciphertext, bound: definition.optionLimit), context))
      }
      let limit = rangeCheck(
        contest.limitProof,
        RangeStatement(
          identifierHash: identifierHash, contest: contest.index, option: nil, ciphertext: sum,
          bound: definition.selectionLimit), context)
      var data: (encryption: ContestDataEncryption, request: Int)?
      if let encryption = contest.data {
        data = (
          encryption,
          add(encryption.c2.commitmentRequest(base: group.generator, image: encryption.c0))
        )
      }
      contests.append(
        Contest(index: contest.index, selections: selections, limit: limit, data: data))
    }
    nonce = add(ballot.nonce.c2.commitmentRequest(base: group.generator, image: ballot.nonce.c0))
  }

  private mutating func add(_ request: CommitmentRequest, isProduct: Bool = false) -> Int {
    requests.append(request)
    self.isProduct.append(isProduct)
    return requests.count - 1
  }

  private mutating func rangeCheck(
    _ proof: RangeProof, _ statement: RangeStatement, _ context: ElectionContext
  ) -> RangeCheck {
    let wanted = proof.commitmentRequests(statement, key: context.voteKey, in: context.group)
    let isProduct = statement.option == nil
    return RangeCheck(
      proof: proof, statement: statement, alpha: add(wanted.alpha, isProduct: isProduct),
      beta: add(wanted.beta, isProduct: isProduct))
  }

  /// Claimed commitments as answers; nil when there are too many or too few.
  func answers(_ claimed: [Element]) -> [Commitments]? {
    guard claimed.count == requests.reduce(0, { $0 + $1.terms.count }) else { return nil }
    var rest = claimed[...]
    return requests.map { request in
      let own = rest.prefix(request.terms.count)
      rest = rest.dropFirst(own.count)
      return Commitments(values: Array(own), isMember: true)
    }
  }

  /// What has to be shown of claimed commitments.
  func claims(_ answers: [Commitments]) -> [CommitmentClaim] {
    requests.indices.map {
      CommitmentClaim(
        request: requests[$0], values: answers[$0].values, testsMembership: !isProduct[$0])
    }
  }

  /// The findings that follow from the answers to the requests.
  func findings(
    _ ballot: BallotProofs, _ answers: [Commitments], _ context: ElectionContext
  ) -> Findings {
    var findings = Findings()
    let group = context.group
    for contest in contests {
      let place = "\(ballot.place), contest \(contest.index)"
      for selection in contest.selections {
        let selectionPlace = "\(place), option \(selection.statement.option ?? 0)"
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
        at: place, "not an element of the group")
      findings.check(contest.limit, (.eg7B, .eg7C, .eg7D), at: place, answers, group)
      if let (encryption, request) = contest.data {
        let isValid = answers[request].values.first.map {
          encryption.isProofValid(
            commitment: $0, contest: contest.index, identifierHash: identifierHash, in: group)
        }
        findings.check(
          .bal7, answers[request].isMember && isValid == true, at: place,
          "the proof of the contest data does not hold")
      }
    }
    let isValid = answers[nonce].values.first.map {
      ballot.ballot.nonce.isProofValid(
        commitment: $0, identifierHash: identifierHash, in: group)
    }
    findings.check(
      .bal7, answers[nonce].isMember && isValid == true, at: ballot.place,
      "the proof of the encrypted ballot nonce does not hold")
    return findings
  }
}

extension Findings {
  /// The items of one range proof: challenges, responses, the proof itself.
  fileprivate mutating func check(
    _ check: BallotProofPlan.RangeCheck, _ rules: (RuleID, RuleID, RuleID), at place: String,
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
