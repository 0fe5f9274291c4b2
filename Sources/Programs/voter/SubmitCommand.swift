// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLineSupport

/// `voter submit`
struct Submit: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Sends entry files to the ballot box, such as a ballot that got no answer.",
    discussion: "The same entry may be sent again: the ballot box takes it in once.")

  @OptionGroup var sending: BoxSendOptions
  @Argument(help: "Entry files.") var files: [String]

  mutating func run() async throws { try await sending.send(files) }
}
