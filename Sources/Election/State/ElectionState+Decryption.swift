// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
internal import ElGamal
internal import Groups
internal import Ledger

/// From the totals to the certified result.
extension ElectionState {
  func checkAggregated(_ aggregated: TallyAggregated, into check: inout EntryCheck) {
    checkCounts(aggregated.ballots, into: &check)
    guard let recomputed else {
      check.require(.eg9A, false, "the totals cannot be recomputed from the record")
      return
    }
    let (published, expected) = (aggregated.totals.contests, recomputed.totals.contests)
    let sameShape = published.map(\.count) == expected.map(\.count)
    check.require(.cer7, sameShape, "other contests or options than in the manifest")
    guard sameShape else { return }
    for (contest, (left, right)) in zip(published, expected).enumerated() {
      for (option, (a, b)) in zip(left, right).enumerated() {
        let place = "contest \(contest + 1), option \(option + 1)"
        check.require(
          .eg9A, a.alpha == b.alpha, "\(place): A is not the product of the cast ballots")
        check.require(
          .eg9B, a.beta == b.beta, "\(place): B is not the product of the cast ballots")
      }
    }
  }

  func checkDecryptionOpened(_ opened: DecryptionOpened, into check: inout EntryCheck) {
    let named = Set(decryption.named.map(\.trustee))
    let trustees = opened.trustees
    check.require(
      .cer10,
      opened.session == decryption.session + 1 && trustees == Set(trustees).sorted()
        && trustees.count >= (configuration?.threshold ?? .max)
        && trustees.allSatisfy { (1...max(trusteeCount, 1)).contains($0) }
        && named.isDisjoint(with: trustees) && !decryption.isComplete,
      "session \(opened.session) with trustees \(trustees)")
  }

  /// The author takes part in the current session.
  private func participant(
    _ session: Int, _ count: Int, _ rule: RuleID, into check: inout EntryCheck
  ) -> Int? {
    guard case .trustee(let trustee) = check.recorded.entry.author, let recomputed else {
      check.require(rule, false, "there is nothing to decrypt")
      return nil
    }
    let isRight =
      session == decryption.session && decryption.available.contains(trustee)
      && count == recomputed.items.count
    check.require(
      rule, isRight, "another session, a trustee who takes no part, or \(count) items")
    return isRight ? trustee : nil
  }

  func checkCommitted(_ committed: DecryptionCommitted, into check: inout EntryCheck) {
    guard
      let trustee = participant(
        committed.session, committed.commitments.count, .cer8, into: &check)
    else { return }
    check.require(
      .cer8, decryption.commitments[trustee] == nil && decryption.parts.isEmpty,
      "a second commitment, or one after the first reveal")
  }

  func checkFactors(_ revealed: DecryptionFactorsRevealed, into check: inout EntryCheck) {
    guard let context, let recomputed,
      let trustee = participant(revealed.session, revealed.parts.count, .cer9, into: &check)
    else { return }
    let complete = decryption.commitments.count == decryption.available.count
    check.require(
      .cer8, complete && decryption.parts[trustee] == nil,
      "revealed before all commitments, or twice")
    // A record may hold commitments to another number of items; that was CER-8.
    guard let commitments = decryption.commitments[trustee],
      commitments.count == recomputed.items.count
    else { return }
    for (position, (item, part)) in zip(recomputed.items, revealed.parts).enumerated() {
      let digest = item.commitment(
        of: trustee, part, available: decryption.available,
        extendedBaseHash: context.extendedBaseHash, in: group)
      check.require(
        .cer9, commitments[position] == digest, "item \(position + 1) is not what was committed")
    }
  }

  /// A wrong response is admitted: it is the evidence that names the trustee.
  /// - Returns: whether the trustee is named.
  func checkResponded(
    _ responded: DecryptionResponded, into check: inout EntryCheck
  ) -> Bool {
    guard let recomputed,
      let trustee = participant(responded.session, responded.responses.count, .cer10, into: &check)
    else { return false }
    check.require(
      .cer10,
      decryption.combined.count == recomputed.items.count
        && decryption.responses[trustee] == nil,
      "answered before all parts were revealed, or twice")
    guard let trustees = ceremony.allKeys(trusteeCount), let parts = decryption.parts[trustee],
      parts.count == recomputed.items.count
    else { return false }
    var images: [TrusteeKeyKind: Element] = [:]
    for kind in TrusteeKeyKind.allCases {
      images[kind] = JointKeys.shareImage(kind, of: trustee, trustees, in: group)
    }
    for (position, item) in recomputed.items.enumerated() {
      guard decryption.combined.indices.contains(position),
        let image = images[item.kind],
        decryption.combined[position].isResponseValid(
          responded.responses[position], of: trustee, part: parts[position], shareImage: image,
          item: item, available: decryption.available, in: group)
      else { return true }
    }
    return false
  }

