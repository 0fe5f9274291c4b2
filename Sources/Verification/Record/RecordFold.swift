// SPDX-License-Identifier: Apache-2.0

public import Cryptography
public import Election
package import Groups
public import Ledger
public import LedgerFiles

/// The fold of the rulebook over a record on disk: the state that it leads to, and what the rules
/// found on the way.
///
/// One entry is read after the other; proofs are checked in parallel behind it. Memory is bounded by
/// the number of checks in flight, not by the length of the record.
public struct RecordFold: Sendable {
  /// The state after the last entry.
  public private(set) var state: ElectionState
  /// What the rules found, in the order of the log.
  public private(set) var findings = Findings()
  /// The tree of the leaves that were read.
  public private(set) var tree = MerkleFrontier()
  /// How the proofs of ballots were checked.
  public private(set) var statistics = ProofStatistics()

  /// How far the fold goes.
  public enum Depth: Sendable {
    /// Every rule, proofs included: for whoever decides about the record.
    case everything
    /// The cheap rules, and the proofs of the keys: for a voter, who encrypts under them.
    case keys
    /// The cheap rules only: for a program that checked these entries when it admitted them.
    case structure
  }

  /// The entries that the election's keys come from.
  private static let keyTypes: Set<EntryType> = [
    .configuration, .manifest, .trusteeKeys, .trusteeShares, .trusteeReceipt, .trusteeComplaint,
    .trusteeConfirmation, .votingOpened,
  ]
  /// Passes in flight for every core.
  private static let tasksPerCore = 2

  private init(_ state: ElectionState) { self.state = state }

  /// Folds a record.
  /// - Parameters:
  ///   - verified: a beginning of this record whose proofs the caller has checked before. They are
  ///     not checked again when the record still begins with exactly these leaves.
  ///   - sidecar: claimed commitments, which make it faster and change no finding.
  ///   - progress: called after every entry with the number done and the total.
  /// - Throws: `FileError` when a bundle is missing or malformed.
  public static func fold(
    _ record: RecordDirectory, depth: Depth, verified: VerifiedHead? = nil,
    sidecar: Sidecar? = nil, cores: Int = Cores.count,
    progress: @Sendable (Int, Int) -> Void = { _, _ in }
  ) async throws -> RecordFold {
    try await fold(
      record, depth: depth, verified: verified, sidecar: sidecar, in: .standard, cores: cores,
      progress: progress)
  }

  /// The same in another group; for tests.
  package static func fold(
    _ record: RecordDirectory, depth: Depth, verified: VerifiedHead? = nil,
    sidecar: Sidecar? = nil, in group: Group, cores: Int,
    progress: @Sendable (Int, Int) -> Void = { _, _ in }
  ) async throws -> RecordFold {
    var fold = RecordFold(ElectionState(group: group))
    let proven = try verified.map { try $0.isBeginning(of: record) ? $0.size : 0 } ?? 0
    try await fold.advance(
      over: record, depth: depth, proven: proven, sidecar: sidecar, cores: cores,
      progress: progress)
    return fold
  }

  /// Goes on over a record that has grown since: only the entries behind ``tree`` are read and checked.
  /// Whether the record continues the one of before is for the caller to know; ``tree`` shows afterwards
  /// whether all leaves together are those of the checkpoint.
  ///
  /// - Throws: `FileError` when a bundle is missing or malformed. The fold stays as it was.
  public mutating func advance(
    over record: RecordDirectory, depth: Depth, cores: Int = Cores.count,
    progress: @Sendable (Int, Int) -> Void = { _, _ in }
  ) async throws {
    try await advance(
      over: record, depth: depth, proven: 0, sidecar: nil, cores: cores, progress: progress)
  }

  private mutating func advance(
    over record: RecordDirectory, depth: Depth, proven: UInt64, sidecar: Sidecar?, cores: Int,
    progress: @Sendable (Int, Int) -> Void
  ) async throws {
    var fold = self
    let known = tree.size
    let payloads = RecordPayloads(record: record)
    var failing: [OrderedFindings] = []
    try await withThrowingTaskGroup(of: ProofPass.Outcome.self) { group in
      var inFlight = 0
      var order = 0
      // Ballots with claimed commitments go together, and all other checks.
      var passes = [ProofPass(isClaimed: false), ProofPass(isClaimed: true)]
      func collect(_ outcome: ProofPass.Outcome) {
        inFlight -= 1
        fold.statistics.merge(outcome.statistics)
        for result in outcome.findings { fold.keep(result, &failing) }
      }
      func start(_ pass: ProofPass) async throws {
        if inFlight >= cores * Self.tasksPerCore, let outcome = try await group.next() {
          collect(outcome)
        }
        inFlight += 1
        group.addTask { pass.run() }
      }
      let first = min(known / UInt64(TilePath.fullWidth), record.bundleCount)
      for bundle in first..<record.bundleCount {
        let entries = try record.entries(inBundle: bundle)
        var reader = try record.payloads(inBundle: bundle)
        var claims = sidecar?.claims(inBundle: bundle)
        for (offset, bytes) in entries.enumerated() {
          if bundle * UInt64(TilePath.fullWidth) + UInt64(offset) < known {
            try reader.skip()
            continue
          }
          let payload = try reader.next()
          let isProven = fold.tree.size < proven
          fold.tree.append(MerkleTree.leafHash(bytes))
          let check = try await fold.next(bytes, payload, payloads, record, cores: cores)
          order += 1
          fold.keep(OrderedFindings(order: order, findings: check.findings), &failing)
          let isWanted = depth == .everything || (depth == .keys && check.isAboutKeys)
          if isWanted && !isProven {
            for proofCheck in check.proofChecks {
              order += 1
              let proofCheck = claims?.attached(to: proofCheck) ?? proofCheck
              let kind = proofCheck.isClaimed ? 1 : 0
              passes[kind].append(proofCheck, order: order)
              if passes[kind].isFull {
                try await start(passes[kind])
                passes[kind] = ProofPass(isClaimed: proofCheck.isClaimed)
              }
            }
          }
          progress(fold.state.size, Int(clamping: record.size))
        }
        try reader.finish()
      }
      for pass in passes where !pass.isEmpty { try await start(pass) }
      while let outcome = try await group.next() { collect(outcome) }
    }
    // Payloads that a rule asked for and did not get would look like missing ones.
    if let unavailable = record.unavailable { throw unavailable }
    for part in failing.sorted(by: { $0.order < $1.order }) { fold.findings.merge(part.findings) }
    self = fold
  }

