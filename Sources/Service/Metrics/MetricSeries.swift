// SPDX-License-Identifier: Apache-2.0

internal import CoreMetrics
internal import Synchronization

/// The numbers of one metric with one set of labels.
final class MetricSeries: Sendable {
  private struct Numbers {
    var value = 0.0
    var counts: [UInt64]
    var count: UInt64 = 0
  }

  /// Upper bounds of times, in seconds.
  static let secondBuckets = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120,
  ]
  /// Upper bounds of counts and sizes.
  static let sizeBuckets: [Double] = [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 1_048_576]

  private let kind: MetricKind
  private let buckets: [Double]
  private let numbers: Mutex<Numbers>

  init(kind: MetricKind, buckets: [Double]) {
    self.kind = kind
    self.buckets = buckets
    numbers = Mutex(Numbers(counts: Array(repeating: 0, count: buckets.count)))
  }

  /// Adds to a counter or a gauge.
  func add(_ amount: Double) {
    guard amount.isFinite else { return }
    numbers.withLock { $0.value += amount }
  }

  /// Sets a gauge, or puts one value into a histogram.
  func observe(_ value: Double) {
    guard value.isFinite else { return }
    let place = buckets.firstIndex { value <= $0 }
    numbers.withLock { numbers in
      guard kind == .histogram else {
        numbers.value = value
        return
      }
      numbers.value += value
      numbers.count += 1
      if let place { numbers.counts[place] += 1 }
    }
  }

  /// The lines of the exposition.
  func text(name: String, labels: String) -> String {
    let numbers = numbers.withLock { $0 }
    let braces = labels.isEmpty ? "" : "{\(labels)}"
    guard kind == .histogram else {
      return "\(name)\(braces) \(MetricText.number(numbers.value))\n"
    }
    let prefix = labels.isEmpty ? "" : labels + ","
    var text = ""
    var total: UInt64 = 0
    for (bound, count) in zip(buckets, numbers.counts) {
      total += count
      text += "\(name)_bucket{\(prefix)le=\"\(MetricText.number(bound))\"} \(total)\n"
    }
    text += "\(name)_bucket{\(prefix)le=\"+Inf\"} \(numbers.count)\n"
    text += "\(name)_sum\(braces) \(MetricText.number(numbers.value))\n"
    return text + "\(name)_count\(braces) \(numbers.count)\n"
  }
}

extension MetricSeries: CounterHandler, FloatingPointCounterHandler, MeterHandler,
  RecorderHandler, TimerHandler
{
  func increment(by amount: Int64) { add(Double(amount)) }
  func increment(by amount: Double) { add(amount) }
  func decrement(by amount: Double) { add(-amount) }
  func set(_ value: Int64) { observe(Double(value)) }
  func set(_ value: Double) { observe(value) }
  func record(_ value: Int64) { observe(Double(value)) }
  func record(_ value: Double) { observe(value) }
  func recordNanoseconds(_ duration: Int64) { observe(Double(duration) / 1e9) }
  func preferDisplayUnit(_ unit: TimeUnit) {}

  /// Counters of a scrape never fall, so nothing.
  func reset() {}
}
