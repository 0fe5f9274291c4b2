// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BallotBoxService
import CommandLineSupport
import Cryptography
import Election
import Ledger
import LedgerFiles
import Logging
import StrictJSON
import Verification

/// What `accept` and `close` share.
struct BoxOptions: ParsableArguments {
  @Option(help: "The box's secret key file.") var keys: String
  @OptionGroup var place: BoxPlace
  @Option(help: "Folder for receipts of accepted ballots, one tlog-proof file a ballot.")
  var receipts: String?
  @Flag(help: "Print one JSON object instead of lines.") var json = false
}

/// `ballot-box accept`
struct Accept: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Checks entries and appends those that keep the rules, as one batch.")

  @OptionGroup var box: BoxOptions
  @Argument(help: "Entry files of the commission, the trustees and the voters.")
  var files: [String]

  mutating func run() async throws {
    try await BoxSession(box).append(files)
  }
}

/// `ballot-box close`
struct Close: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Appends the commission's closing entry; no ballot is admitted after it.")

  @OptionGroup var box: BoxOptions
  @Argument(help: "The entry voting.closed, made by `election close`.") var file: String

  mutating func run() async throws {
    let entry = try Files.readEntry(file)
    guard entry.entry.type == EntryType.votingClosed.rawValue else {
      throw ProgramError(.usage, "\(file): not an entry voting.closed but \(entry.entry.type)")
    }
    try await BoxSession(box).append([file])
  }
}

/// `ballot-box status`
struct Status: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Prints the phase, the number of ballots, and trustees named for a wrong share.")

  @OptionGroup var record: RecordOptions

  mutating func run() async throws {
    let (directory, state) = try await record.fold(.structure, needsQuorum: false)
    let counts = state.ballots.counts(
      revoting: state.configuration?.policy.revoting ?? false)
    let value: JSONValue = [
      "phase": .string(state.phase.rawValue), "entries": .integer(Int64(directory.size)),
      "election": .string(state.electionID?.hex ?? ""),
      "submitted": .integer(Int64(counts.submitted)), "cast": .integer(Int64(counts.cast)),
      "challenged": .integer(Int64(counts.challenged)),
      "counted": .integer(Int64(counts.counted)),
      "named": .array(
        Set(state.ceremony.named.map(\.trustee) + state.decryption.named.map(\.trustee)).sorted()
          .map { .integer(Int64($0)) }),
    ]
    Console.print(bytes: value.prettyBytes())
  }
}

/// One run of the box: reads files, appends, reports, writes receipts.
struct BoxSession {
  private let options: BoxOptions

  init(_ options: BoxOptions) { self.options = options }

  /// What became of one file.
  private enum Outcome {
    case appended
    case refused([Failure])
  }

  func append(_ paths: [String]) async throws {
    let keys = try BoxKeys.read(options.keys)
    var entries: [EntryFile] = []
    for path in paths { entries.append(try Files.readEntry(path)) }
    var outcomes: [Outcome] = entries.map { _ in .appended }
    var waiting = Array(entries.indices)
    let box: BallotBox
    if try options.place.isNew() {
      let type = EntryType.configuration.rawValue
      guard let first = entries.firstIndex(where: { $0.entry.type == type }) else {
        throw ProgramError(
          .refused,
          "\(options.place.record): a record begins with the entry election.configuration")
      }
      box = try await options.place.begin(entries[first], keys)
      waiting.remove(at: first)
    } else {
      box = try await options.place.open(keys)
    }
    let order = waiting
    try await BoxPlace.naming(options.place.record) { () async throws(BoxError) in
      let witnesses = try await BoxWitnesses(
        box, metrics: BoxMetrics(),
        logger: Logger(label: "ballot-box") { _ in SwiftLogNoOpLogHandler() })
      // Before anything is written: a witness that has seen more than this record forbids it.
      try await witnesses.loop.begin()
      let batch = try await box.decide(order.map { entries[$0] })
      for (position, findings) in batch.refused where order.indices.contains(position) {
        outcomes[order[position]] = .refused(findings.failures)
      }
      _ = try await box.write(batch)
      try await witnesses.loop.begin()
    }
    report(paths, outcomes)
    if let receipts = options.receipts {
      try Files.makeFolder(receipts)
      try await writeReceipts(entries, outcomes, to: receipts, await box.state)
    }
    if outcomes.contains(where: { if case .refused = $0 { true } else { false } }) {
      throw ExitCode(ProgramExit.wrong.rawValue)
    }
  }

  private func report(_ paths: [String], _ outcomes: [Outcome]) {
    let refused = zip(paths, outcomes).compactMap { path, outcome in
      if case .refused(let failures) = outcome { (path: path, failures: failures) } else { nil }
    }
    let accepted = paths.count - refused.count
    if options.json {
      let value: JSONValue = [
        "accepted": .integer(Int64(accepted)),
        "refused": .array(
          refused.map { item in
            [
              "file": .string(item.path),
              "rules": .array(
                item.failures.map { failure in
                  [
                    "id": .string(failure.rule.rawValue),
                    "sentence": .string(failure.rule.sentence),
                    "detail": .string(failure.detail),
                  ]
                }),
            ]
          }),
      ]
      Console.print(bytes: value.prettyBytes())
      return
    }
    Console.print("accepted \(accepted) of \(paths.count) entries")
    for item in refused {
      guard let failure = item.failures.first else { continue }
      Console.print(
        "refused \(item.path): \(failure.rule.rawValue): \(failure.rule.sentence) "
          + "(\(failure.detail))")
    }
  }

  /// A receipt proves that the ballot stands in the record: it needs no server to be checked.
  private func writeReceipts(
    _ entries: [EntryFile], _ outcomes: [Outcome], to folder: String, _ state: ElectionState
  ) async throws(ProgramError) {
    let directory: RecordDirectory
    do { directory = try RecordDirectory(path: options.place.record) } catch {
      throw ProgramError(error)
    }
    for (file, outcome) in zip(entries, outcomes)
    where file.entry.type == EntryType.ballotSubmitted.rawValue {
      guard case .appended = outcome, let code = file.confirmationCode(in: state.group),
        let ballot = state.ballots.ballot(code)
      else { continue }
      do {
        let receipt = try directory.receipt(at: UInt64(ballot.entry))
        try Files.write(receipt.bytes, to: "\(folder)/\(code.hex).tlog-proof")
      } catch let error as ProgramError { throw error } catch {
        throw ProgramError(.inputOutput, "\(folder): \(error)")
      }
    }
  }
}
