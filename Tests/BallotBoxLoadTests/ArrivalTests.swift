// SPDX-License-Identifier: Apache-2.0

import BallotBoxLoad
import Testing

/// Arrivals that do not follow their curve, or another one each time, make figures that cannot be
/// compared.
@Suite struct ArrivalTests {
  @Test func theSameSeedGivesTheSameTimes() {
    let first = Arrivals(.estonia2023, voters: 5_000, seed: 7)
    #expect(first.times == Arrivals(.estonia2023, voters: 5_000, seed: 7).times)
    #expect(first.times != Arrivals(.estonia2023, voters: 5_000, seed: 8).times)
  }

  @Test(arguments: LoadProfile.all, [1, 500, 20_000])
  func timesAscendWithinTheProfile(_ profile: LoadProfile, _ voters: Int) {
    let arrivals = Arrivals(profile, voters: voters, seed: 11)
    #expect(arrivals.times.count == voters)
    #expect(arrivals.duration == Double(profile.hours.count) * 3600)
    #expect(arrivals.times.allSatisfy { $0 >= 0 && $0 < arrivals.duration })
    #expect(zip(arrivals.times, arrivals.times.dropFirst()).allSatisfy { $0 <= $1 })
  }

  /// Pearson's statistic over the hours. With 130 degrees of freedom it exceeds 200 by chance once in
  /// 10,000 times; an hour taken for its neighbour makes it many thousands.
  @Test(arguments: [UInt64(1), 2023, 0xFFFF_FFFF_FFFF_FFFF])
  func hoursFollowTheCurve(_ seed: UInt64) {
    print("seed \(seed)")
    let profile = LoadProfile.estonia2023
    let voters = 200_000
    var counts = Array(repeating: 0, count: profile.hours.count)
    for time in Arrivals(profile, voters: voters, seed: seed).times {
      counts[Int(time / 3600)] += 1
    }
    var statistic = 0.0
    for (hour, count) in counts.enumerated() {
      let expected = profile.share(ofHour: hour) * Double(voters)
      let difference = Double(count) - expected
      statistic += difference * difference / expected
    }
    #expect(statistic < 200, "seed \(seed)")
    #expect(statistic > 70, "seed \(seed): closer than chance allows, so not drawn")
  }

  @Test func theLastMinuteHasThreeTimesItsHoursMean() {
    let seed = UInt64(5)
    print("seed \(seed)")
    let arrivals = Arrivals(LoadProfile.estonia2023.last(1), voters: 60_000, seed: seed)
    let last = arrivals.times.filter { $0 >= 59 * 60 }.count
    // 3,000 expected; six standard deviations are 320.
    #expect((2_680...3_320).contains(last), "seed \(seed)")
  }

  @Test func speedBringsTheRateInTheBusiestMinute() {
    let arrivals = Arrivals(.oneDay, voters: 10_000, seed: 3)
    let speed = arrivals.speed(forPeakRate: 50)
    let perMinute = arrivals.busiestMinute * 10_000
    #expect(abs(perMinute / (60 / speed) - 50) < 1e-6)
  }
}
