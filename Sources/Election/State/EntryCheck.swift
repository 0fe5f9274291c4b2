// SPDX-License-Identifier: Apache-2.0

public import Cryptography
public import Ledger

/// An entry with its place in the log and its payload.
public struct RecordedEntry: Sendable {
  /// Index of the leaf, from 0.
  public let index: Int
  /// The leaf.
  public let entry: LedgerEntry
  /// The payload's exact bytes.
  public let payload: [UInt8]

  /// An entry from its parts.
  public init(index: Int, entry: LedgerEntry, payload: [UInt8]) {
    self.index = index
    self.entry = entry
    self.payload = payload
  }

  /// How findings name the entry.
  public var place: String { "entry \(index) (\(entry.type))" }
}

/// Gives the payloads of earlier entries, from the same record.
public protocol PayloadSource: Sendable {
  /// The payload of the entry at an index, or nil when it cannot be read.
  func payload(at index: Int) -> [UInt8]?
}

/// The outcome of ``ElectionState/check(_:payloads:)``: the cheap rules' findings, the expensive
/// checks still to run, and what the entry does to the state.
public struct EntryCheck: Sendable {
  /// Findings of the rules that cost little.
  public internal(set) var findings = Findings()
  /// Checks of proofs that remain.
  public internal(set) var proofChecks: [ProofCheck] = []
  var effect: Effect?
  let recorded: RecordedEntry

  init(_ recorded: RecordedEntry) { self.recorded = recorded }

  /// H_C of the ballot that the entry submits or decides about; nil for other entries.
  public var confirmationCode: Digest? {
    switch effect {
    case .ballotSubmitted(let ballot, _): ballot.confirmationCode
    case .ballotCast(let code), .ballotChallenged(let code): code
    default: nil
    }
  }

  /// What may stand in the log once: a voter's ballot of one number, a decision about a ballot.
  public var claims: [LogClaim] {
    switch effect {
    case .ballotSubmitted(let ballot, _):
      [.ballot(of: ballot.pseudonym, sequence: ballot.sequence)]
    case .ballotCast(let code), .ballotChallenged(let code): [.decision(about: code)]
    case .credentialIssuance(let record, _, _): [.issuance(record.request)]
    case .credentialActivation(let pseudonym, _): [.activation(of: pseudonym)]
    case .credentialCancelled(let pseudonym, _, _, _): [.cancellation(of: pseudonym)]
    default: []
    }
  }

  /// All findings, after running the remaining checks here and now.
  public func complete() -> Findings {
    var all = findings
    for part in ProofCheck.run(proofChecks).findings { all.merge(part) }
    return all
  }

  /// Whether the entry registers the citizen with a key.
  func isAboutCitizen(_ key: Ed25519.PublicKey) -> Bool {
    if case .credentialIssuance(let record, _, _) = effect {
      record.keys.contains(key)
    } else {
      false
    }
  }

  mutating func require(
    _ rule: RuleID, _ holds: Bool, _ detail: @autoclosure () -> String
  ) {
    findings.check(rule, holds, at: recorded.place, detail())
  }
}

extension LogClaim {
  /// Strong uniqueness: one ballot of this voter has this number.
  static func ballot(of pseudonym: Ed25519.PublicKey, sequence: Int) -> LogClaim {
    let number = UInt32(clamping: sequence)
    return LogClaim(
      kind: "ballot", pseudonym.bytes,
      ([24, 16, 8, 0] as [UInt32]).map { UInt8(truncatingIfNeeded: number >> $0) })
  }

  /// A request is recorded once.
  static func issuance(_ request: Digest) -> LogClaim {
    LogClaim(kind: "issuance", request.bytes)
  }

  /// A key is activated once.
  static func activation(of pseudonym: Ed25519.PublicKey) -> LogClaim {
    LogClaim(kind: "activation", pseudonym.bytes)
  }

  /// A key is given up once.
  static func cancellation(of pseudonym: Ed25519.PublicKey) -> LogClaim {
    LogClaim(kind: "cancellation", pseudonym.bytes)
  }

  /// One decision is made about a ballot.
  static func decision(about confirmationCode: Digest) -> LogClaim {
    LogClaim(kind: "decision", confirmationCode.bytes)
  }
}

/// What an admitted entry does to the state.
enum Effect: Sendable {
  case configuration(ElectionConfiguration)
  case batch(BatchOpened)
  case manifest(Manifest)
  case trusteeKeys(TrusteeKeysPublished)
  case trusteeShares(TrusteeSharesPublished, from: Int)
  case trusteeReceipt(from: Int)
  case trusteeComplaint(CeremonyComplaint)
  case trusteeConfirmation(TrusteeConfirmation, from: Int)
  case registrationOpened
  case credentialIssuance(CredentialRegister.Record, district: Int, index: Int)
  case activationOpened
  case credentialActivation(Ed25519.PublicKey, district: Int)
  case credentialCancelled(Ed25519.PublicKey, district: Int, index: Int, attempt: Int)
  case credentialListFrozen
  case issuerKeysDestroyed([IssuerKeysDestroyed.Key], issuer: Int)
  case votingOpened(VotingOpened, ElectionContext)
  case ballotSubmitted(BallotRegister.Ballot, identifier: Digest)
  case ballotCast(Digest)
  case ballotChallenged(Digest)
  case votingClosed(VotingClosed)
  case tallyAggregated(TallyAggregated)
  case decryptionOpened(DecryptionOpened)
  case decryptionCommitment(DecryptionCommitted, from: Int)
  case decryptionFactors(DecryptionFactorsRevealed, from: Int)
  case decryptionResponse(DecryptionResponded, from: Int, isNamed: Bool)
  case tallyDecrypted(TallyDecrypted)
  case resultCertified(ResultCertified)
}
