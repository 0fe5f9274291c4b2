// SPDX-License-Identifier: Apache-2.0

import BigIntegers
import Glibc
import Groups

// Tests whether the time of operations on secrets depends on the secrets, on the engine of this
// process.
//
//   timing [--json] [--measurements N] [--only PREFIX]
//   timing --engines                                     the engines of this processor, a line each

/// Writes a line and lets it be seen at once.
func show(_ line: String) {
  print(line)
  fflush(nil)
}

/// Ends the process.
func end(_ message: String) -> Never {
  print("error: \(message)")
  exit(2)
}

var isJSON = false
var measurements = 100_000
var prefix = ""
var arguments = CommandLine.arguments.dropFirst()
while let argument = arguments.popFirst() {
  switch argument {
  case "--json": isJSON = true
  case "--only": prefix = arguments.popFirst() ?? ""
  case "--measurements":
    guard let number = arguments.popFirst().flatMap({ Int($0) }), number >= 1_000 else {
      end("--measurements takes a number of 1000 at least")
    }
    measurements = number
  case "--engines":
    for engine in ArithmeticEngine.available { print(engine.rawValue) }
    exit(0)
  default: end("unknown argument \(argument)")
  }
}

do {
  _ = try ArithmeticEngine.requested()
  let setting = try Setting(.standard)
  let engine = setting.group.engine
  var isPassed = true
  let operations = (setting.operations + kernelOperations(engine)).filter {
    $0.isControl || $0.name.hasPrefix(prefix)
  }
  guard operations.contains(where: { !$0.isControl }) else {
    end("no operation on the engine \(engine.rawValue) begins with \(prefix)")
  }
  for operation in operations {
    // A control needs no precision.
    let count = operation.isControl ? max(1_000, measurements / 20) : measurements
    let outcome = Outcome(
      operation: operation, engine: engine, finding: try operation.finding(measurements: count))
    isPassed = isPassed && outcome.isPassed
    show(isJSON ? outcome.json : outcome.row)
  }
  exit(isPassed ? 0 : 1)
} catch {
  end("\(error)")
}
