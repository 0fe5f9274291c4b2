// SPDX-License-Identifier: Apache-2.0

public import Cryptography
public import Groups
internal import Ledger
internal import StrictJSON

/// The election after some entries of its ledger: the fold of the rulebook over them.
///
///     entry bytes → Entry → state.check(entry) → state.apply(check)
///
/// The ballot box runs `check` before it admits an entry, the verifier runs the same `check` over the
/// finished log, and trustees and voters run the same fold to know what they act on. Everything in
/// the state is public and can be rebuilt from the log.
public struct ElectionState: Sendable {
  /// The group; elections are held in the standard one.
  public let group: Group
  /// The phase that the next entry meets.
  public internal(set) var phase = ElectionPhase.setup
  /// Number of entries so far.
  public internal(set) var size = 0
  /// SHA-256 of the configuration's bytes.
  public internal(set) var electionID: Digest?
  /// The configuration.
  public internal(set) var configuration: ElectionConfiguration?
  /// The manifest.
  public internal(set) var manifest: Manifest?
  /// The current batch.
  public internal(set) var batch: BatchOpened?
  /// Where every batch begins, and its time, in order.
  var batchStarts: [(entry: Int, time: Int)] = []
  /// Type and leaf hash of the last entry of the current batch.
  var lastInBatch: (type: EntryType, leaf: Digest)?
  /// The trustees' key ceremony.
  public internal(set) var ceremony = KeyCeremonyState()
  /// The confirmed keys, with tables; from the opening of the voting on.
  public internal(set) var context: ElectionContext?
  /// The confirmed keys, as published.
  public internal(set) var keys: ElectionKeys?
  /// The ballots.
  public internal(set) var ballots = BallotRegister()
  /// The voters that the configuration lists, by key; ``voter(_:)`` finds those with credentials as well.
  var listedVoters: [Ed25519.PublicKey: ListedVoter] = [:]
  /// Credentials and the keys that they activated.
  public internal(set) var credentials = CredentialRegister()
  /// Index of the entry that froze the list of credentials' keys; nil before it.
  public internal(set) var frozenEntry: Int?
  /// The record's tree, now and at the beginning of the current batch.
  var tree = (now: MerkleFrontier(), atBatch: MerkleFrontier())
  /// What is decrypted, recomputed from the record by whoever folds; never taken from an entry.
  public internal(set) var recomputed: RecomputedTally?
  /// The decryption.
  public internal(set) var decryption = DecryptionState()
  /// The decrypted totals.
  public internal(set) var decrypted: TallyDecrypted?
  /// The certified result.
  public internal(set) var result: ResultCertified?

  /// The state before the first entry.
  public init() { group = .standard }

  /// The same in another group; for tests.
  package init(group: Group) { self.group = group }

  /// What the record is for.
  public var kind: RecordKind {
    guard let terms else { return .listed }
    return terms.scope == nil ? .credentials : .petition
  }

  /// Whether nothing more is to come: the result is certified, or the list of a petition is frozen.
  public var isComplete: Bool {
    phase == .certified || (kind == .petition && phase == .frozen)
  }

  /// The trustees' number n and threshold k.
  public var trusteeCount: Int { configuration?.trusteeKeys.count ?? 0 }

  /// Checks an entry against the rules that everything so far makes.
  /// - Parameters:
  ///   - recorded: the entry; its index is the state's size.
  ///   - payloads: earlier payloads of the same record.
  public func check(_ recorded: RecordedEntry, payloads: any PayloadSource) -> EntryCheck {
    var check = EntryCheck(recorded)
    let entry = recorded.entry
    check.require(
      .log4, entry.isPayload(recorded.payload), "the payload has another digest or size")
    guard let type = EntryType(rawValue: entry.type), entry.version == 1 else {
      check.require(.log5, false, "unknown type or version \(entry.type) \(entry.version)")
      return check
    }
    let electionID = electionID ?? SHA256.hash(recorded.payload)
    checkBatch(type, into: &check)
    check.require(
      .log8, isAdmitted(type) && (type == .configuration) == (size == 0),
      "not admitted in the phase \(phase.rawValue)")
    do {
      check.effect = try decode(type, recorded, electionID: electionID, payloads, into: &check)
    } catch {
      check.require(.log5, false, "\(error)")
      return check
    }
    check.require(.log5, true, "")
    checkAuthor(type, electionID: electionID, into: &check)
    let fatal: Set<RuleID> = [.log4, .log5, .log6, .log7, .log8]
    if check.findings.failures.contains(where: { fatal.contains($0.rule) }) { check.effect = nil }
    return check
  }

  /// LOG-9: the configuration stands alone at the front; all else is in batches, ordered by type and
  /// then by leaf hash; batches are numbered and their times do not run backwards.
  private func checkBatch(_ type: EntryType, into check: inout EntryCheck) {
    switch type {
    case .configuration: return
    case .batch: return
    default:
      guard batch != nil else {
        check.require(.log9, false, "no batch is open")
        return
      }
      let leaf = check.recorded.entry.leafHash
      let inOrder = lastInBatch.map { $0.type < type || ($0.type == type && $0.leaf < leaf) }
      check.require(.log9, inOrder ?? true, "not in the order of type and hash")
    }
    if let window = window(of: type), let time = batch?.time {
      check.require(
        .log10, window.contains(time),
        "the batch's time \(time) is not between \(window.lowerBound) and \(window.upperBound)")
    }
  }

