// SPDX-License-Identifier: Apache-2.0

/// When voters come: how many of all ballots each hour brings (`Specs/load-profiles.md`).
public struct LoadProfile: Sendable, Equatable {
  /// The name on the command line.
  public let name: String
  /// Ballots by hour, in the order of time. Only their proportions count.
  public let hours: [Int]

  /// In the busiest minute of an hour come so many times the hour's mean.
  public static let minutePeak = 3.0

  /// All profiles.
  public static let all = [estonia2023, oneDay, flat]

  /// The share of an hour, counted from 0; 0 for one that is not there.
  public func share(ofHour hour: Int) -> Double {
    let sum = hours.reduce(0, +)
    guard hours.indices.contains(hour), sum > 0 else { return 0 }
    return Double(hours[hour]) / Double(sum)
  }

  /// The last hours alone.
  ///
  /// - Returns: the profile itself if it is no longer than that.
  public func last(_ count: Int) -> LoadProfile {
    LoadProfile(name: name, hours: Array(hours.suffix(max(1, count))))
  }

  /// Riigikogu 2023: 324,301 electronic votes from Monday 9:00 to Saturday 20:00, 131 hours. Published
  /// are the sum, the first hour, the last two, and the weakest one (Thursday 4:00); the rest of the sum
  /// is spread here by an assumed day.
  public static let estonia2023 = LoadProfile(name: "estonia2023", hours: estonianHours)

  private static let estonianHours: [Int] = {
    let total = 324_301
    let opening = 9
    let count = 131
    let known = [0: 7_298, 67: 45, 129: 8_065, 130: 11_029]
    // Morning and evening are busy, from 2 to 5 hardly anybody votes.
    let day = [
      520, 240, 70, 55, 50, 130, 500, 1_500, 2_900, 4_000, 4_100, 3_800, 3_500, 3_300, 3_200, 3_200,
      3_300, 3_400, 3_500, 3_800, 4_000, 3_700, 2_600, 1_300,
    ]
    let free = (0..<count).filter { known[$0] == nil }
    let weight = free.reduce(0) { $0 + day[($1 + opening) % 24] }
    let rest = total - known.values.reduce(0, +)
    var hours = (0..<count).map { known[$0] ?? day[($0 + opening) % 24] * rest / weight }
    // What rounding down lost, one vote an hour.
    let lost = total - hours.reduce(0, +)
    for hour in free.prefix(lost) { hours[hour] += 1 }
    return hours
  }()

  /// A vote of one day, 8:00 to 20:00: an assumption, with a busy opening, noon and end.
  public static let oneDay = LoadProfile(
    name: "oneday", hours: [100, 90, 85, 80, 95, 75, 65, 65, 75, 85, 95, 120])

  /// Ballots at an even rate, within the hour too.
  public static let flat = LoadProfile(name: "flat", hours: [1])

  /// Ballots by minute: in every hour one minute has ``minutePeak`` times the mean, the others share
  /// the rest evenly. It is the last minute of the last hour, and any one before.
  ///
  /// - Parameter peakMinute: gives an hour's busiest minute, 0 to 59.
  /// - Returns: the share of each minute; the sum is 1.
  public func minutes(peakMinute: (_ hour: Int) -> Int) -> [Double] {
    if self == .flat { return Array(repeating: 1.0 / 60, count: 60) }
    return hours.indices.flatMap { hour in
      let mean = share(ofHour: hour) / 60
      let peak = hour == hours.count - 1 ? 59 : peakMinute(hour)
      return (0..<60).map { minute in
        minute == peak ? mean * Self.minutePeak : mean * (60 - Self.minutePeak) / 59
      }
    }
  }
}
