// SPDX-License-Identifier: Apache-2.0

internal import BlindSignatures
public import Cryptography
internal import Ledger

/// Credentials: issued, activated, cancelled; the list, and the issuers' keys.
extension ElectionState {
  /// The terms of credentials; nil before the configuration and where voters are listed.
  public var terms: CredentialTerms? {
    guard case .credentials(let terms) = configuration?.eligibility else { return nil }
    return terms
  }

  /// What credentials of this record are good for.
  public var scope: CredentialScope? {
    electionID.map { CredentialScope(election: $0, describedBy: configuration?.scope) }
  }

  /// The voter with a key: on the list of the configuration, or on the frozen list of credentials.
  public func voter(_ key: Ed25519.PublicKey) -> ListedVoter? {
    guard let terms else { return listedVoters[key] }
    guard isListFrozen, case .active(let number) = credentials.status(of: key),
      let district = terms.district(number), let style = district.ballotStyle
    else { return nil }
    return ListedVoter(key: key, district: district.label, ballotStyle: style)
  }

  /// The gap of every district, a line each; nothing where the configuration lists the voters.
  public var gapReport: [String] {
    guard let terms else { return [] }
    return zip(terms.districts, credentials.counts).map { district, counts in
      "district \(district.label): \(district.voters) entries of the roll, \(counts.issued) credentials "
        + "issued, \(counts.cancelled) cancelled, \(counts.listed) keys on the list, gap \(counts.gap)"
    }
  }

  /// How many signed a petition, in all and by district, a line each; nothing elsewhere.
  public var signatureReport: [String] {
    guard let terms, let scope, kind == .petition else { return [] }
    let total = credentials.counts.reduce(0) { $0 + $1.listed }
    let declared = terms.issuers.indices.count { credentials.destroyed[$0 + 1] != nil }
    return ["\(scope.name): \(total) signatures"]
      + zip(terms.districts, credentials.counts).map { district, counts in
        "  district \(district.label): \(counts.listed) signatures of \(district.voters) entitled, gap \(counts.gap)"
      } + ["  \(declared) of \(terms.issuers.count) issuers declared their keys destroyed"]
  }

  /// - Parameter voting: when ballots are admitted; nil in a petition.
  func checkTerms(
    _ terms: CredentialTerms, voting: ClosedRange<Int>?, into check: inout EntryCheck
  ) {
    let weakness = CredentialTerms.weakness(
      issuers: terms.issuers.count, required: terms.required, tolerated: terms.tolerated)
    check.require(.eli1, weakness == nil, weakness ?? "")
    let keys = terms.issuers.flatMap(\.credentialKeys)
    check.require(
      .eli1, Set(keys.map(\.modulusBytes)).count == keys.count,
      "a key stands for two issuers or two districts")
    check.require(
      .eli1, keys.allSatisfy { $0.encoding == CredentialTerms.encoding },
      "a key signs under another encoding than \(CredentialTerms.encoding.rawValue)")
    check.require(
      .eli1,
      terms.registration.upperBound < terms.activation.lowerBound
        && terms.activation.upperBound < voting?.lowerBound ?? .max,
      "registration, activation and voting are not one after the other")
    for district in terms.districts {
      check.require(
        .eli2, district.voters >= terms.minimumDistrict,
        "district \(district.label) has \(district.voters) entries, fewer than "
          + "\(terms.minimumDistrict)")
      check.require(
        .eli2, district.keyEntries == district.voters || terms.auditorKey != nil,
        "district \(district.label) has identified citizens, and there is no auditors' key")
    }
  }

  func checkActivationOpened(_ opened: ActivationOpened, into check: inout EntryCheck) {
    check.require(
      .eli7, opened.issued == credentials.counts.map(\.issued),
      "the record has other numbers of issued credentials")
  }

