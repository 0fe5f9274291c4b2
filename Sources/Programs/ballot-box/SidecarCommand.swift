// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLineSupport
import Election
import LedgerFiles
import Verification

/// `ballot-box sidecar`
struct SidecarCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sidecar",
    abstract: "Writes the commitments of all proofs, which make verifying the record faster.",
    discussion: """
      Give the folder to verifiers beside the record: `verifier record DIR --sidecar FOLDER`. They do \
      not trust it. It is about as large as the record's ballots. Specs/sidecar.md has the format.
      """)

  @OptionGroup var record: RecordOptions
  @Option(help: "The folder to write; made when it is not there.") var output: String
  @Option(help: "How progress is shown: auto, plain or none.") var progress = ProgressStyle.auto

  mutating func run() async throws {
    let (directory, state) = try await record.fold(.structure, needsQuorum: false)
    try Files.makeFolder(output)
    let line = ProgressLine("bundles", style: progress)
    let ballots: Int
    do {
      ballots = try await Sidecar(path: output, in: state.group).write(directory, state) {
        line.show($0, of: $1)
      }
    } catch let error as FileError { throw ProgramError(error, in: record.path) }
    Console.print("wrote the commitments of \(ballots) ballots")
  }
}
