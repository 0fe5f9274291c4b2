// SPDX-License-Identifier: Apache-2.0

/// How a program ends. The same numbers for every program.
public enum ProgramExit: Int32, Sendable, CaseIterable {
  /// Done, and right.
  case success = 0
  /// Checked, and wrong.
  case wrong = 1
  /// The command line is wrong.
  case usage = 2
  /// Something is missing; nothing can be decided.
  case incomplete = 3
  /// Input, output or network.
  case inputOutput = 4
  /// Refused by policy.
  case refused = 5
}

/// Why a program stops: one line for people, a hint where there is one, and the exit status.
/// Carries no secrets.
public struct ProgramError: Error, Equatable, Sendable {
  /// The exit status.
  public let exit: ProgramExit
  /// One line: file, place and rule.
  public let message: String
  /// What to do, usually the command to run.
  public let hint: String?

  /// An error from its parts.
  public init(_ exit: ProgramExit, _ message: String, hint: String? = nil) {
    self.exit = exit
    self.message = message.split(whereSeparator: \.isNewline).joined(separator: " ")
    self.hint = hint
  }

  /// Runs `body` and names the file that an error of a parser is about.
  public static func naming<Value>(
    _ file: String, _ exit: ProgramExit = .wrong, _ body: () throws -> Value
  ) throws(ProgramError) -> Value {
    do { return try body() } catch let error as ProgramError { throw error } catch {
      throw ProgramError(exit, "\(file): \(error)")
    }
  }
}
