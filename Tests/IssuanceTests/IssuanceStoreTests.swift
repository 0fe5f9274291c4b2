// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Election
import Issuance
import IssuerStore
import Ledger
import TestSupport
import Testing

/// What every store must keep.
@Suite struct IssuanceStoreTests {
  private static func credential(_ index: Int, _ name: String, attempt: Int = 0) -> IssuedCredential
  {
    IssuedCredential(
      place: IssuancePlace(district: 1 + index % 2, index: index, attempt: attempt),
      record: Array("record \(name)".utf8), request: SHA256.hash(Array("request \(name)".utf8)),
      blindSignature: [UInt8](repeating: UInt8(index % 256), count: 256))
  }

  private static let scope = CredentialScope(election: SHA256.hash(Array("election".utf8)))

  private func conforms(_ store: any IssuanceStore) async throws {
    // The first scope stays, whatever comes.
    #expect(try await store.bind(to: Self.scope) == Self.scope)
    let another = CredentialScope(election: SHA256.hash(Array("another".utf8)))
    #expect(try await store.bind(to: another) == Self.scope)
    #expect(try await store.bind(to: Self.scope) == Self.scope)
    let a = Self.credential(1, "a")
    let b = Self.credential(2, "b")
    let other = Self.credential(1, "other")
    #expect(try await store.issued(at: a.place) == nil)
    #expect(try await store.counts() == [:])
    // Both in one transaction, of which one place occurs twice: the first counts.
    #expect(try await store.keep([a, other, b]) == [a, a, b])
    #expect(try await store.keep([other, a]) == [a, a])
    #expect(try await store.issued(at: a.place) == a)
    #expect(try await store.issued(request: b.request) == b)
    #expect(try await store.issued(request: other.request) == nil)
    #expect(try await store.keep([Self.credential(1, "next", attempt: 1)]).count == 1)
    #expect(try await store.counts() == [1: 1, 2: 2])
  }

  @Test func theStoreInMemoryConforms() async throws { try await conforms(FailingStore()) }

  @Test func theDatabaseConforms() async throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/issuer.sqlite"
    let store = try SQLiteIssuanceStore.createNew(path: path)
    try await conforms(store)
    let digest = try await store.keep(evidence: [1, 2, 3])
    #expect(try await store.keep(evidence: [1, 2, 3]) == digest)
    try store.close()
    let again = try SQLiteIssuanceStore.openExisting(path: path)
    #expect(try await again.counts() == [1: 1, 2: 2])
    let petition = try #require(
      CredentialScope(name: "petition/2026-17", id: SHA256.hash(Array("election".utf8))))
    #expect(try await again.bind(to: petition) == Self.scope)
    #expect(try await again.evidence(digest) == [1, 2, 3])
    #expect(try await again.evidence(SHA256.hash([])) == nil)
    try again.close()
    #expect(throws: StoreError.self) { _ = try SQLiteIssuanceStore.createNew(path: path) }
    #expect(throws: StoreError.self) {
      _ = try SQLiteIssuanceStore.openExisting(path: folder.path + "/nothing")
    }
  }

  /// Requests at the same time share transactions, and everybody gets the own answer.
  @Test func groupsGetTheirOwnAnswers() async throws {
    let folder = try TemporaryFolder()
    let store = try SQLiteIssuanceStore.createNew(path: folder.path + "/issuer.sqlite")
    let commit = GroupCommit(store)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for index in 1...600 {
        group.addTask {
          let credential = Self.credential(index, "\(index)")
          let kept = try await commit.keep(credential)
          #expect(kept == credential)
        }
      }
      try await group.waitForAll()
    }
    #expect(try await store.counts().values.reduce(0, +) == 600)
  }

  @Test func aFailedTransactionFailsAllOfItsRequests() async throws {
    let store = FailingStore()
    let commit = GroupCommit(store)
    store.fail(.fails)
    await #expect(throws: StoreError.self) { _ = try await commit.keep(Self.credential(1, "a")) }
    let kept = try await commit.keep(Self.credential(1, "b"))
    #expect(kept == Self.credential(1, "b"))
  }
}