  func checkIssuance(
    _ issuance: CredentialIssuance, into check: inout EntryCheck
  ) -> Effect? {
    guard let terms, let scope else { return nil }
    guard let district = terms.district(issuance.district), issuance.index <= district.voters else {
      check.require(
        .eli3, false, "the roll has no entry \(issuance.index) in district \(issuance.district)")
      return nil
    }
    let request = issuance.request(in: scope)
    let earlier = credentials.records(district: issuance.district, index: issuance.index)
    check.require(
      .eli3, issuance.attempt == earlier.count && earlier.allSatisfy(\.isCancelled),
      "entry \(issuance.index) of district \(issuance.district) has a credential already")
    check.require(
      .eli3, issuance.blinded.count == terms.issuers.count,
      "\(issuance.blinded.count) blinded messages for \(terms.issuers.count) issuers")
    switch issuance.evidence {
    case .open(let salt, let path):
      let leaf = RollLeaf(
        register: terms.register, district: issuance.district, index: issuance.index, salt: salt,
        identity: .keys(issuance.keys))
      check.require(
        .eli3, leaf.isIncluded(path: path, size: district.voters, root: district.root),
        "the keys are not those of entry \(issuance.index) of district \(issuance.district)")
    case .sealed:
      check.require(
        .eli3, issuance.index > district.keyEntries && issuance.keys.count == 1,
        "entry \(issuance.index) of district \(issuance.district) is identified by keys")
    }
    let place = check.recorded.place
    check.proofChecks.append(
      .other {
        var findings = Findings()
        findings.check(
          .eli3, Self.isSigned(request.bytes, by: issuance.keys, issuance.signatures), at: place,
          "a key of the roll's entry did not sign the request")
        return findings
      })
    return .credentialIssuance(
      CredentialRegister.Record(
        entry: check.recorded.index, request: request.hash, blinded: issuance.blinded,
        keys: issuance.keys), district: issuance.district, index: issuance.index)
  }

  func checkActivation(
    _ activation: CredentialActivation, into check: inout EntryCheck
  ) -> Effect? {
    guard let terms, let scope, case .pseudonym(let pseudonym) = check.recorded.entry.author else {
      return nil
    }
    check.require(
      .eli5, credentials.status(of: pseudonym) == nil, "the key was activated or cancelled before")
    let issuers = activation.signatures.map(\.issuer)
    check.require(
      .eli5, issuers.count == terms.required && zip(issuers, issuers.dropFirst()).allSatisfy(<),
      "\(issuers.count) signatures, not one each of \(terms.required) issuers in order")
    var keys: [(BlindRSAPublicKey, CredentialActivation.Signature)] = []
    for signature in activation.signatures {
      guard
        let key = terms.credentialKey(issuer: signature.issuer, district: activation.district)
      else {
        check.require(
          .eli5, false, "no issuer \(signature.issuer) or no district \(activation.district)")
        return nil
      }
      keys.append((key, signature))
    }
    let place = check.recorded.place
    let message = CredentialMessage(
      scope: scope, district: activation.district, nonce: activation.nonce, pseudonym: pseudonym
    ).bytes
    check.proofChecks.append(
      .other { [keys] in
        var findings = Findings()
        for (key, signature) in keys {
          findings.check(
            .eli5, key.vartimeIsValid(signature.bytes, preparedMessage: message), at: place,
            "the signature of issuer \(signature.issuer) is wrong")
        }
        return findings
      })
    return .credentialActivation(pseudonym, district: activation.district)
  }

  func checkCancelled(
    _ cancelled: CredentialCancelled, into check: inout EntryCheck
  ) -> Effect? {
    guard let terms, let scope, case .pseudonym(let pseudonym) = check.recorded.entry.author else {
      return nil
    }
    let records = credentials.records(district: cancelled.district, index: cancelled.index)
    guard records.indices.contains(cancelled.attempt), !records[cancelled.attempt].isCancelled
    else {
      check.require(
        .eli8, false, "no live credential of entry \(cancelled.index), attempt \(cancelled.attempt)"
      )
      return nil
    }
    let record = records[cancelled.attempt]
    let status = credentials.status(of: pseudonym)
    check.require(
      .eli8, status == nil || status == .active(district: cancelled.district),
      "the key was cancelled before, or is another district's")
    check.require(
      .eli8, cancelled.blinded.map { SHA256.hash($0) } == record.blinded,
      "the blinded messages are not those of the request")
    let message = CredentialMessage(
      scope: scope, district: cancelled.district, nonce: cancelled.nonce, pseudonym: pseudonym
    ).bytes
    let keys = (1...terms.issuers.count).compactMap {
      terms.credentialKey(issuer: $0, district: cancelled.district)
    }
    let statement = IssueRequest.cancellation(of: record.request, pseudonym: pseudonym)
    let place = check.recorded.place
    check.proofChecks.append(
      .other {
        var findings = Findings()
        findings.check(
          .eli8, Self.isSigned(statement, by: record.keys, cancelled.signatures), at: place,
          "a key of the roll's entry did not sign the cancellation")
        let openings = zip(keys, zip(cancelled.blinded, cancelled.factors))
        findings.check(
          .eli8,
          keys.count == cancelled.blinded.count
            && openings.allSatisfy {
              $0.vartimeOpens($1.0, preparedMessage: message, factor: $1.1)
            }, at: place, "the factors do not open the blinded messages")
        return findings
      })
    return .credentialCancelled(
      pseudonym, district: cancelled.district, index: cancelled.index, attempt: cancelled.attempt)
  }

