// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLineSupport

/// The voter's own program: encrypts, casts, challenges and checks ballots.
@main
struct VoterProgram {
  static func main() async { await Program.run(Voter.self) }
}

struct Voter: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "voter",
    abstract: "Encrypts a ballot, then casts or challenges it, and checks the record.",
    discussion: """
      Where voters have credentials: `register` gets one from the issuers, and `activate` puts its key on the \
      list, at another time. In a petition that is the signature.

      First `vote` encrypts a ballot, and the ballot box publishes it. Only then decide: `cast` \
      counts it, `challenge` opens it so that another device can check what was encrypted. A \
      challenged ballot never counts; vote again.

      With --output a command writes a file for the ballot box; with --submit it sends the entry to the box \
      behind the URL of --record, keeps what the box promised (--promise), and waits for the receipt \
      (--receipt), which proves without a server that the entry is in the record.

      Exit status: 0 done and right, 1 something is wrong, 2 usage, 3 incomplete, 4 input or \
      output, 5 refused by policy.
      """,
    version: Program.version,
    subcommands: [
      Keys.self, Sheet.self, Recover.self, Register.self, Activate.self, Cancel.self, Status.self,
      Vote.self, Cast.self,
      Challenge.self, Submit.self, Check.self,
    ])
}
