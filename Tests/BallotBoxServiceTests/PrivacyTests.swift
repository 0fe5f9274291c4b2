// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Election
import ElectionFixtures
import Foundation
import Glibc
import Ledger
import Sequencing
import TestSupport
import Testing

/// Nothing that the box writes says who sent what, from where, or in which order.
@Suite(.serialized) struct PrivacyTests {
  /// Entries that arrive for one batch.
  static let batchSize = 60
  static let batchCount = 5

  /// The measure sees an order that is kept, also roughly, and does not see one that is not.
  @Test func theMeasureSeesAnOrderThatIsKept() {
    let seed = UInt64.random(in: 0...UInt64.max)
    var generator = SeededGenerator(seed: seed)
    let kept = (0..<Self.batchCount).map { _ in Array(0..<Self.batchSize) }
    #expect(RankCorrelation.z(kept) > 15)
    #expect(RankCorrelation.z(kept.map { $0.reversed() }) < -15)
    // Everybody up to a quarter of the batch away from where they came.
    let rough = kept.map { batch in
      batch.map { $0 * 2 + Int.random(in: 0...Self.batchSize / 2, using: &generator) }
    }
    #expect(RankCorrelation.z(rough) > RankCorrelation.bound, "seed \(seed)")
    // One half of the batch in order, the other at random.
    let half = kept.map { batch in
      Array(batch.prefix(Self.batchSize / 2))
        + batch.dropFirst(Self.batchSize / 2).shuffled(using: &generator)
    }
    #expect(RankCorrelation.z(half) > RankCorrelation.bound, "seed \(seed)")
    let random = kept.map { $0.shuffled(using: &generator) }
    #expect(abs(RankCorrelation.z(random)) < RankCorrelation.bound, "seed \(seed)")
  }

  private struct Sent: Sendable {
    let file: EntryFile
    let code: Digest
    let batch: Int
    let arrival: Int
  }

  /// What clients say about themselves, each of them something else.
  private static func call(_ file: EntryFile, _ number: Int) -> Call {
    var call = Call.post("/ballots", file.bytes)
    call.source = UInt8(2 + number % 240)
    call.headers = [
      ("User-Agent", "MARKagent\(number)/1.0"), ("X-Forwarded-For", "203.0.113.\(number % 256)"),
      ("Forwarded", "for=MARKforward\(number)"), ("Cookie", "MARKcookie\(number)=MARKvalue"),
      ("Referer", "http://MARKreferer\(number).example/"), ("X-Mark", "MARKfield\(number)"),
      ("Accept-Language", "MARKlanguage\(number)"), ("Authorization", "Basic MARKauth\(number)"),
    ]
    return call
  }

  /// Several hundred marked submissions; then every byte on the disk, in the log and in the metrics.
  @Test(.hangs) func nothingIsKeptOfWhoSentWhatWhen() async throws {
    let count = Self.batchSize * Self.batchCount
    let fixture = try ProcessPlan.fixture(count)
    let ballots = try await ProcessPlan.ballots(fixture, 1...count)
    var plan = try await ProcessPlan(fixture)
    // A batch begins when all that is sent together has come.
    try plan.folder.write(
      Array(
        """
        {"batch": {"entries": \(Self.batchSize), "milliseconds": 10000}, "log": {"level": "trace"}}
        """.utf8), "config.json")
    plan.arguments = ["--config", plan.folder.path + "/config.json"]
    let process = try plan.start()
    let port = try await process.port()
    var sent: [Sent] = []
    for batch in 0..<Self.batchCount {
      var answers: [Task<Int, any Error>] = []
      for arrival in 0..<Self.batchSize {
        let number = batch * Self.batchSize + arrival
        let (ballot, file) = ballots[number]
        sent.append(Sent(file: file, code: ballot.code, batch: batch, arrival: arrival))
        answers.append(Task { try await Self.call(file, number).send(to: port).status })
        // Arrival is in this order: the next one is sent when this one has long come.
        try await Task.sleep(for: .milliseconds(10))
      }
      for answer in answers { #expect(try await answer.value == 202) }
    }
    // Wrong ones leave no more than right ones.
    for number in 0..<30 {
      var call = Self.call(ballots[number].file, number)
      call.path = "/MARKpath\(number)?MARKquery\(number)=1"
      #expect(try await call.send(to: port).status == 404)
      call.path = "/ballots"
      call.body = Array("MARKbody\(number)".utf8)
      #expect(try await call.send(to: port).status == 400)
    }
    let metrics = try await Call.get("/metrics").send(to: port).body
    // The write-ahead log is still there while the process lives.
    let walExists = FileManager.default.fileExists(atPath: plan.database + "-wal")
    #expect(walExists)
    var files: [(name: String, bytes: [UInt8])] = [("metrics", metrics)]
    for name in try plan.folder.files() where name != "box.key" {
      files.append((name, try plan.folder.bytes(name)))
    }
    process.signal(SIGTERM)
    #expect(try await process.end().status == 0)
    for path in process.files {
      files.append((path, [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))))
    }
    for name in try plan.folder.files() where name != "box.key" {
      files.append((name + " after", try plan.folder.bytes(name)))
    }
    try Self.expectNoMarks(files)
    try Self.expectNoEntries(
      in: files.filter { $0.name == "metrics" || $0.name.hasSuffix("errors") }, sent)
    try Self.expectNoOrder(sent, files, plan, fixture)
  }

