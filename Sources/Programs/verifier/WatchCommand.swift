// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLineSupport
import Cryptography
import Election
import Ledger

/// `verifier watch`
struct Watch: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract:
      "Follows a log: every checkpoint must continue the last one, every entry keep the rules.",
    discussion: """
      The folder keeps a copy of the record and how far it was checked, so a watch goes on where it ended. \
      What the log shows is also held against what the policy's witnesses show. Two checkpoints that \
      contradict each other end the watch with status 1 and a file that convicts the log.

      With --once, for cron: 0 all is well, 1 evidence or a rule fails, 3 something is missing (the quorum, a \
      newer view that a witness has), 4 the server does not answer. It prints nothing when nothing is new.
      """)

  @Argument(help: "The URL of a ballot box or of another server that has the record.") var url:
    String
  @Option(help: "The folder that keeps what was seen; made when it is not there.") var state: String
  @Flag(help: "Look once and end.") var once = false
  @Option(help: "Seconds between two looks.") var interval = 10
  @Option(
    help:
      "The log's key as it is known from elsewhere: a vkey, as in the configuration's ballotBox.log."
  )
  var logKey: String?
  @Option(help: "How progress is shown: auto, plain or none.") var progress = ProgressStyle.none

  func validate() throws {
    guard (1...86_400).contains(interval) else {
      throw ValidationError("--interval: 1 to 86400 seconds.")
    }
  }

  mutating func run() async throws {
    let expected = try logKey.map { text in
      try ProgramError.naming("--log-key", .usage) { try NoteVerifierKey(vkey: text) }
    }
    let location = try RecordLocation(url)
    guard location.client != nil else {
      throw ProgramError(
        .usage, "\(url): a URL is watched", hint: "verifier record \(url) checks a folder")
    }
    var watcher = LogWatcher(location, folder: state, expecting: expected)
    let line = ProgressLine("entries", style: progress)
    var told: [String] = []
    while true {
      var trouble: ProgramError?
      do {
        let round = try await watcher.look { line.show($0, of: $1) }
        tell(round, told)
        told = round.warnings
        if once, let warning = round.warnings.first {
          trouble = ProgramError(.incomplete, "\(url): \(warning)")
        }
      } catch {
        // What proves something ends the watch; a server that does not answer is asked again.
        if once || error.exit == .wrong || error.exit == .refused { throw error }
        if told != [error.message] { Console.error("\(now): \(error.message)") }
        told = [error.message]
      }
      if let trouble { throw trouble }
      if once { return }
      try await Task.sleep(for: .seconds(interval))
    }
  }

  private var now: String { UniversalTime.text(UniversalTime.now) }

  private func tell(_ round: LogWatcher.Round, _ told: [String]) {
    if round.newEntries > 0 {
      let cosigners = round.cosigners.isEmpty ? "nobody" : round.cosigners.joined(separator: ", ")
      Console.print(
        "\(now): \(round.checkpoint.size) entries, \(round.newEntries) new, phase "
          + "\(round.phase.rawValue), root \(round.checkpoint.root.hex), cosigned by \(cosigners)")
    }
    if !once {
      for warning in round.warnings where !told.contains(warning) {
        Console.error("\(now): warning: \(warning)")
      }
    }
  }
}
