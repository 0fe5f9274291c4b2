// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
internal import Election
internal import Groups
public import Ledger
internal import LedgerFiles
internal import Sequencing
internal import Verification

/// What a box's operator checks: the record by itself, and the database against the record.
public enum RecordAudit {
  /// What a record holds that a database keeps.
  public struct Content: Sendable {
    /// The text of the checkpoint.
    public let checkpoint: [UInt8]
    /// Every claim, with the leaf that makes it.
    public let claims: [(claim: LogClaim, leaf: UInt64)]
  }

  /// Folds the record and collects its claims.
  ///
  /// - Throws: ``BoxError`` if it cannot be read or breaks a cheap rule.
  public static func content(of record: String) async throws(BoxError) -> Content {
    do {
      let directory = try RecordDirectory(path: record)
      if let problem = directory.verifyTree().first(where: { $0.kind != .leftover }) {
        throw BoxError.record(FileError(problem.place, problem.rule))
      }
      var state = ElectionState()
      let payloads = RecordPayloads(record: directory)
      var claims: [(claim: LogClaim, leaf: UInt64)] = []
      var tally: RecomputedTally?
      for bundle in 0..<directory.bundleCount {
        var reader = try directory.payloads(inBundle: bundle)
        for bytes in try directory.entries(inBundle: bundle) {
          let payload = try reader.next()
          let entry = try LedgerEntry(bytes: bytes)
          if entry.type == EntryType.tallyAggregated.rawValue, tally == nil {
            tally = await Aggregation.tally(state, directory)
            if let tally { state.keepRecomputed(tally) }
          }
          let index = UInt64(state.size)
          let check = state.check(
            RecordedEntry(index: state.size, entry: entry, payload: payload), payloads: payloads)
          if let failure = check.findings.failures.first {
            throw BoxError.refused(
              "\(record): \(failure.rule.rawValue) fails at \(failure.place): \(failure.detail)")
          }
          state.apply(check)
          claims += ([.leaf(MerkleTree.leafHash(bytes))] + check.claims).map { ($0, index) }
        }
        try reader.finish()
      }
      return Content(checkpoint: Array(directory.checkpoint.text.utf8), claims: claims)
    } catch let error as BoxError { throw error } catch let error as FileError {
      throw .record(error)
    } catch { throw .refused("\(record): \(error)") }
  }

  /// Where the database and the record differ; empty if they agree.
  ///
  /// - Throws: `StoreError` if the database cannot be read.
  public static func differences(
    _ content: Content, _ store: any SequencerStore
  ) async throws(StoreError) -> [String] {
    guard let stored = try await store.load() else { return ["the database holds no log"] }
    var differences: [String] = []
    if stored.checkpoint != content.checkpoint {
      differences.append("the database ends at another tree than the record")
    }
    let count = try await store.claimCount()
    if count != content.claims.count {
      differences.append(
        "the database has \(count) claims, the record makes \(content.claims.count)")
    }
    for (claim, leaf) in content.claims where differences.count < 100 {
      let stored = try await store.leaf(claiming: claim)
      if stored != leaf {
        differences.append(
          "entry \(leaf) claims \(claim.digest.hex), the database "
            + (stored.map { "gives that to entry \($0)" } ?? "does not know of it"))
      }
    }
    return differences
  }
}
