// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
internal import ElGamal
internal import Groups

/// Verifications 13 and 14 of ElectionGuard 2.1.0.
extension ChallengeOpening {
  /// Checks the opening against the ballot that was challenged: the content against the manifest
  /// (14.A to 14.F), and the recomputed ciphertexts against the confirmation code (13.A, 13.B).
  public func check(
    _ ballot: EncryptedBallot, _ context: ElectionContext, at place: String
  ) -> Findings {
    var findings = Findings()
    checkContent(ballot, context.manifest, at: place, into: &findings)
    let hash = context.identifierHash(of: ballot.identifier)
    var contestHashes: [Digest] = []
    for encrypted in ballot.contests {
      let contestPlace = "\(place), contest \(encrypted.index)"
      guard let definition = context.manifest.contest(encrypted.index),
        let opened = contests.first(where: { $0.label == definition.label })
      else { continue }
      checkData(opened, encrypted, identifierHash: hash, context, at: contestPlace, &findings)
      var ciphertexts: [Ciphertext] = []
      for label in definition.options {
        guard let selection = opened.selections.first(where: { $0.label == label }),
          selection.vote >= 0
        else { continue }
        ciphertexts.append(context.vartimeEncrypt(selection.vote, nonce: selection.nonce))
      }
      contestHashes.append(
        ConfirmationCode.contestHash(
          identifierHash: hash, contest: encrypted.index, selections: ciphertexts,
          data: encrypted.data, in: context.group))
    }
    let code = ConfirmationCode.code(
      identifierHash: hash, contestHashes: contestHashes, chainingField: ballot.chainingField,
      in: context.group)
    findings.check(
      .eg13B, code == ballot.confirmationCode, at: place,
      "the opened votes and nonces do not give the ballot's confirmation code")
    return findings
  }

  /// 13.A: C_1 = D ⊕ k, with the key recomputed from the nonce. A contest without data has none on
  /// either side.
  private func checkData(
    _ opened: Contest, _ encrypted: EncryptedContest, identifierHash: Digest,
    _ context: ElectionContext, at place: String, _ findings: inout Findings
  ) {
    let group = context.group
    var holds = false
    switch (opened.data, encrypted.data) {
    case (nil, nil): holds = true
    case (let opened?, let encryption?):
      let c0 = group.vartimePower(group.generator, opened.nonce)
      let shared = group.vartimePower(context.dataKey, opened.nonce)
      let rekeyed = ContestDataEncryption(c0: c0, c1: encryption.c1, c2: encryption.c2)
      do {
        let data = try rekeyed.decrypted(
          publicShared: shared, contest: encrypted.index, identifierHash: identifierHash,
          in: group)
        holds = c0 == encryption.c0 && data == opened.bytes
      } catch { holds = false }
    default: holds = false
    }
    findings.check(.eg13A, holds, at: place, "the opened contest data is not what was encrypted")
  }

  /// 14.A to 14.F
  private func checkContent(
    _ ballot: EncryptedBallot, _ manifest: ManifestOutline, at place: String,
    into findings: inout Findings
  ) {
    let style = manifest.ballotStyle(ballot.ballotStyle)?.contests ?? []
    let definitions = style.compactMap { manifest.contest($0) }
    var seen = Set<String>()
    for contest in contests {
      let definition = definitions.first { $0.label == contest.label }
      let contestPlace = "\(place), contest \(contest.label)"
      findings.check(
        .eg14A, definition != nil && seen.insert(contest.label).inserted, at: contestPlace,
        "not a contest of the ballot style, or named twice")
      guard let definition else { continue }
      let labels = contest.selections.map(\.label)
      for label in labels {
        findings.check(
          .eg14C, definition.options.contains(label), at: contestPlace,
          "the option \(label) is not in the manifest")
      }
      for option in definition.options {
        findings.check(
          .eg14D, labels.filter { $0 == option }.count == 1, at: contestPlace,
          "the option \(option) is missing or named twice")
      }
      var sum = 0
      for selection in contest.selections {
        findings.check(
          .eg14E, (0...definition.optionLimit).contains(selection.vote), at: contestPlace,
          "\(selection.vote) votes for \(selection.label)")
        sum = sum.addingReportingOverflow(selection.vote).partialValue
      }
      findings.check(
        .eg14F, sum <= definition.selectionLimit, at: contestPlace,
        "\(sum) votes where \(definition.selectionLimit) are allowed")
    }
    for definition in definitions {
      findings.check(
        .eg14B, contests.contains { $0.label == definition.label }, at: place,
        "the contest \(definition.label) is missing")
    }
  }
}

extension ElectionContext {
  /// (g^ξ, K^(σ+ξ)) for a published vote and nonce.
  func vartimeEncrypt(_ vote: Int, nonce: Scalar) -> Ciphertext {
    let exponent = group.vartimeAdd(group.scalar(UInt64(clamping: vote)), nonce)
    return Ciphertext(
      alpha: group.vartimePower(group.generator, nonce),
      beta: group.vartimePower(voteKey, exponent))
  }
}
