// SPDX-License-Identifier: Apache-2.0

import BlindSignatures
import Cryptography
import Election
import ElectionFixtures
import Issuance
import IssuerStore
import Ledger
import TestSupport
import Testing

/// One issuer, one store, one scope.
@Suite struct ScopeTests {
  /// Whoever has signed for one scope signs for no other, and nothing of it reaches the record.
  // adversary: E-05
  @Test func aSecondScopeIsRefusedByName() async throws {
    let folder = try TemporaryFolder()
    let store = try SQLiteIssuanceStore.createNew(path: folder.path + "/issuer.sqlite")
    let election = try TestDesk(store: store)
    let petition = try TestDesk.petition(store: store)
    try await election.desk.bind()
    let bound = IssuanceRefusal.otherScope(try election.fixture.scope())
    #expect(await election.refusal(try election.message(1)) == nil)
    #expect(await petition.refusal(try petition.message(3)) == bound)
    #expect(petition.ledger.sent == 0)
    #expect(try await store.counts() == [1: 1])
    do throws(IssuanceRefusal) {
      try await petition.desk.bind()
      Issue.record("two scopes")
    } catch { #expect(error == bound) }
    // The refusal changes nothing for the first.
    #expect(await election.refusal(try election.message(5)) == nil)
    try store.close()
  }

  /// The same after a restart, and for a petition that was there first.
  @Test func theStoreRemembers() async throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/issuer.sqlite"
    let first = try SQLiteIssuanceStore.createNew(path: path)
    let petition = try TestDesk.petition(store: first)
    #expect(await petition.refusal(try petition.message(1)) == nil)
    try first.close()
    let again = try SQLiteIssuanceStore.openExisting(path: path)
    let election = try TestDesk(store: again)
    let bound = IssuanceRefusal.otherScope(try petition.fixture.scope())
    #expect(await election.refusal(try election.message(1)) == bound)
    let late = try TestDesk.petition(store: again, ledger: petition.ledger)
    #expect(await late.refusal(try late.message(1)) == nil)
    try again.close()
  }

  /// What was blinded and signed in one scope opens in no other.
  // adversary: E-08, F-03
  @Test func anAnswerIsForOneScope() async throws {
    let petition = try TestDesk.petition()
    let answer = try await petition.desk.issue(petition.message(1), citizen: nil)
    let key = CredentialSetup.issuers[0].signers[0].key
    let own = try petition.fixture.credentialSecrets(1)
    _ = try own.signature(from: answer.blindSignature, key: key, issuer: 1)
    let other = try ElectionFixture.credentialed(.registering).credentialSecrets(1)
    #expect(throws: BlindRSAError.self) {
      _ = try other.signature(from: answer.blindSignature, key: key, issuer: 1)
    }
  }
}
