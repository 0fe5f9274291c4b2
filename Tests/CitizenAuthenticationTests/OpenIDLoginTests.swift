// SPDX-License-Identifier: Apache-2.0

import CitizenAuthentication
import Cryptography
import Foundation
import Issuance
import TestSupport
import Testing

/// Logins at a provider that runs here: django-oauth-toolkit, which demands PKCE. The test is the citizen with a
/// browser.
@Suite(.serialized) struct OpenIDLoginTests {
  private static let nonce = TestTokens.nonce

  @Test(.enabled(if: OpenIDTestProvider.isPresent || Shared.isContinuousIntegration))
  func citizenLogsIn() async throws {
    let process = try await OpenIDTestProvider()
    let provider = try await OpenIDMetadata.discover(process.issuer)
    let listener = try RedirectListener()
    let login = try OpenIDLogin(
      issuer: process.issuer, clientID: OpenIDTestProvider.client, redirection: listener.address,
      nonce: Self.nonce)
    let (state, address) = (login.state, login.address(at: provider))
    async let visited: Void = process.logIn(address)
    let redirected = try await listener.wait(forState: state, atMost: Patience.time)
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
  private static func check(_ token: [UInt8], _ process: OpenIDTestProvider) async throws {
    var rules = IDTokenRules(
      clientID: OpenIDTestProvider.client, identifierClaim: OpenIDTestProvider.claim)
    rules.contextClasses = ["high"]
    let provider = OpenIDProvider(issuer: process.issuer)
    let verifier = IDTokenVerifier(provider: provider, rules: rules)
    let citizen = try await verifier.verify(token, expectedNonce: nonce, at: Tool.now)
    #expect(citizen.identifier == OpenIDTestProvider.identifier)
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

  @Test(.enabled(if: OpenIDTestProvider.isPresent || Shared.isContinuousIntegration))
  func addressIsPasted() async throws {
    let process = try await OpenIDTestProvider()
    let provider = try await OpenIDMetadata.discover(process.issuer)
    let redirection = "http://127.0.0.1:9/callback"
    let login = try OpenIDLogin(
      issuer: process.issuer, clientID: OpenIDTestProvider.client, redirection: redirection,
      nonce: Self.nonce)
    let redirected = try await process.redirection(login.address(at: provider))
    let started = try OpenIDLogin(
      issuer: process.issuer, clientID: OpenIDTestProvider.client, redirection: redirection,
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
    let second = try await process.redirection(login.address(at: provider))
    let token = try await login.token(for: " \(second)\r\n", from: provider, at: Tool.now)
    try await Self.check(token, process)
    // A citizen who gives a wrong password does not come back.
    await #expect(throws: (any Error).self) {
      try await process.redirection(login.address(at: provider), password: "wrong")
    }
  }
}
