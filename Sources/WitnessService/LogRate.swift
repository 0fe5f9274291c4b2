// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// How often a log may ask for cosignatures that it gets: `burst` at once, and `perMinute` in the long
/// run. Counted are only requests that the log signed, so nobody uses up another one's share.
public final class LogRate: Sendable {
  private struct Bucket {
    var tokens: Double
    var since: ContinuousClock.Instant
  }

  private let perMinute: Int
  private let burst: Int
  /// One for each known log that asked: bounded by the configuration.
  private let buckets = Mutex<[String: Bucket]>([:])

  /// A rate.
  public init(perMinute: Int = 600, burst: Int = 60) {
    self.perMinute = max(1, perMinute)
    self.burst = max(1, burst)
  }

  /// Takes one of the log's places; false if there is none.
  func allows(_ origin: String, now: ContinuousClock.Instant = .now) -> Bool {
    buckets.withLock { buckets in
      var bucket = buckets[origin] ?? Bucket(tokens: Double(burst), since: now)
      let elapsed = (now - bucket.since).components
      let seconds = Double(elapsed.seconds) + Double(elapsed.attoseconds) / 1e18
      bucket.tokens = min(
        Double(burst), bucket.tokens + max(0, seconds) * Double(perMinute) / 60)
      bucket.since = now
      defer { buckets[origin] = bucket }
      guard bucket.tokens >= 1 else { return false }
      bucket.tokens -= 1
      return true
    }
  }
}
