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
    version: Program.version)
}
