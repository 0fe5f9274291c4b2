// SPDX-License-Identifier: Apache-2.0

import BlindSignatures
import Cryptography
import Election
import ElectionFixtures
import Issuance
import Ledger
import Testing

/// One signature for every place, whatever comes, and one answer to everybody who is not entitled.
@Suite struct IssuerDeskTests {
  @Test func aCitizenGetsACredentialThatActivates() async throws {
    let first = try TestDesk()
    var signatures: [CredentialActivation.Signature] = []
    for issuer in 1...3 {
      let desk = try TestDesk(issuer: issuer, ledger: first.ledger)
      let answer = try await desk.desk.issue(desk.message(1, issuer: issuer), citizen: nil)
      #expect(answer.isReceiptValid(key: CredentialSetup.issuers[issuer - 1].identity.publicKey))
      #expect(!answer.isReceiptValid(key: CredentialSetup.issuers[issuer % 3].identity.publicKey))
      let key = CredentialSetup.issuers[issuer - 1].signers[0].key
      signatures.append(
        .init(
          issuer: issuer,
          bytes: try first.fixture.credentialSecrets(1).signature(
            from: answer.blindSignature, key: key, issuer: issuer)))
    }
    // The record was sent once: the others found it there.
    #expect(first.ledger.sent == 1)
    let credential = try first.fixture.credential(1)
    #expect(signatures == credential.signatures)
  }

  @Test func theSameRequestGetsTheSameAnswer() async throws {
    let desk = try TestDesk()
    let answer = try await desk.desk.issue(desk.message(1), citizen: nil)
    #expect(try await desk.desk.issue(desk.message(1), citizen: nil) == answer)
    #expect(try await desk.desk.answer(to: answer.request) == answer)
    #expect(try await desk.desk.answer(to: SHA256.hash([])) == nil)
    // After the registration as well: a lost answer is no lost vote.
    try desk.ledger.change { try $0.step(to: .activating) }
    #expect(try await desk.desk.issue(desk.message(1), citizen: nil) == answer)
    #expect(await desk.refusal(try desk.message(3)) == .closed(.activation))
  }

