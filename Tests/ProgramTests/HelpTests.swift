// SPDX-License-Identifier: Apache-2.0

import Testing

/// What a new user meets first.
@Suite struct HelpTests {
  static let commands: [String: [String]] = [
    "election": [
      "keys", "import", "init", "open-registration", "open-activation", "freeze", "open", "close",
      "tally", "publish", "submit", "auditors keys", "auditors open",
    ],
    "issuer": [
      "roll import", "roll change", "roll complete", "roll proof", "letters", "keys generate",
      "keys destroy", "init", "scope", "evidence",
    ],
    "trustee": ["enroll", "generate", "share", "receive", "confirm", "decrypt"],
    "voter": [
      "keys", "sheet", "recover", "register", "activate", "cancel", "status", "vote", "cast",
      "challenge", "submit", "check",
    ],
    "ballot-box": ["keys", "accept", "close", "status", "sidecar"],
    "verifier": [
      "record", "mirror", "watch", "evidence", "promise", "status", "electionguard",
    ],
    "demo": [],
  ]

  @Test(arguments: commands.keys.sorted())
  func helpIsThere(_ program: String) throws {
    let main = try ProgramRun.run(program, ["--help"])
    #expect(main.status == 0 && main.errors.isEmpty)
    #expect(main.output.hasPrefix("OVERVIEW: "))
    for command in Self.commands[program] ?? [] {
      let words = command.split(separator: " ").map(String.init)
      #expect(main.output.contains("\n  \(words[0])"), "\(program) \(command)")
      let own = try ProgramRun.run(program, words + ["--help"])
      #expect(own.status == 0 && own.output.contains("USAGE: \(program) \(command)"))
      // Every option says what it is.
      for line in own.output.split(separator: "\n") where line.hasPrefix("  --") {
        #expect(
          line.split(separator: " ", omittingEmptySubsequences: true).count > 1, "\(line)")
      }
    }
  }

  @Test(arguments: commands.keys.sorted())
  func versionIsThere(_ program: String) throws {
    let run = try ProgramRun.run(program, ["--version"])
    #expect(run.status == 0 && run.output == "urna 0.1.0 (ElectionGuard 2.1.0)\n")
  }

  @Test(arguments: commands.keys.sorted())
  func wrongUsageIsStatusTwo(_ program: String) throws {
    let unknown = try ProgramRun.run(program, ["--unheard-of"])
    #expect(unknown.status == 2 && unknown.output.isEmpty && !unknown.errors.isEmpty)
    for command in Self.commands[program] ?? [] {
      let run = try ProgramRun.run(program, command.split(separator: " ").map(String.init))
      #expect(run.status == 2 && run.output.isEmpty, "\(program) \(command)")
      #expect(run.errors.hasPrefix("Error: Missing expected argument"), "\(run.errors)")
    }
  }
}
