// SPDX-License-Identifier: Apache-2.0

/// When each voter comes: a profile, drawn for a number of voters. The same seed gives the same times.
public struct Arrivals: Sendable {
  /// Seconds of the profile's time from its beginning, ascending.
  public let times: [Double]
  /// How long the profile lasts, in seconds of its time.
  public let duration: Double
  /// Of the minutes of the profile, the largest share of all ballots.
  public let busiestMinute: Double

  /// Draws the times, each by itself from the profile's minutes.
  public init(_ profile: LoadProfile, voters: Int, seed: UInt64) {
    var sequence = NumberSequence(seed: seed)
    let peaks = profile.hours.map { _ in Int(sequence.nextFraction() * 60) }
    let minutes = profile.minutes { peaks[$0] }
    var sums: [Double] = []
    var sum = 0.0
    for share in minutes {
      sum += share
      sums.append(sum)
    }
    var times: [Double] = []
    times.reserveCapacity(voters)
    for _ in 0..<max(0, voters) {
      let place = sequence.nextFraction() * sum
      let minute = Self.firstIndex(above: place, in: sums)
      times.append((Double(minute) + sequence.nextFraction()) * 60)
    }
    times.sort()
    self.times = times
    duration = Double(minutes.count) * 60
    busiestMinute = minutes.max() ?? 0
  }

  /// How fast the profile's time must run so that its busiest minute brings `rate` ballots a second.
  public func speed(forPeakRate rate: Double) -> Double {
    let peak = busiestMinute * Double(times.count) / 60
    return peak > 0 ? rate / peak : 1
  }

  private static func firstIndex(above place: Double, in sums: [Double]) -> Int {
    var low = 0
    var high = max(0, sums.count - 1)
    while low < high {
      let middle = (low + high) / 2
      if sums[middle] > place { high = middle } else { low = middle + 1 }
    }
    return low
  }
}

/// Numbers that follow from a seed (SplitMix64). Not a `RandomNumberGenerator`, so that nothing secret
/// can be drawn from it.
struct NumberSequence {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  /// From 0 to below 1.
  mutating func nextFraction() -> Double {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return Double((z ^ (z >> 31)) >> 11) / Double(1 << 53 as UInt64)
  }
}
