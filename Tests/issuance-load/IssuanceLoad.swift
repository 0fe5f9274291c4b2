// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BlindSignatures
import Cryptography
import Election
import ElectionFixtures
import ElectoralRoll
import Foundation
import Groups
import Hummingbird
import Issuance
import IssuerService
import IssuerStore
import Ledger
import Logging
import Service
import StrictJSON
import TestSupport
import WebClient

/// Measures issuers: signatures over HTTP with a durable commit, activations, and a whole registration. In one
/// process, so that figures of one run can be compared. Prints a line for each figure.
@main
struct IssuanceLoad: AsyncParsableCommand {
  @Option(help: "Citizens of the one district.") var citizens = 2_000
  @Option(help: "Issuers.") var issuers = 3
  @Option(help: "Length of the issuers' keys in bits.") var bits = 2_048
  @Option(help: "Requests that are on their way at once.") var concurrent = 64
  @Option(
    help: "Entries of a roll: only measures the tree of what was issued, and proofs.")
  var roll: Int?
  @Option(help: "With --roll: how many of its entries have a request, half of them at most.")
  var requests = 10_000

  func validate() throws {
    guard roll.map({ (1...max(1, $0 / 2)).contains(requests) }) ?? true else {
      throw ValidationError("--requests: 1 to half of the entries of --roll.")
    }
  }

  func run() async throws {
    if let roll {
      var load = try StatusLoad(entries: roll, issuers: issuers, bits: bits)
      try load.run(requests: requests)
      return
    }
    let scene = try LoadScene(citizens: citizens, issuers: issuers, bits: bits)
    let raw = try scene.rawSignature()
    print("raw RSA-\(bits) signature, libcrypto, one core: \(Self.micro(raw)) µs")
    let (records, recording) = try Self.timed { try scene.recordRequests() }
    print(
      "\(citizens) requests made and recorded, rules checked, one core: \(Self.text(recording)) s")
    let alone = try await scene.issue(records, concurrent: concurrent)
    print(
      "\(citizens) issuances without HTTP, \(concurrent) at once, durable: \(Self.text(alone.wall)) s; "
        + "processor time \(Self.micro(alone.processor / citizens)) µs each")
    let served = try await scene.serve(records, concurrent: concurrent)
    print(
      "\(citizens) issuances over HTTP, \(concurrent) at once, durable: \(Self.text(served.wall)) s, "
        + "\(Int(Double(citizens) / Self.seconds(served.wall))) a second; "
        + "processor time of clients and server \(Self.micro(served.processor / citizens)) µs each; "
        + "\(served.failures) failed; the same messages to a path that does not exist: "
        + "\(Self.micro(served.refused / citizens)) µs")
    let (activations, making) = try Self.timed { try scene.activations() }
    print("\(citizens) credentials of \(issuers) issuers made otherwise: \(Self.text(making)) s")
    let check = try scene.checkActivations(activations)
    print(
      "activation, checked whole: \(Self.micro(check.whole)) µs; its \(issuers) signatures "
        + "\(Self.micro(check.signatures)) µs; raw \(issuers) × s^e mod n "
        + "\(Self.micro(check.raw)) µs; ratio "
        + String(format: "%.2f", Self.seconds(check.signatures) / Self.seconds(check.raw)))
    let (lists, freezing) = Self.timed { scene.state.frozenLists() }
    print("list of \(lists[0].counts.listed) keys sorted and hashed: \(Self.text(freezing)) s")
    let sizes = try scene.sizes(activations)
    print(
      "on the record, leaf and payload: issuance \(sizes.issuance) bytes, activation "
        + "\(sizes.activation) bytes")
  }

  static func timed<Value>(_ body: () throws -> Value) rethrows -> (Value, Duration) {
    let start = ContinuousClock.now
    let value = try body()
    return (value, .now - start)
  }

  static func seconds(_ duration: Duration) -> Double {
    Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
  }

  static func text(_ duration: Duration) -> String { String(format: "%.2f", seconds(duration)) }

  static func micro(_ duration: Duration) -> String {
    String(format: "%.1f", seconds(duration) * 1e6)
  }
}

/// The record as it stands; entries are known in advance.
private struct FixedLedger: WitnessedLedger {
  let state: ElectionState

  func send(_ entry: EntryFile) async throws(IssuanceRefusal) { throw .unavailable("fixed") }

