// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLineSupport

/// Holds a whole election with the real programs, each a process of its own, and checks the outcome
/// against the votes that only the demonstration knows.
@main
struct DemoProgram {
  static func main() async { await Program.run(Demo.self) }
}

struct Demo: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo",
    abstract: "Holds a whole election: definition, keys, votes, challenges, tally, verification.",
    discussion: """
      60 voters by default, 5 trustees with threshold 3 (one absent, one with a wrong share), two \
      witnesses who both must cosign, a ballot box on this machine that is killed in the middle of the \
      voting, challenged ballots, three attacks that the box stops, and five tampered copies that the \
      verifier refuses. Ends with exit status 0 only when everything came out as it must.
      """,
    version: Program.version)

  @Option(help: "Folder with the programs.") var programs: String
  @Option(help: "Number of voters, 8 at least.") var voters = 60
  @Option(help: "A NIST SP 1500-20 ballot definition instead of the county.")
  var definition: String?
  @Option(help: "Folder for the record; made, and must not exist.") var output: String?
  @Flag(help: "Exchange files only; no servers, no witnesses.") var offline = false
  @Flag(
    help: """
      Voters get credentials from three issuers, with codes from letters; one answer gets lost, one device is \
      stolen, one voter never activates.
      """)
  var credentials = false
  @Flag(
    help: """
      Issuers speak TLS with citizens themselves, without nginx before them; for programs that were built with the \
      trait TLS.
      """)
  var issuerTLS = false
  @Option(help: "Seed of the random votes.") var seed: UInt64?

  mutating func run() async throws {
    guard voters >= 8, voters <= 100_000 else {
      throw ProgramError(.usage, "--voters: 8 to 100000")
    }
    guard !credentials || !offline else {
      throw ProgramError(.usage, "--credentials: issuers are servers; without --offline")
    }
    guard !issuerTLS || credentials else {
      throw ProgramError(.usage, "--issuer-tls: only with --credentials")
    }
    var scene = try DemoScene(
      programs: programs, output: output, definition: definition, voters: voters,
      seed: seed ?? UInt64.random(in: 0...UInt64(UInt32.max)), isOffline: offline,
      hasCredentials: credentials, issuersSpeakTLS: issuerTLS)
    try await scene.play()
  }
}
