// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Election
import ElectionFixtures
import Ledger
import Testing

/// An election whose voters have credentials, and the rules that a single entry cannot break.
@Suite struct CredentialRuleTests {
  private let zeroGap: ElectionSetup = {
    var setup = CredentialSetup.toy
    setup.credentials?.maximumGap = 0
    return setup
  }()

  @Test func aWholeElectionGivesTheTotalsAddedUpByHand() throws {
    let fixture = try ElectionFixture.credentialed(.certified)
    let totals = fixture.state.result?.contests.map { $0.options.map(\.total) }
    #expect(totals == [[1, 0, 1], [4, 6, 6], [1, 1], [1, 1], [0, 0]])
    #expect(
      fixture.state.credentials.counts == [
        CredentialCounts(issued: 5, cancelled: 0, listed: 5),
        CredentialCounts(issued: 3, cancelled: 0, listed: 2),
      ])
    #expect(fixture.state.credentials.counts.map(\.gap) == [0, 1])
  }

  /// Nothing on the record joins an entry of the roll and a key that votes.
  @Test func requestsAndKeysHaveNothingInCommon() throws {
    let fixture = try ElectionFixture.credentialed(.activated)
    for voter in 1...7 {
      let issuance = try fixture.issuance(voter).bytes(in: fixture.group)
      let activation = try fixture.credential(voter).bytes(in: fixture.group)
      // Every 32 bytes in hexadecimal of the one, in the other.
      let words = String(decoding: issuance, as: UTF8.self).split { !$0.isHexDigit }.filter {
        $0.count >= 64
      }
      #expect(words.count > 4)
      let text = String(decoding: activation, as: UTF8.self)
      for word in words { #expect(!text.contains(word)) }
    }
  }

  // adversary: E-05
  @Test func theVotingDoesNotOpenOverAGap() throws {
    var fixture = try ElectionFixture(zeroGap)
    try fixture.advance(from: .empty, to: .destroyed)
    #expect(try fixture.broken(fixture.entry(fixture.opening(), by: .commission)) == [.eli7])
    var whole = try ElectionFixture(zeroGap)
    try whole.advance(from: .empty, to: .activated)
    try whole.admit(whole.entry(whole.credential(8), by: .voter(8)))
    try whole.advance(from: .activated, to: .voting)
    #expect(whole.state.phase == .voting)
  }

  /// Issuers who mint: two keys more than anybody asked for. The sum gives them away before the list is frozen.
  // adversary: E-05
  @Test func mintedCredentialsExceedTheRequests() throws {
    var fixture = try ElectionFixture.credentialed(.activated)
    // A citizen who never asked (a ninth), and one who did: both with credentials that all issuers signed.
    try fixture.admit(fixture.entry(fixture.credential(8), by: .voter(8)))
    #expect(fixture.state.credentials.counts.map(\.gap) == [0, 0])
    fixture.replaceIdentity(
      8, try Identity(seed: fixture.credentialSecrets(8, attempt: 5).pseudonym().seed().revealed()))
    try fixture.admit(fixture.entry(fixture.credential(8, attempt: 5), by: .voter(8)))
    #expect(fixture.state.credentials.counts.map(\.gap) == [0, -1])
    #expect(try fixture.broken(fixture.entry(fixture.listFrozen(), by: .commission)) == [.eli7])
  }

  @Test func theVotingDoesNotOpenWhileAnIssuerKeepsItsKeys() throws {
    var fixture = try ElectionFixture.credentialed(.frozen)
    for issuer in 1...2 {
      try fixture.admit(fixture.entry(fixture.keysDestroyed(issuer), by: .issuer(issuer)))
    }
    #expect(try fixture.broken(fixture.entry(fixture.opening(), by: .commission)) == [.eli12])
    #expect(
      try fixture.broken(fixture.entry(fixture.keysDestroyed(2), by: .issuer(2))) == [.eli12])
    try fixture.admit(fixture.entry(fixture.keysDestroyed(3), by: .issuer(3)))
    #expect(try fixture.broken(fixture.entry(fixture.opening(), by: .commission)) == [])
  }

  @Test func theRollsDistrictsAreTheManifests() throws {
    var fixture = try ElectionFixture(CredentialSetup.toy)
    var configuration = try fixture.configuration()
    guard case .credentials(var terms) = configuration.eligibility else { throw Missing() }
    terms.districts[0].label = "west"
    configuration.eligibility = .credentials(terms)
    try fixture.append(fixture.entry(configuration, by: .commission))
    #expect(try fixture.broken(fixture.manifestEntry()) == [.bal3])
  }

  // adversary: L-11
  @Test func everythingHasItsTime() throws {
    var early = try ElectionFixture.credentialed(.registering)
    early.time = 2_000
    #expect(try early.broken(early.entry(early.issuance(1), by: .issuer(1))) == [.log10])
    var late = try ElectionFixture.credentialed(.activating)
    late.time = 3_000
    #expect(try late.broken(late.entry(late.credential(1), by: .voter(1))) == [.log10])
    #expect(try late.broken(late.entry(late.cancellation(1), by: .voter(1))) == [.log10])
    var setup = CredentialSetup.toy
    setup.credentials?.registration = 1_900...1_999
    var hasty = try ElectionFixture(setup)
    try hasty.advance(from: .empty, to: .registering)
    #expect(try hasty.broken(hasty.entry(hasty.issuance(1), by: .issuer(1))) == [.log10])
  }

  @Test func aCancelledCredentialIsReplacedOnce() throws {
    var fixture = try ElectionFixture.credentialed(.issued)
    let old = fixture.voterIdentities[0]
    try fixture.admit(fixture.entry(fixture.cancellation(1), by: .voter(1)))
    try fixture.takePseudonym(1, attempt: 1)
    try fixture.admit(fixture.entry(fixture.issuance(1, attempt: 1), by: .issuer(2)))
    #expect(
      try fixture.broken(fixture.entry(fixture.issuance(1, attempt: 1), by: .issuer(2))) == [.eli3])
    #expect(fixture.state.credentials.counts[0] == .init(issued: 6, cancelled: 1, listed: 0))
    try fixture.step(to: .activating)
    try fixture.admit(fixture.entry(fixture.credential(1, attempt: 1), by: .voter(1)))
    // Given up after the activation: the key goes from the list.
    try fixture.admit(fixture.entry(fixture.cancellation(1, attempt: 1), by: .voter(1)))
    #expect(fixture.state.credentials.counts[0] == .init(issued: 6, cancelled: 2, listed: 0))
    #expect(
      fixture.state.credentials.status(of: old.publicKey) == .cancelled(district: 1))
    #expect(fixture.state.credentials.list(district: 1).isEmpty)
  }

  /// A box asks before it keeps an entry; it learns of everything that is wrong with one of credentials.
  @Test func prechecksRunTheWholeRule() throws {
    let registering = try ElectionFixture.credentialed(.registering)
    #expect(
      try registering.state.precheck(registering.entry(registering.issuance(1), by: .citizen(1)))
        .failures.isEmpty)
    var forged = try registering.issuance(1)
    forged.signatures[0][0] ^= 1
    let findings = registering.state.precheck(try registering.entry(forged, by: .issuer(1)))
    #expect(findings.failures.map(\.rule) == [.eli3])
    let activating = try ElectionFixture.credentialed(.activating)
    var credential = try activating.credential(1)
    #expect(
      try activating.state.precheck(activating.entry(credential, by: .voter(1))).failures.isEmpty)
    credential.nonce = credential.nonce.flipped
    #expect(
      Set(
        activating.state.precheck(try activating.entry(credential, by: .voter(1))).failures
          .map(\.rule)) == [.eli5])
  }
}
