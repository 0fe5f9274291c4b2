// SPDX-License-Identifier: Apache-2.0

import BigIntegers

/// An operation and what was found about it.
struct Outcome {
  let operation: Operation
  let engine: ArithmeticEngine
  let finding: Finding

  /// An operation must not differ between its classes, a control must.
  var isPassed: Bool { finding.isDifferent == operation.isControl }

  var verdict: String {
    switch (operation.isControl, isPassed) {
    case (true, true): "control ok"
    case (true, false): "control failed"
    case (false, true): "ok"
    case (false, false): "differs"
    }
  }

  /// One JSON object on a line; `t` is the largest |t|.
  var json: String {
    // JSON has no infinity.
    let t = min(abs(finding.largest), 1e9)
    return "{\"name\":\"\(operation.name)\",\"engine\":\"\(engine.rawValue)\","
      + "\"measurements\":\(finding.count),\"t\":\(rounded(t)),\"verdict\":\"\(verdict)\"}"
  }

  /// A row for people.
  var row: String {
    func padded(_ text: String, _ width: Int) -> String {
      text + String(repeating: " ", count: max(1, width - text.utf8.count))
    }
    return padded(operation.name, 27) + padded(engine.rawValue, 8)
      + padded("\(finding.count)", 8)
      + padded("|t| \(rounded(abs(finding.largest)))", 12)
      + padded("uncropped \(rounded(abs(finding.uncropped)))", 18)
      + padded(verdict, 12)
      + "median \(rounded(finding.median)) ns, difference \(rounded(finding.difference)) ns, "
      + "resolution \(rounded(finding.resolution)) ns"
  }

  private func rounded(_ value: Double) -> Double { (value * 100).rounded() / 100 }
}