  func wait(
    atMost time: Duration, until condition: @escaping @Sendable (ElectionState) -> Bool
  ) async -> ElectionState? { condition(state) ? state : nil }
}

private struct NoRoll: RollSource {
  func entry(district: Int, index: Int) async throws(StoreError) -> RollEntry? { nil }
  func entry(identifier: Digest) async throws(StoreError) -> RollEntry? { nil }
}

private struct NoSealing: EvidenceSealing {
  func seal(
    _ citizen: CitizenIdentity, entry: RollEntry, record: CredentialIssuance,
    in state: ElectionState
  ) async throws(IssuanceRefusal) -> Digest { throw .unavailable("none") }
}

/// An election with one district of many citizens, folded entry by entry.
final class LoadScene {
  private let citizens: Int
  private let issuers: [TestIssuer]
  private let commission: Identity
  private let box: Identity
  private let rollKeys: [Identity]
  private let salts: [Digest]
  private let tree: RollTree
  private let terms: CredentialTerms
  private let electionID: Digest
  private(set) var state: ElectionState
  private var batch = 0

  init(citizens: Int, issuers count: Int, bits: Int) throws {
    self.citizens = citizens
    issuers = try (1...count).map { try TestIssuer($0, districts: 1, bits: bits) }
    commission = try Identity("commission")
    box = try Identity("box")
    rollKeys = try (1...citizens).map { try Identity("load/roll/\($0)") }
    salts = (1...citizens).map { SHA256.hash(Array("load/salt/\($0)".utf8)) }
    let register = SHA256.hash(Array("load/register".utf8))
    let (keys, salts) = (rollKeys, salts)
    tree = RollTree(
      leafHashes: (1...citizens).map { index in
        RollLeaf(
          register: register, district: 1, index: index, salt: salts[index - 1],
          identity: .keys([keys[index - 1].publicKey])
        ).hash
      })
    terms = CredentialTerms(
      register: register,
      districts: [
        .init(
          label: "north", ballotStyle: 1, voters: citizens, keyEntries: citizens, root: tree.root)
      ],
      issuers: issuers.enumerated().map { position, issuer in
        .init(
          name: "Issuer \(position + 1)", key: issuer.identity.publicKey,
          credentialKeys: issuer.signers.map(\.key))
      }, required: count, tolerated: 1, registration: 1...1_999_999,
      activation: 2_000_000...2_999_999,
      minimumDistrict: 1, maximumGap: 0)
    let setup = ElectionSetup(group: .standard)
    let manifest = try setup.manifest()
    let configuration = ElectionConfiguration(
      name: "Load", manifestDigest: SHA256.hash(manifest.bytes),
      commissionKey: commission.publicKey,
      ballotBoxKey: box.publicKey,
      logKey: try NoteSigner(name: "load.example", key: Identity("log").key()).verifierKey.vkey,
      votingWindow: 3_000_000...ElectionConfiguration.anyTime.upperBound,
      trusteeKeys: [try Identity("trustee").publicKey], threshold: 1,
      eligibility: .credentials(terms),
      policy: Policy(revoting: true, opensContestData: false), device: "load")
    let bytes = configuration.bytes(in: .standard)
    electionID = SHA256.hash(bytes)
    state = ElectionState()
    try admit(
      EntryFile.signed(
        configuration, by: .commission, electionID: nil, key: commission.key(), in: .standard))
    try openBatch(at: 1)
    try admit(
      EntryFile.signed(
        .manifest, bytes: manifest.bytes, by: .commission, electionID: electionID,
        key: commission.key()))
    try openBatch(at: 2)
    try admit(signed(RegistrationOpened(), by: .commission, commission))
  }

  private func signed<Payload: EntryPayload>(
    _ payload: Payload, by author: Author, _ identity: Identity
  ) throws -> EntryFile {
    try EntryFile.signed(
      payload, by: author, electionID: electionID, key: identity.key(), in: .standard)
  }

  private func openBatch(at time: Int) throws {
    batch += 1
    try admit(signed(BatchOpened(number: batch, time: time), by: .ballotBox, box))
  }

  private struct Refused: Error { let findings: Findings }
  private struct NoPayloads: PayloadSource {
    func payload(at index: Int) -> [UInt8]? { nil }
  }

