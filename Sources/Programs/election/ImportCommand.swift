// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLineSupport
import Election
import StrictJSON

/// The formats of ballot definitions.
enum DefinitionFormat: String, ExpressibleByArgument, CaseIterable {
  /// The JSON form of NIST SP 1500-20.
  case nist = "nist-1500-20"
}

/// `election import`
struct Import: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Turns a ballot definition into a manifest, and names what it cannot represent.",
    discussion: "What is warned about is explained in Specs/ballot-definition.md.")

  @Option(help: "The format: nist-1500-20, the JSON form of NIST SP 1500-20.")
  var from: DefinitionFormat
  @Argument(help: "The ballot definition.") var file: String
  @Option(help: "Which election of the file, from 1.") var number = 1
  @Option(help: "The manifest to write.") var output: String

  mutating func run() async throws {
    guard number >= 1 else { throw ProgramError(.usage, "--number: 1 or more") }
    let bytes = try Files.read(file, limit: ManifestLimits.bytes)
    let imported = try ProgramError.naming(file) {
      try BallotDefinitionImport(bytes: bytes, election: number - 1)
    }
    for warning in imported.warnings { Console.error("warning: \(warning)") }
    let manifest = imported.manifest
    try Files.write(manifest.bytes, to: output)
    Console.print(
      "wrote \(output): \(manifest.contests.count) contests, "
        + "\(manifest.ballotStyles.count) ballot styles, \(imported.warnings.count) warnings")
  }
}
