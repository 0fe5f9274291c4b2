// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// `Tests/KillSwitch`: numbers the calls of a program by which it changes files, connects and sends, and ends it by
/// SIGKILL before one of them.
struct KillSwitch: Sendable {
  /// A call as the log has it.
  struct Call: Sendable, CustomStringConvertible {
    let name: String
    /// The file's name, the address, or "socket".
    let about: String

    var description: String { "\(name) \(about)" }
  }

  private static let made = Result {
    try PreloadedLibrary("Tests/KillSwitch/killswitch.c", untilExit: true)
  }

  /// The variables that a program is run with.
  ///
  /// - Parameters:
  ///   - log: the file that gets the calls.
  ///   - number: the call that does not happen any more; nil for none.
  ///   - armed: a file; calls count only while it is there.
  static func environment(
    log: String, at number: Int? = nil, armed: String? = nil
  ) throws -> [String: String] {
    var variables = [
      PreloadedLibrary.variable: try made.get().path, "URNA_KILL_LOG": log,
      "URNA_KILL_AT": "\(number ?? 0)",
      // Otherwise the runtime looks for the cause of the end for seconds.
      "SWIFT_BACKTRACE": "enable=no",
    ]
    variables["URNA_KILL_ARMED"] = armed
    return variables
  }

  /// The calls of a run, the last one of a killed run not made.
  static func calls(_ log: String) throws -> [Call] {
    guard let bytes = FileManager.default.contents(atPath: log) else { return [] }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map { line in
      let parts = line.split(separator: " ", maxSplits: 2).map(String.init)
      return Call(name: parts.dropFirst().first ?? "", about: parts.dropFirst(2).first ?? "")
    }
  }

  /// The status of a program that was killed.
  static let status: Int32 = 128 + 9
}