  func checkListFrozen(_ frozen: CredentialListFrozen, into check: inout EntryCheck) {
    guard let terms, let configuration else { return }
    checkLists(frozen, terms, configuration, into: &check)
    for (district, counts) in zip(terms.districts, credentials.counts) {
      let live = counts.issued - counts.cancelled
      check.require(
        .eli7, counts.listed <= live && live <= district.voters,
        "district \(district.label): \(counts.listed) keys on the list, \(live) credentials "
          + "issued and not cancelled, \(district.voters) entries of the roll")
    }
    do {
      let witnessed = try configuration.witnessPolicy.verify(
        Array(frozen.checkpoint.utf8), logKey: NoteVerifierKey(vkey: configuration.logKey))
      check.require(
        .eli11,
        witnessed.checkpoint.size == tree.atBatch.size
          && witnessed.checkpoint.root == tree.atBatch.root && lastInBatch == nil,
        "the checkpoint is not that of the record up to this batch")
    } catch {
      check.require(.eli11, false, "the checkpoint: \(error)")
    }
  }

  /// ELI-6. The trees take a hash for every entry of the roll, so they are made for the commission's own word
  /// only: what others sign, or what comes in another phase, breaks LOG-6, LOG-7 or LOG-8 and has no effect.
  private func checkLists(
    _ frozen: CredentialListFrozen, _ terms: CredentialTerms,
    _ configuration: ElectionConfiguration, into check: inout EntryCheck
  ) {
    let entry = check.recorded.entry
    guard isAdmitted(.credentialListFrozen), entry.author == .commission, let electionID,
      entry.isSignatureValid(electionID: electionID, key: configuration.commissionKey)
    else { return }
    check.require(
      .eli6, frozen.districts.count == terms.districts.count,
      "\(frozen.districts.count) lists for \(terms.districts.count) districts")
    for (district, (list, own)) in zip(terms.districts, zip(frozen.districts, frozenLists())) {
      check.require(
        .eli6, list.counts == own.counts && list.root == own.root,
        "district \(district.label): the list is not the one that the record gives")
      check.require(
        .eli6, list.issuanceRoot == own.issuanceRoot,
        "district \(district.label): the issuance root is not the one that the record gives")
    }
  }

  func checkDestroyed(_ destroyed: IssuerKeysDestroyed, into check: inout EntryCheck) {
    guard let terms, case .issuer(let number) = check.recorded.entry.author,
      let issuer = terms.issuer(number)
    else { return }
    check.require(
      .eli12,
      credentials.destroyed[number] == nil
        && destroyed.keys.map(\.keyID) == issuer.credentialKeys.map(\.keyID),
      "a second declaration, or not one key for each district")
    for (key, counts) in zip(destroyed.keys, credentials.counts) {
      check.require(
        .eli4, key.signatures <= counts.issued,
        "\(key.signatures) signatures for \(counts.issued) requests")
    }
  }

  /// What credentials ask of the opening of the voting.
  func checkCredentialsForVoting(_ check: inout EntryCheck) {
    guard let terms else { return }
    for (district, counts) in zip(terms.districts, credentials.counts) {
      check.require(
        .eli7, counts.gap * 10_000 <= terms.maximumGap * counts.issued,
        "district \(district.label): \(counts.gap) of \(counts.issued) credentials were not "
          + "activated; the rules allow \(terms.maximumGap) in ten thousand")
    }
    let missing = (1...terms.issuers.count).filter { credentials.destroyed[$0] == nil }
    check.require(
      .eli12, missing.isEmpty,
      "the keys of issuer \(missing.map(String.init).joined(separator: ", ")) are not destroyed")
  }

  /// Where voters have credentials: how many keys of each district have a counted ballot; otherwise nil.
  public var votedByDistrict: [Int]? {
    guard let terms, let configuration else { return nil }
    var voted = terms.districts.map { _ in 0 }
    for ballot in ballots.countedBallots(revoting: configuration.policy.revoting) {
      guard case .active(let district) = credentials.status(of: ballot.pseudonym) else { continue }
      voted[district - 1] += 1
    }
    return voted
  }

  /// ELI-10: the published numbers of voters are those of the record, and add up to the counted ballots.
  func checkVoted(_ closed: VotingClosed, into check: inout EntryCheck) {
    let voted = votedByDistrict
    guard voted != nil || closed.voted != nil else { return }
    check.require(
      .eli10, closed.voted == voted && voted?.reduce(0, +) == closed.ballots.counted,
      "the record has other numbers of keys with a counted ballot, or they do not add up")
  }

  private static func isSigned(
    _ message: [UInt8], by keys: [Ed25519.PublicKey], _ signatures: [[UInt8]]
  ) -> Bool {
    keys.count == signatures.count
      && zip(keys, signatures).allSatisfy { $0.isValid(signature: $1, for: message) }
  }
}
