// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLineSupport

/// An issuer of credentials: holds the electoral roll, signs each entry's request once, and cannot tell afterwards
/// which key it signed for.
@main
struct IssuerProgram {
  static func main() async { await Program.run(Issuer.self) }
}

struct Issuer: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "issuer",
    abstract:
      "Issues credentials to the citizens of an electoral roll, without learning their keys.",
    discussion: """
      Before the election or the petition: `roll` makes the electoral roll, `keys generate` the issuer's keys, and the \
      commission puts both into the configuration. During the registration `serve` answers citizens. When the \
      list of keys is frozen, `keys destroy` ends it. `scope` shows what a record's credentials are good for.

      Exit status: 0 done, 1 a file is wrong, 2 usage, 3 incomplete, 4 input or output, 5 refused by policy.
      """,
    version: Program.version,
    subcommands: [
      Roll.self, Letters.self, Keys.self, Begin.self, Serve.self, ShowScope.self, Evidence.self,
    ])
}
