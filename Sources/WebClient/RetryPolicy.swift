// SPDX-License-Identifier: Apache-2.0

/// How often, and after which pauses, a request is sent again: when nobody listens, when the connection ends
/// before an answer, and when the server answers 429 or 503. Only requests of which a second one changes
/// nothing are repeated.
public struct RetryPolicy: Sendable {
  /// How often a request is sent at most, 1 or more.
  public var attempts: Int
  /// The pause before the second time; it doubles every time.
  public var pause: Duration
  /// The longest pause. A server that asks for a longer one is not asked again.
  public var longestPause: Duration
  /// Spreads a pause, so that many clients do not come back in one moment.
  public var jitter: @Sendable (Duration) -> Duration

  /// A policy.
  public init(
    attempts: Int = 4, pause: Duration = .milliseconds(200), longestPause: Duration = .seconds(10),
    jitter: @escaping @Sendable (Duration) -> Duration = RetryPolicy.spread
  ) {
    self.attempts = max(1, attempts)
    self.pause = pause
    self.longestPause = longestPause
    self.jitter = jitter
  }

  /// A request is sent once.
  public static let never = RetryPolicy(attempts: 1)
  /// Four times within a few seconds.
  public static let standard = RetryPolicy()

  /// Up to half of a pause is added, evenly.
  public static let spread: @Sendable (Duration) -> Duration = { pause in
    pause + pause * Double.random(in: 0...0.5)
  }

  /// The pause behind attempt `number`, from 1; nil when there is no other attempt.
  ///
  /// - Parameter asked: seconds that the server asks to wait.
  func pause(after number: Int, asked: Int?) -> Duration? {
    guard number < attempts else { return nil }
    if let asked {
      guard Duration.seconds(asked) <= longestPause else { return nil }
      return min(jitter(.seconds(asked)), longestPause * 2)
    }
    return min(jitter(min(pause * (1 << min(number - 1, 20)), longestPause)), longestPause * 2)
  }
}
