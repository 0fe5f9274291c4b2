// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLineSupport
import Election
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
      A record is a folder, or the URL of a server that has its files.

      Exit status: 0 every rule that applies was checked and holds, 1 a rule fails or the log \
      contradicts itself, 2 usage, 3 incomplete, 4 input, output or network, 5 refused by policy.
      """,
    version: Program.version,
    subcommands: [
      Record.self, Mirror.self, Watch.self, Evidence.self, Promise.self, Status.self,
      ElectionGuard.self,
    ])
}

/// How a report is printed.
struct ReportOptions: ParsableArguments {
  @Flag(help: "Print one JSON object (Specs/schemas/verification-report.schema.json).")
  var json = false

  /// Prints the report and ends with its status.
  /// - Parameter result: the verified result in words, printed above the verdict.
  func finish(_ report: VerificationReport, result: [String] = []) throws -> Never {
    if json {
      Console.print(bytes: report.json.prettyBytes())
    } else {
      for line in report.text.dropLast() + result + report.text.suffix(1) { Console.print(line) }
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

  @Argument(
    help:
      "The record: a folder with checkpoint, log.vkey and tile/, or the URL of a server that has it."
  )
  var directory: String
  @Option(
    help: """
      A folder with the record's proof commitments, as `ballot-box sidecar` writes them. It makes \
      the verification faster, is not trusted, and changes no verdict.
      """)
  var sidecar: String?
  @Option(help: "How progress is shown: auto, plain or none.") var progress = ProgressStyle.auto
  @OptionGroup var output: ReportOptions

  mutating func run() async throws {
    if let sidecar, !Files.exists(sidecar) {
      throw ProgramError(.inputOutput, "\(sidecar): no such folder")
    }
    let line = ProgressLine("entries", style: progress)
    let location = try RecordLocation(directory)
    let verification: RecordVerification
    do {
      verification = try await RecordVerification.verify(
        path: location.name, sidecar: sidecar.map { Sidecar(path: $0) },
        progress: { done, total in line.show(done, of: total) },
        opening: { () async throws(FileError) in try await location.openWitnessed() })
    } catch { throw location.error(error) }
    let report = verification.report
    // What is not verified is not shown as a result.
    try output.finish(
      report, result: report.verdict == .passed ? verification.state.resultText : [])
  }
}

extension ElectionState {
  /// The certified totals and the names on write-in lines, or the signatures of a petition.
  fileprivate var resultText: [String] {
    if kind == .petition { return [""] + signatureReport + [""] }
    guard let result, let manifest, let decrypted else { return [] }
    var lines = ["", "result: \(result.ballots.counted) ballots counted"]
    let (names, unreadable) = decrypted.writtenNames(manifest.outline)
    for contest in result.contests {
      lines.append("  \(contest.label)")
      for option in contest.options {
        lines.append("    \(option.label): \(option.total)")
        for name in names where name.contest == contest.label && name.option == option.label {
          lines.append("      written \(name.ballots) times: \(name.name)")
        }
      }
    }
    if unreadable > 0 { lines.append("  \(unreadable) contest data hold something unreadable") }
    return lines + [""]
  }
}

/// `verifier electionguard`
struct ElectionGuard: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "electionguard",
    abstract: "Verifies a record in the JSON format of ElectionGuard 2.1.0: verifications 1 to 14.",
    discussion: """
      The folder holds record.json and manifest.json. Pre-encrypted ballots (verifications 15 to 19) \
      are reported as not checked. A file that is not in the format ends with status 1.
      """)

  @Argument(help: "The folder with record.json and manifest.json.") var directory: String
  @OptionGroup var output: ReportOptions

  mutating func run() async throws {
    let record = try Files.read(
      "\(directory)/\(ElectionGuardRecord.recordFile)",
      limit: ElectionGuardRecord.maximumRecordByteCount)
    let manifest = try Files.read(
      "\(directory)/\(ElectionGuardRecord.manifestFile)",
      limit: ElectionGuardRecord.maximumManifestByteCount)
    let report: VerificationReport
    do {
      report = try await ElectionGuardRecord.verify(record: record, manifest: manifest)
    } catch { throw ProgramError(.wrong, "\(directory)/\(error)") }
    try output.finish(report)
  }
}
