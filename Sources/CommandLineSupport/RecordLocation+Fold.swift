// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
public import Election
internal import Ledger
public import LedgerFiles
public import Verification

extension RecordLocation {
  /// Opens the record and folds the rulebook over it. A program acts only on a record without
  /// failures, whose leaves are those of the signed checkpoint, signed by the configuration's log and
  /// cosigned by the quorum of the configuration's witnesses.
  /// - Parameters:
  ///   - verified: a beginning of the record whose proofs the caller checked before.
  ///   - election: the identifier of the election that is expected, as digits.
  ///   - needsQuorum: whether the cosignatures must be there; the ballot box's own programs look at
  ///     records that nobody has cosigned yet.
  /// - Throws: `ProgramError`, status 1 naming the first rule that fails, 5 without the quorum.
  public func fold(
    _ depth: RecordFold.Depth, verified: VerifiedHead? = nil, election: String? = nil,
    needsQuorum: Bool = true
  ) async throws(ProgramError) -> (record: RecordDirectory, state: ElectionState) {
    let directory: RecordDirectory
    let fold: RecordFold
    do {
      directory = try await openWitnessed()
      fold = try await RecordFold.fold(directory, depth: depth, verified: verified)
    } catch let error as FileError { throw self.error(error) } catch {
      throw ProgramError(.wrong, "\(name): \(error)")
    }
    if let failure = fold.findings.failures.first {
      throw ProgramError(
        .wrong,
        "\(name): \(failure.rule.rawValue) fails at \(failure.place): \(failure.detail)",
        hint: "verifier record \(name)")
    }
    guard fold.tree.root == directory.checkpoint.root else {
      throw ProgramError(
        .wrong, "\(name): LOG-2 fails: the entries are not those of the checkpoint")
    }
    guard fold.state.configuration?.logKey == directory.logKey.vkey else {
      throw ProgramError(
        .wrong, "\(name): LOG-1 fails: the configuration names another log key")
    }
    if let election, fold.state.electionID?.hex != election {
      throw ProgramError(
        .refused, "\(name): the record is of election \(fold.state.electionID?.hex ?? "none")")
    }
    if needsQuorum, let policy = fold.state.configuration?.witnessPolicy {
      do { _ = try policy.verify(directory.checkpointNote, logKey: directory.logKey) } catch {
        throw ProgramError(
          .refused, "\(name): \(RuleID.log11.rawValue): \(RuleID.log11.sentence) (\(error))",
          hint: "another view of the record may be shown to others; ask the witnesses")
      }
    }
    return (directory, fold.state)
  }
}
