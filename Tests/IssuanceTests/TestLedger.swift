// SPDX-License-Identifier: Apache-2.0

import BlindSignatures
import Cryptography
import Election
import ElectionFixtures
import Hummingbird
import Issuance
import IssuerService
import Ledger
import Logging
import Service
import Synchronization
import TestSupport

/// A ballot box in memory: takes in what keeps the rules, each entry in a batch of its own.
final class TestLedger: WitnessedLedger {
  enum Behaviour: Sendable { case honest, silent, takesAndIsNotWitnessed, refuses }

  private struct Shared {
    var fixture: ElectionFixture
    var behaviour = Behaviour.honest
    var sent = 0
    var stale: ElectionState?
  }

  private let shared: Mutex<Shared>

  init(_ fixture: ElectionFixture) { shared = Mutex(Shared(fixture: fixture)) }

  var state: ElectionState {
    shared.withLock { shared in
      defer { shared.stale = nil }
      return shared.stale ?? shared.fixture.state
    }
  }
  /// The record.
  var fixture: ElectionFixture { shared.withLock { $0.fixture } }
  /// Entries that were sent.
  var sent: Int { shared.withLock { $0.sent } }

  /// Whoever asks next sees a state that is older.
  func showOnce(_ state: ElectionState) { shared.withLock { $0.stale = state } }

  func behave(_ behaviour: Behaviour) { shared.withLock { $0.behaviour = behaviour } }

  func change(_ body: @Sendable (inout ElectionFixture) throws -> Void) throws {
    try shared.withLock { try body(&$0.fixture) }
  }

  func send(_ entry: EntryFile) async throws(IssuanceRefusal) {
    let refusal = shared.withLock { shared -> IssuanceRefusal? in
      shared.sent += 1
      switch shared.behaviour {
      case .silent: return .unavailable("silence")
      case .refuses: return .refused("ELI-3")
      case .takesAndIsNotWitnessed: return nil
      case .honest:
        do {
          try shared.fixture.admit(entry)
          return nil
        } catch { return .refused("\(error)") }
      }
    }
    if let refusal { throw refusal }
  }

  func wait(
    atMost time: Duration, until condition: @escaping @Sendable (ElectionState) -> Bool
  ) async -> ElectionState? {
    let end = ContinuousClock.now + min(time, .milliseconds(50))
    while true {
      let state = self.state
      if condition(state) { return state }
      guard ContinuousClock.now < end else { return nil }
      do { try await Task.sleep(for: .milliseconds(5)) } catch { return nil }
    }
  }
}

/// The roll of a fixture.
struct TestRoll: RollSource {
  let fixture: ElectionFixture

  private func entry(where condition: (RollLeaf) -> Bool) -> RollEntry? {
    for voter in fixture.setup.voters.indices.map({ $0 + 1 })
    where condition(fixture.rollLeaf(voter)) {
      return RollEntry(leaf: fixture.rollLeaf(voter), path: fixture.rollPath(voter))
    }
    return nil
  }

  func entry(district: Int, index: Int) async throws(StoreError) -> RollEntry? {
    entry { $0.district == district && $0.index == index }
  }

  func entry(identifier: Digest) async throws(StoreError) -> RollEntry? {
    entry { $0.identity == .identifier(identifier) }
  }
}

/// A store in memory that fails as it is told, and then works again as one that was opened again.
final class FailingStore: IssuanceStore {
  enum Fault: Sendable { case none, fails, failsButKeeps }

  private struct Shared {
    var kept: [IssuancePlace: IssuedCredential] = [:]
    var scope: CredentialScope?
    var fault = Fault.none
  }

  private let shared = Mutex(Shared())

  func fail(_ fault: Fault) { shared.withLock { $0.fault = fault } }

  func bind(to scope: CredentialScope) async throws(StoreError) -> CredentialScope {
    shared.withLock { shared in
      let bound = shared.scope ?? scope
      shared.scope = bound
      return bound
    }
  }

  func issued(at place: IssuancePlace) async throws(StoreError) -> IssuedCredential? {
    shared.withLock { $0.kept[place] }
  }

  func issued(request: Digest) async throws(StoreError) -> IssuedCredential? {
    shared.withLock { $0.kept.values.first { $0.request == request } }
  }

  func keep(_ credentials: [IssuedCredential]) async throws(StoreError) -> [IssuedCredential] {
    let result = shared.withLock { shared -> [IssuedCredential]? in
      let fault = shared.fault
      shared.fault = .none
      if fault == .fails { return nil }
      let answers = credentials.map { credential in
        if let earlier = shared.kept[credential.place] { return earlier }
        shared.kept[credential.place] = credential
        return credential
      }
      return fault == .failsButKeeps ? nil : answers
    }
    guard let result else { throw .failed("told to") }
    return result
  }

