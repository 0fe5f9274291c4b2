// SPDX-License-Identifier: Apache-2.0

import CommandLineSupport
import Cryptography
import Election
import Ledger
import LedgerFiles
import StrictJSON
import Verification
import WebClient

/// Follows a log and keeps what it has seen in a folder (`Specs/watching.md`):
///
///     <folder>/record/              a copy of the record, as `verifier mirror` makes it
///     <folder>/checked.json         how far the copy was checked, proofs included
///     <folder>/<name>.evidence      what convicts the log
struct LogWatcher {
  private let location: RecordLocation
  private let folder: String
  private let expected: NoteVerifierKey?
  private var fold: RecordFold?

  /// What one look at the log found.
  struct Round {
    /// The tree.
    let checkpoint: Checkpoint
    /// Entries that were not there at the last look.
    let newEntries: UInt64
    /// The phase of the election.
    let phase: ElectionPhase
    /// Who of the policy's witnesses has cosigned the tree.
    let cosigners: [String]
    /// What is suspicious and proves nothing.
    let warnings: [String]
  }

  private var copy: String { "\(folder)/record" }
  private var checkedFile: String { "\(folder)/checked.json" }

  init(_ location: RecordLocation, folder: String, expecting expected: NoteVerifierKey?) {
    self.location = location
    self.folder = folder
    self.expected = expected
  }

  /// Looks at the log once.
  /// - Throws: `ProgramError`: 1 for evidence against the log or a broken rule, 4 when the server does not
  ///   answer.
  mutating func look(
    progress: @Sendable (Int, Int) -> Void
  ) async throws(ProgramError) -> Round {
    try Files.makeFolder(folder)
    let seen = try size(of: copy)
    var warnings: [String] = []
    var record = try await open()
    let policy = RecordLocation.policy(of: record) ?? .none
    do { try update(from: record, policy) } catch {
      guard case .older = error else {
        throw try ProgramError(
          error, from: location.name, to: copy, logKey: record.logKey, evidence: evidencePath)
      }
      warnings.append("an older view: \(error)")
    }
    var local = try openCopy(record.logKey)
    for witness in policy.witnesses {
      guard let url = witness.url else { continue }
      let note: [UInt8]
      let cosigned: Checkpoint
      do {
        guard
          let found = try await WitnessMonitor(url: url).checkpoint(
            origin: local.checkpoint.origin)
        else { continue }
        note = found
        // The log's signature is what convicts; the witness's says that it is the witness's view.
        _ = try Checkpoint.verified(note, cosigner: witness.key)
        cosigned = try Checkpoint.verified(note, logKey: local.logKey)
      } catch {
        warnings.append("witness \(witness.name): \(error)")
        continue
      }
      if cosigned.size > local.size {
        // The log publishes a tree before it has it cosigned: a new look must show as much.
        record = try await open()
        do { try update(from: record, policy) } catch {
          if case .equivocation = error {
            throw try ProgramError(
              error, from: location.name, to: copy, logKey: record.logKey,
              evidence: evidencePath)
          }
        }
        local = try openCopy(record.logKey)
      }
      let isAhead = cosigned.size > local.size
      do {
        let evidence = try Equivocation.between(
          note, local.checkpointNote, logKey: local.logKey, tiles: isAhead ? record : local)
        if let evidence {
          throw try ProgramError(
            evidence, logKey: local.logKey, at: "\(location.name), witness \(witness.name)",
            path: evidencePath)
        }
      } catch let error as ProgramError { throw error } catch {
        warnings.append("witness \(witness.name): nothing is decided: \(error)")
      }
      if isAhead {
        warnings.append(
          "witness \(witness.name) has cosigned \(cosigned.size) entries, the log shows "
            + "\(local.size)")
      }
    }
    let state = try await check(local, progress)
    let cosigners = try cosigners(local, policy, &warnings)
    return Round(
      checkpoint: local.checkpoint, newEntries: local.size - min(seen, local.size),
      phase: state.phase, cosigners: cosigners, warnings: warnings)
  }

