// SPDX-License-Identifier: Apache-2.0

public import ArgumentParser
internal import Cryptography
public import Election
internal import Ledger
public import LedgerFiles
public import Verification

/// The record that a program acts on, and what is expected of it.
public struct RecordOptions: ParsableArguments {
  @Option(help: "The record's folder, with checkpoint, log.vkey and tile/.")
  var record: String

  @Option(help: "The election's identifier (64 digits); a record of another election is refused.")
  var election: String?

  /// For the argument parser.
  public init() {}

  /// The folder.
  public var path: String { record }

  /// Opens the record.
  /// - Throws: `ProgramError`.
  public func open() throws(ProgramError) -> RecordDirectory {
    do { return try RecordDirectory(path: record) } catch { throw ProgramError(error, in: record) }
  }

  /// Opens the record and folds the rulebook over it. A program acts only on a record without
  /// failures, whose leaves are those of the signed checkpoint, signed by the configuration's log.
  /// - Parameter verified: a beginning of the record whose proofs the caller checked before.
  /// - Throws: `ProgramError`, status 1 naming the first rule that fails.
  public func fold(
    _ depth: RecordFold.Depth, verified: VerifiedHead? = nil
  ) async throws -> (record: RecordDirectory, state: ElectionState) {
    let directory = try open()
    let fold: RecordFold
    do {
      fold = try await RecordFold.fold(directory, depth: depth, verified: verified)
    } catch let error as FileError {
      throw ProgramError(error, in: record)
    }
    if let failure = fold.findings.failures.first {
      throw ProgramError(
        .wrong,
        "\(record): \(failure.rule.rawValue) fails at \(failure.place): \(failure.detail)",
        hint: "verifier record \(record)")
    }
    guard fold.tree.root == directory.checkpoint.root else {
      throw ProgramError(
        .wrong, "\(record): LOG-2 fails: the entries are not those of the checkpoint")
    }
    guard fold.state.configuration?.logKey == directory.logKey.vkey else {
      throw ProgramError(
        .wrong, "\(record): LOG-1 fails: the configuration names another log key")
    }
    if let election, fold.state.electionID?.hex != election {
      throw ProgramError(
        .refused, "\(record): the record is of election \(fold.state.electionID?.hex ?? "none")")
    }
    return (directory, fold.state)
  }
}
