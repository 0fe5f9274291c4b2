// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLineSupport

/// The ballot box's operator: keeps the public record.
@main
struct BallotBoxProgram {
  static func main() async { await Program.run(BallotBoxCommand.self) }
}

struct BallotBoxCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ballot-box",
    abstract: "Keeps the election's public, append-only record.",
    discussion: """
      Every entry that others make comes as a file. The box checks it against the rulebook and \
      appends it, or refuses it and names the rule. It holds no secret that could read a vote.

      Exit status: 0 done, 1 an entry was refused, 2 usage, 3 incomplete, 4 input or output, \
      5 refused by policy.
      """,
    version: Program.version,
    subcommands: [
      Keys.self, Accept.self, Close.self, Status.self, SidecarCommand.self, Fsck.self, Rebuild.self,
      Serve.self, Load.self,
    ])
}