  func counts() async throws(StoreError) -> [Int: Int] {
    shared.withLock { $0.kept.keys.reduce(into: [:]) { $0[$1.district, default: 0] += 1 } }
  }
}

/// Keeps nothing.
struct NoSealing: EvidenceSealing {
  func seal(
    _ citizen: CitizenIdentity, entry: RollEntry, record: CredentialIssuance,
    in state: ElectionState
  ) async throws(IssuanceRefusal) -> Digest { SHA256.hash(Array(citizen.identifier.utf8)) }
}

/// An issuer's desk over the parts above.
struct TestDesk: Sendable {
  let ledger: TestLedger
  let store: any IssuanceStore
  let desk: IssuerDesk
  let fixture: ElectionFixture

  init(
    _ stage: Stage = .registering, issuer: Int = 1, store: any IssuanceStore = FailingStore(),
    ledger: TestLedger? = nil, fixture own: ElectionFixture? = nil
  ) throws {
    fixture = try own ?? ElectionFixture.credentialed(stage)
    self.ledger = ledger ?? TestLedger(fixture)
    self.store = store
    let keys = CredentialSetup.issuers[issuer - 1]
    desk = IssuerDesk(
      identity: IssuerIdentity(
        number: issuer, key: try keys.identity.key(),
        signers: keys.signers.map { BlindSigner($0.key, holder: AnyRSASigner($0.holder)) }),
      ledger: self.ledger, roll: TestRoll(fixture: fixture), store: store, sealing: NoSealing())
  }

  /// What a voter's wallet sends to an issuer.
  func message(_ voter: Int, attempt: Int = 0, issuer: Int = 1) throws -> IssueMessage {
    let key = CredentialSetup.issuers[issuer - 1].signers[fixture.rollPlace(voter).district - 1].key
    return IssueMessage(
      record: try fixture.issuance(voter, attempt: attempt),
      blinded: try fixture.credentialSecrets(voter, attempt: attempt).blinded(
        for: key, issuer: issuer
      ).request)
  }

  /// A desk over a petition.
  static func petition(
    _ stage: Stage = .registering, issuer: Int = 1, store: any IssuanceStore = FailingStore(),
    ledger: TestLedger? = nil
  ) throws -> TestDesk {
    try TestDesk(
      issuer: issuer, store: store, ledger: ledger, fixture: ElectionFixture.petition(stage))
  }

  /// What somebody else sends who has the voter's keys, and another seed.
  func otherMessage(_ voter: Int, seed: UInt8 = 7) throws -> IssueMessage {
    let place = fixture.rollPlace(voter)
    let secrets = try CredentialSecrets(
      seed: SecretBytes(copying: [UInt8](repeating: seed, count: 32)),
      scope: fixture.scope(), district: place.district)
    let (request, blinded) = try secrets.request(fixture.stateTerms(), index: place.index)
    let keys = try fixture.requestKeys(voter)
    return IssueMessage(
      record: CredentialIssuance(
        request: request, keys: keys.map(\.publicKey),
        signatures: try keys.map { try $0.key().signature(for: request.bytes) },
        evidence: .open(salt: fixture.rollLeaf(voter).salt, path: fixture.rollPath(voter))),
      blinded: blinded[0])
  }

  func refusal(
    _ message: IssueMessage, citizen: CitizenIdentity? = nil
  ) async -> IssuanceRefusal? {
    do throws(IssuanceRefusal) {
      _ = try await desk.issue(message, citizen: citizen)
      return nil
    } catch { return error }
  }
}

extension TestDesk {
  /// The desk over HTTP while `body` asks, on the port that it gets.
  ///
  /// - Parameter renewal: runs beside the server.
  func serve<Value: Sendable>(
    door: CitizenDoor? = nil, attempts: AttemptLimit = AttemptLimit(),
    renewal: CertificateRenewal? = nil, metrics: MetricsRegistry = MetricsRegistry(),
    _ body: (Int) async throws -> Value
  ) async throws -> Value {
    var configuration = ServiceConfiguration(port: 0)
    configuration.limits = .patient
    configuration.limits.shutdownSeconds = 20
    let settings = configuration
    let routes = IssuerRoutes(
      desk: desk, ledger: ledger, limits: settings.limits, attempts: attempts,
      metrics: IssuerMetrics(registry: metrics), asking: ConcurrencyLimit(200), door: door)
    return try await withServer { onListening in
      try await ServiceRunner(
        configuration: settings,
        logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
        metrics: metrics, before: [renewal].compactMap { $0 }, onListening: onListening,
        routes: { routes.add(to: $0) }
      ).run(signals: [])
    } _: {
      try await body($0)
    }
  }
}
