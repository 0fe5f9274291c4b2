// SPDX-License-Identifier: Apache-2.0

package import Election
package import Groups
internal import Ledger

/// A payload as an election has it.
package struct PayloadSample: Sendable {
  package let type: EntryType
  package let payload: [UInt8]
  package let group: Group

  /// One of every type, in a toy group.
  package static func all() throws -> [PayloadSample] {
    var seen: Set<String> = []
    let fixture = try ElectionFixture.toy(.certified)
    let others = try ElectionFixture.credentialed(.certified).entries
    var samples = (fixture.entries + others).compactMap { file -> PayloadSample? in
      guard seen.insert(file.entry.type).inserted, let type = EntryType(rawValue: file.entry.type)
      else { return nil }
      return PayloadSample(type: type, payload: file.payload, group: fixture.group)
    }
    let petition = try ElectionFixture.petition(.configured)
    samples += petition.entries.prefix(1).map {
      PayloadSample(type: .configuration, payload: $0.payload, group: petition.group)
    }
    let shares = try ElectionFixture.toy(.shares)
    samples.append(
      PayloadSample(
        type: .trusteeComplaint,
        payload: try shares.complaint(by: 2, about: 1).bytes(in: fixture.group),
        group: fixture.group))
    let issued = try ElectionFixture.credentialed(.issued)
    samples.append(
      PayloadSample(
        type: .credentialCancelled, payload: try issued.cancellation(1).bytes(in: issued.group),
        group: issued.group))
    return samples
  }
}

extension EntryType {
  /// Reads a payload of this type and writes it again.
  package func rewritten(_ bytes: [UInt8], in group: Group) throws -> [UInt8] {
    func read<Payload: EntryPayload>(_ payload: Payload.Type) throws -> [UInt8] {
      try Payload(bytes: bytes, in: group).bytes(in: group)
    }
    switch self {
    case .configuration: return try read(ElectionConfiguration.self)
    case .batch: return try read(BatchOpened.self)
    case .manifest: return try Manifest(bytes: bytes).bytes
    case .trusteeKeys: return try read(TrusteeKeysPublished.self)
    case .trusteeShares: return try read(TrusteeSharesPublished.self)
    case .trusteeReceipt: return try read(TrusteeReceipt.self)
    case .trusteeComplaint: return try read(TrusteeComplaint.self)
    case .trusteeConfirmation: return try read(TrusteeConfirmation.self)
    case .registrationOpened: return try read(RegistrationOpened.self)
    case .credentialIssuance: return try read(CredentialIssuance.self)
    case .activationOpened: return try read(ActivationOpened.self)
    case .credentialActivation: return try read(CredentialActivation.self)
    case .credentialCancelled: return try read(CredentialCancelled.self)
    case .credentialListFrozen: return try read(CredentialListFrozen.self)
    case .issuerKeysDestroyed: return try read(IssuerKeysDestroyed.self)
    case .votingOpened: return try read(VotingOpened.self)
    case .ballotSubmitted: return try read(BallotSubmitted.self)
    case .ballotCast: return try read(BallotCast.self)
    case .ballotChallenged: return try read(BallotChallenged.self)
    case .votingClosed: return try read(VotingClosed.self)
    case .tallyAggregated: return try read(TallyAggregated.self)
    case .decryptionOpened: return try read(DecryptionOpened.self)
    case .decryptionCommitment: return try read(DecryptionCommitted.self)
    case .decryptionFactors: return try read(DecryptionFactorsRevealed.self)
    case .decryptionResponse: return try read(DecryptionResponded.self)
    case .tallyDecrypted: return try read(TallyDecrypted.self)
    case .resultCertified: return try read(ResultCertified.self)
    }
  }
}
