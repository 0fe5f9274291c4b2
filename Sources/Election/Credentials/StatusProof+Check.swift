// SPDX-License-Identifier: Apache-2.0

public import Cryptography
public import Ledger
internal import StrictJSON

extension StatusProof {
  /// What whoever checks a proof knows from elsewhere. Without the election's identifier or the log's key a proof
  /// shows nothing, since anybody can set up an election.
  public struct Anchor: Sendable {
    /// election_id
    public var electionID: Digest?
    /// The log's key.
    public var logKey: NoteVerifierKey?
    /// Witnesses of the checker's own choice, who must have cosigned beside the configuration's.
    public var policy: WitnessPolicy?

    /// An anchor from its parts.
    public init(
      electionID: Digest? = nil, logKey: NoteVerifierKey? = nil, policy: WitnessPolicy? = nil
    ) {
      self.electionID = electionID
      self.logKey = logKey
      self.policy = policy
    }
  }

  /// Why a proof shows nothing.
  public enum Fault: Error, Hashable, Sendable, CustomStringConvertible {
    /// It is about an election or a log other than the one that is known.
    case foreign(String)
    /// A rule does not hold.
    case broken(RuleID, String)

    /// The fault in one line.
    public var description: String {
      switch self {
      case .foreign(let what): what
      case .broken(let rule, let detail): "\(rule.rawValue) fails: \(detail)"
      }
    }
  }

  /// What a proof shows.
  public struct Finding: Sendable {
    /// The configuration.
    public let configuration: ElectionConfiguration
    /// election_id
    public let electionID: Digest
    /// The record's checkpoint, and who cosigned it.
    public let witnessed: WitnessedCheckpoint
    /// The district.
    public let district: CredentialTerms.District
    /// What was issued for the roll's entry.
    public let status: IssuanceStatus
    /// Whose entry it is; nil if the proof does not say.
    public let identity: RollIdentity?
  }

  /// Checks the proof against what is known from elsewhere. The rules are those of the record (`Specs/rules.md`), as
  /// far as a proof shows them.
  ///
  /// It shows what the commission stated under the witnesses' quorum. That the statement is the record's is rule
  /// ELI-6, which everybody checks who verifies the record.
  /// - Throws: ``Fault``, the first.
  public func check(_ anchor: Anchor) throws(Fault) -> Finding {
    let (configuration, electionID, logKey) = try checkedConfiguration(anchor)
    let witnessed = try checkedCheckpoint(configuration, logKey, anchor)
    try checkEntry(
      self.configuration, at: 0, .configuration, witnessed.checkpoint, electionID,
      configuration.commissionKey)
    try checkEntry(
      frozen, at: frozenIndex, .credentialListFrozen, witnessed.checkpoint, electionID,
      configuration.commissionKey)
    let list = try checkedList(configuration, logKey)
    guard case .credentials(let terms) = configuration.eligibility,
      list.districts.count == terms.districts.count
    else { throw .broken(.eli6, "the list is not of the configuration's districts") }
    guard let district = terms.district(self.district), index <= district.voters else {
      throw .broken(.eli3, "the roll has no entry \(index) in district \(self.district)")
    }
    let status = IssuanceStatus(
      scope: CredentialScope(election: electionID, describedBy: configuration.scope),
      district: self.district, index: index,
      attempts: attempts)
    guard
      status.isIncluded(
        path: path, size: district.voters, root: list.districts[self.district - 1].issuanceRoot)
    else {
      throw .broken(
        .eli6, "the path does not lead from the status of entry \(index) to the issuance root")
    }
    try checkRoll(terms.register, district)
    return Finding(
      configuration: configuration, electionID: electionID, witnessed: witnessed,
      district: district, status: status, identity: roll?.identity)
  }

  private func checkedConfiguration(
    _ anchor: Anchor
  ) throws(Fault) -> (ElectionConfiguration, Digest, NoteVerifierKey) {
    let payload = self.configuration.payload.canonicalBytes()
    let electionID = SHA256.hash(payload)
    guard anchor.electionID == nil || anchor.electionID == electionID else {
      throw .foreign("a proof about election \(electionID.hex)")
    }
    let configuration: ElectionConfiguration
    let logKey: NoteVerifierKey
    do {
      configuration = try ElectionConfiguration(bytes: payload, in: group)
    } catch { throw .broken(.log5, "configuration: \(error)") }
    do { logKey = try NoteVerifierKey(vkey: configuration.logKey) } catch {
      throw .broken(.log1, "configuration: \(error)")
    }
    guard anchor.logKey == nil || anchor.logKey == logKey else {
      throw .foreign("a proof from the log \(logKey.vkey)")
    }
    guard anchor.electionID != nil || anchor.logKey != nil else {
      throw .foreign("neither the election's identifier nor the log's key is known")
    }
    return (configuration, electionID, logKey)
  }