  /// Every rule is checked. The order inside a batch is not kept: each entry has a batch of its own.
  private func admit(_ file: EntryFile) throws {
    let check = state.check(
      RecordedEntry(index: state.size, entry: file.entry, payload: file.payload),
      payloads: NoPayloads())
    let findings = check.complete()
    guard !findings.hasFailures else { throw Refused(findings: findings) }
    state.apply(check)
  }

  private func secrets(_ citizen: Int) throws -> CredentialSecrets {
    try CredentialSecrets(
      seed: SecretBytes(copying: SHA256.hash(Array("load/seed/\(citizen)".utf8)).bytes),
      scope: CredentialScope(election: electionID), district: 1)
  }

  /// One private operation of RSA.
  func rawSignature() throws -> Duration {
    let holder = issuers[0].signers[0].holder
    let input = try secrets(1).blinded(for: issuers[0].signers[0].key, issuer: 1).request
    let count = 400
    let (_, time) = try IssuanceLoad.timed {
      for _ in 0..<count { _ = try holder.rawSignatureNow(input) }
    }
    return time / count
  }

  struct Recorded: Sendable {
    let message: [UInt8]
  }

  /// All citizens' requests, on the record.
  func recordRequests() throws -> [Recorded] {
    try (1...citizens).map { citizen in
      let (request, blinded) = try secrets(citizen).request(terms, index: citizen)
      let key = rollKeys[citizen - 1]
      let record = CredentialIssuance(
        request: request, keys: [key.publicKey],
        signatures: [try key.key().signature(for: request.bytes)],
        evidence: .open(salt: salts[citizen - 1], path: tree.path(index: citizen) ?? []))
      try openBatch(at: 3)
      try admit(signed(record, by: .citizen(key.publicKey), key))
      return Recorded(
        message: try IssueMessage(record: record, blinded: blinded[0]).bytes(in: .standard))
    }
  }

  struct Served: Sendable {
    let wall: Duration
    let processor: Duration
    let failures: Int
    /// Processor time of clients and server for requests that the server only reads.
    let refused: Duration
  }

  private func desk(_ store: SQLiteIssuanceStore) throws -> IssuerDesk {
    let issuer = issuers[0]
    return IssuerDesk(
      identity: IssuerIdentity(
        number: 1, key: try issuer.identity.key(),
        signers: issuer.signers.map { BlindSigner($0.key, holder: AnyRSASigner($0.holder)) }),
      ledger: FixedLedger(state: state), roll: NoRoll(), store: store, sealing: NoSealing())
  }

  /// Issuer 1 answers all of them, from the bytes of the question to those of the answer.
  func issue(
    _ records: [Recorded], concurrent: Int
  ) async throws -> (wall: Duration, processor: Duration) {
    let folder = try TemporaryFolder()
    let store = try SQLiteIssuanceStore.createNew(path: folder.path + "/issuer.sqlite")
    let desk = try desk(store)
    let processor = Self.processorTime
    let start = ContinuousClock.now
    try await withThrowingTaskGroup(of: Void.self) { group in
      for worker in 0..<concurrent {
        group.addTask {
          for index in stride(from: worker, to: records.count, by: concurrent) {
            let message = try IssueMessage(bytes: records[index].message, in: .standard)
            _ = try await desk.issue(message, citizen: nil).json.canonicalBytes()
          }
        }
      }
      try await group.waitForAll()
    }
    let result = (ContinuousClock.now - start, Self.processorTime - processor)
    try store.close()
    return result
  }

