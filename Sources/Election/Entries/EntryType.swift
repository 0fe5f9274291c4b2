// SPDX-License-Identifier: Apache-2.0

/// The kinds of entries of an election's ledger, in the order in which they stand inside a batch.
///
/// The raw value is the `type` of the leaf. See `Specs/entries.md`.
public enum EntryType: String, Sendable, CaseIterable, Comparable {
  /// The configuration; the first entry of every log. Its payload's SHA-256 is the election_id.
  case configuration = "election.configuration"
  /// The ballot box opens a batch: number and time.
  case batch = "log.batch"
  /// The manifest: exact bytes, hashed as H_B.
  case manifest = "election.manifest"
  /// A trustee's public keys with proofs.
  case trusteeKeys = "trustee.keys"
  /// A trustee's encrypted shares for all others.
  case trusteeShares = "trustee.shares"
  /// A trustee has received and checked all shares.
  case trusteeReceipt = "trustee.receipt"
  /// A trustee opens a share that is wrong.
  case trusteeComplaint = "trustee.complaint"
  /// A trustee confirms the joint keys.
  case trusteeConfirmation = "trustee.confirmation"
  /// The commission opens the registration for credentials.
  case registrationOpened = "registration.opened"
  /// The holder of a credential gives it up.
  case credentialCancelled = "credential.cancelled"
  /// A citizen has asked for a credential.
  case credentialIssuance = "credential.issuance"
  /// The commission opens the activation of credentials.
  case activationOpened = "activation.opened"
  /// A key is activated by a credential.
  case credentialActivation = "credential.activation"
  /// The commission freezes the list of keys that may vote, or that signed a petition.
  case credentialListFrozen = "credential.list-frozen"
  /// An issuer declares its keys destroyed.
  case issuerKeysDestroyed = "issuer.key-destroyed"
  /// The commission opens the voting.
  case votingOpened = "voting.opened"
  /// An encrypted ballot.
  case ballotSubmitted = "ballot.submitted"
  /// The voter casts a submitted ballot.
  case ballotCast = "ballot.cast"
  /// The voter challenges a submitted ballot and publishes its nonces.
  case ballotChallenged = "ballot.challenged"
  /// The commission closes the voting.
  case votingClosed = "voting.closed"
  /// The encrypted totals.
  case tallyAggregated = "tally.aggregated"
  /// The commission opens a decryption with the trustees that are available.
  case decryptionOpened = "decryption.opened"
  /// A trustee's commitments d_i.
  case decryptionCommitment = "decryption.commitment"
  /// A trustee's factors M_i with a_i and b_i.
  case decryptionFactors = "decryption.factors"
  /// A trustee's responses v_i.
  case decryptionResponse = "decryption.response"
  /// The decrypted totals with proofs.
  case tallyDecrypted = "tally.decrypted"
  /// The result; the last entry of every log.
  case resultCertified = "result.certified"

  /// Position inside a batch.
  public var rank: Int { Self.ranks[self] ?? 0 }

  /// The order inside a batch: a ballot stands before the decision about it.
  public static func < (left: EntryType, right: EntryType) -> Bool { left.rank < right.rank }

  private static let ranks = Dictionary(
    uniqueKeysWithValues: allCases.enumerated().map { ($1, $0) })
}

/// What a record is for, which decides its phases.
public enum RecordKind: String, Sendable, CaseIterable {
  /// An election whose configuration lists the voters.
  case listed
  /// An election whose voters get credentials.
  case credentials
  /// A petition, or another right that everybody has once: credentials without a voting.
  case petition
}

/// The phases of an election. An entry is admitted only in the phases that its type belongs to
/// (rule LOG-8).
public enum ElectionPhase: String, Sendable, CaseIterable {
  /// Before the manifest.
  case setup
  /// The trustees make the keys.
  case keyCeremony
  /// Citizens ask for credentials. This phase and the next two are those of elections with credentials and of
  /// petitions.
  case registration
  /// Keys are activated.
  case activation
  /// The list of keys is frozen; issuers destroy theirs. A petition ends here.
  case frozen
  /// Ballots are admitted.
  case voting
  /// No more ballots; the totals are not yet on the ledger.
  case closed
  /// The trustees decrypt the totals.
  case decryption
  /// The totals are decrypted.
  case decrypted
  /// The result is certified. Nothing may follow.
  case certified
}

extension EntryType {
  /// The phases in which the type is admitted. The trustees' key ceremony may go on while credentials are issued
  /// and activated.
  ///
  /// A petition has neither manifest nor trustees nor voting: setup, registration, activation, frozen.
  public func phases(in kind: RecordKind) -> [ElectionPhase] {
    switch self {
    case .configuration: [.setup]
    case .manifest: kind == .petition ? [] : [.setup]
    case .batch: ElectionPhase.allCases.filter { $0 != .certified }
    case .trusteeKeys, .trusteeShares, .trusteeReceipt, .trusteeComplaint, .trusteeConfirmation:
      kind == .petition ? [] : [.keyCeremony, .registration, .activation, .frozen]
    case .registrationOpened:
      switch kind {
      case .listed: []
      case .credentials: [.keyCeremony]
      case .petition: [.setup]
      }
    case .credentialIssuance, .activationOpened: [.registration]
    case .credentialCancelled: [.registration, .activation]
    case .credentialActivation, .credentialListFrozen: [.activation]
    case .issuerKeysDestroyed: [.frozen]
    case .votingOpened:
      switch kind {
      case .listed: [.keyCeremony]
      case .credentials: [.frozen]
      case .petition: []
      }
    case .ballotSubmitted, .ballotCast, .ballotChallenged, .votingClosed: [.voting]
    case .tallyAggregated: [.closed]
    case .decryptionOpened, .decryptionCommitment, .decryptionFactors, .decryptionResponse,
      .tallyDecrypted:
      [.decryption]
    case .resultCertified: [.decrypted]
    }
  }
}
