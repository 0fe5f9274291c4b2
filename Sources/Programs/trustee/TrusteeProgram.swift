// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLineSupport

/// A trustee's program: holds a share of the election's key, and decrypts totals only.
@main
struct TrusteeProgram {
  static func main() async { await Program.run(Trustee.self) }
}

struct Trustee: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "trustee",
    abstract: "Makes a share of the election's key, and decrypts the totals with the others.",
    discussion: """
      The secret file is encrypted under a passphrase. The key itself is never put together: \
      everybody proves their part. Run `enroll` before the election is defined; then, each when \
      the others have done the step before, `generate`, `share`, `receive` and `confirm`; after \
      the closing `decrypt` three times.

      Exit status: 0 done, 1 something is wrong, 2 usage, 3 incomplete, 4 input or output, \
      5 refused by policy.
      """,
    version: Program.version,
    subcommands: [
      Enroll.self, Generate.self, Share.self, Receive.self, Confirm.self, Decrypt.self,
    ])
}
