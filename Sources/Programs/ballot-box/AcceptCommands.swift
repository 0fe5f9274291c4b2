// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLineSupport
import Cryptography
import Election
import Ledger
import LedgerFiles
import StrictJSON
import Verification

/// What `accept` and `close` share.
struct BoxOptions: ParsableArguments {
  @Option(help: "The box's secret key file.") var keys: String
  @Option(help: "The record's folder; made by the first entry.") var record: String
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
    let admission = try await BoxSession(box).append(files)
    if !admission.refused.isEmpty { throw ExitCode(ProgramExit.wrong.rawValue) }
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
    let admission = try await BoxSession(box).append([file])
    if !admission.refused.isEmpty { throw ExitCode(ProgramExit.wrong.rawValue) }
  }
}

/// `ballot-box status`
struct Status: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Prints the phase, the number of ballots, and trustees named for a wrong share.")

  @OptionGroup var record: RecordOptions

  mutating func run() async throws {
    let (directory, state) = try await record.fold(.structure)
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

  func append(_ paths: [String]) async throws -> BatchAdmission {
    let keys = try BoxKeys.read(options.keys)
    var entries: [EntryFile] = []
    for path in paths { entries.append(try Files.readEntry(path)) }
    var box = try await BoxRecord.open(options.record, keys: keys)
    let first = box.state.size
    let admission = try await box.append(entries, keys: keys)
    report(admission, paths, first: first)
    if let receipts = options.receipts {
      try Files.makeFolder(receipts)
      try writeReceipts(admission, entries, to: receipts, box)
    }
    return admission
  }

  private func report(_ admission: BatchAdmission, _ paths: [String], first: Int) {
    let refused = admission.refused.map { refusal in
      (path: paths[refusal.position], failures: refusal.findings.failures)
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
    _ admission: BatchAdmission, _ entries: [EntryFile], to folder: String, _ box: BoxRecord
  ) throws(ProgramError) {
    let directory: RecordDirectory
    do { directory = try RecordDirectory(path: options.record) } catch {
      throw ProgramError(error)
    }
    let type = EntryType.ballotSubmitted.rawValue
    let accepted = Set(admission.positions)
    for (position, file) in entries.enumerated()
    where accepted.contains(position) && file.entry.type == type {
      do {
        let submitted = try BallotSubmitted(bytes: file.payload, in: box.state.group)
        let code = submitted.ballot.confirmationCode
        guard let ballot = box.state.ballots.ballot(code) else { continue }
        let receipt = try directory.receipt(at: UInt64(ballot.entry))
        try Files.write(receipt.bytes, to: "\(folder)/\(code.hex).tlog-proof")
      } catch let error as ProgramError { throw error } catch {
        throw ProgramError(.inputOutput, "\(folder): \(error)")
      }
    }
  }
}
