// SPDX-License-Identifier: Apache-2.0

import BlindSignatures
import Cryptography
import Election
import ElectionFixtures
import ElectoralRoll
import Issuance
import IssuerStore
import Ledger
import TestSupport

/// A petition with a large roll: three issuers with databases, and as many wallets as citizens.
struct PetitionScene: Sendable {
  /// A citizen of the roll; numbers count from 1.
  struct Citizen: Sendable {
    let number: Int
    let district: Int
    let index: Int
    let key: Identity
    let salt: Digest
  }

  /// What issuers and the record know of a citizen.
  struct Issued: Sendable {
    let citizen: Int
    let message: [IssueMessage]
    let answers: [IssueAnswer]
    /// What only the wallet knows.
    let signatures: [CredentialActivation.Signature]
  }

  let citizens: [Citizen]
  let terms: CredentialTerms
  let ledger: TestLedger
  let desks: [IssuerDesk]
  let stores: [SQLiteIssuanceStore]
  private let scope: CredentialScope
  private let trees: [RollTree]
  private let folder: TemporaryFolder

  init(citizens sizes: [Int]) throws {
    var citizens: [Citizen] = []
    for (position, size) in sizes.enumerated() {
      for index in 1...size {
        let name = "petition/\(position + 1)/\(index)"
        citizens.append(
          Citizen(
            number: citizens.count + 1, district: position + 1, index: index,
            key: try Identity(name), salt: SHA256.hash(Array("urna/test/salt/\(name)".utf8))))
      }
    }
    self.citizens = citizens
    let trees = sizes.indices.map { position in
      RollTree(
        leafHashes: citizens.filter { $0.district == position + 1 }.map { Self.leaf($0).hash })
    }
    self.trees = trees
    var setup = CredentialSetup.petition
    // A batch a second.
    setup.credentials?.registration = 1_000...99_999
    setup.credentials?.activation = 100_000...199_999
    var fixture = try ElectionFixture(setup)
    var configuration = try fixture.configuration()
    guard case .credentials(var terms) = configuration.eligibility else { throw Unexpected() }
    terms.districts = sizes.enumerated().map { position, size in
      CredentialTerms.District(
        label: CredentialSetup.districts[position], ballotStyle: nil, voters: size,
        keyEntries: size,
        root: trees[position].root)
    }
    configuration.eligibility = .credentials(terms)
    self.terms = terms
    try fixture.append(fixture.entry(configuration, by: .commission))
    try fixture.admit(fixture.entry(RegistrationOpened(), by: .commission))
    scope = try fixture.scope()
    let ledger = TestLedger(fixture)
    self.ledger = ledger
    let folder = try TemporaryFolder()
    self.folder = folder
    let stores = try (1...3).map {
      try SQLiteIssuanceStore.createNew(path: "\(folder.path)/issuer-\($0).sqlite")
    }
    self.stores = stores
    desks = try CredentialSetup.issuers.enumerated().map { position, issuer in
      IssuerDesk(
        identity: IssuerIdentity(
          number: position + 1, key: try issuer.identity.key(),
          signers: issuer.signers.map { BlindSigner($0.key, holder: AnyRSASigner($0.holder)) }),
        ledger: ledger, roll: NoRoll(), store: stores[position], sealing: NoSealing())
    }
  }

  private static func leaf(_ citizen: Citizen) -> RollLeaf {
    RollLeaf(
      register: CredentialSetup.register, district: citizen.district, index: citizen.index,
      salt: citizen.salt, identity: .keys([citizen.key.publicKey]))
  }

  private func secrets(_ citizen: Citizen, _ name: String) throws -> CredentialSecrets {
    try CredentialSecrets(
      seed: SecretBytes(copying: SHA256.hash(Array("\(name)/\(citizen.number)".utf8)).bytes),
      scope: scope, district: citizen.district)
  }

  /// What a wallet sends to the issuers, issuer 1 first.
  func messages(_ citizen: Citizen, wallet: String) throws -> [IssueMessage] {
    try messages(
      citizen, secrets(citizen, wallet).request(terms, index: citizen.index).blinded)
  }

  private func messages(_ citizen: Citizen, _ blinded: [[UInt8]]) throws -> [IssueMessage] {
    let request = IssueRequest(
      scope: scope, district: citizen.district, index: citizen.index, attempt: 0,
      blinded: blinded.map { SHA256.hash($0) })
    let record = CredentialIssuance(
      request: request, keys: [citizen.key.publicKey],
      signatures: [try citizen.key.key().signature(for: request.bytes)],
      evidence: .open(
        salt: citizen.salt, path: trees[citizen.district - 1].path(index: citizen.index) ?? []))
    return blinded.map { IssueMessage(record: record, blinded: $0) }
  }

  /// A wallet gets its signatures of all three. It blinds once: there are many wallets here.
  func register(_ citizen: Citizen) async throws -> Issued {
    let secrets = try secrets(citizen, "wallet")
    let message = try secrets.message().bytes
    let keys = terms.issuers.map { $0.credentialKeys[citizen.district - 1] }
    let first = try secrets.blinded(for: keys[0], issuer: 1)
    let second = try secrets.blinded(for: keys[1], issuer: 2)
    let third = try secrets.blinded(for: keys[2], issuer: 3)
    let messages = try messages(citizen, [first.request, second.request, third.request])
    var answers: [IssueAnswer] = []
    for (desk, message) in zip(desks, messages) {
      answers.append(try await desk.issue(message, citizen: nil))
    }
    let signatures = [
      try keys[0].finalize(answers[0].blindSignature, preparedMessage: message, first.state),
      try keys[1].finalize(answers[1].blindSignature, preparedMessage: message, second.state),
      try keys[2].finalize(answers[2].blindSignature, preparedMessage: message, third.state),
    ]
    return Issued(
      citizen: citizen.number, message: messages, answers: answers,
      signatures: signatures.enumerated().map { .init(issuer: $0.offset + 1, bytes: $0.element) })
  }

  /// The entry that is one signature under the petition.
  func activation(_ issued: Issued) throws -> EntryFile {
    let citizen = citizens[issued.citizen - 1]
    let secrets = try secrets(citizen, "wallet")
    let key = try secrets.pseudonym()
    return try EntryFile.signed(
      CredentialActivation(
        district: citizen.district, nonce: secrets.message().nonce, signatures: issued.signatures),
      by: .pseudonym(key.publicKey), electionID: scope.id, key: key, in: ledger.state.group)
  }

  /// Results for all numbers below a count, a few at a time.
  static func concurrently<Value: Sendable>(
    _ count: Int, width: Int = 64, _ body: @escaping @Sendable (Int) async throws -> Value
  ) async throws -> [Value] {
    try await withThrowingTaskGroup(of: (Int, Value).self) { group in
      var values: [Int: Value] = [:]
      for number in 0..<count {
        if number >= width, let (done, value) = try await group.next() { values[done] = value }
        group.addTask {
          let value = try await body(number)
          return (number, value)
        }
      }
      for try await (done, value) in group { values[done] = value }
      return (0..<count).compactMap { values[$0] }
    }
  }
}

struct Unexpected: Error {}

/// Nobody asks for the own entry.
private struct NoRoll: RollSource {
  func entry(district: Int, index: Int) async throws(StoreError) -> RollEntry? { nil }
  func entry(identifier: Digest) async throws(StoreError) -> RollEntry? { nil }
}
