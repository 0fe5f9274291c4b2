// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
internal import Election
public import Ledger
internal import LedgerFiles
internal import Sequencing
public import StrictJSON

#if canImport(Musl)
  internal import Musl
#else
  internal import Glibc
#endif

/// Appends entries through sequencer, database and files alone, without the rulebook, and measures.
public struct LedgerLoad: Sendable {
  /// How many entries.
  public let entries: Int
  /// Entries of a batch.
  public let batch: Int
  /// Bytes of every payload.
  public let payloadBytes: Int
  /// The folder that gets the log; it is there, and empty.
  public let folder: String

  /// From its parts.
  public init(entries: Int, batch: Int, payloadBytes: Int, folder: String) {
    self.entries = entries
    self.batch = batch
    self.payloadBytes = payloadBytes
    self.folder = folder
  }

  /// Runs.
  ///
  /// - Parameters:
  ///   - store: a new store in the folder.
  ///   - progress: called with the number of appended entries.
  /// - Throws: ``LoadError``, or what stopped the log.
  public func run(
    store: any SequencerStore, progress: (Int) -> Void
  ) async throws -> LedgerReport {
    let before = try DiskProbe.rate(in: folder, for: .seconds(2))
    let waits = CountingFiles.Counter()
    let record = "\(folder)/record"
    try LocalFileSystem(root: folder).makeDirectory("record")
    let writer = try RecordWriter.create(
      files: CountingFiles(base: LocalFileSystem(root: record), waits: waits),
      signer: NoteSigner(name: "load.example/ledger", key: try .generate()))
    let sequencer = try await Sequencer.begin(store: store, writer: writer)
    let key = try Ed25519.PrivateKey.generate()
    let begun = waits.value
    var appending = Duration.zero
    var memory: [LedgerReport.Sample] = []
    var done = 0
    let figures = ProcessFigures(process: getpid())
    memory.append(.init(entries: 0, resident: figures?.resident ?? 0))
    while done < entries {
      let items = try (done..<min(done + batch, entries)).map { try item($0, key) }
      let start = ContinuousClock.now
      _ = try await sequencer.append(items)
      appending += start.duration(to: .now)
      let tenth = done * 10 / entries
      done += items.count
      if done * 10 / entries > tenth {
        memory.append(
          .init(entries: done, resident: ProcessFigures(process: getpid())?.resident ?? 0))
      }
      progress(done)
    }
    let fileWaits = waits.value - begun
    let after = try DiskProbe.rate(in: folder, for: .seconds(2))
    return LedgerReport(
      entries: entries, batches: (entries + batch - 1) / batch, payloadBytes: payloadBytes,
      seconds: appending.seconds, fileWaits: fileWaits, diskBefore: before, diskAfter: after,
      memory: memory)
  }

  /// An entry with two claims beside its own hash, as a ballot has.
  private func item(
    _ number: Int, _ key: borrowing Ed25519.PrivateKey
  ) throws -> Sequencer.Item {
    let counter = (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) }
    // Bytes that no file system can make shorter.
    var payload: [UInt8] = []
    var block = SHA256.hash(counter).bytes
    while payload.count < payloadBytes {
      payload += block.prefix(payloadBytes - payload.count)
      if payload.count < payloadBytes { block = SHA256.hash(block).bytes }
    }
    let entry = try LedgerEntry.signed(
      type: EntryType.ballotSubmitted.rawValue, by: .pseudonym(key.publicKey), payload: payload,
      electionID: SHA256.hash([]), key: key)
    return Sequencer.Item(
      entry: entry.bytes, payload: payload,
      claims: [
        LogClaim(kind: "load/code", counter), LogClaim(kind: "load/sequence", counter),
      ])
  }
}

/// What ``LedgerLoad`` found.
public struct LedgerReport: Sendable {
  struct Sample: Sendable {
    let entries: Int
    let resident: Int
  }

  let entries: Int
  let batches: Int
  let payloadBytes: Int
  let seconds: Double
  let fileWaits: Int
  let diskBefore: Double
  let diskAfter: Double
  let memory: [Sample]

  /// Entries a second while appending; the time in which entries were made does not count.
  public var entriesPerSecond: Double { seconds > 0 ? Double(entries) / seconds : 0 }

  /// Waits for the disk by the files, counted, and by the database, estimated: one a transaction, two
  /// transactions a batch. What moving the write-ahead log into the database adds is not in it.
  public var waits: Int { fileWaits + 2 * batches }

  /// Entries for each wait for the disk.
  public var entriesPerWait: Double { waits > 0 ? Double(entries) / Double(waits) : 0 }

  /// Whether the target is met: 5,000 entries a second, or 100 for each wait for the disk.
  public var isOnTarget: Bool { entriesPerSecond >= 5000 || entriesPerWait >= 100 }

  /// The report as JSON.
  public var json: JSONValue {
    [
      "batches": .integer(Int64(batches)),
      "diskWaitsPerSecondAfter": LoadReport.decimal(diskAfter),
      "diskWaitsPerSecondBefore": LoadReport.decimal(diskBefore),
      "entries": .integer(Int64(entries)),
      "entriesPerSecond": LoadReport.decimal(entriesPerSecond),
      "entriesPerWait": LoadReport.decimal(entriesPerWait),
      "fileWaits": .integer(Int64(fileWaits)),
      "memory": .array(
        memory.map {
          [
            "entries": .integer(Int64($0.entries)),
            "kibibytes": .integer(Int64($0.resident / 1024)),
          ]
        }),
      "milliseconds": .integer(Int64(seconds * 1000)),
      "payloadBytes": .integer(Int64(payloadBytes)),
      "waits": .integer(Int64(waits)),
    ]
  }

  /// The report for people.
  public var lines: [String] {
    let bytes = entriesPerSecond * Double(payloadBytes) / 1_000_000
    let samples = memory.map { "\($0.resident >> 20)" }
    return [
      "\(entries) entries with \(payloadBytes) bytes each, \(batches) batches, "
        + "\(Decimals.text(seconds, 1)) s of appending",
      "\(Decimals.text(entriesPerSecond, 0)) entries/s, \(Decimals.text(bytes, 1)) MB/s of payloads",
      "\(waits) waits for the disk (\(fileWaits) counted in the files, two a batch in the database): "
        + "\(Decimals.text(entriesPerWait, 1)) entries each, "
        + "\(Decimals.text(Double(waits) / max(1, Double(batches)), 1)) a batch",
      "the disk alone: \(Decimals.text(diskBefore, 0)) fsync/s before, "
        + "\(Decimals.text(diskAfter, 0)) after",
      "memory in MiB, at the start and after every tenth: " + samples.joined(separator: " "),
    ]
  }
}
