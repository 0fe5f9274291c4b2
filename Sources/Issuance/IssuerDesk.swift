// SPDX-License-Identifier: Apache-2.0

public import BlindSignatures
public import Cryptography
public import Election
public import Ledger

/// A key that a file or a hardware module holds.
public struct AnyRSASigner: RawRSASigner {
  private let holder: any RawRSASigner

  /// Any holder.
  public init(_ holder: any RawRSASigner) { self.holder = holder }

  /// x^d mod n
  public func rawSignature(_ input: [UInt8]) async throws(BlindRSAError) -> [UInt8] {
    try await holder.rawSignature(input)
  }
}

/// Who an issuer is: its number, the key that signs its entries and receipts, and its credential keys.
public final class IssuerIdentity: Sendable {
  /// j, from 1.
  public let number: Int
  private let key: Ed25519.PrivateKey
  /// By district, in the configuration's order.
  public let signers: [BlindSigner<AnyRSASigner>]

  /// An issuer.
  public init(
    number: Int, key: consuming Ed25519.PrivateKey, signers: [BlindSigner<AnyRSASigner>]
  ) {
    self.number = number
    self.key = key
    self.signers = signers
  }

  /// The public part of the identity key.
  public var publicKey: Ed25519.PublicKey { key.publicKey }

  /// Whether these are the keys that the terms name for the issuer.
  public func isNamed(in terms: CredentialTerms) -> Bool {
    guard let issuer = terms.issuer(number) else { return false }
    return issuer.key == publicKey && issuer.credentialKeys == signers.map(\.key)
  }

  /// An entry by the issuer.
  /// - Throws: `LedgerError`.
  public func entry<Payload: EntryPayload>(
    _ payload: Payload, in state: ElectionState
  ) throws(LedgerError) -> EntryFile {
    try EntryFile.signed(
      payload, by: .issuer(number), electionID: state.electionID, key: key, in: state.group)
  }

  func answer(_ issued: IssuedCredential) throws(IssuanceRefusal) -> IssueAnswer {
    let statement = IssueRequest.receipt(
      issuer: number, request: issued.request, blindSignature: issued.blindSignature)
    do {
      return IssueAnswer(
        issuer: number, request: issued.request, blindSignature: issued.blindSignature,
        receipt: try key.signature(for: statement))
    } catch { throw .unavailable("the receipt could not be signed") }
  }
}

/// What a certificate or an identity provider says about the citizen who asks, already verified.
public struct CitizenIdentity: Hashable, Sendable {
  /// The personal identifier.
  public let identifier: String
  /// The certificate or the token, for the auditors. Personal.
  public let evidence: [UInt8]

  /// An identity from its parts.
  public init(identifier: String, evidence: [UInt8]) {
    self.identifier = identifier
    self.evidence = evidence
  }
}

/// An issuer's desk: looks at the roll, the record and the request, and signs each request once
/// (`Specs/credentials.md`).
public struct IssuerDesk: Sendable {
  /// Who signs.
  public let identity: IssuerIdentity
  private let ledger: any WitnessedLedger
  private let roll: any RollSource
  private let store: any IssuanceStore
  private let commit: GroupCommit
  private let binding: ScopeBinding
  private let sealing: any EvidenceSealing
  /// How long a request that breaks a rule waits for the record to come up to it.
  public static let catchingUp = Duration.seconds(2)
  /// How long a request waits for its record to be witnessed.
  private let patience: Duration

  /// A desk over its parts.
  public init(
    identity: IssuerIdentity, ledger: any WitnessedLedger, roll: any RollSource,
    store: any IssuanceStore, sealing: any EvidenceSealing, patience: Duration = .seconds(20)
  ) {
    self.identity = identity
    self.ledger = ledger
    self.roll = roll
    self.store = store
    commit = GroupCommit(store)
    binding = ScopeBinding(store)
    self.sealing = sealing
    self.patience = patience
  }

  // MARK: The roll

