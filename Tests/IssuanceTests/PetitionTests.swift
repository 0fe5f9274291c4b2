// SPDX-License-Identifier: Apache-2.0

import BigIntegers
import BlindSignatures
import Cryptography
import Election
import ElectionFixtures
import Groups
import Issuance
import IssuerStore
import Ledger
import LedgerFiles
import TestSupport
import Testing
import Verification

/// A petition that 10,000 citizens sign: one signature each, counted, and nobody can be joined with theirs.
@Suite struct PetitionTests {
  private static let sizes = [6_000, 4_000]
  private static let seed: UInt64 = 2_026_17

  // adversary: E-01, E-07
  @Test(.hangs) func tenThousandSignOnceAndNobodyIsLinked() async throws {
    let scene = try PetitionScene(citizens: Self.sizes)
    let total = scene.citizens.count
    var generator = SeededGenerator(seed: Self.seed)
    let arrival = scene.citizens.indices.shuffled(using: &generator)
    let issued = try await PetitionScene.concurrently(total) { number in
      try await scene.register(scene.citizens[arrival[number]])
    }
    #expect(issued.count == total, "seed \(Self.seed)")
    for store in scene.stores {
      #expect(try await store.counts() == [1: Self.sizes[0], 2: Self.sizes[1]])
    }
    try await Self.refuseSecondRequests(scene)
    let order = issued.indices.shuffled(using: &generator)
    let entries = try await PetitionScene.concurrently(total) { number in
      try scene.activation(issued[order[number]])
    }
    let fixture = try Self.activate(scene, entries)
    try await Self.verify(fixture)
    try Self.join(scene, issued, entries, order)
    for store in scene.stores { try store.close() }
  }

  /// Another key for the same entry of the roll: no issuer signs it, and no record takes it.
  private static func refuseSecondRequests(_ scene: PetitionScene) async throws {
    for citizen in stride(from: 0, to: scene.citizens.count, by: 500).map({ scene.citizens[$0] }) {
      let messages = try scene.messages(citizen, wallet: "second wallet")
      for (desk, message) in zip(scene.desks, messages) {
        do throws(IssuanceRefusal) {
          _ = try await desk.issue(message, citizen: nil)
          Issue.record("citizen \(citizen.number) got a second credential")
        } catch {
          guard case .conflict = error else {
            Issue.record("refused for another reason: \(error)")
            return
          }
        }
      }
    }
    #expect(scene.ledger.state.credentials.counts.map(\.issued) == sizes)
  }

