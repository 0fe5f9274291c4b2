// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
internal import ElGamal
internal import Groups
internal import Ledger
internal import StrictJSON

/// Reading an entry's payload, running the rules of its type, and applying it.
extension ElectionState {
  func decode(
    _ type: EntryType, _ recorded: RecordedEntry, electionID: Digest,
    _ payloads: any PayloadSource, into check: inout EntryCheck
  ) throws(JSONError) -> Effect? {
    let bytes = recorded.payload
    let author: Int =
      switch recorded.entry.author {
      case .trustee(let index), .issuer(let index): index
      default: 0
      }
    switch type {
    case .configuration:
      let configuration = try ElectionConfiguration(bytes: bytes, in: group)
      checkConfiguration(configuration, into: &check)
      return .configuration(configuration)
    case .batch:
      let batch = try BatchOpened(bytes: bytes, in: group)
      checkBatch(batch, into: &check)
      return .batch(batch)
    case .manifest:
      let manifest = try Manifest(bytes: bytes)
      checkManifest(manifest, payload: bytes, into: &check)
      return .manifest(manifest)
    case .trusteeKeys:
      let keys = try TrusteeKeysPublished(bytes: bytes, in: group)
      checkKeys(keys, into: &check)
      return .trusteeKeys(keys)
    case .trusteeShares:
      let shares = try TrusteeSharesPublished(bytes: bytes, in: group)
      checkShares(shares, into: &check)
      return .trusteeShares(shares, from: author)
    case .trusteeReceipt:
      checkReceipt(try TrusteeReceipt(bytes: bytes, in: group), into: &check)
      return .trusteeReceipt(from: author)
    case .trusteeComplaint:
      let complaint = try TrusteeComplaint(bytes: bytes, in: group)
      return checkComplaint(complaint, into: &check).map { .trusteeComplaint($0) }
    case .trusteeConfirmation:
      let confirmation = try TrusteeConfirmation(bytes: bytes, in: group)
      checkConfirmation(confirmation, into: &check)
      return .trusteeConfirmation(confirmation, from: author)
    case .registrationOpened:
      _ = try RegistrationOpened(bytes: bytes, in: group)
      return .registrationOpened
    case .credentialIssuance:
      return checkIssuance(try CredentialIssuance(bytes: bytes, in: group), into: &check)
    case .activationOpened:
      checkActivationOpened(try ActivationOpened(bytes: bytes, in: group), into: &check)
      return .activationOpened
    case .credentialActivation:
      return checkActivation(try CredentialActivation(bytes: bytes, in: group), into: &check)
    case .credentialCancelled:
      return checkCancelled(try CredentialCancelled(bytes: bytes, in: group), into: &check)
    case .credentialListFrozen:
      checkListFrozen(try CredentialListFrozen(bytes: bytes, in: group), into: &check)
      return .credentialListFrozen
    case .issuerKeysDestroyed:
      let destroyed = try IssuerKeysDestroyed(bytes: bytes, in: group)
      checkDestroyed(destroyed, into: &check)
      return .issuerKeysDestroyed(destroyed.keys, issuer: author)
    case .votingOpened:
      let opened = try VotingOpened(bytes: bytes, in: group)
      return checkOpened(opened, into: &check).map { .votingOpened(opened, $0) }
    case .ballotSubmitted:
      return checkSubmitted(try BallotSubmitted(bytes: bytes, in: group), into: &check)
    case .ballotCast:
      return checkCast(try BallotCast(bytes: bytes, in: group), into: &check)
    case .ballotChallenged:
      let challenged = try BallotChallenged(bytes: bytes, in: group)
      return checkChallenged(challenged, payloads: payloads, into: &check)
    case .votingClosed:
      let closed = try VotingClosed(bytes: bytes, in: group)
      checkClosed(closed, into: &check)
      return .votingClosed(closed)
    case .tallyAggregated:
      let aggregated = try TallyAggregated(bytes: bytes, in: group)
      checkAggregated(aggregated, into: &check)
      return .tallyAggregated(aggregated)
    case .decryptionOpened:
      let opened = try DecryptionOpened(bytes: bytes, in: group)
      checkDecryptionOpened(opened, into: &check)
      return .decryptionOpened(opened)
    case .decryptionCommitment:
      let committed = try DecryptionCommitted(bytes: bytes, in: group)
      checkCommitted(committed, into: &check)
      return .decryptionCommitment(committed, from: author)
    case .decryptionFactors:
      let revealed = try DecryptionFactorsRevealed(bytes: bytes, in: group)
      checkFactors(revealed, into: &check)
      return .decryptionFactors(revealed, from: author)
    case .decryptionResponse:
      let responded = try DecryptionResponded(bytes: bytes, in: group)
      let isNamed = checkResponded(responded, into: &check)
      return .decryptionResponse(responded, from: author, isNamed: isNamed)
    case .tallyDecrypted:
      let decrypted = try TallyDecrypted(bytes: bytes, in: group)
      checkDecrypted(decrypted, into: &check)
      return .tallyDecrypted(decrypted)
    case .resultCertified:
      let certified = try ResultCertified(bytes: bytes, in: group)
      checkCertified(certified, into: &check)
      return .resultCertified(certified)
    }
  }

