// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
internal import ElGamal
internal import Groups

/// Verifications 5 to 8 of ElectionGuard 2.1.0 on one ballot, and this project's rules on its shape.
/// All hashes are recomputed; the published ones are only compared.
extension EncryptedBallot {
  /// What costs little: shape, identifier hash, confirmation code, chaining field (BAL-2, 5.B, 8.A to
  /// 8.D).
  /// - Parameter device: S_device of ballots that are not chained; nil when the chain is checked by
  ///   the caller.
  public func checkStructure(
    _ context: ElectionContext, device: String?, at place: String
  ) -> Findings {
    var findings = Findings()
    checkShape(context.manifest, at: place, into: &findings)
    let recomputed = context.identifierHash(of: identifier)
    findings.check(.eg5B, identifierHash == recomputed, at: place, "H_I is not H(H_E; 20, id_B)")
    let hashes = recomputedContestHashes(identifierHash: recomputed, in: context.group)
    for (contest, hash) in zip(contests, hashes) {
      findings.check(
        .eg8A, contest.hash == hash, at: "\(place), contest \(contest.index)",
        "the contest hash is not that of the ciphertexts")
    }
    let code = ConfirmationCode.code(
      identifierHash: recomputed, contestHashes: hashes, chainingField: chainingField,
      in: context.group)
    findings.check(
      .eg8B, confirmationCode == code, at: place,
      "the confirmation code is not that of the ballot")
    if let device {
      let deviceHash = BaseHashes.device(
        extended: context.extendedBaseHash, device, in: context.group)
      findings.check(
        .eg8C, chainingField.hash == deviceHash, at: place, "H_DI is not that of the device")
      findings.check(
        .eg8D, chainingField == .unchained(device: deviceHash), at: place,
        "the chaining field is not 00000000 and H_DI")
    }
    return findings
  }

  /// BAL-2: exactly the contests of the style in order, one ciphertext an option, contest data of the
  /// manifest's length.
  private func checkShape(
    _ manifest: ManifestOutline, at place: String, into findings: inout Findings
  ) {
    let expected = manifest.ballotStyle(ballotStyle)?.contests
    findings.check(
      .bal2, expected == contests.map(\.index), at: place,
      "contests \(contests.map(\.index)) instead of \(expected ?? [])")
    for contest in contests {
      guard let definition = manifest.contest(contest.index) else { continue }
      findings.check(
        .bal2, contest.selections.count == definition.options.count,
        at: "\(place), contest \(contest.index)",
        "\(contest.selections.count) options instead of \(definition.options.count)")
      let bytes = contest.data?.c1.count ?? 0
      findings.check(
        .bal2,
        bytes == definition.contestDataBlocks * ContestDataEncryption.blockByteCount
          && (contest.data == nil) == (definition.contestDataBlocks == 0),
        at: "\(place), contest \(contest.index)", "\(bytes) bytes of contest data")
    }
  }

  /// What is expensive: every proof (6.A to 6.D, 7.A to 7.D, BAL-7). Depends on nothing but the ballot
  /// and the context.
  public func checkProofs(_ context: ElectionContext, at place: String) -> Findings {
    var findings = Findings()
    let group = context.group
    let hash = context.identifierHash(of: identifier)
    for contest in contests {
      let contestPlace = "\(place), contest \(contest.index)"
      guard let definition = context.manifest.contest(contest.index) else { continue }
      var allMembers = true
      for (offset, selection) in contest.selections.enumerated() {
        let statement = RangeStatement(
          identifierHash: hash, contest: contest.index, option: offset + 1,
          ciphertext: selection.ciphertext, bound: definition.optionLimit)
        let isMember = findings.checkMembers(
          selection.ciphertext, .eg6A, at: "\(contestPlace), option \(offset + 1)", in: group)
        allMembers = allMembers && isMember
        findings.checkProof(
          selection.proof, statement, (.eg6B, .eg6C, .eg6D),
          at: "\(contestPlace), option \(offset + 1)", context)
      }
      let sum = group.vartimeProduct(contest.selections.map(\.ciphertext))
      if allMembers {
        // A product of members is a member.
        findings.check(.eg7A, true, at: contestPlace, "")
      } else {
        findings.checkMembers(sum, .eg7A, at: contestPlace, in: group)
      }
      let statement = RangeStatement(
        identifierHash: hash, contest: contest.index, option: nil, ciphertext: sum,
        bound: definition.selectionLimit)
      findings.checkProof(
        contest.limitProof, statement, (.eg7B, .eg7C, .eg7D), at: contestPlace, context)
      if let data = contest.data {
        findings.check(
          .bal7,
          group.isMember(data.c0)
            && data.isProofValid(contest: contest.index, identifierHash: hash, in: group),
          at: contestPlace, "the proof of the contest data does not hold")
      }
    }
    findings.check(
      .bal7, group.isMember(nonce.c0) && nonce.isProofValid(identifierHash: hash, in: group),
      at: place, "the proof of the encrypted ballot nonce does not hold")
    return findings
  }
}

extension Findings {
  /// Whether both parts are elements of the group, and the ciphertext is not a trivial one: α = 1
  /// would show the vote (adversary's catalogue G-08).
  @discardableResult
  mutating func checkMembers(
    _ ciphertext: Ciphertext, _ rule: RuleID, at place: String, in group: Group
  ) -> Bool {
    let members = group.isMember(ciphertext.alpha) && group.isMember(ciphertext.beta)
    let nontrivial = rule != .eg6A || ciphertext.alpha != group.identity
    check(
      rule, members && nontrivial, at: place,
      members ? "encrypted with the nonce 0" : "not an element of the group")
    return members
  }

  /// The items of one range proof: challenges, responses, the proof itself.
  mutating func checkProof(
    _ proof: RangeProof, _ statement: RangeStatement, _ rules: (RuleID, RuleID, RuleID),
    at place: String, _ context: ElectionContext
  ) {
    let group = context.group
    check(
      rules.0, proof.branches.allSatisfy { group.isInRange($0.challenge) }, at: place,
      "a challenge is not below q")
    check(
      rules.1, proof.branches.allSatisfy { group.isInRange($0.response) }, at: place,
      "a response is not below q")
    check(
      rules.2, proof.isValid(statement, key: context.voteKey, in: context.group), at: place,
      "the proof does not hold for 0 to \(statement.bound)")
  }
}
