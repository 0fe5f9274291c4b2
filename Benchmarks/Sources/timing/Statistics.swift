// SPDX-License-Identifier: Apache-2.0

/// Welch's test for a difference between the means of two samples that need not vary alike.
struct Welch {
  /// Count, sum and sum of squares of either sample, as distances from a common origin.
  private var sums: [(count: Double, sum: Double, squares: Double)] = [(0, 0, 0), (0, 0, 0)]
  private let origin: Double

  /// - Parameter origin: a value amid the samples, so that the sums lose no digits.
  init(origin: Double) { self.origin = origin }

  mutating func add(_ value: Double, isFixed: Bool) {
    let distance = value - origin
    let index = isFixed ? 0 : 1
    sums[index].count += 1
    sums[index].sum += distance
    sums[index].squares += distance * distance
  }

  private func mean(_ index: Int) -> Double { sums[index].sum / sums[index].count }

  private func squaredError(_ index: Int) -> Double {
    let (count, sum, squares) = sums[index]
    return max(0, squares - sum * sum / count) / (count - 1) / count
  }

  /// Whether either sample is large enough to say anything.
  var isMeaningful: Bool { sums.allSatisfy { $0.count >= 100 } }

  /// Standard error of the difference of the means.
  var error: Double { (squaredError(0) + squaredError(1)).squareRoot() }

  /// Mean of the fixed class minus mean of the random class.
  var difference: Double { mean(0) - mean(1) }

  /// The statistic. No variation and no difference is 0; no variation but a difference is infinite.
  var t: Double {
    if error > 0 { return difference / error }
    return difference == 0 ? 0 : .infinity
  }
}

/// What the test says about the measurements of one operation.
struct Finding {
  /// Number of measurements.
  let count: Int
  /// t of all measurements.
  let uncropped: Double
  /// The t that is largest in magnitude, among all measurements and every crop.
  let largest: Double
  /// Median in nanoseconds.
  let median: Double
  /// Mean of the fixed class minus mean of the random class in nanoseconds, in the crop where it is
  /// known best.
  let difference: Double
  /// The smallest difference that this crop shows, in nanoseconds.
  let resolution: Double

  /// The bound on |t|.
  static let threshold = 4.5
  private static let crops = 100

  var isDifferent: Bool { abs(largest) >= Self.threshold }

  /// Applies the test to all measurements, and to those below each of a hundred percentiles of both
  /// classes together: 1 − 2^(−i/10), as dudect does. The upper tail is what the machine does beside.
  init(nanoseconds: [Double], isFixed: [Bool]) {
    let sorted = nanoseconds.sorted()
    median = sorted.isEmpty ? 0 : sorted[sorted.count / 2]
    count = sorted.count
    func test(below limit: Double) -> Welch {
      var test = Welch(origin: sorted[sorted.count / 2])
      for (value, isFixed) in zip(nanoseconds, isFixed) where value < limit {
        test.add(value, isFixed: isFixed)
      }
      return test
    }
    let all = test(below: .infinity)
    var (best, least) = (all, all)
    var remainder = 1.0
    for _ in 0..<Self.crops {
      remainder *= 0.933_032_991_536_807_4  // 2^(−1/10)
      let limit = sorted[min(sorted.count - 1, Int((1 - remainder) * Double(sorted.count)))]
      let crop = test(below: limit)
      guard crop.isMeaningful else { continue }
      if abs(crop.t) > abs(best.t) { best = crop }
      if crop.error < least.error { least = crop }
    }
    uncropped = all.t
    largest = best.t
    difference = least.difference
    resolution = least.error * Self.threshold
  }
}