  /// Issuer 1 answers all of them over HTTP.
  func serve(_ records: [Recorded], concurrent: Int) async throws -> Served {
    let folder = try TemporaryFolder()
    let store = try SQLiteIssuanceStore.createNew(path: folder.path + "/issuer.sqlite")
    let ledger = FixedLedger(state: state)
    let desk = try desk(store)
    let metrics = MetricsRegistry()
    var configuration = ServiceConfiguration(port: 0)
    configuration.limits.requests = 4_096
    configuration.limits.connections = 8_192
    let settings = configuration
    let routes = IssuerRoutes(
      desk: desk, ledger: ledger, limits: settings.limits, attempts: AttemptLimit(),
      metrics: IssuerMetrics(registry: metrics), asking: ConcurrencyLimit(4_000))
    let served = try await withServer { onListening in
      try await ServiceRunner(
        configuration: settings,
        logger: Logger(label: "load", factory: { _ in SwiftLogNoOpLogHandler() }),
        metrics: metrics, onListening: onListening, routes: { routes.add(to: $0) }
      ).run(signals: [])
    } _: { port in
      let address = try WebAddress("http://127.0.0.1:\(port)")
      func post(to path: String) async -> (wall: Duration, processor: Duration, failures: Int) {
        let processor = Self.processorTime
        let start = ContinuousClock.now
        let failures = await withTaskGroup(of: Int.self) { group in
          for worker in 0..<concurrent {
            group.addTask {
              let client = WebClient(address)
              var failures = 0
              for index in stride(from: worker, to: records.count, by: concurrent) {
                do {
                  let response = try await client.post(
                    path, body: records[index].message, contentType: "application/json",
                    limit: 65_536)
                  if response.status != 200 { failures += 1 }
                } catch { failures += 1 }
              }
              return failures
            }
          }
          return await group.reduce(0, +)
        }
        return (.now - start, Self.processorTime - processor, failures)
      }
      let issued = await post(to: "v1/issue")
      let refused = await post(to: "v1/none")
      return Served(
        wall: issued.wall, processor: issued.processor, failures: issued.failures,
        refused: refused.processor)
    }
    try store.close()
    return served
  }

  private static var processorTime: Duration {
    .nanoseconds(Int64(clock()) * 1_000_000_000 / Int64(CLOCKS_PER_SEC))
  }

  /// All citizens' credentials, unblinded.
  func activations() throws -> [EntryFile] {
    try openBatch(at: 1_999_000)
    try admit(
      signed(
        ActivationOpened(issued: state.credentials.counts.map(\.issued)), by: .commission,
        commission))
    return try (1...citizens).map { citizen in
      let secrets = try secrets(citizen)
      let signatures = try issuers.enumerated().map { position, issuer in
        let signer = issuer.signers[0]
        let blinded = try secrets.blinded(for: signer.key, issuer: position + 1).request
        return CredentialActivation.Signature(
          issuer: position + 1,
          bytes: try secrets.signature(
            from: signer.holder.rawSignatureNow(blinded), key: signer.key, issuer: position + 1))
      }
      let key = try secrets.pseudonym()
      return try EntryFile.signed(
        CredentialActivation(
          district: 1, nonce: try secrets.message().nonce, signatures: signatures),
        by: .pseudonym(key.publicKey), electionID: electionID, key: key, in: .standard)
    }
  }

  /// Checks them by the rulebook; then the signatures alone, and their powers alone.
  func checkActivations(
    _ files: [EntryFile]
  ) throws -> (whole: Duration, signatures: Duration, raw: Duration) {
    let (_, whole) = try IssuanceLoad.timed {
      for file in files {
        try openBatch(at: 2_000_000)
        try admit(file)
      }
    }
    let payloads = try files.map { try CredentialActivation(bytes: $0.payload, in: .standard) }
    let messages = try (1...citizens).map { try secrets($0).message().bytes }
    let (allHold, signatures) = IssuanceLoad.timed {
      zip(payloads, messages).allSatisfy { payload, message in
        zip(payload.signatures, issuers).allSatisfy {
          $1.signers[0].key.vartimeIsValid($0.bytes, preparedMessage: message)
        }
      }
    }
    precondition(allHold)
    let (_, raw) = IssuanceLoad.timed {
      for payload in payloads {
        for (signature, issuer) in zip(payload.signatures, issuers) {
          // s^e against another number: the power, and a comparison.
          _ = issuer.signers[0].key.vartimeIsValid(
            blindSignature: signature.bytes, request: signature.bytes)
        }
      }
    }
    return (whole / files.count, signatures / files.count, raw / files.count)
  }

  func sizes(_ activations: [EntryFile]) throws -> (issuance: Int, activation: Int) {
    let (request, _) = try secrets(1).request(terms, index: 1)
    let key = rollKeys[0]
    let issuance = try signed(
      CredentialIssuance(
        request: request, keys: [key.publicKey],
        signatures: [try key.key().signature(for: request.bytes)],
        evidence: .open(salt: salts[0], path: tree.path(index: 1) ?? [])), by: .issuer(1),
      issuers[0].identity)
    return (
      issuance.entry.bytes.count + issuance.payload.count,
      activations[0].entry.bytes.count + activations[0].payload.count
    )
  }
}
