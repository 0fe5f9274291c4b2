// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
internal import Election
internal import ElGamal
internal import Groups

/// Verifications 9 to 14: totals, opened contest data, challenged ballots.
extension ElectionGuardVerification {
  /// Verification 9 compares the published (A, B) with recomputed ones, 10 checks the decryption of
  /// the published ones, 11 that every option has one total and nothing else has.
  func checkTotals(_ findings: inout Findings) {
    let recomputed = aggregate(&findings).contests
    var seen: [Int: Set<Int>] = [:]
    for total in content.totals {
      let contest = manifest.contest(total.contest)
      guard
        findings.check(
          .eg11A, contest != nil, at: total.place, "the contest is not in the manifest"),
        findings.check(
          .eg11B,
          contest?.options.indices.contains(total.option - 1) == true
            && seen[total.contest, default: []].insert(total.option).inserted,
          at: total.place, "the option is not in the manifest, or has two totals")
      else { continue }
      let expected = recomputed[total.contest - 1][total.option - 1]
      findings.check(
        .eg9A, total.ciphertext.alpha == expected.alpha, at: total.place,
        "A is not the product of the cast ballots")
      findings.check(
        .eg9B, total.ciphertext.beta == expected.beta, at: total.place,
        "B is not the product of the cast ballots")
      findings.merge(
        total.decrypted.check(
          contest: total.contest, option: total.option, total.ciphertext, context,
          at: total.place))
    }
    for (offset, contest) in manifest.contests.enumerated() {
      findings.check(
        .eg11C, seen[offset + 1] == Set(1...contest.options.count),
        at: "tally, contest \(offset + 1)", "an option has no total")
    }
    for ballot in content.ballots where ballot.state == .cast {
      for contest in ballot.encrypted.contests {
        findings.check(
          .eg11D, seen[contest.index] != nil, at: "\(ballot.place), contest \(contest.index)",
          "the contest has no totals")
      }
    }
  }

  /// The product of all cast ballots with their weights. A ballot that fails elsewhere is not left
  /// out.
  private func aggregate(_ findings: inout Findings) -> EncryptedTotals {
    var totals = RunningTotals(manifest, in: context.group)
    for ballot in content.ballots where ballot.state == .cast {
      for contest in ballot.encrypted.contests {
        let isAdded = totals.add(
          contest.selections.map(\.ciphertext), weight: ballot.weight, toContest: contest.index)
        if !isAdded {
          findings.check(
            .eg9A, false, at: "\(ballot.place), contest \(contest.index)",
            "cannot be added: not the options of the manifest")
        }
      }
    }
    return totals.totals()
  }

  /// Verification 12: contest data of cast ballots that the trustees opened.
  func checkOpenedData(_ findings: inout Findings) {
    let cast = byName { $0.state == .cast && !$0.isPreEncrypted }
    for opened in content.openedData {
      let place = "contest data of ballot \(opened.ballot), contest \(opened.contest)"
      let ballot = cast[opened.ballot]
      let encryption = ballot?.encrypted.contests.first { $0.index == opened.contest }?.data
      guard let ballot, let encryption else {
        findings.check(.eg12B, false, at: place, "no cast ballot has such contest data")
        continue
      }
      let decrypted = DecryptedContestData(
        ballot: ballot.encrypted.confirmationCode, contest: opened.contest,
        shared: opened.shared, proof: opened.proof, bytes: opened.bytes)
      findings.merge(
        decrypted.check(
          encryption, identifierHash: context.identifierHash(of: ballot.encrypted.identifier),
          context, at: place))
    }
  }

  /// Verifications 13 and 14: one opening for every challenged ballot, and for no other.
  func checkOpenings(_ findings: inout Findings) {
    let challenged = byName { $0.state == .challenged }
    let names = Set(content.openings.map(\.ballot))
    for ballot in content.ballots
    where ballot.state == .challenged && !names.contains(ballot.name) {
      findings.check(.eg13B, false, at: ballot.place, "challenged, and not opened")
    }
    var seen = Set<String>()
    for opening in content.openings {
      let place = "opening of ballot \(opening.ballot)"
      guard let ballot = challenged[opening.ballot], seen.insert(opening.ballot).inserted else {
        findings.check(.eg13B, false, at: place, "not a challenged ballot, or opened twice")
        continue
      }
      findings.merge(opening.opening.check(ballot.encrypted, context, at: place))
    }
  }

  /// Ballots by name; of two with one name, which breaks 5.A, the first.
  private func byName(
    where isIncluded: (ElectionGuardRecordContent.Ballot) -> Bool
  ) -> [String: ElectionGuardRecordContent.Ballot] {
    Dictionary(
      content.ballots.filter(isIncluded).map { ($0.name, $0) },
      uniquingKeysWith: { first, _ in first })
  }

  /// Which rules have nothing to say about the record, and why.
  var inapplicable: [RuleID: String] {
    var reasons: [RuleID: String] = [:]
    func declare(_ rules: [RuleID], _ reason: String) {
      for rule in rules { reasons[rule] = reason }
    }
    declare(
      RuleID.allCases.filter { $0.rawValue.hasPrefix("LOG-") },
      "the ElectionGuard format has no ledger")
    declare(
      RuleID.allCases.filter { $0.rawValue.hasPrefix("ELI-") },
      "the ElectionGuard format has no list of voters")
    declare([.bal1, .bal3, .bal4, .bal5, .bal8], "the ElectionGuard format names no voters")
    declare(
      RuleID.allCases.filter { $0.rawValue.hasPrefix("CER-") },
      "the ElectionGuard format does not hold the ceremonies")
    declare(
      [.eg1B, .eg1C, .eg1D],
      "the format carries no p, q and g: H_P binds the published ones (EG-1.E)")
    if content.ballots.isEmpty {
      declare(
        [
          .eg5A, .eg5B, .eg6A, .eg6B, .eg6C, .eg6D, .eg7A, .eg7B, .eg7C, .eg7D, .eg8A, .eg8B,
          .bal2, .bal6, .bal7,
        ], "the record has no ballots")
    }
    if !content.ballots.contains(where: { $0.state == .cast }) {
      declare([.eg11D], "no ballot was cast")
    }
    if content.devices.isEmpty { declare([.eg8C], "the record has no devices") }
    if !content.devices.contains(where: { $0.chain == nil }) {
      declare([.eg8D], "every device of the record chains its ballots")
    }
    if !content.devices.contains(where: { $0.chain != nil }) {
      declare([.eg8E, .eg8F, .eg8G], "no device of the record chains its ballots")
    }
    if content.openedData.isEmpty {
      declare([.eg12A, .eg12B, .eg12C], "no contest data was opened")
    }
    if !content.ballots.contains(where: { $0.state == .challenged }) {
      declare(
        [.eg13A, .eg13B, .eg14A, .eg14B, .eg14C, .eg14D, .eg14E, .eg14F],
        "no ballot was challenged")
    }
    if !content.ballots.contains(where: \.isPreEncrypted) {
      declare([.eg15, .eg16, .eg17, .eg18, .eg19], "the record has no pre-encrypted ballots")
    }
    return reasons
  }
}