  func checkDecrypted(_ decrypted: TallyDecrypted, into check: inout EntryCheck) {
    guard let context, let recomputed else { return }
    check.require(
      .cer10, decryption.isComplete && decrypted.session == decryption.session,
      "the session is not complete, or a trustee was named in it")
    checkLabels(decrypted, context.manifest, into: &check)
    check.require(
      .cer7, decrypted.contestData.count == recomputed.contestData.count,
      "\(decrypted.contestData.count) opened texts instead of \(recomputed.contestData.count)")
    let place = check.recorded.place
    for (contest, (published, ciphertexts)) in zip(
      decrypted.contests, recomputed.totals.contests
    ).enumerated() {
      for (option, (total, ciphertext)) in zip(published.options, ciphertexts).enumerated() {
        check.proofChecks.append(
          .other {
            total.check(
              contest: contest + 1, option: option + 1, ciphertext, context,
              at: "\(place), \(published.label), \(total.label)")
          })
      }
    }
    for (data, item) in zip(decrypted.contestData, recomputed.contestData) {
      guard case .contestData(let ballot, let hash, let contest, let encryption) = item else {
        continue
      }
      check.require(
        .cer7, data.ballot == ballot && data.contest == contest,
        "opened texts are not those of the counted ballots in order")
      check.proofChecks.append(
        .other {
          data.check(
            encryption, identifierHash: hash, context, at: "\(place), ballot \(ballot.hex)")
        })
    }
  }

  /// Verification 11: the contests and options of the result are those of the manifest.
  private func checkLabels(
    _ decrypted: TallyDecrypted, _ manifest: ManifestOutline, into check: inout EntryCheck
  ) {
    let contests = Dictionary(
      manifest.contests.map { ($0.label, $0) }, uniquingKeysWith: { first, _ in first })
    for contest in decrypted.contests {
      check.require(
        .eg11A, contests[contest.label] != nil,
        "the contest \(contest.label) is not in the manifest")
      let options = contests[contest.label]?.options ?? []
      for option in contest.options {
        check.require(
          .eg11B, options.contains(option.label),
          "the option \(option.label) is not in the manifest")
      }
    }
    for (index, contest) in manifest.contests.enumerated() {
      let labels =
        decrypted.contests.indices.contains(index)
          && decrypted.contests[index].label == contest.label
        ? decrypted.contests[index].options.map(\.label) : []
      check.require(
        .eg11C, labels == contest.options,
        "the options of \(contest.label) are not all there in order")
    }
    let published = Set(decrypted.contests.map(\.label))
    for (style, ballots) in countedBallotStyles {
      for index in manifest.ballotStyle(style)?.contests ?? [] {
        guard let contest = manifest.contest(index) else { continue }
        check.require(
          .eg11D, published.contains(contest.label),
          "\(ballots) counted ballots have the contest \(contest.label)")
      }
    }
  }

  /// The ballot styles of counted ballots, and how many ballots have them.
  private var countedBallotStyles: [(style: Int, count: Int)] {
    var counts: [Int: Int] = [:]
    for ballot in ballots.countedBallots(revoting: configuration?.policy.revoting == true) {
      counts[voter(ballot.pseudonym)?.ballotStyle ?? 0, default: 0] += 1
    }
    return counts.sorted { $0.key < $1.key }.map { (style: $0.key, count: $0.value) }
  }

  func checkCertified(_ certified: ResultCertified, into check: inout EntryCheck) {
    checkCounts(certified.ballots, into: &check)
    let expected = decrypted?.contests.map { contest in
      ContestResult(
        label: contest.label,
        options: contest.options.map { ContestResult.Option(label: $0.label, total: $0.total) })
    }
    check.require(
      .cer11, certified.contests == expected, "the result is not the one that was decrypted")
  }
}
