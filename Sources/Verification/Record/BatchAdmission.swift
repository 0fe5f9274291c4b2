// SPDX-License-Identifier: Apache-2.0

public import Cryptography
public import Election
public import Ledger

/// Decides which of the submitted entries enter the log as the next batch, and in which order.
///
/// The order inside a batch is that of type and then of leaf hash, so that the order of arrival does
/// not show (`Specs/entries.md`). Every rule runs here, with the same checks as in the verifier.
public struct BatchAdmission: Sendable {
  /// An entry that was refused, and why.
  public struct Refusal: Sendable {
    /// Position among the submitted entries.
    public let position: Int
    /// The rules that it breaks.
    public let findings: Findings
  }

  /// What an admitted entry is about.
  public struct Subject: Sendable {
    /// H_C of the ballot that it submits or decides about.
    public let confirmationCode: Digest?
    /// What may stand in the log once.
    public let claims: [LogClaim]
  }

  /// The entries of the batch, in order, the batch's own entry first when the log has begun.
  public private(set) var admitted: [EntryFile] = []
  /// Of every admitted entry, what it is about and what it claims.
  public private(set) var subjects: [Subject] = []
  /// Positions of the admitted entries among the submitted ones, in the order of the batch.
  public private(set) var positions: [Int] = []
  /// The entries that were refused, in the order of submission.
  public private(set) var refused: [Refusal] = []
  /// The state after the batch.
  public private(set) var state: ElectionState

  /// Runs the rulebook over a batch.
  /// - Parameters:
  ///   - files: the submitted entries.
  ///   - opening: the batch's own entry, signed by the ballot box; nil for the configuration, which
  ///     stands alone at the front of the log.
  ///   - state: the state before the batch; for totals it holds the recomputed ones.
  ///   - payloads: earlier payloads of the record.
  public static func decide(
    _ files: [EntryFile], opening: EntryFile?, after state: ElectionState,
    payloads: any PayloadSource, cores: Int = Cores.count
  ) async -> BatchAdmission {
    await decide(
      files, opening: opening, after: state, payloads: payloads, proofs: .checked, cores: cores)
  }

  /// The same, for measurements of everything but the proofs.
  package static func decide(
    _ files: [EntryFile], opening: EntryFile?, after state: ElectionState,
    payloads: any PayloadSource, proofs: ProofPolicy, cores: Int = Cores.count
  ) async -> BatchAdmission {
    var admission = BatchAdmission(state: state, proofs: proofs)
    var overlay = OverlayPayloads(base: payloads, firstIndex: state.size)
    if let opening {
      let outcome = admission.append(opening, &overlay)
      guard outcome.failures.isEmpty else {
        // No batch may begin: nothing is admitted, and every entry is refused for that reason.
        admission.refused = files.indices.map {
          Refusal(position: $0, findings: outcome.findings)
        }
        return admission
      }
    }
    // The hash of a leaf costs more than a comparison: each is computed once.
    let keyed = files.enumerated().map { offset, file in
      (
        offset: offset, element: file, type: EntryType(rawValue: file.entry.type),
        leaf: file.entry.leafHash
      )
    }
    let sorted = keyed.sorted { left, right in
      if left.type != right.type {
        return (left.type?.rank ?? .max) < (right.type?.rank ?? .max)
      }
      return left.leaf < right.leaf
    }
    var start = 0
    while start < sorted.count {
      let type = sorted[start].element.entry.type
      var end = start
      while end < sorted.count, sorted[end].element.entry.type == type { end += 1 }
      let group = sorted[start..<end].map { (position: $0.offset, file: $0.element) }
      await admission.decide(group, &overlay, cores: cores)
      start = end
    }
    admission.refused.sort { $0.position < $1.position }
    return admission
  }

  private let proofs: ProofPolicy

  private init(state: ElectionState, proofs: ProofPolicy) {
    self.state = state
    self.proofs = proofs
  }

