// SPDX-License-Identifier: Apache-2.0

internal import BlindSignatures
package import Cryptography
package import Election
package import Ledger

/// Registration, activation, cancellation, the list, the issuers' keys.
extension ElectionFixture {
  // MARK: The roll

  /// The number of a voter's district, and of the roll's entry in it: those with keys come first.
  package func rollPlace(_ voter: Int) -> (district: Int, index: Int) {
    let district = setup.voters[voter - 1].style
    let others = setup.voters.indices.map { $0 + 1 }.filter {
      setup.voters[$0 - 1].style == district
    }
    let sorted =
      others.filter(CredentialSetup.hasKeys) + others.filter { !CredentialSetup.hasKeys($0) }
    return (district, (sorted.firstIndex(of: voter) ?? 0) + 1)
  }

  package func rollLeaf(_ voter: Int) -> RollLeaf {
    let place = rollPlace(voter)
    return RollLeaf(
      register: CredentialSetup.register, district: place.district, index: place.index,
      salt: SHA256.hash(Array("urna/test/salt/\(voter)".utf8)),
      identity: CredentialSetup.hasKeys(voter)
        ? .keys(CredentialSetup.rollIdentities[voter - 1].map(\.publicKey))
        : .identifier(RollIdentity.digest(ofIdentifier: "citizen \(voter)")))
  }

  private func leaves(district: Int) -> [RollLeaf] {
    setup.voters.indices.map { rollLeaf($0 + 1) }.filter { $0.district == district }
      .sorted { $0.index < $1.index }
  }

  package func rollPath(_ voter: Int) -> [Digest] {
    let leaf = rollLeaf(voter)
    return MerkleTree.inclusionProof(
      index: leaf.index - 1, in: leaves(district: leaf.district).map(\.hash)) ?? []
  }

  package func terms(_ credentials: CredentialSetup) throws -> CredentialTerms {
    CredentialTerms(
      scope: credentials.scope, register: CredentialSetup.register,
      districts: CredentialSetup.districts.enumerated().map { position, label in
        let leaves = leaves(district: position + 1)
        return CredentialTerms.District(
          label: label, ballotStyle: credentials.scope == nil ? position + 1 : nil,
          voters: leaves.count,
          keyEntries: leaves.filter { if case .keys = $0.identity { true } else { false } }.count,
          root: MerkleTree.root(of: leaves.map(\.hash)))
      },
      issuers: CredentialSetup.issuers.enumerated().map { position, issuer in
        CredentialTerms.Issuer(
          name: "Issuer \(position + 1)", key: issuer.identity.publicKey,
          credentialKeys: issuer.signers.map(\.key))
      },
      required: credentials.required, tolerated: credentials.tolerated,
      registration: credentials.registration, activation: credentials.activation,
      minimumDistrict: credentials.minimumDistrict,
      maximumGap: credentials.scope == nil ? credentials.maximumGap : CredentialTerms.anyGap,
      auditorKey: SHA256.hash(Array("urna/test/auditors".utf8)))
  }

  package func stateTerms() throws -> CredentialTerms {
    guard let terms = state.terms else { throw NotAdmitted(type: "terms", failures: []) }
    return terms
  }

  // MARK: Wallets

  package func credentialSecrets(_ voter: Int, attempt: Int = 0) throws -> CredentialSecrets {
    try CredentialSecrets(
      seed: SecretBytes(copying: SHA256.hash(Array("urna/test/wallet/\(voter)".utf8)).bytes),
      scope: scope(), district: rollPlace(voter).district, attempt: attempt)
  }

  package func scope() throws -> CredentialScope {
    CredentialScope(election: try electionID(), describedBy: setup.credentials?.scope)
  }

  package mutating func derivePseudonyms() throws {
    for voter in setup.voters.indices { try takePseudonym(voter + 1, attempt: 0) }
  }

  /// From here on the voter signs with the pseudonym of an attempt.
  package mutating func takePseudonym(_ voter: Int, attempt: Int) throws {
    voterIdentities[voter - 1] = try Identity(
      seed: credentialSecrets(voter, attempt: attempt).pseudonym().seed().revealed())
  }

  /// From here on the voter signs with another key.
  package mutating func replaceIdentity(_ voter: Int, _ identity: Identity) {
    voterIdentities[voter - 1] = identity
  }

  /// The keys that sign a voter's request.
  package func requestKeys(_ voter: Int, attempt: Int = 0) throws -> [Identity] {
    if CredentialSetup.hasKeys(voter) { return CredentialSetup.rollIdentities[voter - 1] }
    return [
      try Identity(
        seed: credentialSecrets(voter, attempt: attempt).requestKey().seed().revealed())
    ]
  }

  package func issuance(_ voter: Int, attempt: Int = 0) throws -> CredentialIssuance {
    let request = try credentialSecrets(voter, attempt: attempt).request(
      stateTerms(), index: rollPlace(voter).index
    ).request
    let keys = try requestKeys(voter, attempt: attempt)
    return CredentialIssuance(
      request: request, keys: keys.map(\.publicKey),
      signatures: try keys.map { try $0.key().signature(for: request.bytes) },
      evidence: CredentialSetup.hasKeys(voter)
        ? .open(salt: rollLeaf(voter).salt, path: rollPath(voter))
        : .sealed(SHA256.hash(Array("sealed \(voter)".utf8))))
  }

