// SPDX-License-Identifier: Apache-2.0

import BigIntegers
import Glibc
import Groups

// Times every operation in the unit powm: one GMP `mpz_powm` with a modulus of 4096 bits and an
// exponent of 256, in the same run and on the same core.
//
//   benchmark [--json]

/// Ends with an error on standard error, so that lines of JSON stay lines of JSON.
func fail(_ message: String, status: Int32) -> Never {
  let text = Array("error: \(message)\n".utf8)
  _ = unsafe text.withUnsafeBytes { unsafe write(2, $0.baseAddress, $0.count) }
  exit(status)
}

do throws(EngineError) { _ = try ArithmeticEngine.requested() } catch {
  fail("\(error)", status: 2)
}
let isJSON = CommandLine.arguments.dropFirst().contains("--json")
let engine = Group.standard.engine

do {
  let unit = try Unit()
  var measurements = Measurements(unit)
  measurements.keep(
    "powm", unit: "microseconds",
    try (0..<Measurements.runCount).map { _ in try unit.measure() })
  let large = try Scene(options: 100, ballots: engine == .vector ? 10 : 4)
  try measurements.verifying(large)
  try measurements.verifyingWithSidecar(large, repeated: engine == .vector ? 10 : 25)
  try measurements.encrypting(large)
  try measurements.encryptingAhead(large)
  try measurements.aggregating(large)
  try measurements.primitives(large)
  try measurements.smallBallots(try Scene(options: 4, ballots: 40))
  try measurements.logarithm(.standard)
  try await measurements.scaling()
  for run in measurements.runs {
    let figure = Figure(name: run.name, unit: run.unit, runs: run.values)
    print(isJSON ? figure.json(engine) : figure.row(engine))
  }
} catch {
  fail("a measured operation failed or gave a wrong answer: \(error)", status: 1)
}
