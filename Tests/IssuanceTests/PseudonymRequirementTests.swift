// SPDX-License-Identifier: Apache-2.0

import BlindSignatures
import Cryptography
import Election
import ElectionFixtures
import Issuance
import Ledger
import TestSupport
import Testing

/// The requirements on scope rate-limited pseudonyms of the European Digital Identity Wallet: Architecture and
/// Reference Framework, annex 2, topic 11, section E (PA_23 to PA_31). P is the pseudonym, whoever reads the record
/// is the relying party, and the rate is one. `Specs/scopes.md` says which are met, and which are not.
@Suite struct PseudonymRequirementTests {
  private static let setups = (1...2).map { number in
    var setup = CredentialSetup.petition
    setup.name = "Relying party \(number)"
    return setup
  }

  private static func fixture(_ number: Int, at stage: Stage) throws -> ElectionFixture {
    var fixture = try ElectionFixture(setups[number - 1])
    try fixture.advance(from: .empty, to: stage)
    return fixture
  }

  // PA_24
  @Test func aUserGeneratesRegistersAndProvesAPseudonym() async throws {
    let first = try TestDesk.petition()
    var signatures: [CredentialActivation.Signature] = []
    let secrets = try first.fixture.credentialSecrets(1)
    for issuer in 1...3 {
      let desk = try TestDesk.petition(issuer: issuer, ledger: first.ledger)
      let answer = try await desk.desk.issue(desk.message(1, issuer: issuer), citizen: nil)
      let key = CredentialSetup.issuers[issuer - 1].signers[0].key
      signatures.append(
        .init(
          issuer: issuer,
          bytes: try secrets.signature(from: answer.blindSignature, key: key, issuer: issuer)))
    }
    let credential = CredentialActivation(
      district: 1, nonce: try secrets.message().nonce, signatures: signatures)
    try first.ledger.change { fixture in
      try fixture.step(to: .activating)
      try fixture.admit(fixture.entry(credential, by: .voter(1)))
    }
    let pseudonym = first.fixture.voterIdentities[0].publicKey
    #expect(first.ledger.state.credentials.status(of: pseudonym) == .active(district: 1))
  }

