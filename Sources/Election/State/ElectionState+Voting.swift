// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
internal import Groups
internal import Ledger
internal import StrictJSON

/// Ballots: submitted, cast, challenged; the closing.
extension ElectionState {
  func checkSubmitted(
    _ submitted: BallotSubmitted, into check: inout EntryCheck
  ) -> Effect? {
    guard case .pseudonym(let pseudonym) = check.recorded.entry.author, let context,
      let electionID, let configuration
    else { return nil }
    let place = check.recorded.place
    let voter = voter(pseudonym)
    check.require(voterRule, voter != nil, "the key is not on the list")
    guard let voter else { return nil }
    let ballot = submitted.ballot
    let earlier = ballots.ballots(of: pseudonym)
    check.require(
      .bal3, ballot.ballotStyle == voter.ballotStyle,
      "ballot style \(ballot.ballotStyle) instead of \(voter.ballotStyle)")
    check.require(
      .bal4,
      submitted.sequence == earlier.count + 1
        && submitted.previous == earlier.last?.payloadDigest,
      "number \(submitted.sequence) after \(earlier.count) ballots, or another one before it")
    check.require(
      .bal8, configuration.policy.revoting || !ballots.hasCast(pseudonym),
      "the voter has cast a ballot already")
    let identifier = BallotSubmitted.identifier(
      electionID: electionID, district: voter.district, pseudonym: pseudonym,
      sequence: submitted.sequence, random: submitted.random)
    check.require(
      .bal1, ballot.identifier == identifier, "id_B is not made from this voter and number")
    check.require(
      .eg5A, !ballots.contains(identifier: ballot.identifier), "another ballot has this id_B")
    check.require(
      .bal6, ballots.ballot(ballot.confirmationCode) == nil,
      "another ballot has this confirmation code")
    let device = configuration.device
    check.findings.merge(ballot.checkStructure(context, device: device, at: place))
    check.proofChecks.append(.ballot(BallotProofs(of: ballot, at: place), context))
    return .ballotSubmitted(
      BallotRegister.Ballot(
        entry: check.recorded.index, pseudonym: pseudonym, sequence: submitted.sequence,
        payloadDigest: check.recorded.entry.payloadDigest,
        confirmationCode: ballot.confirmationCode, weight: voter.weight, decision: .none),
      identifier: ballot.identifier)
  }

  func checkCast(_ cast: BallotCast, into check: inout EntryCheck) -> Effect? {
    guard let ballot = checkDecision(cast.confirmationCode, into: &check) else { return nil }
    let pseudonym = ballot.pseudonym
    check.require(
      .bal8, configuration?.policy.revoting == true || !ballots.hasCast(pseudonym),
      "the voter has cast a ballot already")
    check.require(
      .bal8, !ballots.hasCast(pseudonym, after: ballot.sequence),
      "the voter has cast a later ballot already")
    return .ballotCast(cast.confirmationCode)
  }

  func checkChallenged(
    _ challenged: BallotChallenged, payloads: any PayloadSource, into check: inout EntryCheck
  ) -> Effect? {
    guard let ballot = checkDecision(challenged.confirmationCode, into: &check), let context else {
      return nil
    }
    let place = check.recorded.place
    guard let payload = payloads.payload(at: ballot.entry) else {
      check.require(.log4, false, "the challenged ballot, entry \(ballot.entry), cannot be read")
      return nil
    }
    let (group, opening) = (self.group, challenged.opening)
    check.proofChecks.append(
      .other {
        var findings = Findings()
        do {
          let submitted = try BallotSubmitted(bytes: payload, in: group)
          findings.merge(opening.check(submitted.ballot, context, at: place))
        } catch {
          findings.check(.log5, false, at: place, "entry \(ballot.entry): \(error)")
        }
        return findings
      })
    return .ballotChallenged(challenged.confirmationCode)
  }

  /// BAL-5: the ballot exists, is the author's, and nothing was decided about it.
  private func checkDecision(
    _ confirmationCode: Digest, into check: inout EntryCheck
  ) -> BallotRegister.Ballot? {
    guard let ballot = ballots.ballot(confirmationCode),
      check.recorded.entry.author == .pseudonym(ballot.pseudonym), ballot.decision == .none
    else {
      check.require(.bal5, false, "no undecided ballot of this voter has the code")
      return nil
    }
    check.require(.bal5, true, "")
    return ballot
  }

  /// The rule that a ballot's key is on the list.
  var voterRule: RuleID { terms == nil ? .eliListed1 : .eli9 }

  func checkClosed(_ closed: VotingClosed, into check: inout EntryCheck) {
    checkCounts(closed.ballots, into: &check)
    checkVoted(closed, into: &check)
  }

  /// BAL-8: the published counts are those of the record.
  func checkCounts(_ published: BallotCounts, into check: inout EntryCheck) {
    let counts = ballots.counts(revoting: configuration?.policy.revoting == true)
    check.require(
      .bal8, published == counts,
      "the entry counts \(published.submitted) submitted, \(published.cast) cast, "
        + "\(published.challenged) challenged, \(published.counted) counted ballots; the record has "
        + "\(counts.submitted), \(counts.cast), \(counts.challenged), \(counts.counted)")
  }
}
