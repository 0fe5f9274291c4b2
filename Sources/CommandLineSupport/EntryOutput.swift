// SPDX-License-Identifier: Apache-2.0

public import ArgumentParser
internal import Cryptography
public import Election
public import Ledger
public import LedgerFiles
internal import Verification
internal import WebClient

/// Whether the entries of a command are sent to the ballot box, and what is kept of its answers.
public struct SendOptions: ParsableArguments {
  @Flag(help: "Send what is made to the ballot box behind the URL of --record.")
  var submit = false

  @Option(help: "With --submit: a file that gets the box's promise to publish the entry.")
  var promise: String?

  @Option(help: "With --submit: a file that gets the receipt, a tlog-proof.") var receipt: String?

  @Option(help: "With --submit: how many seconds to wait for the receipt.") var wait = 60

  /// For the argument parser.
  public init() {}

  /// Whether entries are sent.
  public var isSending: Bool { submit }

  /// Refuses options that do not go together.
  public func validate() throws {
    guard submit || (promise == nil && receipt == nil) else {
      throw ValidationError("--promise and --receipt go with --submit.")
    }
    guard (0...86_400).contains(wait) else {
      throw ValidationError("--wait: 0 to 86400 seconds.")
    }
  }

  /// The election's box, as what is sent to it goes and comes.
  /// - Throws: `ProgramError` when the record is not behind a URL.
  public func submission(
    _ record: RecordOptions, _ directory: RecordDirectory, _ state: ElectionState
  ) throws(ProgramError) -> Submission {
    try Submission(
      try record.location(), logKey: directory.logKey, state, waiting: .seconds(wait),
      promisePath: promise, receiptPath: receipt)
  }
}

/// What becomes of the one entry that a command makes: a file, or a message to the ballot box.
public struct EntryOutput: ParsableArguments {
  @Option(help: "The entry to write, for `ballot-box accept` or `election submit`.")
  var output: String?

  @OptionGroup var sending: SendOptions

  /// For the argument parser.
  public init() {}

  /// The file to write; nil when the entry is sent.
  public var path: String? { output }

  /// How the entry is called in errors.
  public var name: String { output ?? "entry" }

  /// Demands one of the two.
  public func validate() throws {
    guard (output != nil) != sending.isSending else {
      throw ValidationError("Missing expected argument: either --output <output> or --submit.")
    }
  }

  /// Writes the entry, or sends it and waits for the receipt.
  /// - Throws: `ProgramError`; status 3 when the box promised and no receipt came in time.
  public func deliver(
    _ entry: EntryFile, _ record: RecordOptions, _ directory: RecordDirectory,
    _ state: ElectionState
  ) async throws(ProgramError) {
    try await outcome(entry, record, directory, state).finish()
  }

  /// The same, for a command that has to do something before it ends.
  public func outcome(
    _ entry: EntryFile, _ record: RecordOptions, _ directory: RecordDirectory,
    _ state: ElectionState
  ) async -> Delivery {
    var isMade = false
    do throws(ProgramError) {
      if let output {
        try Files.write(entry.bytes, to: output)
        isMade = true
        Console.print("wrote \(output) (\(entry.entry.type))")
      } else {
        let submission = try sending.submission(record, directory, state)
        let outcome = try await submission.sent(entry)
        isMade = outcome.isBinding
        try submission.report(outcome, of: entry)
      }
      return Delivery(isMade: isMade, error: nil)
    } catch { return Delivery(isMade: isMade, error: error) }
  }

  /// How handing on an entry ended.
  public struct Delivery: Sendable {
    /// Whether it is written, or the box is bound to it.
    public let isMade: Bool
    let error: ProgramError?

    /// - Throws: what went wrong.
    public func finish() throws(ProgramError) {
      if let error { throw error }
    }
  }
}

/// Entry files that are sent to a ballot box as they are.
public struct BoxSendOptions: ParsableArguments {
  @Option(help: "The URL of the ballot box.") var box: String
  @Option(help: "The election's identifier (64 digits); a box of another election is refused.")
  var election: String?
  @Option(help: "A folder for promises and receipts, named by the entries' leaf hashes.")
  var keep: String?
  @Option(help: "How many seconds to wait for each receipt.") var wait = 60

  /// For the argument parser.
  public init() {}

  /// Refuses waits without end.
  public func validate() throws {
    guard (0...86_400).contains(wait) else {
      throw ValidationError("--wait: 0 to 86400 seconds.")
    }
  }

  /// Sends files in this order.
  /// - Throws: `ProgramError` with the status of the first that failed; the others were sent all the same.
  public func send(_ files: [String]) async throws(ProgramError) {
    guard WebAddress.isMeant(by: box) else {
      throw ProgramError(.usage, "--box: the URL of a ballot box")
    }
    var entries: [EntryFile] = []
    for file in files { entries.append(try Files.readEntry(file)) }
    let location = try RecordLocation(box)
    let (directory, state) = try await location.fold(.structure, election: election)
    if let keep { try Files.makeFolder(keep) }
    var first: ProgramError?
    for (file, entry) in zip(files, entries) {
      let name = keep.map { "\($0)/\(entry.entry.leafHash.hex)" }
      do {
        Console.print(file)
        let submission = try Submission(
          location, logKey: directory.logKey, state, waiting: .seconds(wait),
          promisePath: name.map { "\($0).promise" }, receiptPath: name.map { "\($0).tlog-proof" })
        try await submission.report(submission.sent(entry), of: entry)
      } catch {
        if files.count > 1 { Console.error("error: \(file): \(error.message)") }
        first = first ?? ProgramError(error.exit, "\(file): \(error.message)", hint: error.hint)
      }
    }
    if let first { throw first }
  }
}
