// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLineSupport

/// The operator of a witness: cosigns trees that continue those it saw.
@main
struct WitnessProgram {
  static func main() async { await Program.run(Witness.self) }
}

struct Witness: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "witness",
    abstract: "Cosigns the checkpoints of logs, each only if it continues the one before.",
    discussion: """
      A log that shows two people two trees needs its witnesses for both. A witness remembers the \
      largest tree that it cosigned for each log, and cosigns another one only with a proof that it \
      continues that one.

      Exit status: 0 done, 1 a file is wrong, 2 usage, 3 incomplete, 4 input or output, \
      5 refused by policy.
      """,
    version: Program.version,
    subcommands: [Keys.self, Begin.self, Serve.self, Status.self])
}