  /// When entries of a type are admitted; nil for those that only the phases bound.
  private func window(of type: EntryType) -> ClosedRange<Int>? {
    switch type {
    case .ballotSubmitted, .ballotCast, .ballotChallenged: configuration?.votingWindow
    case .credentialIssuance: terms?.registration
    case .credentialActivation: terms?.activation
    case .credentialCancelled:
      terms.map { $0.registration.lowerBound...$0.activation.upperBound }
    default: nil
    }
  }

  /// Whether entries of a type come in this phase (LOG-8).
  public func isAdmitted(_ type: EntryType) -> Bool {
    type.phases(in: kind).contains(phase)
  }

  /// Whether the list of credentials' keys can change no more.
  var isListFrozen: Bool {
    switch phase {
    case .setup, .keyCeremony, .registration, .activation: false
    case .frozen, .voting, .closed, .decryption, .decrypted, .certified: true
    }
  }

  /// LOG-6 and LOG-7: the author may make this entry, and signed it.
  func checkAuthor(_ type: EntryType, electionID: Digest, into check: inout EntryCheck) {
    let entry = check.recorded.entry
    let configuration: ElectionConfiguration?
    if case .configuration(let own) = check.effect {
      configuration = own
    } else {
      configuration = self.configuration
    }
    let key: Ed25519.PublicKey? =
      switch (entry.author, type.role) {
      case (.commission, .commission): configuration?.commissionKey
      case (.ballotBox, .ballotBox): configuration?.ballotBoxKey
      case (.trustee(let index), .trustee): configuration?.trusteeKey(index)
      case (.pseudonym(let key), .voter): key
      case (.issuer(let index), .issuer), (.issuer(let index), .registrar):
        terms?.issuer(index)?.key
      case (.citizen(let key), .registrar): check.isAboutCitizen(key) ? key : nil
      default: nil
      }
    check.require(.log7, key != nil, "\(entry.author) may not make this entry")
    if let key {
      check.require(
        .log6, entry.isSignatureValid(electionID: electionID, key: key), "the signature is wrong")
    }
  }

  /// The state after a checked entry. An entry whose form, author or phase is wrong has no effect but
  /// its place.
  public mutating func apply(_ check: EntryCheck) {
    let index = size
    size += 1
    let leaf = check.recorded.entry.leafHash
    if let type = EntryType(rawValue: check.recorded.entry.type) {
      lastInBatch = type == .batch ? nil : (type, leaf)
      if type == .batch { tree.atBatch = tree.now }
    }
    tree.now.append(leaf)
    guard let effect = check.effect else { return }
    apply(effect, index: index)
  }

  /// The time of the batch that an entry stands in; nil for the configuration and for what is not in
  /// the log.
  public func batchTime(ofEntry index: Int) -> Int? {
    guard index < size else { return nil }
    let after = batchStarts.partitioningIndex { $0.entry > index }
    return after > 0 ? batchStarts[after - 1].time : nil
  }

  /// Passes over a leaf that could not be read at all; the caller reports it. The tree of the state is then not
  /// the record's, and rule ELI-11 fails.
  public mutating func skip() { size += 1 }

  /// Keeps what the caller recomputed from the record: rules EG-9.A and EG-9.B compare the published
  /// totals with it, and the decryption is checked against it.
  public mutating func keepRecomputed(_ tally: RecomputedTally) { recomputed = tally }
}

extension Array {
  /// The first position whose element meets a condition that all behind it meet as well.
  fileprivate func partitioningIndex(where isBehind: (Element) -> Bool) -> Int {
    var range = startIndex..<endIndex
    while !range.isEmpty {
      let middle = range.lowerBound + range.count / 2
      if isBehind(self[middle]) {
        range = range.lowerBound..<middle
      } else {
        range = middle + 1..<range.upperBound
      }
    }
    return range.lowerBound
  }
}

extension EntryType {
  /// Who makes entries of a type.
  enum Role {
    case commission, ballotBox, trustee, issuer, voter
    /// An issuer, or the citizen that the entry is about.
    case registrar
  }

  var role: Role {
    switch self {
    case .configuration, .manifest, .registrationOpened, .activationOpened, .credentialListFrozen,
      .votingOpened, .votingClosed, .tallyAggregated, .decryptionOpened, .tallyDecrypted,
      .resultCertified:
      .commission
    case .batch: .ballotBox
    case .trusteeKeys, .trusteeShares, .trusteeReceipt, .trusteeComplaint, .trusteeConfirmation,
      .decryptionCommitment, .decryptionFactors, .decryptionResponse:
      .trustee
    case .credentialIssuance: .registrar
    case .issuerKeysDestroyed: .issuer
    case .credentialActivation, .credentialCancelled, .ballotSubmitted, .ballotCast,
      .ballotChallenged:
      .voter
    }
  }
}

extension ElectionConfiguration {
  /// The identity key of trustee i, from 1; nil for an index that does not exist.
  public func trusteeKey(_ index: Int) -> Ed25519.PublicKey? {
    trusteeKeys.indices.contains(index &- 1) ? trusteeKeys[index - 1] : nil
  }
}
