// SPDX-License-Identifier: Apache-2.0

import CommandLineSupport
import Foundation

/// Runs the election's programs as processes that exchange files only.
struct Processes: Sendable {
  let programs: String

  /// What a process printed and how it ended.
  struct Outcome: Sendable {
    let status: Int32
    let output: String
    let errors: String
  }

  /// Runs a program to its end.
  ///
  /// - Parameter program: one of the project's, or the path of another.
  func run(
    _ program: String, _ arguments: [String], environment: [String: String] = [:]
  ) throws -> Outcome {
    let process = Process()
    process.executableURL = URL(
      fileURLWithPath: program.hasPrefix("/") ? program : "\(programs)/\(program)")
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    let output = Pipe()
    let errors = Pipe()
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = errors
    do { try process.run() } catch {
      throw ProgramError(.inputOutput, "\(program): cannot be started: \(error)")
    }
    // Errors are few; they fit the pipe while the output is read to its end.
    let text = output.fileHandleForReading.readDataToEndOfFile()
    let complaints = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Outcome(
      status: process.terminationReason == .exit ? process.terminationStatus : -1,
      output: String(decoding: text, as: UTF8.self),
      errors: String(decoding: complaints, as: UTF8.self))
  }

  /// Runs a program that must end with a status.
  @discardableResult
  func expect(
    _ program: String, _ arguments: [String], status: Int32 = 0,
    environment: [String: String] = [:]
  ) throws -> Outcome {
    let outcome = try run(program, arguments, environment: environment)
    guard outcome.status == status else {
      throw ProgramError(
        .wrong,
        "\(program) \(arguments.first ?? "") ended with \(outcome.status) instead of \(status): "
          + outcome.errors + outcome.output)
    }
    return outcome
  }

  /// Runs one job an item on as many processes at once as there are processors.
  func parallel<Item: Sendable>(
    _ items: [Item], _ job: @escaping @Sendable (Item) throws -> Void
  ) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      var running = 0
      for item in items {
        if running >= ProcessInfo.processInfo.activeProcessorCount {
          try await group.next()
          running -= 1
        }
        running += 1
        group.addTask { try job(item) }
      }
      try await group.waitForAll()
    }
  }
}
