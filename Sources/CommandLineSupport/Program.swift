// SPDX-License-Identifier: Apache-2.0

public import ArgumentParser
internal import BigIntegers
internal import Glibc

/// Runs a program's commands and turns every way of ending into one line and an exit status.
public enum Program {
  /// The version that `--version` prints.
  public static let version = "urna 0.1.0 (ElectionGuard 2.1.0)"

  /// Parses the process's arguments, runs the command, and exits.
  public static func run(_ root: any AsyncParsableCommand.Type) async -> Never {
    // A reader that goes away must end a program with an error, not with a signal.
    signal(SIGPIPE, SIG_IGN)
    forbidCoreDumps()
    do throws(EngineError) { _ = try ArithmeticEngine.requested() } catch {
      Console.error("error: \(error)")
      exit(ProgramExit.usage.rawValue)
    }
    do {
      var command = try root.parseAsRoot()
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
      exit(ProgramExit.success.rawValue)
    } catch let error as ProgramError {
      Console.error("error: \(error.message)")
      if let hint = error.hint { Console.error("hint: \(hint)") }
      exit(error.exit.rawValue)
    } catch let code as ExitCode {
      exit(code.rawValue)
    } catch {
      let message = root.fullMessage(for: error)
      if root.exitCode(for: error) == .success {
        Console.print(message)
        exit(ProgramExit.success.rawValue)
      }
      Console.error(message)
      exit(ProgramExit.usage.rawValue)
    }
  }

  /// A core file would hold the secrets of the process.
  private static func forbidCoreDumps() {
    var limit = rlimit(rlim_cur: 0, rlim_max: 0)
    _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit)
  }
}