  /// Entries of one type do not depend on each other's proofs: the proofs run in parallel, and when
  /// one fails the group is decided again without it. Every proof is checked once.
  private mutating func decide(
    _ group: [(position: Int, file: EntryFile)], _ overlay: inout OverlayPayloads, cores: Int
  ) async {
    let before = (self, overlay)
    var wrong: [Int: Findings] = [:]
    var proven: Set<Int> = []
    while true {
      (self, overlay) = before
      var unproven: [(position: Int, checks: [ProofCheck])] = []
      for (position, file) in group {
        if let findings = wrong[position] {
          refused.append(Refusal(position: position, findings: findings))
          continue
        }
        let check = append(file, &overlay)
        guard check.failures.isEmpty else {
          refused.append(Refusal(position: position, findings: check.findings))
          continue
        }
        positions.append(position)
        if proven.insert(position).inserted { unproven.append((position, check.proofs)) }
      }
      if proofs == .checkedBefore { return }
      let failing = await Self.run(unproven, cores: cores)
      if failing.isEmpty { return }
      for (position, findings) in failing { wrong[position] = findings }
    }
  }

  private struct Outcome {
    let findings: Findings
    let proofs: [ProofCheck]
    var failures: [Failure] { findings.failures }
  }

  private mutating func append(_ file: EntryFile, _ overlay: inout OverlayPayloads) -> Outcome {
    let check = state.check(
      RecordedEntry(index: state.size, entry: file.entry, payload: file.payload),
      payloads: overlay)
    let outcome = Outcome(findings: check.findings, proofs: check.proofChecks)
    guard !check.findings.hasFailures else { return outcome }
    overlay.added.append(file.payload)
    state.apply(check)
    admitted.append(file)
    subjects.append(
      Subject(confirmationCode: check.confirmationCode, claims: check.claims))
    return outcome
  }

  /// Runs proofs on all cores; returns the failing ones in order.
  private static func run(
    _ candidates: [(position: Int, checks: [ProofCheck])], cores: Int
  ) async -> [(position: Int, findings: Findings)] {
    await withTaskGroup(of: [(position: Int, findings: Findings)].self) { group in
      // Equal shares for all cores; a share is checked in one pass.
      let share = max(1, (candidates.count + cores - 1) / cores)
      for start in stride(from: 0, to: candidates.count, by: share) {
        let part = candidates[start..<min(start + share, candidates.count)]
        group.addTask { run(part) }
      }
      var wrong: [(position: Int, findings: Findings)] = []
      for await results in group { wrong += results.filter(\.findings.hasFailures) }
      return wrong.sorted { $0.position < $1.position }
    }
  }

  /// Runs the proofs of some candidates in one pass.
  private static func run(
    _ candidates: ArraySlice<(position: Int, checks: [ProofCheck])>
  ) -> [(position: Int, findings: Findings)] {
    var parts = ProofCheck.run(candidates.flatMap(\.checks)).findings[...]
    return candidates.map { candidate in
      var findings = Findings()
      for part in parts.prefix(candidate.checks.count) { findings.merge(part) }
      parts = parts.dropFirst(candidate.checks.count)
      return (candidate.position, findings)
    }
  }
}

/// Whether proofs are checked. No program's option leads to the second case: it is for measuring what
/// else an admission costs, with ballots whose proofs the measuring program checked before.
package enum ProofPolicy: Sendable {
  /// Every proof is checked.
  case checked
  /// The caller has checked all proofs.
  case checkedBefore
}

/// The payloads of a record and of the batch that is being decided.
struct OverlayPayloads: PayloadSource {
  let base: any PayloadSource
  let firstIndex: Int
  var added: [[UInt8]] = []

  func payload(at index: Int) -> [UInt8]? {
    guard index >= firstIndex else { return base.payload(at: index) }
    return added.indices.contains(index - firstIndex) ? added[index - firstIndex] : nil
  }
}

extension BatchAdmission {
  /// The same with positions in another list: position p becomes `order[p]`.
  public func renumbered(_ order: [Int]) -> BatchAdmission {
    var copy = self
    copy.positions = positions.map { order.indices.contains($0) ? order[$0] : $0 }
    copy.refused = refused.map {
      Refusal(
        position: order.indices.contains($0.position) ? order[$0.position] : $0.position,
        findings: $0.findings)
    }
    return copy
  }
}
