// SPDX-License-Identifier: Apache-2.0

/// Bounds wrong questions about one entry of the roll, from wherever they come. Counted by the number that is
/// asked for, whether or not the roll has it, so that the limit says nothing about the roll either.
///
/// Codes have 100 bits and are not guessed; the limit keeps guessing from being tried at others' cost. Somebody
/// can use it to keep a citizen out for ten minutes by asking wrongly on purpose; another issuer, or the same one
/// later, still answers.
public actor AttemptLimit {
  struct Place: Hashable, Sendable {
    let district: Int
    let index: Int
  }

  private struct Failures {
    var count = 0
    var start: ContinuousClock.Instant
  }

  private var failures: [Place: Failures] = [:]
  private let maximum: Int
  private let period: Duration
  /// Places that are remembered; beyond, the oldest are forgotten.
  private let capacity: Int

  /// A limit.
  public init(maximum: Int = 20, period: Duration = .seconds(600), capacity: Int = 100_000) {
    self.maximum = maximum
    self.period = period
    self.capacity = capacity
  }

  func mayTry(_ place: Place) -> Bool {
    guard let known = failures[place] else { return true }
    if known.start + period < .now {
      failures[place] = nil
      return true
    }
    return known.count < maximum
  }

  func failed(_ place: Place) {
    if failures[place] == nil, failures.count >= capacity { forgetSome() }
    failures[place, default: Failures(start: .now)].count += 1
  }

  private func forgetSome() {
    let limit = ContinuousClock.now - period
    failures = failures.filter { $0.value.start > limit }
    guard failures.count >= capacity else { return }
    let kept = failures.sorted { $0.value.start > $1.value.start }.prefix(capacity / 2)
    failures = Dictionary(uniqueKeysWithValues: kept.map { ($0.key, $0.value) })
  }
}
