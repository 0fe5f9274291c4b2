// SPDX-License-Identifier: Apache-2.0

import CitizenAuthentication
import Cryptography
import Foundation
import TestSupport
import Testing

@Suite struct RedirectListenerTests {
  private static let hasCurl = Tool.present([Tool.curl], "the redirection was not tested")

  @Test(.enabled(if: hasCurl || Shared.isContinuousIntegration))
  func onlyTheLoginIsTaken() async throws {
    let listener = try RedirectListener()
    let address = listener.address
    let waiting = Task { try await listener.wait(forState: "right", atMost: Patience.time) }
    for (arguments, status) in [
      (["\(address)?state=wrong&code=a"], "404"), ([address], "404"),
      (["\(address)?state=right&state=right"], "404"), (["\(address)x?state=right"], "404"),
      (["-X", "POST", "-d", "a", "\(address)?state=right"], "400"),
      (["-H", "X: \(String(repeating: "a", count: 20_000))", "\(address)?state=right"], "400"),
    ] {
      let run = try await ToolRun.onThread(
        Tool.curl, ["-s", "-o", "/dev/null", "-w", "%{http_code}"] + Patience.ofCurl + arguments)
      #expect(run.output == status || run.output == "000", "\(arguments.last ?? "")")
    }
    let answer = try await Tool.finish(
      Tool.curl, ["-sS", "-i"] + Patience.ofCurl + ["\(address)?code=a%20b&state=right"])
    #expect(answer.contains("200 OK") && answer.contains("no-store"))
    #expect(try await waiting.value == "\(address)?code=a%20b&state=right")
  }

  @Test func waitingEnds() async throws {
    let listener = try RedirectListener()
    await #expect(throws: AuthenticationError.self) {
      try await listener.wait(forState: "s", atMost: .milliseconds(150))
    }
    let waiting = Task { try await listener.wait(forState: "s", atMost: Patience.time) }
    waiting.cancel()
    await #expect(throws: AuthenticationError.self) { try await waiting.value }
  }

  @Test func addressOfTheBrowserIsWhole() async throws {
    let made = try TestTokens()
    let login = try OpenIDLogin(
      issuer: made.issuer, clientID: "urna-wallet", redirection: "http://127.0.0.1:9/callback",
      nonce: TestTokens.nonce)
    let provider = try await OpenIDMetadata.discover(made.issuer)
    let address = login.address(
      at: provider, scopes: ["profile", "ü&="], contextClasses: ["high", "low"])
    #expect(
      address.hasPrefix(
        "\(made.issuer)/authorize?response_type=code&client_id=urna-wallet&"
          + "redirect_uri=http%3A%2F%2F127.0.0.1%3A9%2Fcallback&scope=openid%20profile%20%C3%BC%26%3D&"
          + "state=\(login.state)&nonce=\(TestTokens.nonce)&code_challenge="))
    #expect(address.hasSuffix("&code_challenge_method=S256&acr_values=high%20low"))
    // RFC 7636: 43 to 128 characters, and no two logins alike.
    let other = try OpenIDLogin(
      issuer: made.issuer, clientID: "urna-wallet", redirection: "http://127.0.0.1:9/callback",
      nonce: TestTokens.nonce)
    #expect(other.state != login.state && other.address(at: provider) != address)
  }

  @Test func otherAddressesAreRefused() async throws {
    let made = try TestTokens()
    made.configuration = TestTokens.configuration(
      issuer: made.issuer, more: ",\"authorization_response_iss_parameter_supported\":true")
    let provider = try await OpenIDMetadata.discover(made.issuer)
    let base = "http://127.0.0.1:9/callback"
    let login = try OpenIDLogin(
      issuer: made.issuer, clientID: "urna-wallet", redirection: base, nonce: TestTokens.nonce)
    let state = "state=\(login.state)"
    let iss = "iss=\(made.issuer)"
    let connections = made.server.connectionCount
    for address in [
      "", base, "\(base)?", "\(base)?\(iss)&code=a", "\(base)?\(state)x&\(iss)&code=a",
      "\(base)?\(state)&code=a", "\(base)?\(state)&iss=https://other.example&code=a",
      "\(base)?\(state)&\(iss)", "\(base)?\(state)&\(iss)&code=", "\(base)?\(state)&\(iss)&code=%",
      "\(base)?\(state)&\(iss)&code=%FF", "\(base)?\(state)&\(iss)&code=a&code=b",
      "\(base)?\(state)&\(iss)&error=access_denied&code=a",
      "\(base)?\(state)&\(iss)&code=\(String(repeating: "a", count: 9000))",
      "http://127.0.0.1:10/callback?\(state)&\(iss)&code=a",
    ] {
      do throws(AuthenticationError) {
        _ = try await login.token(for: address, from: provider, at: TestTokens.now)
        Issue.record("accepted: \(address)")
      } catch {
        guard case .login(let rule) = error else {
          Issue.record("\(address): \(error)")
          continue
        }
        #expect(!rule.contains(login.state) && !rule.contains("other.example"))
        if address.contains("error=") {
          #expect(rule == "the provider refused: access_denied")
        }
      }
    }
    // No code was taken to the provider.
    #expect(made.server.connectionCount == connections)
  }

  @Test func otherLoginsAreRefused() throws {
    for (client, redirection, nonce) in [
      ("", "http://127.0.0.1:9/", TestTokens.nonce),
      ("a b", "http://127.0.0.1:9/", TestTokens.nonce),
      ("a", "http://127.0.0.1:9/?a", TestTokens.nonce), ("a", "", TestTokens.nonce),
      ("a", "http://127.0.0.1:9/#a", TestTokens.nonce), ("a", "http://127.0.0.1:9/", "short"),
    ] {
      #expect(throws: AuthenticationError.self) {
        _ = try OpenIDLogin(
          issuer: "https://example.org", clientID: client, redirection: redirection, nonce: nonce)
      }
    }
  }
}
