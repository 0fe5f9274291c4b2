// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLineSupport

/// `election submit`
struct Submit: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Sends entries that others made to the ballot box.",
    discussion: """
      For trustees and voters whose computers have no network: they write entry files with --output. The \
      files are sent in the given order; one that is refused does not keep the others back.
      """)

  @OptionGroup var sending: BoxSendOptions
  @Argument(help: "Entry files of the commission, the trustees and the voters.")
  var files: [String]

  mutating func run() async throws { try await sending.send(files) }
}
