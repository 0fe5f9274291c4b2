// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A figure: the ratio of an operation's time to the unit's, or the unit itself in microseconds.
struct Figure {
  let name: String
  let unit: String
  let runs: [Double]

  var sorted: [Double] { runs.sorted() }
  var median: Double { sorted[runs.count / 2] }

  /// One JSON object on a line.
  var json: String {
    "{\"name\":\"\(name)\",\"engine\":\"gmp\",\"unit\":\"\(unit)\",\"median\":\(Self.text(median)),"
      + "\"min\":\(Self.text(sorted.first ?? 0)),\"max\":\(Self.text(sorted.last ?? 0)),"
      + "\"runs\":\(runs.count)}"
  }

  /// A row for people.
  var row: String {
    let padding = String(repeating: " ", count: max(1, 30 - name.utf8.count))
    return "\(name)\(padding)\(Self.text(median)) \(unit)  (\(Self.text(sorted.first ?? 0)) to "
      + "\(Self.text(sorted.last ?? 0)), \(runs.count) runs)"
  }

  private static func text(_ value: Double) -> String {
    let hundredths = Int((value * 100).rounded())
    let rest = hundredths % 100
    return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
  }
}

/// Processor time of this thread in microseconds: other work on the machine does not count.
func processorMicroseconds() -> Double {
  var time = timespec()
  _ = unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
  return Double(time.tv_sec) * 1e6 + Double(time.tv_nsec) / 1e3
}

/// Microseconds for one execution, the mean of `count`.
func time(_ count: Int, _ body: () throws -> Void) rethrows -> Double {
  let start = processorMicroseconds()
  for _ in 0..<count { try body() }
  return (processorMicroseconds() - start) / Double(count)
}
