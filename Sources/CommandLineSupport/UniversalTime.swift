// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Seconds since 1970-01-01T00:00:00Z, for people.
public enum UniversalTime {
  /// Now, by this machine's clock.
  public static var now: Int { Int(time(nil)) }

  /// Date and time in UTC, such as `2026-11-03T18:00:00Z`; the number for what is no year of four digits.
  public static func text(_ seconds: Int) -> String {
    guard (0...253_402_300_799).contains(seconds) else { return "\(seconds) s" }
    var moment = time_t(seconds)
    var parts = unsafe tm()
    guard unsafe gmtime_r(&moment, &parts) != nil else { return "\(seconds) s" }
    let year = unsafe Int(parts.tm_year) + 1900
    let numbers = unsafe [
      Int(parts.tm_mon) + 1, Int(parts.tm_mday), Int(parts.tm_hour), Int(parts.tm_min),
      Int(parts.tm_sec),
    ].map { $0 < 10 ? "0\($0)" : "\($0)" }
    return "\(year)-\(numbers[0])-\(numbers[1])T\(numbers[2]):\(numbers[3]):\(numbers[4])Z"
  }
}
