// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLineSupport
import Ledger

/// `verifier evidence`
struct Evidence: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Checks a file that is to show that a log signed two histories.",
    discussion: """
      Whoever made the file is not trusted; the log's key is all that is needed. Exit status: 0 it convicts \
      the log, 1 it proves nothing. Specs/watching.md has the format.
      """)

  @Argument(help: "The evidence, as `verifier watch` and `verifier mirror` write it.")
  var file: String
  @Option(help: "The log's key, a vkey, as in the configuration's ballotBox.log.") var logKey:
    String

  mutating func run() async throws {
    let key = try ProgramError.naming("--log-key", .usage) { try NoteVerifierKey(vkey: logKey) }
    let bytes = try Files.read(file, limit: Equivocation.maximumByteCount)
    let finding = try ProgramError.naming(file) {
      try Equivocation(bytes).verify(logKey: key)
    }
    Console.print("\(finding)")
    Console.print("verdict: the log is convicted; at most one of the two can be true")
  }
}
