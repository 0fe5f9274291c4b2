// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BallotBoxLoad
import CommandLineSupport
import Foundation
import LedgerStore
import StrictJSON

/// `ballot-box load ledger`
struct LoadLedger: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ledger",
    abstract: "Appends entries through database and files alone, and measures.",
    discussion: """
      No rule runs, no ballot is checked. The disk's own rate of fsync is measured in the same folder, \
      before and after. Exit status 1 if neither 5,000 entries a second nor 100 entries for each wait \
      for the disk are reached, with --enforce.
      """)

  @Option(help: "Entries.") var entries = 100_000
  @Option(help: "Entries of a batch.") var batch = 256
  @Option(help: "Bytes of every entry's payload.") var payload = 1024
  @Option(help: "A folder to make for the log; a temporary one without it.") var work: String?
  @Flag(help: "Fail below the target.") var enforce = false
  @Flag(help: "Print one JSON object instead of lines.") var json = false
  @Option(help: "How progress is shown: auto, plain or none.") var progress = ProgressStyle.auto

  func validate() throws {
    guard (1...100_000_000).contains(entries) else {
      throw ValidationError("--entries: 1 to 100,000,000")
    }
    guard (1...4096).contains(batch) else { throw ValidationError("--batch: 1 to 4096") }
    guard (1...1 << 20).contains(payload) else {
      throw ValidationError("--payload: 1 to 1,048,576")
    }
  }

  mutating func run() async throws {
    let report = try await Load.naming { try await measure() }
    if json {
      Console.print(bytes: report.json.prettyBytes())
    } else {
      for line in report.lines { Console.print(line) }
    }
    guard report.isOnTarget || !enforce else {
      throw ProgramError(.wrong, "below the target")
    }
  }

  private func measure() async throws -> LedgerReport {
    let folder = work ?? "\(NSTemporaryDirectory())/urna-ledger-\(getpid())"
    try Files.refuseToOverwrite(folder)
    try Files.makeFolder(folder)
    defer {
      if work == nil {
        do { try FileManager.default.removeItem(atPath: folder) } catch {
          Console.error("left behind: \(folder)")
        }
      }
    }
    let line = ProgressLine("entries", style: progress)
    let total = entries
    let store = try SQLiteSequencerStore.createNew(path: "\(folder)/record.sqlite")
    return try await LedgerLoad(
      entries: entries, batch: batch, payloadBytes: payload, folder: folder
    ).run(store: store) { line.show($0, of: total) }
  }
}
