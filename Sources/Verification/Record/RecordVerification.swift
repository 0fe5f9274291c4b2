// SPDX-License-Identifier: Apache-2.0

public import Election
package import Groups
internal import Ledger
public import LedgerFiles

/// The verification of a whole record from its folder alone: tree, tiles, entries, every rule.
public struct RecordVerification: Sendable {
  /// The state that the record leads to.
  public let state: ElectionState
  /// What the rules found.
  public let findings: Findings
  /// Rules that do not apply to this record, and why.
  public let notApplicable: [RuleID: String]

  /// How the proofs of ballots were checked.
  public let statistics: ProofStatistics

  /// The report that follows.
  public var report: VerificationReport {
    VerificationReport(
      findings, notApplicable: notApplicable,
      method: VerificationMethod(engine: state.group.engine, proofs: statistics))
  }

  /// Verifies a record.
  /// - Parameter sidecar: claimed commitments, which make it faster and change no finding.
  /// - Parameter progress: called after every entry with the number done and the total.
  /// - Throws: `FileError` when the record cannot be read at all: no key, no checkpoint.
  public static func verify(
    path: String, sidecar: Sidecar? = nil, cores: Int = Cores.count,
    progress: @Sendable (Int, Int) -> Void = { _, _ in }
  ) async throws(FileError) -> RecordVerification {
    try await verify(
      path: path, sidecar: sidecar, in: .standard, cores: cores, progress: progress)
  }

  /// The same for a record that is opened by the caller.
  ///
  /// - Parameter path: how the record is named in findings.
  /// - Throws: `FileError` also when a server did not give a part of the record: then nothing is decided.
  public static func verify(
    path: String, sidecar: Sidecar? = nil, cores: Int = Cores.count,
    progress: @Sendable (Int, Int) -> Void = { _, _ in },
    opening open: () async throws(FileError) -> RecordDirectory
  ) async throws(FileError) -> RecordVerification {
    try await verify(
      path: path, sidecar: sidecar, in: .standard, cores: cores, progress: progress, opening: open)
  }

  /// The same in another group, for tests. Rules EG-1.B to EG-1.D fail in every group but the
  /// standard one.
  package static func verify(
    path: String, sidecar: Sidecar? = nil, in group: Group, cores: Int = Cores.count,
    progress: @Sendable (Int, Int) -> Void = { _, _ in }
  ) async throws(FileError) -> RecordVerification {
    try await verify(
      path: path, sidecar: sidecar, in: group, cores: cores, progress: progress
    ) { () throws(FileError) in try RecordDirectory(path: path) }
  }

  private static func verify(
    path: String, sidecar: Sidecar?, in group: Group, cores: Int,
    progress: @Sendable (Int, Int) -> Void,
    opening open: () async throws(FileError) -> RecordDirectory
  ) async throws(FileError) -> RecordVerification {
    var findings = Findings()
    let record: RecordDirectory
    do { record = try await open() } catch {
      if error.isMissing || error.isUnavailable { throw error }
      findings.check(.log1, false, at: error.file, error.rule)
      return RecordVerification(
        state: ElectionState(), findings: findings, notApplicable: [:],
        statistics: ProofStatistics())
    }
    findings.check(.log1, true, at: "", "")
    for (rule, problems) in Self.treeProblems(record) {
      findings.check(
        rule, problems.isEmpty, at: problems.first?.place ?? "", problems.first?.rule ?? "")
      for problem in problems.dropFirst() {
        findings.check(rule, false, at: problem.place, problem.rule)
      }
    }
    var state = ElectionState()
    var statistics = ProofStatistics()
    do {
      let fold = try await RecordFold.fold(
        record, depth: .everything, sidecar: sidecar, in: group, cores: cores,
        progress: progress)
      state = fold.state
      statistics = fold.statistics
      findings.merge(fold.findings)
    } catch let error as FileError {
      findings.check(.log2, false, at: error.file, error.rule)
    } catch {
      findings.check(.log2, false, at: path, "\(error)")
    }
    if let unavailable = record.unavailable { throw unavailable }
    if let configuration = state.configuration {
      findings.check(
        .log1, configuration.logKey == record.logKey.vkey, at: "log.vkey",
        "the configuration names another log key")
      checkWitnesses(record, configuration.witnessPolicy, &findings)
    }
    return RecordVerification(
      state: state, findings: findings, notApplicable: inapplicable(state),
      statistics: statistics)
  }