  mutating func apply(_ effect: Effect, index: Int) {
    switch effect {
    case .configuration(let configuration):
      self.configuration = configuration
      electionID = SHA256.hash(configuration.bytes(in: group))
      switch configuration.eligibility {
      case .listed(let listed):
        listedVoters = Dictionary(
          listed.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
      case .credentials(let terms):
        credentials = CredentialRegister(districts: terms.districts.count)
      }
    case .batch(let batch):
      self.batch = batch
      batchStarts.append((entry: index, time: batch.time))
    case .manifest(let manifest):
      self.manifest = manifest
      phase = .keyCeremony
    case .trusteeKeys(let published): ceremony.keys[published.keys.trustee] = published.keys
    case .trusteeShares(let published, let from): ceremony.shares[from] = published.shares
    case .trusteeReceipt(let from): ceremony.receipts.insert(from)
    case .trusteeComplaint(let complaint):
      ceremony.complaintCount += 1
      if complaint.verdict == .upheld {
        ceremony.named.append(.init(round: ceremony.round, trustee: complaint.accused))
        ceremony.beginNextRound()
      }
    case .trusteeConfirmation(let confirmation, let from):
      ceremony.confirmations[from] = confirmation.keys
    case .registrationOpened: phase = .registration
    case .credentialIssuance(let record, let district, let index):
      credentials.issue(record, district: district, index: index)
    case .activationOpened: phase = .activation
    case .credentialActivation(let pseudonym, let district):
      credentials.activate(pseudonym, district: district)
    case .credentialCancelled(let pseudonym, let district, let index, let attempt):
      credentials.cancel(pseudonym, district: district, index: index, attempt: attempt)
    case .credentialListFrozen:
      frozenEntry = index
      phase = .frozen
    case .issuerKeysDestroyed(let keys, let issuer): credentials.destroy(keys, of: issuer)
    case .votingOpened(let opened, let context):
      self.context = context
      keys = opened.keys
      phase = .voting
    case .ballotSubmitted(let ballot, let identifier):
      ballots.submit(ballot, identifier: identifier)
    case .ballotCast(let code): ballots.decide(code, .cast(entry: index))
    case .ballotChallenged(let code): ballots.decide(code, .challenged(entry: index))
    case .votingClosed: phase = .closed
    case .tallyAggregated: phase = .decryption
    case .decryptionOpened(let opened): decryption.open(opened)
    case .decryptionCommitment(let committed, let from):
      decryption.commitments[from] = committed.commitments
    case .decryptionFactors(let revealed, let from): reveal(revealed, from: from)
    case .decryptionResponse(let responded, let from, let isNamed):
      decryption.responses[from] = responded.responses
      if isNamed { decryption.named.append(.init(session: decryption.session, trustee: from)) }
    case .tallyDecrypted(let decrypted):
      self.decrypted = decrypted
      phase = .decrypted
    case .resultCertified(let certified):
      result = certified
      phase = .certified
    }
  }

  private mutating func reveal(_ revealed: DecryptionFactorsRevealed, from trustee: Int) {
    decryption.parts[trustee] = revealed.parts
    guard decryption.parts.count == decryption.available.count, let context, let recomputed else {
      return
    }
    decryption.combined = recomputed.items.enumerated().compactMap { position, item in
      let parts = decryption.parts.compactMapValues {
        $0.indices.contains(position) ? $0[position] : nil
      }
      return CombinedDecryption(
        item, parts: parts, extendedBaseHash: context.extendedBaseHash, in: group)
    }
  }
}
