// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CitizenAuthentication
import CommandLineSupport
import Cryptography
import Foundation
import WebClient

/// A login at an identity provider, by the citizen's browser.
struct ProviderLogin: ParsableArguments {
  @Option(help: "The identity provider's name, https://…, as the election announces it.")
  var provider: String?
  @Option(help: "The name under which the provider knows this program.")
  var providerClient: String?
  @Option(
    help: """
      A program that opens an address in a browser, such as xdg-open. Without it the address is printed.
      """)
  var browser: String?
  @Option(
    help: """
      A file for the address that the browser shows at the end, where the browser is on another machine. The \
      program waits until you save it there.
      """)
  var redirected: String?

  /// Where a browser on another machine ends: nobody listens there.
  private static let elsewhere = "http://127.0.0.1:9/callback"
  private static let patience = Duration.seconds(600)

  func validate() throws {
    guard (provider == nil) == (providerClient == nil) else {
      throw ValidationError("--provider and --provider-client go together.")
    }
    guard provider != nil || (browser == nil && redirected == nil) else {
      throw ValidationError("--browser and --redirected are for --provider.")
    }
  }

  /// An ID token that is bound to a digest. Personal.
  ///
  /// - Parameter making: makes clients of the provider, straight or through a proxy. The browser's way is its own.
  func token(
    boundTo digest: Digest, _ purpose: String, making: @Sendable (WebAddress) -> WebClient
  ) async throws(ProgramError) -> [UInt8] {
    guard let provider, let providerClient else { throw ProgramError(.usage, "--provider") }
    do {
      let metadata = try await OpenIDMetadata.discover(provider, client: making)
      let listener = redirected == nil ? try RedirectListener() : nil
      let login = try OpenIDLogin(
        issuer: provider, clientID: providerClient,
        redirection: listener?.address ?? Self.elsewhere,
        nonce: Base64URL.encode(digest.bytes))
      try show(login.address(at: metadata), purpose)
      let address: String
      if let listener {
        address = try await listener.wait(forState: login.state, atMost: Self.patience)
      } else {
        address = try await saved(login.state)
      }
      return try await login.token(
        for: address, from: metadata, at: Int64(Date().timeIntervalSince1970), client: making)
    } catch let error as ProgramError { throw error } catch let error as AuthenticationError {
      throw ProgramError(error.isTemporary ? .inputOutput : .refused, "--provider: \(error)")
    } catch { throw ProgramError(.inputOutput, "--provider: \(error)") }
  }

  private func show(_ address: String, _ purpose: String) throws(ProgramError) {
    Console.print("log in at the identity provider, \(purpose):")
    Console.print(address)
    if let redirected {
      Console.print("then save the address that the browser shows to \(redirected)")
    }
    guard let browser else { return }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [browser, address]
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    do { try process.run() } catch {
      throw ProgramError(.inputOutput, "--browser: \(browser) cannot be started")
    }
  }

  /// Waits for a file with the address of this login; one of an earlier login is passed over.
  private func saved(_ state: String) async throws(ProgramError) -> String {
    let end = ContinuousClock.now + Self.patience
    let path = redirected ?? ""
    while ContinuousClock.now < end {
      if FileManager.default.fileExists(atPath: path) {
        let text = String(decoding: try Files.read(path, limit: 16_384), as: UTF8.self)
        if text.contains("state=\(state)") { return text }
      }
      do { try await Task.sleep(for: .milliseconds(500)) } catch { break }
    }
    throw ProgramError(.incomplete, "\(path): the address did not come within \(Self.patience)")
  }
}