  /// The relying party needs nothing but the record to see that nobody has two.
  // PA_25
  @Test func theRateIsEnforced() async throws {
    let desk = try TestDesk.petition()
    #expect(await desk.refusal(try desk.message(1)) == nil)
    guard case .conflict? = await desk.refusal(try desk.otherMessage(1)) else {
      Issue.record("a second pseudonym was signed")
      return
    }
    let fixture = try ElectionFixture.petition(.issued)
    #expect(try fixture.broken(fixture.entry(fixture.issuance(1), by: .issuer(1))) == [.eli3])
    // Another attempt while the first lives is no way around it.
    #expect(
      try fixture.broken(fixture.entry(fixture.issuance(1, attempt: 1), by: .issuer(1))) == [.eli3])
    let active = try ElectionFixture.petition(.activated)
    #expect(try active.broken(active.entry(active.credential(1), by: .voter(1))) == [.eli5])
    // Who gives the first one up gets another, and has one.
    var cancelled = fixture
    try cancelled.admit(cancelled.entry(cancelled.cancellation(1), by: .voter(1)))
    try cancelled.admit(cancelled.entry(cancelled.issuance(1, attempt: 1), by: .issuer(1)))
    try cancelled.step(to: .activating)
    #expect(
      try cancelled.broken(cancelled.entry(cancelled.credential(1), by: .voter(1))) == [.eli5])
  }

  /// The relying party chooses the scope, and everybody can read scope and rate; a rate but one cannot be chosen.
  // PA_26
  @Test func theScopeIsChosenAndTheRateIsVisible() throws {
    let fixture = try ElectionFixture.petition(.frozen)
    let terms = try #require(fixture.state.terms)
    #expect(terms.scope?.name == "petition/2026-17")
    #expect(fixture.state.scope?.id == fixture.state.electionID)
    for (district, counts) in zip(terms.districts, fixture.state.credentials.counts) {
      #expect(counts.listed <= counts.issued - counts.cancelled)
      #expect(counts.issued - counts.cancelled <= district.voters)
    }
  }

  /// Two relying parties with the same name of the scope, the same text, the same issuers' keys and the same rate.
  // PA_27
  @Test func pseudonymsAreUnlinkableAcrossRelyingParties() throws {
    let parties = try (1...2).map { try Self.fixture($0, at: .activated) }
    #expect(parties[0].state.scope?.name == parties[1].state.scope?.name)
    #expect(parties[0].state.scope != parties[1].state.scope)
    let texts = parties.map { party in
      Set(
        party.entries.filter {
          $0.entry.type == EntryType.credentialActivation.rawValue
            || $0.entry.type == EntryType.credentialIssuance.rawValue
        }.flatMap { Self.words($0.payload) + Self.words($0.entry.bytes) })
    }
    // What is equal in both is what the roll says of its entries, in requests: keys, salts and paths.
    let roll = Set(
      (1...8).flatMap { voter -> [String] in
        let leaf = parties[0].rollLeaf(voter)
        let keys = CredentialSetup.rollIdentities[voter - 1].map(\.publicKey.hex)
        return keys + [leaf.salt.hex] + parties[0].rollPath(voter).map(\.hex)
      })
    // Sealed evidence is of the fixture, and equal.
    let evidence = Set((6...8).map { SHA256.hash(Array("sealed \($0)".utf8)).hex })
    #expect(texts[0].intersection(texts[1]).subtracting(roll).subtracting(evidence).isEmpty)
    for voter in 1...7 {
      let keys = parties.map { $0.voterIdentities[voter - 1].publicKey.hex }
      #expect(keys[0] != keys[1])
      #expect(texts[0].contains(keys[0]) && !texts[1].contains(keys[0]))
    }
  }

  /// Everything of 32 bytes and more.
  private static func words(_ bytes: [UInt8]) -> [String] {
    String(decoding: bytes, as: UTF8.self).split { !$0.isHexDigit }.filter { $0.count >= 64 }
      .map(String.init)
  }

  /// All issuers and the box together, without the user: the credential alone is no pseudonym, its key signs.
  // PA_29
  // adversary: E-03
  @Test func nobodyElseUsesThePseudonym() throws {
    let fixture = try ElectionFixture.petition(.activating)
    let credential = try fixture.credential(1)
    for signer in [Role.box, .commission, .issuer(1), .voter(2)] {
      #expect(
        try fixture.broken(fixture.entry(credential, by: .voter(1), signer: signer)) == [.log6])
    }
    // Under another key the signatures say nothing.
    #expect(try fixture.broken(fixture.entry(credential, by: .voter(2))) == [.eli5])
  }

  /// Another device with the same seed has the same pseudonym, and issuers give it the same answers.
  // PA_31
  @Test func thePseudonymIsTheSameOnAnotherDevice() async throws {
    let desk = try TestDesk.petition()
    let answer = try await desk.desk.issue(desk.message(1), citizen: nil)
    let device = try CredentialSecrets(
      seed: SecretBytes(copying: SHA256.hash(Array("urna/test/wallet/1".utf8)).bytes),
      scope: desk.fixture.scope(), district: 1)
    let pseudonym = try device.pseudonym().publicKey
    #expect(pseudonym == desk.fixture.voterIdentities[0].publicKey)
    #expect(try await desk.desk.issue(desk.message(1), citizen: nil) == answer)
    let key = CredentialSetup.issuers[0].signers[0].key
    let signature = try device.signature(from: answer.blindSignature, key: key, issuer: 1)
    let credential = try desk.fixture.credential(1)
    #expect(signature == credential.signatures[0].bytes)
  }
}
