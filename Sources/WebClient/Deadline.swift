// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// How long parts of an exchange may take.
public struct WebTimes: Sendable {
  /// Until a connection stands, its encryption included.
  public var connecting: Duration
  /// Between two pieces of an answer, and until the first.
  public var silence: Duration
  /// The whole exchange.
  public var total: Duration

  /// Times; the defaults are for small answers.
  public init(
    connecting: Duration = .seconds(10), silence: Duration = .seconds(20),
    total: Duration = .seconds(60)
  ) {
    self.connecting = connecting
    self.silence = silence
    self.total = total
  }
}

/// A caller's way to say that nobody waits any more.
final class Cancellation: Sendable {
  private let flag = Atomic<Bool>(false)

  var isCancelled: Bool { flag.load(ordering: .relaxed) }

  func cancel() { flag.store(true, ordering: .relaxed) }
}

/// The end of a time, on a clock that nobody sets.
struct Deadline {
  private let end: ContinuousClock.Instant
  let rule: String

  init(_ duration: Duration, _ rule: String) {
    end = .now + min(max(duration, .zero), .seconds(86_400))
    self.rule = rule
  }

  /// What is left, rounded up, so that a wait of it is never too short; 0 when the time is over.
  var milliseconds: Int {
    let left = ContinuousClock.now.duration(to: end)
    guard left > .zero else { return 0 }
    let (seconds, attoseconds) = left.components
    return Int(clamping: seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000) + 1
  }

  var isOver: Bool { milliseconds == 0 }

  /// Whichever ends first.
  static func earlier(_ left: Deadline, _ right: Deadline) -> Deadline {
    left.end <= right.end ? left : right
  }
}

/// What an exchange carries along: the path for errors, its end, and whether it was given up.
struct Exchange {
  let path: String
  let times: WebTimes
  let total: Deadline
  let cancellation: Cancellation

  init(path: String, times: WebTimes, cancellation: Cancellation) {
    self.path = path
    self.times = times
    self.cancellation = cancellation
    total = Deadline(times.total, "the whole exchange within \(times.total)")
  }

  /// The end of a part, which is never behind the end of the whole.
  func deadline(_ duration: Duration, _ rule: String) -> Deadline {
    .earlier(Deadline(duration, rule), total)
  }
}
