// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
public import Election
internal import ElGamal
internal import Groups
public import LedgerFiles

/// What is decrypted, recomputed from a record: the product of all counted ballots, with weights
/// (ElectionGuard 2.1.0, 3.5), and their contest data when the election opens it.
public enum Aggregation {
  /// Reads all counted ballots again, on all cores.
  /// - Returns: nil when a counted ballot cannot be read.
  public static func tally(
    _ state: ElectionState, _ record: RecordDirectory, cores: Int = Cores.count
  ) async -> RecomputedTally? {
    await tally(state, RecordPayloads(record: record), cores: cores)
  }

  /// The same over any source of payloads.
  public static func tally(
    _ state: ElectionState, _ payloads: any PayloadSource, cores: Int = Cores.count
  ) async -> RecomputedTally? {
    guard let context = state.context, let policy = state.configuration?.policy else { return nil }
    let ballots = state.ballots.countedBallots(revoting: policy.revoting)
    let share = max(1, (ballots.count + cores - 1) / cores)
    return await withTaskGroup(of: (Int, RecomputedTally?).self) { group in
      for start in stride(from: 0, to: ballots.count, by: share) {
        let part = ballots[start..<min(start + share, ballots.count)]
        group.addTask {
          (start, partial(part, payloads, context, opensData: policy.opensContestData))
        }
      }
      var parts: [(Int, RecomputedTally?)] = []
      for await part in group { parts.append(part) }
      var totals = RunningTotals(context.manifest, in: context.group)
      var contestData: [DecryptionItem] = []
      for (_, part) in parts.sorted(by: { $0.0 < $1.0 }) {
        guard let part, totals.add(part.totals) else { return nil }
        contestData += part.contestData
      }
      return RecomputedTally(totals: totals.totals(), contestData: contestData)
    }
  }

  private static func partial(
    _ ballots: ArraySlice<BallotRegister.Ballot>, _ payloads: any PayloadSource,
    _ context: ElectionContext, opensData: Bool
  ) -> RecomputedTally? {
    let group = context.group
    var totals = RunningTotals(context.manifest, in: group)
    var contestData: [DecryptionItem] = []
    for ballot in ballots {
      guard let bytes = payloads.payload(at: ballot.entry) else { return nil }
      do {
        let encrypted = try BallotSubmitted(bytes: bytes, in: group).ballot
        let hash = context.identifierHash(of: encrypted.identifier)
        for contest in encrypted.contests {
          let isAdded = totals.add(
            contest.selections.map(\.ciphertext), weight: ballot.weight, toContest: contest.index)
          guard isAdded else { return nil }
          if opensData, let data = contest.data {
            contestData.append(
              .contestData(
                ballot: ballot.confirmationCode, identifierHash: hash, contest: contest.index,
                data))
          }
        }
      } catch { return nil }
    }
    return RecomputedTally(totals: totals.totals(), contestData: contestData)
  }
}
