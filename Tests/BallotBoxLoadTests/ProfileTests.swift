// SPDX-License-Identifier: Apache-2.0

public import BallotBoxLoad
public import Testing

/// A curve that is not the one of the specification would measure another election than it says.
@Suite struct ProfileTests {
  @Test(arguments: LoadProfile.all)
  func sharesSumToOne(_ profile: LoadProfile) {
    let sum = profile.hours.indices.reduce(0.0) { $0 + profile.share(ofHour: $1) }
    #expect(abs(sum - 1) < 1e-12)
    let minutes = profile.minutes { $0 % 60 }
    #expect(minutes.count == 60 * profile.hours.count)
    #expect(abs(minutes.reduce(0, +) - 1) < 1e-12)
    #expect(minutes.allSatisfy { $0 > 0 })
  }

  @Test func estonianHoursAreThePublishedOnes() {
    let profile = LoadProfile.estonia2023
    #expect(profile.hours.count == 131)
    #expect(profile.hours.reduce(0, +) == 324_301)
    #expect(profile.hours[0] == 7_298)
    #expect(profile.hours[129] == 8_065)
    #expect(profile.hours[130] == 11_029)
    // The weakest hour was Thursday, 4:00, two days and 19 hours behind Monday, 9:00.
    #expect(profile.hours.firstIndex(of: profile.hours.min() ?? 0) == 2 * 24 + 19)
    #expect(profile.hours.min() == 45)
    #expect((0.0335...0.0345).contains(profile.share(ofHour: 130)))
    #expect(profile.hours.max() == profile.hours[130])
    #expect(profile.hours.filter { $0 < 100 }.count >= 5)
  }

  @Test(arguments: [LoadProfile.estonia2023, .oneDay])
  func busiestMinuteIsThreeTimesItsHour(_ profile: LoadProfile) {
    let minutes = profile.minutes { ($0 * 7) % 60 }
    for hour in profile.hours.indices {
      let own = minutes[(hour * 60)..<(hour * 60 + 60)]
      let mean = profile.share(ofHour: hour) / 60
      #expect(abs((own.max() ?? 0) / mean - 3) < 1e-9, "hour \(hour)")
      #expect(abs(own.reduce(0, +) - profile.share(ofHour: hour)) < 1e-12, "hour \(hour)")
    }
    #expect(
      minutes.last == minutes.suffix(60).max(), "the rush at the end comes in the last minute")
  }

  @Test func theLastHoursKeepTheirProportions() {
    let profile = LoadProfile.estonia2023.last(2)
    #expect(profile.hours == [8_065, 11_029])
    #expect(LoadProfile.oneDay.last(100) == .oneDay)
  }
}

extension LoadProfile: CustomTestStringConvertible {
  /// Its name, and not all its hours.
  public var testDescription: String { name }
}
