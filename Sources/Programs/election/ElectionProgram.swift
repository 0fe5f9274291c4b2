// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLineSupport

/// The election commission: defines, opens, closes and certifies an election.
@main
struct ElectionProgram {
  static func main() async { await Program.run(ElectionRoot.self) }
}

struct ElectionRoot: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "election",
    abstract: "The election commission: defines, opens, closes and certifies an election.",
    discussion: """
      Every command makes entries of the record: as files, which `ballot-box accept` appends, or, with \
      --submit, sent to a ballot box that serves. The commission holds no secret that could read a vote.

      Exit status: 0 done, 1 something is wrong, 2 usage, 3 incomplete, 4 input or output, \
      5 refused by policy.
      """,
    version: Program.version,
    subcommands: [
      Keys.self, Import.self, Init.self, OpenRegistration.self, OpenActivation.self, Freeze.self,
      Open.self, Close.self, Tally.self, Publish.self,
      Submit.self, Auditors.self,
    ])
}
