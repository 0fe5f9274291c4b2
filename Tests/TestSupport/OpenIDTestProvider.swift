// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc

/// An identity provider that runs here, on a port of its own: django-oauth-toolkit, which demands PKCE. It knows one
/// citizen, and one client.
public final class OpenIDTestProvider: Sendable {
  /// The client.
  public static let client = "urna-wallet"
  /// The claim with the personal identifier, and what it says of the citizen.
  public static let claim = "personal_identifier"
  /// See ``claim``.
  public static let identifier = "PNOXX-0000000042"
  /// The citizen with a browser: a program that gets the address to open.
  public static let browser = script("openid-browser.py")
  /// Python with what the provider needs.
  public static let python: String =
    ProcessInfo.processInfo.environment["URNA_OIDC_PYTHON"]
    ?? Shared.repository.appendingPathComponent(".build-oidc/bin/python").path
  /// Whether logins can be tested; says so where they cannot.
  public static let isPresent: Bool = {
    let found = FileManager.default.isExecutableFile(atPath: python)
    if !found { print("SKIPPED: \(python) is absent; logins at a provider were not tested") }
    return found
  }()

  /// The provider's name.
  public let issuer: String
  private let process: Process

  /// The provider did not start, or the citizen did not get through.
  public struct Failure: Error, CustomStringConvertible {
    /// What went wrong.
    public let description: String
  }

  /// Starts a provider, and waits until it answers.
  public init() async throws {
    let port = try RawServer.freePort()
    issuer = "http://127.0.0.1:\(port)/o"
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(fileURLWithPath: Self.python)
    process.arguments = [Self.script("openid-provider.py"), "\(port)"]
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    self.process = process
    let words = await Self.words(of: pipe.fileHandleForReading)
    guard words.hasSuffix("ready\n") else {
      throw Failure(description: "the provider has ended: \(words)")
    }
  }

  /// What the provider prints until it is ready, or ends.
  private static func words(of file: FileHandle) async -> String {
    await withCheckedContinuation { continuation in
      Thread.detachNewThread {
        var bytes: [UInt8] = []
        while !bytes.reversed().starts(with: "\nydaer".utf8) {
          let more = file.availableData
          if more.isEmpty { break }
          bytes += more
        }
        continuation.resume(returning: String(decoding: bytes, as: UTF8.self))
      }
    }
  }

  deinit { kill(process.processIdentifier, SIGKILL) }

  private static func script(_ name: String) -> String {
    Shared.repository.appendingPathComponent("Tests/Scripts/\(name)").path
  }

  /// The citizen logs in; returns where the provider sends the browser at the end.
  public func redirection(_ address: String, password: String = "secret") async throws -> String {
    let run = try await ToolRun.onThread(
      Self.browser, ["--print", "--password", password, address])
    guard run.status == 0 else { throw Failure(description: run.text) }
    return String(run.output.dropLast())
  }

  /// The citizen logs in, and the browser goes where it is sent.
  public func logIn(_ address: String) async throws {
    let run = try await ToolRun.onThread(Self.browser, [address])
    guard run.status == 0 else { throw Failure(description: run.text) }
  }
}