  private static func expectNoMarks(_ files: [(name: String, bytes: [UInt8])]) throws {
    var patterns = ["MARK", "203.0.113.", "X-Forwarded", "Cookie", "User-Agent"]
    patterns += (2..<242).map { "127.0.0.\($0)" }
    for (name, bytes) in files {
      let data = Data(bytes)
      for pattern in patterns {
        #expect(data.range(of: Data(pattern.utf8)) == nil, "\(pattern) in \(name)")
      }
    }
    // The search finds what is there.
    #expect(files.contains { Data($0.bytes).range(of: Data("ballot.submitted".utf8)) != nil })
  }

  /// Log lines and metrics name no entry, so their order says nothing about entries. Nor does their
  /// number: there is no line for each submission.
  private static func expectNoEntries(
    in files: [(name: String, bytes: [UInt8])], _ sent: [Sent]
  ) throws {
    #expect(files.count == 2)
    for (name, bytes) in files {
      let text = String(decoding: bytes, as: UTF8.self)
      for item in sent {
        for hidden in [
          item.file.entry.leafHash.hex, item.code.hex, item.file.entry.payloadDigest.hex,
          "\(item.file.entry.author)",
        ] {
          #expect(!text.uppercased().contains(hidden.uppercased()), "\(name)")
        }
      }
    }
    let log = files.first { $0.name.hasSuffix("errors") }
    let lines = String(decoding: log?.bytes ?? [], as: UTF8.self).split(separator: "\n")
    #expect(lines.count < sent.count / 4, "\(lines.count) lines")
  }

  /// Inside a batch the order of arrival shows neither in the log, nor in the database's files, nor in
  /// the record's.
  private static func expectNoOrder(
    _ sent: [Sent], _ files: [(name: String, bytes: [UInt8])], _ plan: ProcessPlan,
    _ fixture: ElectionFixture
  ) throws {
    let entries = try TestBox.entries(plan.record)
    let places = Dictionary(
      uniqueKeysWithValues: entries.enumerated().map { ($1.entry.leafHash, $0) })
    let batches = Dictionary(grouping: sent, by: \.batch).sorted { $0.key < $1.key }
      .map { $0.value.sorted { $0.arrival < $1.arrival } }
    // Every batch of arrivals is one batch of the log.
    for batch in batches {
      let own = batch.compactMap { places[$0.file.entry.leafHash] }.sorted()
      #expect(own.count == batchSize)
      #expect((own.last ?? 0) - (own.first ?? 0) == batchSize - 1)
    }
    let inLog = RankCorrelation.z(
      batches.map { $0.map { places[$0.file.entry.leafHash] ?? 0 } })
    #expect(abs(inLog) < RankCorrelation.bound, "order in the log, z = \(inLog)")
    var measured = ["log \(inLog)"]
    for (name, bytes) in files
    where name.hasPrefix("record.sqlite") && !name.contains("-shm") {
      let data = Data(bytes)
      // Where an entry's claim stands, and where its leaf does.
      for (kind, pattern) in [
        ("claim", { Data(LogClaimDigest.leaf($0.file).bytes) }),
        ("leaf", { Data($0.file.entry.bytes) }),
      ] as [(String, (Sent) -> Data)] {
        let found = batches.map { batch in
          batch.compactMap { data.range(of: pattern($0))?.lowerBound }
        }.filter { $0.count > 2 }
        if found.isEmpty { continue }
        let z = RankCorrelation.z(found)
        #expect(abs(z) < RankCorrelation.bound, "\(kind) in \(name), z = \(z)")
        measured.append("\(kind) in \(name): \(z), \(found.count) batches")
      }
    }
    // Claims are in the database itself; otherwise nothing was measured there.
    #expect(measured.contains { $0.hasPrefix("claim in record.sqlite") }, "\(measured)")
    print("order of arrival, standard deviations: \(measured.joined(separator: "; "))")
  }
}

/// The digest of the claim that a leaf makes on its own hash (``LogClaim``).
enum LogClaimDigest {
  static func leaf(_ file: EntryFile) -> Digest {
    LogClaim.leaf(file.entry.leafHash).digest
  }
}
