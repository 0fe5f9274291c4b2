// SPDX-License-Identifier: Apache-2.0

import Issuance
import CitizenAuthentication
import Cryptography
import Foundation
import Glibc
import TestSupport
import Testing

/// Logins at a provider that runs here: django-oauth-toolkit, which demands PKCE. The test is the citizen with a
/// browser.
@Suite(.serialized) struct OpenIDLoginTests {
  private static let isPresent = Tool.present(
    [ProviderProcess.python, Tool.curl], "logins at a provider were not tested")
  private static let nonce = TestTokens.nonce

  @Test(.enabled(if: isPresent || Shared.isContinuousIntegration))
  func citizenLogsIn() async throws {
    let process = try await ProviderProcess()
    defer { process.stop() }
    let provider = try await OpenIDMetadata.discover(process.issuer)
    let listener = try RedirectListener()
    let login = try OpenIDLogin(
      issuer: process.issuer, clientID: "urna-wallet", redirection: listener.address,
      nonce: Self.nonce)
    let (state, address) = (login.state, login.address(at: provider))
    let browser = try Browser()
    async let visited: Void = browser.logIn(address, password: "secret")
    let redirected = try await listener.wait(forState: state, atMost: .seconds(60))
    try await visited
    let token = try await login.token(for: redirected, from: provider, at: Tool.now)
    try await Self.check(token, process)
    // The code was for one exchange.
    do throws(AuthenticationError) {
      _ = try await login.token(for: redirected, from: provider, at: Tool.now)
      Issue.record("the code was taken twice")
    } catch { #expect(error == .login("the provider refused the code: invalid_grant")) }
  }

  /// The issuer's side, with good and with changed tokens of this provider.
  private static func check(_ token: [UInt8], _ process: ProviderProcess) async throws {
    var rules = IDTokenRules(clientID: "urna-wallet", identifierClaim: "personal_identifier")
    rules.contextClasses = ["high"]
    let provider = OpenIDProvider(issuer: process.issuer)
    let verifier = IDTokenVerifier(provider: provider, rules: rules)
    let citizen = try await verifier.verify(token, expectedNonce: nonce, at: Tool.now)
    #expect(citizen.identifier == "PNOXX-0000000042")
    let other = Base64URL.encode([UInt8](repeating: 9, count: 32))
    func isRefused(_ token: [UInt8], nonce: String = nonce, at time: Int64 = Tool.now) async -> Bool
    {
      do throws(AuthenticationError) {
        _ = try await verifier.verify(token, expectedNonce: nonce, at: time)
        return false
      } catch { return error.isAboutToken }
    }
    #expect(await isRefused(token, nonce: other))
    #expect(await isRefused(token, at: Tool.now + 700))
    #expect(await isRefused(token, at: Tool.now - 100))
    let parts = String(decoding: token, as: UTF8.self).split(separator: ".").map(String.init)
    let header = String(
      decoding: try #require(Base64URL.decode(Array(parts[0].utf8))), as: UTF8.self)
    let claims = String(
      decoding: try #require(Base64URL.decode(Array(parts[1].utf8))), as: UTF8.self)
    func joined(_ header: String, _ claims: String, _ signature: String) -> [UInt8] {
      let encoded = [header, claims].map { Base64URL.encode(Array($0.utf8)) }
      return Array("\(encoded[0]).\(encoded[1]).\(signature)".utf8)
    }
    #expect(joined(header, claims, parts[2]) == token)
    let none = header.replacing("RS256", with: "none")
    #expect(none != header)
    #expect(await isRefused(joined(none, claims, parts[2])))
    #expect(await isRefused(joined(none, claims, "")))
    let changed = claims.replacing("0000000042", with: "0000000043")
    #expect(changed != claims)
    #expect(await isRefused(joined(header, changed, parts[2])))
    // Another client's token of the same provider is one for another audience.
    rules.clientID = "another-wallet"
    let elsewhere = IDTokenVerifier(provider: provider, rules: rules)
    await #expect(throws: AuthenticationError.self) {
      try await elsewhere.verify(token, expectedNonce: nonce, at: Tool.now)
    }
  }

  @Test(.enabled(if: isPresent || Shared.isContinuousIntegration))
  func addressIsPasted() async throws {
    let process = try await ProviderProcess()
    defer { process.stop() }
    let provider = try await OpenIDMetadata.discover(process.issuer)
    let redirection = "http://127.0.0.1:9/callback"
    let login = try OpenIDLogin(
      issuer: process.issuer, clientID: "urna-wallet", redirection: redirection,
      nonce: Self.nonce)
    let browser = try Browser()
    let redirected = try await browser.redirection(login.address(at: provider), password: "secret")
    let started = try OpenIDLogin(
      issuer: process.issuer, clientID: "urna-wallet", redirection: redirection,
      nonce: Self.nonce)
    // Another login has another state, and with the right one still another verifier of PKCE.
    await #expect(throws: AuthenticationError.self) {
      _ = try await started.token(for: redirected, from: provider, at: Tool.now)
    }
    let state = redirected.replacing(login.state, with: started.state)
    do throws(AuthenticationError) {
      _ = try await started.token(for: state, from: provider, at: Tool.now)
      Issue.record("the provider did not look at the verifier")
    } catch { #expect(error == .login("the provider refused the code: invalid_grant")) }
    // A second code, for the login that was begun first.
    let second = try await Browser().redirection(
      login.address(at: provider), password: "secret")
    let token = try await login.token(for: " \(second)\r\n", from: provider, at: Tool.now)
    try await Self.check(token, process)
    // A citizen who gives a wrong password does not come back.
    await #expect(throws: (any Error).self) {
      try await Browser().redirection(login.address(at: provider), password: "wrong")
    }
  }
}

/// The provider, on a port of its own.
private final class ProviderProcess: Sendable {
  static let python: String =
    ProcessInfo.processInfo.environment["URNA_OIDC_PYTHON"]
    ?? Shared.repository.appendingPathComponent(".build-oidc/bin/python").path