  private func checkedCheckpoint(
    _ configuration: ElectionConfiguration, _ logKey: NoteVerifierKey, _ anchor: Anchor
  ) throws(Fault) -> WitnessedCheckpoint {
    let note = Array(checkpoint.utf8)
    do { _ = try Checkpoint.verified(note, logKey: logKey) } catch {
      throw .broken(.log1, "\(error)")
    }
    do {
      if let policy = anchor.policy { _ = try policy.verify(note, logKey: logKey) }
      return try configuration.witnessPolicy.verify(note, logKey: logKey)
    } catch { throw .broken(.log11, "\(error)") }
  }

  private func checkEntry(
    _ entry: Entry, at index: Int, _ type: EntryType, _ checkpoint: Checkpoint,
    _ electionID: Digest, _ commission: Ed25519.PublicKey
  ) throws(Fault) {
    let place = "entry \(index) (\(type.rawValue))"
    guard
      MerkleTree.verifyInclusion(
        leafHash: entry.leaf.leafHash, index: UInt64(index), size: checkpoint.size,
        root: checkpoint.root, proof: entry.path)
    else {
      throw .broken(.log2, "\(place): the path does not lead from the leaf to the checkpoint")
    }
    guard entry.leaf.isPayload(entry.payload.canonicalBytes()) else {
      throw .broken(.log4, "\(place): the payload has another digest or size")
    }
    guard entry.leaf.type == type.rawValue, entry.leaf.version == 1 else {
      throw .broken(.log5, "\(place): the leaf is of the type \(entry.leaf.type)")
    }
    guard entry.leaf.author == .commission else {
      throw .broken(.log7, "\(place): \(entry.leaf.author) may not make this entry")
    }
    guard entry.leaf.isSignatureValid(electionID: electionID, key: commission) else {
      throw .broken(.log6, "\(place): the signature is wrong")
    }
  }

  /// ELI-11, and that what was issued stands in the record up to the list.
  private func checkedList(
    _ configuration: ElectionConfiguration, _ logKey: NoteVerifierKey
  ) throws(Fault) -> CredentialListFrozen {
    let list: CredentialListFrozen
    do {
      list = try CredentialListFrozen(bytes: frozen.payload.canonicalBytes(), in: group)
    } catch { throw .broken(.log5, "credential.list-frozen: \(error)") }
    let size: UInt64
    do {
      size = try configuration.witnessPolicy.verify(Array(list.checkpoint.utf8), logKey: logKey)
        .checkpoint.size
    } catch { throw .broken(.eli11, "the list's checkpoint: \(error)") }
    // The batch's own entry stands between.
    guard frozenIndex >= 1, size == UInt64(frozenIndex - 1) else {
      throw .broken(.eli11, "the list's checkpoint is not that of the record up to its batch")
    }
    let entries = attempts.map(\.entry)
    guard zip(entries, entries.dropFirst()).allSatisfy(<),
      entries.allSatisfy({ $0 < frozenIndex - 1 }), attempts.dropLast().allSatisfy(\.isCancelled)
    else {
      throw .broken(.eli3, "the requests are not one after the other, each but the last cancelled")
    }
    return list
  }

  private func checkRoll(_ register: Digest, _ district: CredentialTerms.District) throws(Fault) {
    guard let roll else { return }
    let hasKeys = if case .keys = roll.identity { true } else { false }
    guard hasKeys == (index <= district.keyEntries) else {
      throw .broken(.eli3, "entry \(index) of the roll is identified in another way")
    }
    let leaf = RollLeaf(
      register: register, district: self.district, index: index, salt: roll.salt,
      identity: roll.identity)
    guard leaf.isIncluded(path: roll.path, size: district.voters, root: district.root) else {
      throw .broken(
        .eli3, "the path does not lead from the opened leaf of entry \(index) to the roll's root")
    }
  }
}