  /// The entry of the citizen who asks, known by keys.
  /// - Throws: ``IssuanceRefusal/unknown`` for every reason but a broken store.
  public func entry(_ question: RollQuestion) async throws(IssuanceRefusal) -> RollAnswer {
    guard let scope = await ledger.state.scope else { throw .unavailable("there is no election") }
    let entry = try await found {
      () throws(StoreError) in
      try await roll.entry(district: question.district, index: question.index)
    }
    let statement = IssueRequest.question(
      scope: scope, district: question.district, index: question.index)
    // The signatures are checked whether or not there is such an entry.
    let isSigned = zip(question.keys, question.signatures).allSatisfy {
      $0.isValid(signature: $1, for: statement)
    }
    guard let entry, isSigned, entry.leaf.identity == .keys(question.keys) else { throw .unknown }
    return Self.answer(entry)
  }

  /// The entry of an identified citizen.
  /// - Throws: ``IssuanceRefusal/unknown`` for every reason but a broken store.
  public func entry(of citizen: CitizenIdentity) async throws(IssuanceRefusal) -> RollAnswer {
    guard let entry = try await found(citizen) else { throw .unknown }
    return Self.answer(entry)
  }

  private func found(_ citizen: CitizenIdentity) async throws(IssuanceRefusal) -> RollEntry? {
    try await found { () throws(StoreError) in
      try await roll.entry(
        identifier: RollIdentity.digest(ofIdentifier: citizen.identifier))
    }
  }

  private func found<Value: Sendable>(
    _ body: () async throws(StoreError) -> Value
  ) async throws(IssuanceRefusal) -> Value {
    do throws(StoreError) { return try await body() } catch { throw .unavailable("\(error)") }
  }

  private static func answer(_ entry: RollEntry) -> RollAnswer {
    RollAnswer(
      district: entry.leaf.district, index: entry.leaf.index, salt: entry.leaf.salt,
      path: entry.path)
  }

  // MARK: Issuing

  /// Binds the desk's store to the scope of the record; the first request does it otherwise.
  /// - Throws: ``IssuanceRefusal/otherScope(_:)`` if the store is of another scope.
  public func bind() async throws(IssuanceRefusal) {
    guard let scope = await ledger.state.scope else { throw .unavailable("there is no election") }
    try await binding.require(scope)
  }

  /// What was answered to a request before; nil if nothing was.
  public func answer(to request: Digest) async throws(IssuanceRefusal) -> IssueAnswer? {
    let issued = try await found { () throws(StoreError) in
      try await store.issued(request: request)
    }
    guard let issued else { return nil }
    return try identity.answer(issued)
  }

  /// Signs a request, once its record is witnessed; asked again, answers again.
  ///
  /// - Parameter citizen: who asks, where the roll's entry has an identifier.
  /// - Throws: ``IssuanceRefusal``.
  public func issue(
    _ message: IssueMessage, citizen: CitizenIdentity?
  ) async throws(IssuanceRefusal) -> IssueAnswer {
    let state = await ledger.state
    guard let scope = state.scope, let terms = state.terms else {
      throw .unavailable("the record has no election with credentials")
    }
    try await binding.require(scope)
    let place = IssuancePlace(
      district: message.record.district, index: message.record.index,
      attempt: message.record.attempt)
    let request = message.record.request(in: scope).hash
    let earlier = try await found { () throws(StoreError) in try await store.issued(at: place) }
    if let earlier { return try answer(request, earlier, in: state) }
    guard state.phase == .registration else { throw .closed(state.phase) }
    guard let district = terms.district(place.district),
      identity.signers.indices.contains(place.district - 1)
    else { throw .unknown }
    let signer = identity.signers[place.district - 1]
    // That another issuer put the request on the record says that this issuer believed the citizen, no more.
    let shown =
      place.index > district.keyEntries ? try await entry(at: place, ofShown: citizen) : nil
    let record = try await witnessed(message, place, request, shown, state)
    guard record.blinded.indices.contains(identity.number - 1),
      SHA256.hash(message.blinded) == record.blinded[identity.number - 1]
    else { throw .form("the blinded message is not the one of the request") }
    let signature: [UInt8]
    do throws(BlindRSAError) {
      signature = try await signer.blindSignature(of: message.blinded)
    } catch {
      switch error {
      case .unexpectedInputSize, .representativeOutOfRange: throw .form("\(error)")
      default: throw .unavailable("\(error)")
      }
    }
    let issued = IssuedCredential(
      place: place, record: message.record.bytes(in: state.group), request: request,
      blindSignature: signature)
    let kept: IssuedCredential
    do { kept = try await commit.keep(issued) } catch { throw .unavailable("\(error)") }
    return try answer(request, kept, in: state)
  }

