// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLineSupport
import LedgerFiles
import StrictJSON
import Verification

/// The observer's program: re-checks everything from the record alone.
@main
struct VerifierProgram {
  static func main() async { await Program.run(Verifier.self) }
}

struct Verifier: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verifier",
    abstract: "Re-checks an election from its record alone, without a secret and without a server.",
    discussion: """
      Exit status: 0 every rule that applies was checked and holds, 1 a rule fails, 2 usage, \
      3 incomplete, 4 input or output.
      """,
    version: Program.version,
    subcommands: [Record.self])
}

/// How a report is printed.
struct ReportOptions: ParsableArguments {
  @Flag(help: "Print one JSON object (Specs/schemas/verification-report.schema.json).")
  var json = false
  @Option(help: "How progress is shown: auto, plain or none.") var progress = ProgressStyle.auto

  /// Prints the report and ends with its status.
  func finish(_ report: VerificationReport) throws -> Never {
    if json {
      Console.print(bytes: report.json.prettyBytes())
    } else {
      for line in report.text { Console.print(line) }
    }
    let status: ProgramExit =
      switch report.verdict {
      case .passed: .success
      case .failed: .wrong
      case .incomplete: .incomplete
      }
    throw ExitCode(status.rawValue)
  }
}

/// `verifier record`
struct Record: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Verifies a record: its tree, its entries, every ballot, the tally and the result.")

  @Argument(help: "The record's folder, with checkpoint, log.vkey and tile/.") var directory: String
  @OptionGroup var output: ReportOptions

  mutating func run() async throws {
    let line = ProgressLine("entries", style: output.progress)
    let verification: RecordVerification
    do {
      verification = try await RecordVerification.verify(path: directory) { done, total in
        line.show(done, of: total)
      }
    } catch { throw ProgramError(error) }
    try output.finish(verification.report)
  }
}
