// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Tells the time. Tests and simulations put their own in its place.
public protocol WallClock: Sendable {
  /// Seconds since 1970-01-01T00:00:00Z.
  func now() -> Int
}

/// The clock of the operating system.
public struct SystemClock: WallClock {
  /// The clock.
  public init() {}

  /// Seconds since 1970-01-01T00:00:00Z.
  public func now() -> Int {
    var time = timespec()
    // The real-time clock exists on every system that this runs on; a failure leaves 0, and the time
    // of batches never runs backwards.
    _ = unsafe clock_gettime(CLOCK_REALTIME, &time)
    return time.tv_sec
  }
}
