// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLineSupport
import Cryptography
import Election
import Ledger
import LedgerFiles
import Verification

/// `verifier promise`
struct Promise: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Checks whether the ballot box kept a promise, by a record.",
    discussion: """
      Exit status: 0 kept, 1 broken, 3 the record decides nothing yet, 5 it is no promise of this election's \
      ballot box. Specs/promises.md says what convicts.
      """)

  @Argument(help: "The promise, as the ballot box gave it.") var file: String
  @OptionGroup var record: RecordOptions

  mutating func run() async throws {
    let bytes = try Files.read(file, limit: InclusionPromise.maximumByteCount)
    let promise = try ProgramError.naming(file) { try InclusionPromise(bytes: bytes) }
    let (directory, state) = try await record.fold(.structure, needsQuorum: false)
    let check: PromiseCheck
    do { check = try PromiseCheck(promise, state) } catch {
      switch error {
      case .election:
        throw ProgramError(.refused, "\(file): a promise of another election")
      case .signature:
        throw ProgramError(.refused, "\(file): the ballot box of this election did not sign it")
      }
    }
    let index: Int?
    do { index = try directory.index(ofLeaf: promise.leafHash) } catch {
      throw ProgramError(error, in: record.path)
    }
    let verdict = try ProgramError.naming(record.path) {
      try check.verdict(
        at: index, checkpoint: directory.checkpointNote, logKey: directory.logKey)
    }
    Console.print("promised: leaf \(promise.leafHash.hex)")
    Console.print("          by \(UniversalTime.text(promise.deadline))")
    switch verdict {
    case .kept(let entry, let time):
      Console.print("in the log at \(entry), in a batch of \(UniversalTime.text(time))")
      Console.print("verdict: kept")
    case .broken(let breach):
      Console.print("\(breach)")
      Console.print(
        breach.isOwnWord
          ? "verdict: broken, by what the ballot box and its log signed themselves"
          : "verdict: broken, by what the witnesses signed")
      Console.print("this file and a copy of the record (verifier mirror) show it to everybody")
      throw ExitCode(ProgramExit.wrong.rawValue)
    case .undecided(.notCosigned(let entry)):
      Console.print("in the log at \(entry); the witnesses' quorum is missing")
      Console.print("verdict: undecided; ask again")
      throw ExitCode(ProgramExit.incomplete.rawValue)
    case .undecided(.notYet):
      Console.print(
        "not in the log of \(directory.size) entries, which shows no time behind the deadline")
      Console.print("verdict: undecided; ask again, or with a newer record")
      throw ExitCode(ProgramExit.incomplete.rawValue)
    }
  }
}