  let issuer: String
  private let process: Process

  init() async throws {
    let port = try Tool.freePort()
    issuer = "http://127.0.0.1:\(port)/o"
    let process = Process()
    process.executableURL = URL(fileURLWithPath: Self.python)
    process.arguments = [
      Shared.repository.appendingPathComponent("Tests/Scripts/openid-provider.py").path, "\(port)",
    ]
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    self.process = process
    for _ in 0..<600 {
      let run = try await Tool.run(
        Tool.curl, ["-sf", "-o", "/dev/null", "\(issuer)/.well-known/openid-configuration"])
      if run.status == 0 { return }
      guard process.isRunning else { throw Tool.Failure(description: "the provider has ended") }
      try await Task.sleep(for: .milliseconds(100))
    }
    Tool.end(process, SIGKILL)
    throw Tool.Failure(description: "the provider does not answer")
  }

  func stop() { Tool.end(process, SIGKILL) }
}

/// A citizen with a browser: curl with cookies, and the form of the login page.
private final class Browser: Sendable {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func curl(_ arguments: [String]) async throws -> String {
    let jar = "\(folder.path)/cookies"
    return try await Tool.finish(
      Tool.curl, ["-sS", "--max-time", "60", "-c", jar, "-b", jar] + arguments)
  }

  /// Fills in the form; returns where the provider sends the browser then.
  private func form(_ address: String, password: String) async throws -> String {
    let page = try await curl(["-L", "-w", "\n%{url_effective}", address])
    let marks = page.split(separator: "\"").map(String.init)
    guard let name = marks.firstIndex(of: "csrfmiddlewaretoken"), marks.count > name + 2,
      let effective = page.split(separator: "\n").last
    else { throw Tool.Failure(description: "no form: \(page.prefix(500))") }
    let next = try await curl([
      "-o", "/dev/null", "-w", "%{redirect_url}", "-e", String(effective), "--data-urlencode",
      "username=citizen", "--data-urlencode", "password=\(password)", "--data-urlencode",
      "csrfmiddlewaretoken=\(marks[name + 2])", String(effective),
    ])
    guard !next.isEmpty else { throw Tool.Failure(description: "the login was refused") }
    return next
  }

  /// Logs in and follows the provider to the end, the redirection address.
  func logIn(_ address: String, password: String) async throws {
    _ = try await curl(["-L", "-f", form(address, password: password)])
  }

  /// Logs in; returns the redirection without following it.
  func redirection(_ address: String, password: String) async throws -> String {
    try await curl([
      "-o", "/dev/null", "-w", "%{redirect_url}", form(address, password: password),
    ])
  }
}
