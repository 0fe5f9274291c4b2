// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BallotBoxService
import CommandLineSupport
import Ledger
import LedgerFiles
import LedgerStore

/// The record that is looked at, and its database.
struct AuditPlace: ParsableArguments {
  @Argument(help: ArgumentHelp("The record's folder.", valueName: "dir")) var record: String
  @Option(help: "The box's database; the record's name with .sqlite behind it unless given.")
  var database: String?

  var place: BoxPlace { BoxPlace(record: record, database: database) }
}

/// `ballot-box fsck`
struct Fsck: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Checks a record and the database beside it.",
    discussion: """
      Recomputes every leaf hash, every tile and the root from the bundles, replays the rulebook \
      without the proofs, and compares the database with what that gives. Proofs are checked by \
      verifier record. A database that is not there is reported and is no fault. The box must not run.
      """)

  @OptionGroup var audited: AuditPlace

  mutating func run() async throws {
    let place = audited.place
    let directory: RecordDirectory
    do { directory = try RecordDirectory(path: place.record) } catch {
      throw ProgramError(error, in: place.record)
    }
    let problems = directory.verifyTree()
    for problem in problems { Console.print("\(problem)") }
    guard problems.allSatisfy({ $0.kind == .leftover }) else {
      throw ProgramError(.wrong, "\(place.record): the record is damaged")
    }
    let path = place.record
    let content = try await BoxPlace.naming(path) { () async throws(BoxError) in
      try await RecordAudit.content(of: path)
    }
    Console.print("\(place.record): \(directory.size) entries; tree, tiles and rules hold")
    guard Files.exists(place.databasePath) else {
      Console.print("\(place.databasePath): no database there to compare with")
      return
    }
    do throws(StoreError) {
      let store = try SQLiteSequencerStore.openExisting(path: place.databasePath)
      let differences = try await RecordAudit.differences(content, store)
      for difference in differences { Console.print(difference) }
      if differences.isEmpty {
        Console.print("\(place.databasePath): agrees, \(content.claims.count) claims")
        return
      }
    } catch { throw BoxPlace.error(error, place.databasePath) }
    throw ProgramError(
      .wrong, "\(place.databasePath): differs from the record",
      hint: "after a crash, starting the box repairs it; see Specs/operations.md")
  }
}

/// `ballot-box rebuild`
struct Rebuild: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Makes the database anew from the record's files.",
    discussion: """
      For a database that was lost or damaged. The record must be the newest there is: a box that goes \
      on from an old copy forks the log. With witnesses the box asks them when it starts, and refuses.
      """)

  @OptionGroup var audited: AuditPlace

  mutating func run() async throws {
    let place = audited.place
    guard !Files.exists(place.databasePath) else {
      throw ProgramError(
        .refused, "\(place.databasePath): exists already",
        hint: "ballot-box fsck, or move it away")
    }
    let path = place.record
    let content = try await BoxPlace.naming(path) { () async throws(BoxError) in
      try await RecordAudit.content(of: path)
    }
    do {
      let store = try SQLiteSequencerStore.createNew(path: place.databasePath)
      try await store.replaceAll(checkpoint: content.checkpoint) { insert in
        for (claim, leaf) in content.claims { try insert(claim, leaf) }
      }
    } catch { throw ProgramError(.inputOutput, "\(place.databasePath): \(error)") }
    Console.print("made \(place.databasePath): \(content.claims.count) claims")
  }
}
