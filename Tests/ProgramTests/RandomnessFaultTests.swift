// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// What the fault needs.
private enum Tools {
  static let trustee = ToolRun.program("trustee")
  static let strace = ToolRun.strace

  static let isPossible: Bool = {
    let found = trustee != nil && strace != nil
    if !found { print("SKIPPED: strace or the program trustee is absent") }
    return found || Shared.isContinuousIntegration
  }()
}

/// A program whose operating system gives no randomness: every call of getrandom(2) from some point on
/// fails, by strace's injection.
@Suite(.enabled(if: Tools.isPossible, "needs strace and the built programs"))
struct RandomnessFaultTests {
  // adversary: G-06
  /// Wherever randomness ends: the program names the cause and leaves with an error, nothing traps, and
  /// no file is there, not even a part of one.
  @Test func withoutRandomnessNothingIsWritten() throws {
    let trustee = try #require(Tools.trustee)
    let strace = try #require(Tools.strace)
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      "urna-randomness-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let passphrase = folder.appendingPathComponent("passphrase")
    try Data("a passphrase of the test\n".utf8).write(to: passphrase)
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: passphrase.path)
    let enroll = [
      "enroll", "--secret", "secret", "--public", "public", "--passphrase-file", "passphrase",
    ]
    func files() throws -> Set<String> {
      Set(try FileManager.default.contentsOfDirectory(atPath: folder.path))
    }

    for first in 1...4 {
      let inject = [
        "-f", "-qq", "-o", "/dev/null", "-e", "trace=getrandom", "-e",
        "inject=getrandom:error=EIO:when=\(first)+", trustee,
      ]
      let result = try ToolRun(strace, inject + enroll, in: folder)
      #expect(result.status == 4, "from call \(first): \(result.errors)")
      #expect(result.errors.contains("gave no randomness"), "from call \(first): \(result.errors)")
      #expect(try files() == ["passphrase"], "from call \(first)")
    }

    // The same command with randomness works, so that it was nothing else.
    let result = try ToolRun(trustee, enroll, in: folder)
    #expect(result.status == 0, "\(result.errors)")
    #expect(try files() == ["passphrase", "public", "secret"])
  }
}
