// SPDX-License-Identifier: Apache-2.0

import Ledger
import LedgerFiles
import LedgerStore
import Sequencing
import Simulation

/// A box of one step, for the tests that spoil its system calls:
///
///     LedgerToolProgram create DIRECTORY ENTRIES
///     LedgerToolProgram append DIRECTORY FIRST COUNT
///
/// The record is DIRECTORY/record, its store DIRECTORY/box.sqlite. Prints the size that was reached, a
/// line after the append is acknowledged.
@main struct LedgerTool {
  static func main() async throws {
    let arguments = CommandLine.arguments.dropFirst()
    let numbers = arguments.dropFirst(2).compactMap { Int($0) }
    guard let verb = arguments.first, let directory = arguments.dropFirst().first else {
      throw UsageError()
    }
    let database = directory + "/box.sqlite"
    switch (verb, numbers.count) {
    case ("create", 1):
      let writer = try RecordWriter.create(
        directory: directory + "/record", signer: TestEntry.signer())
      let sequencer = try await Sequencer.begin(
        store: try SQLiteSequencerStore.createNew(path: database), writer: writer)
      try await append(sequencer, 0..<numbers[0])
    case ("append", 2):
      let writer = try RecordWriter.open(
        directory: directory + "/record", signer: TestEntry.signer(), verifyingAll: false)
      let sequencer = try await Sequencer.open(
        store: try SQLiteSequencerStore.openExisting(path: database), writer: writer)
      try await append(sequencer, numbers[0]..<numbers[0] + numbers[1])
    default: throw UsageError()
    }
  }

  private static func append(_ sequencer: Sequencer, _ numbers: Range<Int>) async throws {
    let checkpoint = try await sequencer.append(numbers.map { TestEntry.item($0) })
    print(checkpoint.size)
  }
}

struct UsageError: Error {}
