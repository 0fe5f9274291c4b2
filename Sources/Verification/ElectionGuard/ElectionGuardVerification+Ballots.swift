// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
internal import Election
internal import ElGamal
internal import Groups

/// Verifications 5 to 8 on ballots and devices.
extension ElectionGuardVerification {
  /// What every ballot gives, in the order of the record, on so many cores.
  func ballotFindings(cores: Int) async -> [Findings] {
    let proofs = content.ballots.reduce(0) {
      $0 + BallotProofs(of: $1.encrypted, at: "").proofCount
    }
    let share = min(ProofCheck.proofsPerPass, proofs / max(1, cores) + 1)
    return await withTaskGroup(of: (Int, [Findings]).self) { group in
      var results: [(Int, [Findings])] = []
      var inFlight = 0
      var start = 0
      while start < content.ballots.count {
        var end = start
        var weight = 0
        while end < content.ballots.count, weight < share {
          weight += BallotProofs(of: content.ballots[end].encrypted, at: "").proofCount
          end += 1
        }
        if inFlight >= max(1, cores), let result = await group.next() {
          results.append(result)
          inFlight -= 1
        }
        inFlight += 1
        let pass = start..<end
        group.addTask { (pass.lowerBound, check(content.ballots[pass])) }
        start = end
      }
      for await result in group { results.append(result) }
      return results.sorted { $0.0 < $1.0 }.flatMap(\.1)
    }
  }

  /// The findings of some ballots, whose proofs are checked in one pass.
  private func check(_ ballots: ArraySlice<ElectionGuardRecordContent.Ballot>) -> [Findings] {
    let devices = unchainedDevices
    var findings: [Findings] = []
    var unproven: [(offset: Int, key: [ElectionGuardCheckCache.Part], proofs: BallotProofs)] = []
    for (offset, ballot) in ballots.enumerated() {
      findings.append(
        checkStructure(ballot, isUnchained: devices.contains(ballot.device)))
      var encrypted = ballot.encrypted
      if ballot.isPreEncrypted && ballot.state == .uncast { encrypted.contests = [] }
      let key: [ElectionGuardCheckCache.Part] = [
        .ballot(encrypted), .hash(context.extendedBaseHash), .place(ballot.place),
      ]
      if let known = cache?.known(key) {
        findings[offset].merge(known)
      } else {
        unproven.append((offset, key, BallotProofs(of: encrypted, at: ballot.place)))
      }
    }
    for (check, outcome) in zip(
      unproven, BallotProofs.check(unproven.map(\.proofs), context).findings)
    {
      cache?.keep(outcome, check.key)
      findings[check.offset].merge(outcome)
    }
    return findings
  }

  private var unchainedDevices: Set<String> {
    Set(content.devices.filter { $0.chain == nil }.map(\.name))
  }

  /// Pre-encrypted ballots have no verification 8, and no contest data; what was cast of them is
  /// checked like any other selection. An uncast one has vectors only, which 16 to 19 are about.
  private func checkStructure(
    _ ballot: ElectionGuardRecordContent.Ballot, isUnchained: Bool
  ) -> Findings {
    let encrypted = ballot.encrypted
    guard ballot.isPreEncrypted else {
      return encrypted.checkStructure(
        context, device: isUnchained ? ballot.device : nil, at: ballot.place)
    }
    var findings = Findings()
    findings.check(
      .eg5B,
      encrypted.identifierHash == context.identifierHash(of: encrypted.identifier),
      at: ballot.place, "H_I is not H(H_E; 20, id_B)")
    checkPreEncryptedShape(ballot, &findings)
    return findings
  }

  /// BAL-2 for pre-encrypted ballots.
  private func checkPreEncryptedShape(
    _ ballot: ElectionGuardRecordContent.Ballot, _ findings: inout Findings
  ) {
    let contests = ballot.encrypted.contests
    findings.check(
      .bal2, manifest.ballotStyle(ballot.encrypted.ballotStyle)?.contests == contests.map(\.index),
      at: ballot.place, "not the contests of the ballot style")
    guard ballot.state == .cast else { return }
    for contest in contests {
      findings.check(
        .bal2, contest.selections.count == manifest.contest(contest.index)?.options.count,
        at: "\(ballot.place), contest \(contest.index)", "not one selection for every option")
    }
  }

  /// 8.C to 8.G: every device's hash, and the order of its ballots. Every ballot belongs to one
  /// device, which lists it once.
  func checkDevices(_ findings: inout Findings) {
    let ballots = content.ballots.filter { !$0.isPreEncrypted }
    let byName = Dictionary(
      ballots.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    let byDevice = Dictionary(grouping: ballots, by: \.device)
    var devices = Set<String>()
    for (index, device) in content.devices.enumerated() {
      let place = "$.devices[\(index)]"
      let hash = BaseHashes.device(
        extended: context.extendedBaseHash, device.name, in: context.group)
      findings.check(
        .eg8C, device.hash == hash && devices.insert(device.name).inserted, at: place,
        "H_DI is not that of the device, or the device is listed twice")
      let own = (byDevice[device.name] ?? []).map(\.name)
      findings.check(
        device.chain == nil ? .eg8D : .eg8E, own.sorted() == device.ballots.sorted(), at: place,
        "the ballots of the device are not those that it lists")
      if let chain = device.chain {
        check(
          chain, of: device.ballots.compactMap { byName[$0] }, device: hash, at: place, &findings)
      }
    }
    for ballot in ballots where !devices.contains(ballot.device) {
      findings.check(.eg8C, false, at: ballot.place, "the record has no such device")
    }
  }

  private func check(
    _ published: ElectionGuardRecordContent.Chain,
    of ballots: [ElectionGuardRecordContent.Ballot], device: Digest, at place: String,
    _ findings: inout Findings
  ) {
    let chain = BallotChain(
      extendedBaseHash: context.extendedBaseHash, device: device, in: context.group)
    findings.check(
      .eg8F,
      published.openingField == chain.openingField && published.openingHash == chain.openingHash,
      at: place, "B_C,0 or H_0 is not that of the device")
    var previous = chain.openingHash
    for ballot in ballots {
      let encrypted = ballot.encrypted
      findings.check(
        .eg8E, encrypted.chainingField == chain.field(after: previous), at: ballot.place,
        "the chaining field does not name the ballot before")
      let hash = context.identifierHash(of: encrypted.identifier)
      previous = ConfirmationCode.code(
        identifierHash: hash,
        contestHashes: encrypted.recomputedContestHashes(identifierHash: hash, in: context.group),
        chainingField: encrypted.chainingField, in: context.group)
    }
    let closing = chain.closing(after: previous)
    findings.check(
      .eg8G, published.closingField == closing.field && published.closingHash == closing.hash,
      at: place, "the chain is not closed after its last ballot")
  }
}
