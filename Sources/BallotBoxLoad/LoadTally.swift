// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// What a run counts while it goes on.
final class LoadTally: Sendable {
  struct Counts: Sendable {
    /// Ballots that were sent.
    var begun = 0
    /// Ballots with a promise that holds.
    var promised = 0
    /// Ballots with a receipt that holds.
    var receipts = 0
    /// Decisions with a receipt that holds.
    var decisions = 0
    /// Ballots that the box refused by a rule, or that gave up.
    var refused = 0
    /// Promises, receipts and answers that are not what they must be.
    var failed = 0
    /// Answers 503 and 429 that were heeded: to ballots, to questions for receipts.
    var submissionsRepeated = 0
    var questionsRepeated = 0
    /// Ballots that came later than the curve says, as too many were on their way.
    var late = 0
    /// The first reasons of refusals and failures.
    var reasons: [String] = []
  }

  struct Times: Sendable {
    /// Seconds from the ballot's time to the promise, and to the witnessed receipt.
    var promise: [Float] = []
    var receipt: [Float] = []
    /// Seconds of the run at which the promises came, ascending.
    var admissions: [Float] = []
  }

  private struct State {
    var counts = Counts()
    var times = Times()
  }

  private let state = Mutex(State())
  let start = ContinuousClock.now

  var counts: Counts { state.withLock { $0.counts } }
  var times: Times { state.withLock { $0.times } }

  func count(_ change: (inout Counts) -> Void) { state.withLock { change(&$0.counts) } }

  func promised(after time: Duration) {
    let now = Float(start.duration(to: .now).seconds)
    state.withLock {
      $0.counts.promised += 1
      $0.times.promise.append(Float(time.seconds))
      $0.times.admissions.append(now)
    }
  }

  /// - Returns: how many there are now.
  func received(after time: Duration) -> Int {
    state.withLock {
      $0.counts.receipts += 1
      $0.times.receipt.append(Float(time.seconds))
      return $0.counts.receipts
    }
  }

  func failed(_ reason: String) {
    count {
      $0.failed += 1
      if $0.reasons.count < 5 { $0.reasons.append(reason) }
    }
  }

  func refused(_ reason: String) {
    count {
      $0.refused += 1
      if $0.reasons.count < 5 { $0.reasons.append(reason) }
    }
  }
}

extension Duration {
  /// The duration in seconds.
  var seconds: Double {
    let (seconds, attoseconds) = components
    return Double(seconds) + Double(attoseconds) / 1e18
  }
}

/// Times in order, and what is said of them.
public struct LatencySummary: Sendable, Equatable {
  /// How many.
  public let count: Int
  /// Seconds.
  public let median: Double
  /// Seconds within which 90 of 100 stayed.
  public let p90: Double
  /// Seconds within which 99 of 100 stayed.
  public let p99: Double
  /// Seconds.
  public let maximum: Double

  init(_ times: [Float]) {
    let sorted = times.sorted()
    /// The smallest time that so many of 100 do not exceed (nearest rank).
    func rank(_ percent: Int) -> Double {
      guard !sorted.isEmpty else { return 0 }
      return Double(sorted[max(0, (sorted.count * percent + 99) / 100 - 1)])
    }
    count = sorted.count
    median = rank(50)
    p90 = rank(90)
    p99 = rank(99)
    maximum = Double(sorted.last ?? 0)
  }
}
