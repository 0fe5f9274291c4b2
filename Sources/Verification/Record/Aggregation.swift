// SPDX-License-Identifier: Apache-2.0

public import Election
internal import ElGamal
internal import Groups
public import LedgerFiles

/// The encrypted totals, recomputed from a record: the product of all counted ballots, with weights
/// (ElectionGuard 2.1.0, 3.5).
public enum Aggregation {
  /// Multiplies the ciphertexts of all counted ballots, on all cores.
  /// - Returns: nil when a counted ballot cannot be read again.
  public static func totals(
    _ state: ElectionState, _ record: RecordDirectory, cores: Int = Cores.count
  ) async -> EncryptedTotals? {
    guard let context = state.context, let configuration = state.configuration else { return nil }
    let ballots = state.ballots.countedBallots(revoting: configuration.policy.revoting)
    let payloads = RecordPayloads(record: record)
    let share = max(1, (ballots.count + cores - 1) / cores)
    return await withTaskGroup(of: TallyAggregate?.self) { group in
      for start in stride(from: 0, to: ballots.count, by: share) {
        let part = ballots[start..<min(start + share, ballots.count)]
        group.addTask { partial(part, payloads, context) }
      }
      var total: TallyAggregate? = TallyAggregate(manifest: context.manifest, in: context.group)
      for await part in group {
        guard let part else {
          total = nil
          continue
        }
        total?.merge(part)
      }
      return total.map { EncryptedTotals(contests: $0.totals) }
    }
  }

  private static func partial(
    _ ballots: ArraySlice<BallotRegister.Ballot>, _ payloads: RecordPayloads,
    _ context: ElectionContext
  ) -> TallyAggregate? {
    var aggregate = TallyAggregate(manifest: context.manifest, in: context.group)
    for ballot in ballots {
      guard let bytes = payloads.payload(at: ballot.entry) else { return nil }
      do {
        let submitted = try BallotSubmitted(bytes: bytes, in: context.group)
        for contest in submitted.ballot.contests {
          aggregate.add(
            contest.selections.map(\.ciphertext), contest: contest.index, weight: ballot.weight)
        }
      } catch { return nil }
    }
    return aggregate
  }
}