  // MARK: Steps

  private var evidencePath: String {
    var number = 1
    while Files.exists("\(folder)/\(number).evidence") { number += 1 }
    return "\(folder)/\(number).evidence"
  }

  private func size(of path: String) throws(ProgramError) -> UInt64 {
    guard Files.exists("\(path)/checkpoint") else { return 0 }
    do { return try RecordDirectory(path: path).size } catch { throw ProgramError(error, in: path) }
  }

  private func open() async throws(ProgramError) -> RecordDirectory {
    let record: RecordDirectory
    do { record = try await location.openWitnessed() } catch { throw location.error(error) }
    guard expected == nil || expected == record.logKey else {
      throw ProgramError(.wrong, "\(location.name)/log.vkey: another log's key")
    }
    return record
  }

  private func update(
    from record: RecordDirectory, _ policy: WitnessPolicy
  ) throws(MirrorError) {
    try RecordMirror.update(directory: copy, from: record, policy: policy)
  }

  private func openCopy(_ key: NoteVerifierKey) throws(ProgramError) -> RecordDirectory {
    do { return try RecordDirectory(path: copy, expecting: key) } catch {
      throw ProgramError(error, in: copy)
    }
  }

  private func cosigners(
    _ record: RecordDirectory, _ policy: WitnessPolicy, _ warnings: inout [String]
  ) throws(ProgramError) -> [String] {
    do {
      let witnessed = try policy.examine(record.checkpointNote, logKey: record.logKey)
      if !witnessed.isQuorumMet {
        warnings.append("\(RuleID.log11.rawValue): the witnesses' quorum is missing")
      }
      return witnessed.cosignatures.map(\.witness.name)
    } catch {
      throw ProgramError(.wrong, "\(location.name): \(RuleID.log11.rawValue): \(error)")
    }
  }

  // MARK: The rules

  /// Runs the rulebook over what is new, proofs included.
  private mutating func check(
    _ record: RecordDirectory, _ progress: @Sendable (Int, Int) -> Void
  ) async throws(ProgramError) -> ElectionState {
    let name = location.name
    do {
      if var known = fold {
        try await known.advance(over: record, depth: .everything, progress: progress)
        fold = known
      } else {
        fold = try await RecordFold.fold(
          record, depth: .everything, verified: try checked(), progress: progress)
      }
    } catch let error as FileError { throw ProgramError(error, in: copy) } catch let error
      as ProgramError
    { throw error } catch { throw ProgramError(.wrong, "\(name): \(error)") }
    guard let fold else { throw ProgramError(.incomplete, "\(name): nothing was checked") }
    if let failure = fold.findings.failures.first {
      throw ProgramError(
        .wrong,
        "\(name): \(failure.rule.rawValue) fails at \(failure.place): \(failure.rule.sentence) "
          + "(\(failure.detail))", hint: "verifier record \(copy)")
    }
    guard fold.tree.root == record.checkpoint.root else {
      throw ProgramError(
        .wrong, "\(name): LOG-2 fails: the entries are not those of the checkpoint")
    }
    guard fold.state.configuration?.logKey == record.logKey.vkey else {
      throw ProgramError(.wrong, "\(name): LOG-1 fails: the configuration names another log key")
    }
    let value: JSONValue = [
      "root": .string(record.checkpoint.root.hex),
      "size": .integer(Int64(clamping: record.checkpoint.size)), "version": 1,
    ]
    try Files.write(value.canonicalBytes(), to: checkedFile)
    return fold.state
  }

  private func checked() throws(ProgramError) -> VerifiedHead? {
    guard Files.exists(checkedFile) else { return nil }
    let reader = try Files.readJSON(checkedFile)
    return try ProgramError.naming(checkedFile) {
      let fields = try reader.fields(["root", "size", "version"])
      _ = try fields["version"].integer(1...1)
      let size = UInt64(try fields["size"].integer(0...Int(JSONValue.largestInteger)))
      return VerifiedHead(size: size, root: try fields["root"].digest())
    }
  }
}
