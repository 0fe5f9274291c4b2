// SPDX-License-Identifier: Apache-2.0

import BigIntegers
import Glibc
import Groups

/// A figure: the ratio of an operation's time to the unit's, a ratio of two times, or a time.
struct Figure {
  let name: String
  let unit: String
  let runs: [Double]

  var sorted: [Double] { runs.sorted() }
  var median: Double { sorted[runs.count / 2] }

  /// One JSON object on a line.
  func json(_ engine: ArithmeticEngine) -> String {
    "{\"name\":\"\(name)\",\"engine\":\"\(engine.rawValue)\",\"unit\":\"\(unit)\","
      + "\"median\":\(Self.text(median)),\"min\":\(Self.text(sorted.first ?? 0)),"
      + "\"max\":\(Self.text(sorted.last ?? 0)),\"runs\":\(runs.count)}"
  }

  /// A row for people.
  func row(_ engine: ArithmeticEngine) -> String {
    func padded(_ text: String, _ width: Int) -> String {
      text + String(repeating: " ", count: max(1, width - text.utf8.count))
    }
    return padded(name, 28) + padded(engine.rawValue, 8)
      + "\(Self.text(median)) \(unit)  (\(Self.text(sorted.first ?? 0)) to "
      + "\(Self.text(sorted.last ?? 0)), \(runs.count) runs)"
  }

  /// Five places behind the point.
  private static func text(_ value: Double) -> String {
    let scaled = Int((value * 100_000).rounded())
    let digits = String(scaled % 100_000)
    return "\(scaled / 100_000)." + String(repeating: "0", count: 5 - digits.utf8.count) + digits
  }
}

/// Processor time of this thread in microseconds: other work on the machine does not count.
func processorMicroseconds() -> Double { microseconds(CLOCK_THREAD_CPUTIME_ID) }

/// Time on the wall in microseconds.
func wallMicroseconds() -> Double { microseconds(CLOCK_MONOTONIC) }

private func microseconds(_ clock: clockid_t) -> Double {
  var time = timespec()
  _ = unsafe clock_gettime(clock, &time)
  return Double(time.tv_sec) * 1e6 + Double(time.tv_nsec) / 1e3
}

/// Microseconds for one execution, the mean of `count`.
func time(_ count: Int, _ body: () throws -> Void) rethrows -> Double {
  let start = processorMicroseconds()
  for _ in 0..<count { try body() }
  return (processorMicroseconds() - start) / Double(count)
}

/// The unit: one GMP `mpz_powm` with a modulus of 4096 bits and an exponent of 256, whatever the
/// engine, on this core and now.
struct Unit {
  private let group: Group
  private let base: Element
  private let exponent: Scalar

  init() throws {
    group = .standard
    base = group.power(group.generator, try group.randomSecretScalar())
    exponent = try group.randomScalar()
  }

  /// Microseconds of one powm.
  func measure() throws -> Double {
    try time(20) {
      guard group.vartimePower(base, exponent) != group.identity else { throw Wrong.answer }
    }
  }
}

/// Runs of several operations in turn, each with the unit measured beside it.
struct Measurements {
  static let runCount = 5
  private(set) var runs: [(name: String, unit: String, values: [Double])] = []
  private let unit: Unit

  init(_ unit: Unit) { self.unit = unit }

  /// Measures an operation in powm. `body` is done `count` times a run, and does `operations` of them
  /// each time. What takes seconds is not warmed up.
  mutating func measure(
    _ name: String, count: Int = 1, operations: Int, _ body: () throws -> Void
  ) throws {
    if operations < 1_000 { try body() }
    var values: [Double] = []
    for _ in 0..<Self.runCount {
      let powm = try unitMicroseconds()
      values.append(try time(count, body) / Double(operations) / powm)
    }
    runs.append((name, "powm", values))
  }

  /// Microseconds of the unit, now.
  func unitMicroseconds() throws -> Double { (try unit.measure() + unit.measure()) / 2 }

  /// Keeps values that were measured elsewhere.
  mutating func keep(_ name: String, unit: String, _ values: [Double]) {
    runs.append((name, unit, values))
  }
}
