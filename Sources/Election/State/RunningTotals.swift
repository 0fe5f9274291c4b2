// SPDX-License-Identifier: Apache-2.0

public import ElGamal
public import Groups

/// The products of the ciphertexts of many ballots, by option, with weights (ElectionGuard 2.1.0, 3.5).
///
/// Ciphertexts are kept until there are many, because an engine multiplies several lists at a time.
/// Nothing here says which ballots count; the product does not depend on their order.
public struct RunningTotals: Sendable {
  /// Ciphertexts that wait at most, when no contest has more options: 4 MiB in the standard group.
  static let patience = 4_096

  private let group: Group
  /// By contest and option the ciphertexts that are still to be multiplied, after the first
  /// multiplication the product so far first.
  private var factors: [[[Ciphertext]]]
  private var waiting = 0

  /// (1, 1) for every option.
  public init(_ manifest: ManifestOutline, in group: Group) {
    self.group = group
    factors = manifest.contests.map { contest in contest.options.map { _ in [] } }
  }

  /// Multiplies the ciphertexts of one contest of a ballot into the totals, each as often as the
  /// weight says.
  /// - Returns: false, and nothing is changed, when there is no such contest or it has another number
  ///   of options.
  public mutating func add(
    _ ciphertexts: [Ciphertext], weight: Int = 1, toContest index: Int
  ) -> Bool {
    guard factors.indices.contains(index &- 1), factors[index - 1].count == ciphertexts.count
    else { return false }
    if waiting + ciphertexts.count > Self.patience { multiply() }
    for (option, ciphertext) in ciphertexts.enumerated() {
      factors[index - 1][option].append(group.vartimePower(ciphertext, weight: weight))
    }
    waiting += ciphertexts.count
    return true
  }

  /// Multiplies the totals of other ballots into these.
  /// - Returns: false when they have another number of contests or options.
  public mutating func add(_ totals: EncryptedTotals) -> Bool {
    factors.map(\.count) == totals.contests.map(\.count)
      && totals.contests.enumerated().allSatisfy { add($1, toContest: $0 + 1) }
  }

  /// The totals of what was added; (1, 1) for an option without ballots.
  public mutating func totals() -> EncryptedTotals {
    multiply()
    return EncryptedTotals(contests: factors.map { $0.map { $0.first ?? group.emptyAggregate } })
  }

  private mutating func multiply() {
    waiting = 0
    var rest = group.vartimeProducts(factors.flatMap { $0 })[...]
    factors = factors.map { options in options.map { _ in rest.popFirst().map { [$0] } ?? [] } }
  }
}
