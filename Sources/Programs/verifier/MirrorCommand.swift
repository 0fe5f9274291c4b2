// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLineSupport
import Ledger
import LedgerFiles

/// `verifier mirror`
struct Mirror: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract:
      "Copies a record into a folder, or carries a copy on, and checks every file on the way.",
    discussion: """
      Tiles are held against the signed checkpoint, leaves against the tiles, payloads against the leaves; \
      the rules of the election are for `verifier record`. A copy that was cut off goes on with what it has. \
      A copy is carried on only by a checkpoint that continues its own: two that contradict each other end \
      with status 1 and a file that convicts the log.
      """)

  @Argument(help: "The URL of a ballot box or of another server that has the record, or a folder.")
  var source: String
  @Argument(help: "The folder of the copy; made when it is not there.") var directory: String
  @Option(
    help:
      "The log's key as it is known from elsewhere: a vkey, as in the configuration's ballotBox.log."
  )
  var logKey: String?
  @Option(
    help:
      "The file that gets the evidence against the log; the folder's name with .evidence behind it."
  )
  var evidence: String?
  @Option(help: "How progress is shown: auto, plain or none.") var progress = ProgressStyle.auto

  mutating func run() async throws {
    let location = try RecordLocation(source)
    let expected = try logKey.map { text in
      try ProgramError.naming("--log-key", .usage) { try NoteVerifierKey(vkey: text) }
    }
    let record: RecordDirectory
    do { record = try await location.openWitnessed() } catch { throw location.error(error) }
    guard expected == nil || expected == record.logKey else {
      throw ProgramError(.wrong, "\(location.name)/log.vkey: another log's key")
    }
    let line = ProgressLine("bundles", style: progress)
    do {
      try RecordMirror.update(
        directory: directory, from: record, policy: RecordLocation.policy(of: record) ?? .none
      ) { done, total in line.show(Int(clamping: done), of: Int(clamping: total)) }
    } catch {
      throw try ProgramError(
        error, from: location.name, to: directory, logKey: record.logKey,
        evidence: evidence ?? "\(directory).evidence")
    }
    Console.print("\(directory): \(record.size) entries, as \(record.checkpoint.origin) signed")
  }
}

extension ProgramError {
  /// Why a copy was not made or carried on. Evidence against the log is written before.
  init(
    _ error: MirrorError, from source: String, to copy: String, logKey: NoteVerifierKey,
    evidence path: String
  ) throws(ProgramError) {
    switch error {
    case .source(let error): self.init(error, in: source)
    case .copy(let error): self.init(.inputOutput, "\(copy)/\(error)")
    case .anotherLog: self.init(.refused, "\(copy): \(error)")
    case .older: self.init(.incomplete, "\(source): \(error)")
    case .equivocation(let found): try self.init(found, logKey: logKey, at: source, path: path)
    }
  }

  /// A log that contradicts itself. The evidence is written, and checked once more.
  init(
    _ evidence: Equivocation, logKey: NoteVerifierKey, at place: String, path: String
  ) throws(ProgramError) {
    try Files.write(evidence.bytes, to: path)
    let finding = try ProgramError.naming(path) { try evidence.verify(logKey: logKey) }
    self.init(
      .wrong, "\(place): \(finding)",
      hint: "publish \(path): verifier evidence \(path) --log-key \(logKey.vkey)")
  }
}