  /// LOG-11: the checkpoint bears the cosignatures that the configuration's policy asks for.
  private static func checkWitnesses(
    _ record: RecordDirectory, _ policy: WitnessPolicy, _ findings: inout Findings
  ) {
    if policy.isTrivial { return }
    do {
      _ = try policy.verify(record.checkpointNote, logKey: record.logKey)
      findings.check(.log11, true, at: "", "")
    } catch {
      findings.check(.log11, false, at: "checkpoint", "\(error)")
    }
  }

  /// The problems of tree and tiles, by rule.
  private static func treeProblems(_ record: RecordDirectory) -> [(RuleID, [RecordProblem])] {
    let problems = record.verifyTree()
    return [
      (.log2, problems.filter { $0.kind == .root || $0.kind == .file }),
      (.log3, problems.filter { $0.kind == .tile || $0.kind == .unexpected }),
      (.log4, problems.filter { $0.kind == .payload }),
      (.log5, problems.filter { $0.kind == .entry }),
    ]
  }

  /// Which rules have nothing to say about a record, and why. Everything that is not named here and
  /// was not checked makes the verdict incomplete.
  static func inapplicable(_ state: ElectionState) -> [RuleID: String] {
    var reasons: [RuleID: String] = [:]
    func declare(_ rules: [RuleID], _ reason: String) {
      for rule in rules { reasons[rule] = reason }
    }
    declare([.eg8E, .eg8F, .eg8G], "voters' own devices do not chain ballots")
    declare([.eg15, .eg16, .eg17, .eg18, .eg19], "the election has no pre-encrypted ballots")
    if state.configuration?.witnessPolicy.isTrivial == true {
      declare([.log11], "the election has no witnesses")
    }
    switch state.configuration?.eligibility {
    case .listed:
      declare(
        RuleID.allCases.filter {
          $0.rawValue.hasPrefix("ELI-") && $0 != .eliListed1 && $0 != .eliListed2
        },
        "the configuration lists the voters' keys")
    case .credentials:
      declare([.eliListed1, .eliListed2], "voters have credentials")
    case nil: break
    }
    if state.kind == .petition {
      declare(
        RuleID.allCases.filter { rule in
          ["EG-", "BAL-", "CER-"].contains { rule.rawValue.hasPrefix($0) }
        } + [.eli9, .eli10], "nobody votes in a petition")
    }
    guard state.isComplete, let configuration = state.configuration else { return reasons }
    if state.terms != nil { inapplicableToCredentials(state, declare) }
    if state.kind == .petition {
      if state.credentials.destroyed.isEmpty {
        declare([.eli4, .eli12], "no issuer has declared its keys destroyed")
      }
      return reasons
    }
    let counts = state.ballots.counts(revoting: configuration.policy.revoting)
    if counts.submitted == 0 {
      declare(
        [
          .log10, .eliListed1, .eli9, .bal1, .bal2, .bal4, .bal5, .bal6, .bal7, .eg5A, .eg5B, .eg6A,
          .eg6B,
          .eg6C,
          .eg6D, .eg7A, .eg7B, .eg7C, .eg7D, .eg8A, .eg8B, .eg8C, .eg8D,
        ], "no ballot was submitted")
    } else if counts.cast == 0 && counts.challenged == 0 {
      declare([.bal5], "no voter decided about a ballot")
    }
    if counts.counted == 0 { declare([.eg11D], "no ballot was counted") }
    if counts.challenged == 0 {
      declare(
        [.eg13A, .eg13B, .eg14A, .eg14B, .eg14C, .eg14D, .eg14E, .eg14F],
        "no ballot was challenged")
    }
    if state.ceremony.complaintCount == 0 { declare([.cer4], "no trustee complained") }
    if !configuration.policy.opensContestData {
      declare([.eg12A, .eg12B, .eg12C], "contest data stays sealed in this election")
    } else if state.recomputed?.contestData.isEmpty == true {
      declare([.eg12A, .eg12B, .eg12C], "no counted ballot holds contest data")
    }
    return reasons
  }

  /// Rules on credentials that had no occasion.
  private static func inapplicableToCredentials(
    _ state: ElectionState, _ declare: ([RuleID], String) -> Void
  ) {
    let counts = state.credentials.counts
    if counts.allSatisfy({ $0.issued == 0 }) {
      declare([.eli3], "nobody asked for a credential")
      // With ballots there are other times to keep.
      if state.kind == .petition { declare([.log10], "nobody asked for a credential") }
    }
    if counts.allSatisfy({ $0.listed == 0 }) { declare([.eli5], "no key was activated") }
    if counts.allSatisfy({ $0.cancelled == 0 }) { declare([.eli8], "no credential was cancelled") }
  }
}