  // adversary: E-07
  @Test func anotherRequestGetsTheProofOfTheFirst() async throws {
    let desk = try TestDesk()
    let answer = try await desk.desk.issue(desk.message(1), citizen: nil)
    guard case .conflict(let earlier?, let entry)? = await desk.refusal(try desk.otherMessage(1))
    else {
      Issue.record("no conflict")
      return
    }
    #expect(earlier.request == answer.request && entry > 0)
    // The proof holds by itself: the entry's keys signed the earlier request.
    let record = try CredentialIssuance(bytes: earlier.record, in: desk.fixture.group)
    let request = record.request(in: CredentialScope(election: try desk.fixture.electionID()))
    #expect(record.keys[0].isValid(signature: record.signatures[0], for: request.bytes))
    // An issuer that has signed nothing yet sees it on the record.
    let second = try TestDesk(issuer: 2, ledger: desk.ledger)
    #expect(
      await second.refusal(try desk.otherMessage(1)) == .conflict(nil, entry: entry))
  }

  /// The request comes to the record between two looks at it: that is neither a wrong request nor an unknown citizen.
  // adversary: E-07
  @Test func theRecordMayGrowMeanwhile() async throws {
    let first = try TestDesk()
    let before = first.ledger.state
    _ = try await first.desk.issue(first.message(1), citizen: nil)
    let second = try TestDesk(issuer: 2, ledger: first.ledger)
    first.ledger.showOnce(before)
    #expect(await second.refusal(try second.message(1, issuer: 2)) == nil)
    let third = try TestDesk(issuer: 3, ledger: first.ledger)
    first.ledger.showOnce(before)
    guard case .conflict(nil, let entry)? = await third.refusal(try third.otherMessage(1)) else {
      Issue.record("no conflict")
      return
    }
    #expect(entry > 0)
  }

  // adversary: E-07, E-10
  @Test func aHundredRequestsAtOnceGetOneSignature() async throws {
    let desk = try TestDesk()
    let messages = try (0..<100).map { try $0 % 2 == 0 ? desk.message(1) : desk.otherMessage(1) }
    struct Outcome: Sendable {
      let isFirst: Bool
      let answer: IssueAnswer?
    }
    let outcomes = await withTaskGroup(of: Outcome.self) { group in
      for (number, message) in messages.enumerated() {
        group.addTask {
          var answer: IssueAnswer?
          do throws(IssuanceRefusal) {
            answer = try await desk.desk.issue(message, citizen: nil)
          } catch { answer = nil }
          return Outcome(isFirst: number % 2 == 0, answer: answer)
        }
      }
      var outcomes: [Outcome] = []
      for await outcome in group { outcomes.append(outcome) }
      return outcomes
    }
    let answered = outcomes.filter { $0.answer != nil }
    #expect(Set(answered.map(\.answer)).count == 1)
    #expect(Set(answered.map(\.isFirst)).count == 1)
    #expect(answered.count == 50)
    #expect(try await desk.store.counts() == [1: 1])
  }

  /// The issuer breaks down at each step; asked again, it gives the one answer.
  @Test(arguments: [FailingStore.Fault.fails, .failsButKeeps])
  func aBrokenStoreNeverSignsTwice(_ fault: FailingStore.Fault) async throws {
    let store = FailingStore()
    let desk = try TestDesk(store: store)
    store.fail(fault)
    guard case .unavailable? = await desk.refusal(try desk.message(1)) else {
      Issue.record("an answer without a durable record")
      return
    }
    // Started again over the same store and record.
    let again = try TestDesk(store: store, ledger: desk.ledger)
    let answer = try await again.desk.issue(again.message(1), citizen: nil)
    let credential = try desk.fixture.credential(1)
    let key = CredentialSetup.issuers[0].signers[0].key
    #expect(
      try desk.fixture.credentialSecrets(1).signature(
        from: answer.blindSignature, key: key, issuer: 1) == credential.signatures[0].bytes)
    #expect(try await store.counts() == [1: 1])
    guard case .conflict? = await again.refusal(try desk.otherMessage(1)) else {
      Issue.record("two requests were signed")
      return
    }
  }

  @Test func nothingIsSignedBeforeItIsWitnessed() async throws {
    let desk = try TestDesk()
    desk.ledger.behave(.takesAndIsNotWitnessed)
    #expect(await desk.refusal(try desk.message(1)) == .notWitnessed)
    desk.ledger.behave(.silent)
    #expect(await desk.refusal(try desk.message(1)) == .unavailable("silence"))
    desk.ledger.behave(.refuses)
    #expect(await desk.refusal(try desk.message(1)) == .refused("ELI-3"))
    #expect(try await desk.store.counts() == [:])
    desk.ledger.behave(.honest)
    #expect(await desk.refusal(try desk.message(1)) == nil)
  }

  /// One answer for all reasons.
  // adversary: E-08, E-09
  @Test func whoIsNotEntitledLearnsNothing() async throws {
    let desk = try TestDesk()
    let good = try desk.message(1)
    func changed(_ change: (inout CredentialIssuance) throws -> Void) rethrows -> IssueMessage {
      var record = good.record
      try change(&record)
      return IssueMessage(record: record, blinded: good.blinded)
    }
    let forger = CredentialSetup.issuers[2].identity
    let messages = [
      changed { $0.signatures[0][5] ^= 1 },
      changed { $0.index = 99 },
      changed { $0.index = 2 },
      changed { $0.district = 9 },
      changed { $0.attempt = 1 },
      changed { $0.evidence = .sealed(SHA256.hash([])) },
      try changed {
        $0.keys = [forger.publicKey]
        let request = $0.request(in: CredentialScope(election: try desk.fixture.electionID()))
        $0.signatures = [try forger.key().signature(for: request.bytes)]
      },
      changed { $0.blinded.removeLast() },
    ]
    for message in messages { #expect(await desk.refusal(message) == .unknown) }
    #expect(desk.ledger.sent == 0)
    let questions = [
      try question(desk, voter: 1, index: 2), try question(desk, voter: 1, index: 99),
      try question(desk, voter: 6, index: 4),
    ]
    for question in questions {
      do throws(IssuanceRefusal) {
        _ = try await desk.desk.entry(question)
        Issue.record("an answer about somebody else")
      } catch { #expect(error == .unknown) }
    }
    let own = try await desk.desk.entry(question(desk, voter: 1, index: nil))
    #expect(own.salt == desk.fixture.rollLeaf(1).salt && own.path == desk.fixture.rollPath(1))
  }

  private func question(_ desk: TestDesk, voter: Int, index: Int?) throws -> RollQuestion {
    let place = desk.fixture.rollPlace(voter)
    let index = index ?? place.index
    let keys = CredentialSetup.rollIdentities[voter - 1]
    let statement = IssueRequest.question(
      scope: CredentialScope(election: try desk.fixture.electionID()), district: place.district,
      index: index)
    return RollQuestion(
      district: place.district, index: index, keys: keys.map(\.publicKey),
      signatures: try keys.map { try $0.key().signature(for: statement) })
  }

  // adversary: E-08
  @Test func malformedBlindedMessagesAreNotSigned() async throws {
    let desk = try TestDesk()
    let good = try desk.message(1)
    #expect(await desk.refusal(good) == nil)
    for blinded in [
      Array(good.blinded.dropLast()), good.blinded + [0], try desk.message(3).blinded,
      [UInt8](repeating: 0xFF, count: good.blinded.count),
    ] {
      let other = try TestDesk(issuer: 1, ledger: desk.ledger)
      guard
        case .form? = await other.refusal(IssueMessage(record: good.record, blinded: blinded))
      else {
        Issue.record("signed something else than the request names")
        continue
      }
    }
  }

  @Test func cancelledRequestsAreNotSigned() async throws {
    let desk = try TestDesk()
    #expect(await desk.refusal(try desk.message(1)) == nil)
    try desk.ledger.change {
      try $0.admit($0.entry($0.cancellation(1), by: .voter(1)))
    }
    let late = try TestDesk(issuer: 2, ledger: desk.ledger)
    guard case .form? = await late.refusal(try desk.message(1, issuer: 2)) else {
      Issue.record("a cancelled request was signed")
      return
    }
    // The next attempt is another place.
    #expect(await desk.refusal(try desk.message(1, attempt: 1)) == nil)
  }

  @Test func identifiedCitizensAreTheOnesOfTheirEntry() async throws {
    let desk = try TestDesk()
    let message = try desk.message(6)
    let own = CitizenIdentity(identifier: "citizen 6", evidence: [1])
    let other = CitizenIdentity(identifier: "citizen 7", evidence: [1])
    #expect(await desk.refusal(message) == .unknown)
    #expect(await desk.refusal(message, citizen: other) == .unknown)
    #expect(
      await desk.refusal(message, citizen: CitizenIdentity(identifier: "nobody", evidence: []))
        == .unknown)
    #expect(await desk.refusal(message, citizen: own) == nil)
    // What stands on the record is the digest of what was sealed, not what the wallet wrote there.
    let records = desk.ledger.state.credentials.records(
      district: desk.fixture.rollPlace(6).district, index: desk.fixture.rollPlace(6).index)
    #expect(records.count == 1)
    // An identity does not help with an entry that has keys.
    #expect(await desk.refusal(try desk.message(1), citizen: other) == nil)
  }

  /// An issuer that puts a request of its own on the record for somebody who never came gets no other issuer's
  /// signature by that.
  // adversary: E-05
  @Test func anotherIssuersWordIsNotBelieved() async throws {
    let dishonest = try TestDesk()
    let own = CitizenIdentity(identifier: "citizen 6", evidence: [1])
    #expect(await dishonest.refusal(try dishonest.message(6), citizen: own) == nil)
    #expect(dishonest.ledger.sent == 1)
    let honest = try TestDesk(issuer: 2, ledger: dishonest.ledger)
    let message = try honest.message(6, issuer: 2)
    #expect(await honest.refusal(message) == .unknown)
    #expect(
      await honest.refusal(message, citizen: CitizenIdentity(identifier: "citizen 7", evidence: []))
        == .unknown)
    #expect(try await honest.store.counts() == [:])
    #expect(await honest.refusal(message, citizen: own) == nil)
  }

  /// A key of one's own for one voter: the unblinded signature does not hold under everybody's key.
  // adversary: E-06
  @Test func aKeyForOneVoterIsRefusedByTheWallet() async throws {
    let fixture = try ElectionFixture.credentialed(.registering)
    let secrets = try fixture.credentialSecrets(1)
    let key = CredentialSetup.issuers[0].signers[0].key
    let blinded = try secrets.blinded(for: key, issuer: 1).request
    let own = LocalRSASigner(try RSAPrivateKey.generate(bits: 2048))
    var changed = blinded
    changed[0] = 0
    let answer = try own.rawSignatureNow(changed)
    #expect(!key.vartimeIsValid(blindSignature: answer, request: blinded))
    #expect(throws: BlindRSAError.self) {
      _ = try secrets.signature(from: answer, key: key, issuer: 1)
    }
    // Two keys that differ in one bit are two keys.
    var bytes = key.modulusBytes
    bytes[bytes.count - 2] ^= 1
    let twin = try BlindRSAPublicKey(modulus: bytes, exponent: key.exponent, encoding: .pssZero)
    #expect(twin != key && twin.keyID != key.keyID)
  }
}
