// SPDX-License-Identifier: Apache-2.0

public import Foundation

/// A program that a test runs to its end, with nothing on its standard input.
public struct ToolRun: Sendable {
  /// The exit status; 128 and more for a signal.
  public let status: Int32
  /// What it printed.
  public let output: String
  /// What it complained of.
  public let errors: String

  /// Both, for whoever does not care where it was said.
  public var text: String { output + errors }

  /// Runs a program on a thread of its own, for tests whose server runs in the same process: its tasks would wait
  /// for the thread that waits for the program.
  public static func onThread(
    _ program: String, _ arguments: [String], in directory: URL? = nil,
    environment: [String: String] = [:]
  ) async throws -> ToolRun {
    try await withCheckedThrowingContinuation { continuation in
      Thread.detachNewThread {
        continuation.resume(
          with: Result {
            try ToolRun(program, arguments, in: directory, environment: environment)
          })
      }
    }
  }

  /// Runs a program.
  ///
  /// - Parameters:
  ///   - program: its path.
  ///   - directory: where it runs; here unless given.
  ///   - environment: variables, added to this process's own.
  public init(
    _ program: String, _ arguments: [String], in directory: URL? = nil,
    environment: [String: String] = [:]
  ) throws {
    // A file and a pipe: of two pipes one could fill up while the other is read.
    let folder = try TemporaryFolder()
    try folder.write([], "errors")
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    if let directory { process.currentDirectoryURL = directory }
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    let pipe = Pipe()
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = pipe
    process.standardError = try FileHandle(
      forWritingTo: URL(fileURLWithPath: folder.path + "/errors"))
    try process.run()
    let printed = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    status =
      process.terminationStatus + (process.terminationReason == .uncaughtSignal ? 128 : 0)
    output = String(decoding: printed, as: UTF8.self)
    errors = String(decoding: try folder.bytes("errors"), as: UTF8.self)
  }

  /// Runs a Python script of the repository, from its top folder, with the system's Python.
  public static func python(_ script: String, _ arguments: [String]) throws -> ToolRun {
    try ToolRun("/usr/bin/python3", [script] + arguments, in: Shared.repository)
  }

  /// strace, where it is installed.
  public static let strace: String? = ["/usr/bin/strace", "/bin/strace"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }

  /// The folder with the programs of this build, or the one that `URNA_PROGRAMS` names.
  public static let programs: String = {
    if let named = ProcessInfo.processInfo.environment["URNA_PROGRAMS"] { return named }
    #if DEBUG
      return Shared.repository.appendingPathComponent(".build/debug").path
    #else
      return Shared.repository.appendingPathComponent(".build/release").path
    #endif
  }()

  /// The path of one of these programs; nil if it was not built.
  public static func program(_ name: String) -> String? {
    let path = "\(programs)/\(name)"
    return FileManager.default.isExecutableFile(atPath: path) ? path : nil
  }
}