  /// Checks and applies one entry.
  private mutating func next(
    _ bytes: [UInt8], _ payload: [UInt8], _ payloads: RecordPayloads, _ record: RecordDirectory,
    cores: Int
  ) async throws -> (findings: Findings, proofChecks: [ProofCheck], isAboutKeys: Bool) {
    let entry: LedgerEntry
    do { entry = try LedgerEntry(bytes: bytes) } catch {
      var findings = Findings()
      findings.check(.log5, false, at: "entry \(state.size)", "\(error)")
      state.skip()
      return (findings, [], false)
    }
    if entry.type == EntryType.tallyAggregated.rawValue, state.recomputed == nil {
      let tally = await Aggregation.tally(state, record, cores: cores)
      if let tally { state.keepRecomputed(tally) }
    }
    let check = state.check(
      RecordedEntry(index: state.size, entry: entry, payload: payload), payloads: payloads)
    state.apply(check)
    return (
      check.findings, check.proofChecks,
      EntryType(rawValue: entry.type).map(Self.keyTypes.contains) ?? false
    )
  }

  /// Keeps findings without failures at once, and sets those with failures aside for ordering.
  private mutating func keep(_ part: OrderedFindings, _ failing: inout [OrderedFindings]) {
    if part.findings.hasFailures { failing.append(part) } else { findings.merge(part.findings) }
  }
}

/// The tree of a record at the time when somebody checked all of it, proofs included.
public struct VerifiedHead: Equatable, Sendable {
  /// Number of entries.
  public let size: UInt64
  /// Root of their tree.
  public let root: Digest

  /// A head from its parts.
  public init(size: UInt64, root: Digest) {
    self.size = size
    self.root = root
  }

  /// Whether a record begins with these leaves. A leaf names its payload's digest.
  /// - Throws: `FileError` when a bundle is missing or malformed.
  func isBeginning(of record: RecordDirectory) throws(FileError) -> Bool {
    guard size <= record.size else { return false }
    var tree = MerkleFrontier()
    var bundle: UInt64 = 0
    while tree.size < size, bundle < record.bundleCount {
      for bytes in try record.entries(inBundle: bundle) where tree.size < size {
        tree.append(MerkleTree.leafHash(bytes))
      }
      bundle += 1
    }
    return tree.size == size && tree.root == root
  }
}

/// Checks of proofs that are run together, with their positions.
private struct ProofPass: Sendable {
  /// What a pass found, and how.
  struct Outcome: Sendable {
    let findings: [OrderedFindings]
    let statistics: ProofStatistics
  }

  private var checks: [ProofCheck] = []
  private var orders: [Int] = []
  private var weight = 0
  private let limit: Int

  init(isClaimed: Bool) {
    limit = isClaimed ? ProofCheck.claimsPerPass : ProofCheck.proofsPerPass
  }

  var isEmpty: Bool { checks.isEmpty }
  var isFull: Bool { weight >= limit }

  mutating func append(_ check: ProofCheck, order: Int) {
    checks.append(check)
    orders.append(order)
    weight += check.weight
  }

  func run() -> Outcome {
    let results = ProofCheck.run(checks)
    return Outcome(
      findings: zip(orders, results.findings).map { OrderedFindings(order: $0, findings: $1) },
      statistics: results.statistics)
  }
}

/// Findings with their position, so that reports do not depend on which check ended first.
struct OrderedFindings: Sendable {
  let order: Int
  let findings: Findings
}

/// The payloads of a record on disk.
public struct RecordPayloads: PayloadSource {
  let record: RecordDirectory

  /// The payloads of `record`.
  public init(record: RecordDirectory) { self.record = record }

  /// The payload of the entry at an index, or nil when it cannot be read.
  public func payload(at index: Int) -> [UInt8]? {
    guard index >= 0 else { return nil }
    do { return try record.payload(at: UInt64(index)) } catch { return nil }
  }
}