  private func answer(
    _ request: Digest, _ issued: IssuedCredential, in state: ElectionState
  ) throws(IssuanceRefusal) -> IssueAnswer {
    guard issued.request == request else {
      let records = state.credentials.records(
        district: issued.place.district, index: issued.place.index)
      throw .conflict(
        issued,
        entry: records.indices.contains(issued.place.attempt)
          ? records[issued.place.attempt].entry : -1)
    }
    return try identity.answer(issued)
  }

  /// The record of the request under a witnessed checkpoint; sent to the box if it is not there.
  private func witnessed(
    _ message: IssueMessage, _ place: IssuancePlace, _ request: Digest, _ shown: Shown?,
    _ state: ElectionState
  ) async throws(IssuanceRefusal) -> CredentialRegister.Record {
    if let record = try Self.record(request, at: place, in: state) { return record }
    var record = message.record
    if let shown {
      record.evidence = .sealed(
        try await sealing.seal(shown.citizen, entry: shown.entry, record: record, in: state))
    }
    let file: EntryFile
    do throws(LedgerError) { file = try identity.entry(record, in: state) } catch {
      throw .unavailable("\(error)")
    }
    // What the box would refuse is refused here, in the one way that says nothing about the roll. The record may
    // be a moment ahead of what is known here: a cancellation that the citizen has a receipt for.
    let isSound: @Sendable (ElectionState) -> Bool = { state in
      state.credentials.records(district: place.district, index: place.index).count > place.attempt
        || !state.precheck(file).hasFailures
    }
    guard let current = await ledger.wait(atMost: Self.catchingUp, until: isSound) else {
      throw .unknown
    }
    // The record may have come to the place since: a request that stands there breaks the rules when it is made
    // again, and is no wrong one.
    if let record = try Self.record(request, at: place, in: current) { return record }
    do throws(IssuanceRefusal) { try await ledger.send(file) } catch {
      // Another issuer may have sent the same request a moment ago.
      guard case .refused = error else { throw error }
      let known = await ledger.wait(atMost: .seconds(5)) {
        $0.credentials.records(district: place.district, index: place.index).count > place.attempt
      }
      guard let known, let record = try Self.record(request, at: place, in: known) else {
        throw error
      }
      return record
    }
    let later = await ledger.wait(atMost: patience) {
      $0.credentials.records(district: place.district, index: place.index).count > place.attempt
    }
    guard let later, let record = try Self.record(request, at: place, in: later) else {
      throw .notWitnessed
    }
    return record
  }

  /// - Throws: ``IssuanceRefusal/conflict(_:entry:)`` if another request stands there.
  private static func record(
    _ request: Digest, at place: IssuancePlace, in state: ElectionState
  ) throws(IssuanceRefusal) -> CredentialRegister.Record? {
    let records = state.credentials.records(district: place.district, index: place.index)
    guard records.indices.contains(place.attempt) else { return nil }
    let record = records[place.attempt]
    guard record.request == request else { throw .conflict(nil, entry: record.entry) }
    guard !record.isCancelled else { throw .form("the credential was cancelled") }
    return record
  }

  /// A citizen whose identity was shown to this issuer, and their entry.
  private struct Shown {
    let citizen: CitizenIdentity
    let entry: RollEntry
  }

  /// Who asks for an entry with an identifier is the citizen of the entry. Entries with keys need nobody's word:
  /// the record shows the keys to everybody.
  private func entry(
    at place: IssuancePlace, ofShown citizen: CitizenIdentity?
  ) async throws(IssuanceRefusal) -> Shown {
    guard let citizen, let entry = try await found(citizen),
      entry.leaf.district == place.district, entry.leaf.index == place.index
    else { throw .unknown }
    return Shown(citizen: citizen, entry: entry)
  }

  /// How many credentials were signed, by district.
  public func counts() async throws(IssuanceRefusal) -> [Int: Int] {
    try await found { () throws(StoreError) in try await store.counts() }
  }
}

/// Seals what shows who asked, for the auditors, and keeps it.
public protocol EvidenceSealing: Sendable {
  /// - Returns: SHA-256 of what was sealed and durably kept.
  func seal(
    _ citizen: CitizenIdentity, entry: RollEntry, record: CredentialIssuance,
    in state: ElectionState
  ) async throws(IssuanceRefusal) -> Digest
}