  /// All keys in ten batches; a key that is there is refused.
  private static func activate(
    _ scene: PetitionScene, _ entries: [EntryFile]
  ) throws -> ElectionFixture {
    let part = entries.count / 10
    try scene.ledger.change { fixture in
      try fixture.admit(fixture.entry(fixture.activationOpening(), by: .commission))
      fixture.time = 100_000
      for start in stride(from: 0, to: entries.count, by: part) {
        try fixture.admit(Array(entries[start..<min(start + part, entries.count)]))
      }
    }
    var fixture = scene.ledger.fixture
    for number in stride(from: 0, to: entries.count, by: 500) {
      #expect(try fixture.broken(entries[number]) == [.eli5])
    }
    try fixture.admit(fixture.entry(fixture.listFrozen(), by: .commission))
    #expect(
      fixture.state.credentials.counts
        == sizes.map { CredentialCounts(issued: $0, cancelled: 0, listed: $0) })
    #expect(
      fixture.state.signatureReport.prefix(3) == [
        "petition/2026-17: 10000 signatures",
        "  district north: 6000 signatures of 6000 entitled, gap 0",
        "  district south: 4000 signatures of 4000 entitled, gap 0",
      ])
    return fixture
  }

  /// The verifier agrees, from the files alone.
  private static func verify(_ fixture: ElectionFixture) async throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/record"
    var writer = try RecordWriter.create(directory: path, signer: fixture.logSigner())
    _ = try writer.append(
      batch: fixture.entries.map { (entry: $0.entry.bytes, payload: $0.payload) })
    let report = try await RecordVerification.verify(path: path).report
    #expect(report.verdict == .passed, "\(report.text.filter { !$0.hasPrefix("-") })")
    let counts = Dictionary(uniqueKeysWithValues: report.lines.map { ($0.rule, $0.count) })
    #expect((counts[.eli5] ?? 0) >= 3 * entriesTotal && (counts[.eli3] ?? 0) >= entriesTotal)
  }

  private static var entriesTotal: Int { sizes.reduce(0, +) }

  // MARK: Joining

  /// Whoever has everything that three issuers and the record know tries to say which request became which key.
  // adversary: E-10
  private static func join(
    _ scene: PetitionScene, _ issued: [PetitionScene.Issued], _ entries: [EntryFile], _ order: [Int]
  ) throws {
    let group = scene.ledger.state.group
    // By equal values in any column, and by the hash of any column.
    var known = Set<[UInt8]>()
    for item in issued {
      for column in try columns(item, in: group) {
        known.insert(column)
        known.insert(SHA256.hash(column).bytes)
      }
    }
    var shown: [[[UInt8]]] = []
    for file in entries { shown.append(try columns(file, in: group)) }
    for (number, columns) in shown.enumerated() {
      for column in columns {
        #expect(!known.contains(column), "activation \(number)")
        #expect(!known.contains(SHA256.hash(column).bytes), "activation \(number)")
      }
    }
    try joinByFit(scene, issued, entries, order)
    joinByOrder(issued, entries, order)
    joinByBytes(issued, shown, order)
  }

  /// What issuers know of a request.
  private static func columns(
    _ item: PetitionScene.Issued, in group: Group
  ) throws -> [[UInt8]] {
    var columns: [[UInt8]] = []
    for (message, answer) in zip(item.message, item.answers) {
      columns += [message.blinded, answer.blindSignature, answer.receipt, answer.request.bytes]
    }
    let record = item.message[0].record
    columns += record.blinded.map(\.bytes) + record.signatures + record.keys.map(\.bytes)
    if case .open(let salt, let path) = record.evidence {
      columns.append(salt.bytes)
      columns += path.map(\.bytes)
    }
    return columns + [record.bytes(in: group)]
  }

  /// What an activation shows.
  private static func columns(_ file: EntryFile, in group: Group) throws -> [[UInt8]] {
    let activation = try CredentialActivation(bytes: file.payload, in: group)
    guard case .pseudonym(let key) = file.entry.author else { throw Unexpected() }
    return activation.signatures.map(\.bytes) + [
      activation.nonce.bytes, key.bytes, file.entry.signature, file.entry.leafHash.bytes,
      file.entry.payloadDigest.bytes,
    ]
  }

  /// By algebra: r = blind_sig / sig opens a request as an activation's message, as the right pair does. But it does
  /// so for every pair, so it says nothing.
  private static func joinByFit(
    _ scene: PetitionScene, _ issued: [PetitionScene.Issued], _ entries: [EntryFile],
    _ order: [Int]
  ) throws {
    let group = scene.ledger.state.group
    guard let scope = scene.ledger.state.scope,
      let key = scene.terms.credentialKey(issuer: 1, district: 1)
    else { throw Unexpected() }
    let modulus = try Modulus(Natural<64>(wrappingBigEndian: key.modulusBytes))
    let requests = issued.filter { scene.citizens[$0.citizen - 1].district == 1 }.prefix(25)
    var fits = 0
    var tried = 0
    for file in entries.prefix(60) {
      let activation = try CredentialActivation(bytes: file.payload, in: group)
      guard activation.district == 1, case .pseudonym(let pseudonym) = file.entry.author else {
        continue
      }
      let message = CredentialMessage(
        scope: scope, district: 1, nonce: activation.nonce, pseudonym: pseudonym)
      let signature = Natural<64>(wrappingBigEndian: activation.signatures[0].bytes)
      guard let inverse = modulus.vartimeInverse(signature) else { throw Unexpected() }
      for request in requests {
        let blind = Natural<64>(wrappingBigEndian: request.answers[0].blindSignature)
        let factor = modulus.vartimeMultiply(blind, inverse).bigEndianBytes(width: key.byteCount)
        tried += 1
        if key.vartimeOpens(
          request.message[0].blinded, preparedMessage: message.bytes, factor: factor)
        {
          fits += 1
        }
      }
    }
    #expect(tried > 400 && fits == tried)
  }

  /// By order: when somebody asked, and where their key stands on the list, have nothing to do with each other.
  private static func joinByOrder(
    _ issued: [PetitionScene.Issued], _ entries: [EntryFile], _ order: [Int]
  ) {
    let keys = entries.map { file -> [UInt8] in
      if case .pseudonym(let key) = file.entry.author { key.bytes } else { [] }
    }
    let sorted = keys.indices.sorted { keys[$0].lexicographicallyPrecedes(keys[$1]) }
    var rank = Array(repeating: 0, count: keys.count)
    for (position, entry) in sorted.enumerated() { rank[entry] = position }
    // Spearman's coefficient; its standard deviation is 1/√(n − 1), here 0.01.
    for order in [order, order.map { issued[$0].citizen }] {
      let count = Double(order.count)
      let distance = zip(order, rank).reduce(0.0) { sum, pair in
        let difference = Double(pair.0 - pair.1)
        return sum + difference * difference
      }
      let correlation = 1 - 6 * distance / (count * (count * count - 1))
      #expect(abs(correlation) < 0.05, "\(correlation)")
    }
  }

  /// By any eight bytes, of some: both sides of 100 citizens have none in common.
  private static func joinByBytes(
    _ issued: [PetitionScene.Issued], _ shown: [[[UInt8]]], _ order: [Int]
  ) {
    var known = Set<UInt64>()
    var signed = Set<UInt64>()
    for number in 0..<100 {
      let item = issued[order[number]]
      for (message, answer) in zip(item.message, item.answers) {
        for part in [message.blinded, answer.blindSignature, answer.receipt, answer.request.bytes] {
          known.formUnion(LinkTests.windows(part))
        }
      }
      for key in item.message[0].record.keys { known.formUnion(LinkTests.windows(key.bytes)) }
      for column in shown[number] { signed.formUnion(LinkTests.windows(column)) }
    }
    #expect(known.count > 100_000 && signed.count > 50_000)
    #expect(known.isDisjoint(with: signed))
  }
}
