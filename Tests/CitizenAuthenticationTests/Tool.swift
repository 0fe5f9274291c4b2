// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import TestSupport
import Testing

/// Programs that these tests run.
enum Tool {
  static let openssl = "/usr/bin/openssl"
  static let curl = "/usr/bin/curl"
  static let nginx = "/usr/sbin/nginx"

  /// What a test needs does not work. An error of its own: one that `#require` throws is recorded once only,
  /// and tests that share the need would pass.
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  /// Runs a program that must succeed.
  @discardableResult
  static func finish(
    _ program: String, _ arguments: [String], in directory: URL? = nil
  ) async throws -> String {
    let run = try await ToolRun.onThread(program, arguments, in: directory)
    guard run.status == 0 else {
      throw Failure(
        description: "\(program) \(arguments.first ?? ""): \(run.errors.prefix(2000))")
    }
    return run.output
  }

  static func present(_ programs: [String], _ what: String) -> Bool {
    let found = programs.allSatisfy { FileManager.default.isExecutableFile(atPath: $0) }
    if !found { print("SKIPPED: \(programs.joined(separator: ", ")): one is absent; \(what)") }
    return found
  }

  static let hasOpenSSL = present([openssl], "certificates were not tested")

  /// Ends a program, and waits until it has. Children inherit blocked signals, so some obey only the last one.
  static func end(_ process: Process, _ signal: Int32) {
    kill(process.processIdentifier, signal)
    for _ in 0..<200 where process.isRunning { usleep(20_000) }
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    for _ in 0..<200 where process.isRunning { usleep(20_000) }
  }

  static var now: Int64 { Int64(Date().timeIntervalSince1970) }
}