  /// What issuers answer, unblinded. Synchronous: fixtures hold the keys themselves.
  package func credential(
    _ voter: Int, attempt: Int = 0, issuers: ClosedRange<Int> = 1...3
  ) throws -> CredentialActivation {
    let secrets = try credentialSecrets(voter, attempt: attempt)
    let (district, _) = rollPlace(voter)
    let signatures = try issuers.map { number in
      let signer = CredentialSetup.issuers[number - 1].signers[district - 1]
      let blinded = try secrets.blinded(for: signer.key, issuer: number).request
      return CredentialActivation.Signature(
        issuer: number,
        bytes: try secrets.signature(
          from: signer.holder.rawSignatureNow(blinded), key: signer.key, issuer: number))
    }
    return CredentialActivation(
      district: district, nonce: try secrets.message().nonce, signatures: signatures)
  }

  package func cancellation(_ voter: Int, attempt: Int = 0) throws -> CredentialCancelled {
    let secrets = try credentialSecrets(voter, attempt: attempt)
    let terms = try stateTerms()
    let place = rollPlace(voter)
    let (request, blinded) = try secrets.request(terms, index: place.index)
    let message = try secrets.message()
    let statement = IssueRequest.cancellation(
      of: request.hash, pseudonym: message.pseudonym)
    return CredentialCancelled(
      district: place.district, index: place.index, attempt: attempt, nonce: message.nonce,
      blinded: blinded,
      factors: try CredentialSetup.issuers.enumerated().map { position, issuer in
        try secrets.openingFactor(for: issuer.signers[place.district - 1].key, issuer: position + 1)
      },
      signatures: try requestKeys(voter, attempt: attempt).map {
        try $0.key().signature(for: statement)
      })
  }

  // MARK: The list

  /// A checkpoint of the record so far, signed by the log, and by these witnesses at these times.
  package func checkpointNow(cosigned: [(cosigner: String, time: UInt64)] = []) throws -> String {
    let checkpoint = try Checkpoint(
      origin: ElectionSetup.logName, size: UInt64(entries.count),
      root: MerkleTree.root(of: entries.map(\.entry.leafHash)))
    let note = try SignedNote(checkpoint.signed(by: logSigner()))
    let lines = try cosigned.map { name, time in
      try Self.cosigner(name).cosign(checkpoint: note.text, time: time)
    }
    return String(decoding: try note.adding(lines).bytes, as: UTF8.self)
  }

  package static func cosigner(_ name: String) throws -> Cosigner {
    try Cosigner(name: "\(name).example", key: Identity("witness/\(name)").key())
  }

  package func listFrozen() throws -> CredentialListFrozen {
    CredentialListFrozen(districts: state.frozenLists(), checkpoint: try checkpointNow())
  }

  /// The proof of what was issued for a voter's entry of the roll, once the list is frozen.
  package func statusProof(
    _ voter: Int, checkpoint: String? = nil, opensRoll: Bool = false
  ) throws -> StatusProof {
    let place = rollPlace(voter)
    guard let frozen = state.frozenEntry,
      let status = state.issuanceStatus(district: place.district, index: place.index),
      let path = state.issuancePath(district: place.district, index: place.index)
    else { throw NotAdmitted(type: "status", failures: []) }
    return StatusProof(
      configuration: try proven(0), frozen: try proven(frozen), frozenIndex: frozen,
      checkpoint: try checkpoint ?? checkpointNow(), status: status, path: path,
      roll: opensRoll ? rollOpening(voter) : nil, in: group)
  }

  package func rollOpening(_ voter: Int) -> RollOpening {
    let leaf = rollLeaf(voter)
    return RollOpening(salt: leaf.salt, identity: leaf.identity, path: rollPath(voter))
  }

  /// An entry of the record, with its path to the root of all.
  package func proven(_ index: Int) throws -> StatusProof.Entry {
    let hashes = entries.map(\.entry.leafHash)
    return try StatusProof.Entry(
      leaf: entries[index].entry, payload: entries[index].payload,
      path: MerkleTree.inclusionProof(index: index, in: hashes) ?? [])
  }

  package func keysDestroyed(_ issuer: Int) throws -> IssuerKeysDestroyed {
    let terms = try stateTerms()
    return IssuerKeysDestroyed(
      keys: zip(terms.issuers[issuer - 1].credentialKeys, state.credentials.counts).map {
        IssuerKeysDestroyed.Key(keyID: $0.keyID, signatures: $1.issued)
      })
  }

  package func activationOpening() -> ActivationOpened {
    ActivationOpened(issued: state.credentials.counts.map(\.issued))
  }

  mutating func stepCredentials(to stage: Stage) throws {
    switch stage {
    case .registering: try admit(entry(RegistrationOpened(), by: .commission))
    case .issued:
      try admit(
        (1...setup.voters.count).map { try entry(issuance($0), by: .issuer(1 + $0 % 3)) })
    case .activating:
      try admit(entry(activationOpening(), by: .commission))
      time = max(time, setup.credentials?.activation.lowerBound ?? 0)
    case .activated: try admit((1...7).map { try entry(credential($0), by: .voter($0)) })
    case .frozen: try admit(entry(listFrozen(), by: .commission))
    case .destroyed:
      try admit((1...3).map { try entry(keysDestroyed($0), by: .issuer($0)) })
      time = max(time, CredentialSetup.votingOpens)
    default: break
    }
  }
}
