// SPDX-License-Identifier: Apache-2.0

public import Cryptography
internal import ElGamal
internal import Groups
internal import Ledger

/// The trustees' entries, and the opening of the voting.
extension ElectionState {
  /// H_P of this election; nil before the configuration.
  public var parameterBaseHash: Digest? {
    configuration.map {
      BaseHashes.parameters(group, trustees: $0.trusteeKeys.count, threshold: $0.threshold)
    }
  }

  private func author(_ check: EntryCheck) -> Int? {
    if case .trustee(let index) = check.recorded.entry.author { return index }
    return nil
  }

  func checkKeys(_ published: TrusteeKeysPublished, into check: inout EntryCheck) {
    guard let configuration, let hash = parameterBaseHash else { return }
    let keys = published.keys
    check.require(
      .cer1,
      published.round == ceremony.round && author(check) == keys.trustee
        && ceremony.keys[keys.trustee] == nil,
      "another round, another trustee's keys, or a second set")
    check.findings.merge(
      keys.checkShape(threshold: configuration.threshold, at: check.recorded.place))
    let trivial = group.identity
    let used = keys.voteCommitments + keys.dataCommitments + [keys.communicationKey]
    let others = ceremony.keys.values.flatMap {
      $0.voteCommitments + $0.dataCommitments + [$0.communicationKey]
    }
    check.require(
      .cer2,
      !used.contains(trivial) && Set(used).count == used.count
        && Set(used).isDisjoint(with: others), "a key is trivial or used twice")
    let (group, place) = (self.group, check.recorded.place)
    check.proofChecks.append(
      .other {
        keys.checkProofs(parameterBaseHash: hash, in: group, at: place)
      })
  }

  func checkShares(_ published: TrusteeSharesPublished, into check: inout EntryCheck) {
    guard let hash = parameterBaseHash, let sender = author(check) else { return }
    let receivers = (1...max(trusteeCount, 1)).filter { $0 != sender }
    check.require(
      .cer3,
      published.round == ceremony.round && published.trustee == sender
        && ceremony.allKeys(trusteeCount) != nil && ceremony.shares[sender] == nil
        && published.shares.map(\.to) == receivers,
      "another round, keys missing, a second set, or not one share for every other trustee")
    let (group, place, shares) = (self.group, check.recorded.place, published.shares)
    check.proofChecks.append(
      .other {
        var findings = Findings()
        for share in shares {
          findings.check(
            .cer3,
            group.isMember(share.c0) && share.isProofValid(parameterBaseHash: hash, in: group),
            at: place, "the proof of the share for trustee \(share.to) does not hold")
        }
        return findings
      })
  }

  func checkReceipt(_ receipt: TrusteeReceipt, into check: inout EntryCheck) {
    guard let receiver = author(check) else { return }
    check.require(
      .cer5,
      receipt.round == ceremony.round && ceremony.shares.count == trusteeCount
        && !ceremony.receipts.contains(receiver),
      "another round, shares missing, or a second receipt")
  }

  func checkComplaint(
    _ complaint: TrusteeComplaint, into check: inout EntryCheck
  ) -> CeremonyComplaint? {
    guard let receiver = author(check), let hash = parameterBaseHash,
      complaint.round == ceremony.round, !ceremony.receipts.contains(receiver),
      let share = ceremony.share(from: complaint.accused, to: receiver),
      let sender = ceremony.keys[complaint.accused], let own = ceremony.keys[receiver]
    else {
      check.require(.cer4, false, "no share of this round that this trustee may complain about")
      return nil
    }
    // Decided here, not later: the next entry depends on the verdict. A complaint is rare.
    let verdict = complaint.evidence.verdict(
      about: share, from: sender, to: own, parameterBaseHash: hash, in: group)
    check.require(
      .cer4, verdict != .invalidEvidence, "the proof of the complaint does not hold")
    return CeremonyComplaint(accused: complaint.accused, verdict: verdict)
  }

  /// The keys and hashes that follow from all trustees' keys of this round; nil until they are there.
  public var expectedKeys: ElectionKeys? {
    guard let manifest, let hash = parameterBaseHash,
      let trustees = ceremony.allKeys(trusteeCount)
    else { return nil }
    let voteKey = JointKeys.key(.vote, trustees, in: group)
    let dataKey = JointKeys.key(.data, trustees, in: group)
    let base = BaseHashes.election(parameters: hash, manifest: manifest.bytes, in: group)
    return ElectionKeys(
      voteKey: voteKey, dataKey: dataKey, parameterBaseHash: hash, electionBaseHash: base,
      trusteeKeysHash: JointKeys.trusteeKeysHash(trustees, electionBaseHash: base, in: group),
      extendedBaseHash: BaseHashes.extended(
        election: base, voteKey: voteKey, dataKey: dataKey, in: group))
  }

  /// Compares published keys with recomputed ones: 1.E, 1.F, 3.A, 3.B, 4.A, CER-2, CER-5.
  private func checkKeys(_ keys: ElectionKeys, into check: inout EntryCheck) {
    guard let expected = expectedKeys else {
      check.require(.cer5, false, "the keys of some trustees are missing")
      return
    }
    check.require(
      .eg1E, keys.parameterBaseHash == expected.parameterBaseHash, "H_P is another one")
    check.require(
      .eg1F, keys.electionBaseHash == expected.electionBaseHash, "H_B is another one")
    check.require(.eg3A, keys.voteKey == expected.voteKey, "K is not the product of all K_i,0")
    check.require(.eg3B, keys.dataKey == expected.dataKey, "K̂ is not the product of all K̂_i,0")
    check.require(
      .eg4A, keys.extendedBaseHash == expected.extendedBaseHash, "H_E is another one")
    check.require(
      .cer2, keys.voteKey != group.identity && keys.dataKey != group.identity,
      "a joint key is trivial")
    check.require(
      .cer5, keys.trusteeKeysHash == expected.trusteeKeysHash, "H_G is another one")
  }

  func checkConfirmation(_ confirmation: TrusteeConfirmation, into check: inout EntryCheck) {
    guard let trustee = author(check) else { return }
    check.require(
      .cer5,
      confirmation.round == ceremony.round && ceremony.receipts.count == trusteeCount
        && ceremony.confirmations[trustee] == nil,
      "another round, receipts missing, or a second confirmation")
    checkKeys(confirmation.keys, into: &check)
  }

  func checkOpened(_ opened: VotingOpened, into check: inout EntryCheck) -> ElectionContext? {
    guard let configuration, let manifest else { return nil }
    let confirmed = ceremony.confirmations.values
    check.require(
      .cer5, confirmed.count == trusteeCount && confirmed.allSatisfy { $0 == opened.keys },
      "\(confirmed.count) of \(trusteeCount) trustees confirmed, or other keys")
    checkKeys(opened.keys, into: &check)
    checkCredentialsForVoting(&check)
    let between = check.recorded.index - opened.treeSize
    check.require(
      .cer6, between == 0 || (between == 1 && lastInBatch == nil),
      "the record grew between signing and opening")
    check.require(
      .cer6, opened.totals == .empty(manifest.outline, in: group), "the totals are not empty")
    return ElectionContext(
      group: group, manifest: manifest.outline, manifestBytes: manifest.bytes,
      trusteeCount: trusteeCount, threshold: configuration.threshold,
      voteKey: opened.keys.voteKey, dataKey: opened.keys.dataKey)
  }
}
