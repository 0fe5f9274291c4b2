// SPDX-License-Identifier: Apache-2.0

import CommandLineSupport
import Foundation
import Glibc

/// A server that the demonstration runs on a free port of this machine.
final class Server: Sendable {
  let address: String
  let port: Int
  private let identifier: Int32

  private init(address: String, port: Int, identifier: Int32) {
    self.address = address
    self.port = port
    self.identifier = identifier
  }

  /// Starts a program that writes its port to a file once it listens.
  /// - Parameter log: the file that gets what the server prints.
  static func start(
    _ processes: Processes, _ program: String, _ arguments: [String], port: Int = 0, log: String,
    portFile: String
  ) async throws(ProgramError) -> Server {
    if unsafe unlink(portFile) != 0, errno != ENOENT {
      throw ProgramError(.inputOutput, "\(portFile): cannot be removed")
    }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "\(processes.programs)/\(program)")
    process.arguments = arguments + ["--port", "\(port)", "--port-file", portFile]
    guard FileManager.default.createFile(atPath: log, contents: nil),
      let output = FileHandle(forWritingAtPath: log)
    else { throw ProgramError(.inputOutput, "\(log): cannot be written") }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = output
    do { try process.run() } catch {
      throw ProgramError(.inputOutput, "\(program): cannot be started: \(error)")
    }
    for _ in 0..<600 {
      if Files.exists(portFile) {
        let text = String(decoding: try Files.read(portFile, limit: 16), as: UTF8.self)
        if let number = Int(text.prefix { $0 != "\n" }) {
          return Server(
            address: "http://127.0.0.1:\(number)", port: number,
            identifier: process.processIdentifier)
        }
      }
      guard process.isRunning else {
        let text = String(decoding: try Files.read(log), as: UTF8.self)
        throw ProgramError(.wrong, "\(program) ended at its start: \(text)")
      }
      do { try await Task.sleep(for: .milliseconds(100)) } catch { break }
    }
    process.terminate()
    throw ProgramError(.inputOutput, "\(program) does not listen")
  }

  /// As a power cut does: nothing of the process runs any more.
  func kill() { _ = Glibc.kill(identifier, SIGKILL) }

  /// Asks the server to end, and waits until it has.
  func stop() async {
    _ = Glibc.kill(identifier, SIGTERM)
    for _ in 0..<300 {
      if Glibc.kill(identifier, 0) != 0 { return }
      do { try await Task.sleep(for: .milliseconds(100)) } catch { return }
    }
    kill()
  }
}
