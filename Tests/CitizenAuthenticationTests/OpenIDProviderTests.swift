// SPDX-License-Identifier: Apache-2.0

import CitizenAuthentication
import TestSupport
import Testing

@Suite struct OpenIDProviderTests {
  private static func rotated(_ made: TestTokens) throws -> [UInt8] {
    try made.token(#"{"alg":"EdDSA","kid":"new"}"#, made.claims(), .edDSA)
  }

  /// A provider that has answered once.
  private static func prepared(
    _ made: TestTokens, pause: Duration
  ) async throws -> IDTokenVerifier {
    let provider = OpenIDProvider(issuer: made.issuer, unknownKeyPause: pause)
    try await provider.prepare()
    return IDTokenVerifier(provider: provider, rules: IDTokenRules(clientID: TestTokens.client))
  }

  /// Unknown, and asked for a moment ago: not asked again.
  @Test func strangersDoNotFlood() async throws {
    let made = try TestTokens()
    let verifier = try await Self.prepared(made, pause: Patience.time)
    let token = try Self.rotated(made)
    for _ in 0..<20 {
      #expect(await TestTokens.error(verifier, token)?.isAboutToken == true)
    }
    #expect(made.fetches == 1)
  }

  @Test func newKeysAreFound() async throws {
    let made = try TestTokens()
    let verifier = try await Self.prepared(made, pause: .zero)
    let token = try Self.rotated(made)
    made.keys = made.keySet().replacing("\"kid\":\"d\"", with: "\"kid\":\"new\"")
    // Many at once cause one fetch.
    await withTaskGroup(of: AuthenticationError?.self) { group in
      for _ in 0..<20 { group.addTask { await TestTokens.error(verifier, token) } }
      for await error in group { #expect(error == nil) }
    }
    #expect(made.fetches == 2)
  }

  @Test func pinnedKeysAreTheOnlyOnes() async throws {
    let made = try TestTokens()
    func verifier(_ keys: String) throws -> IDTokenVerifier {
      IDTokenVerifier(
        provider: try OpenIDProvider(issuer: made.issuer, pinnedKeys: Array(keys.utf8)),
        rules: IDTokenRules(clientID: TestTokens.client))
    }
    let token = try made.token(#"{"alg":"ES256","kid":"p"}"#, made.claims(), .es256)
    #expect(await TestTokens.error(try verifier(made.keySet()), token) == nil)
    let other = try verifier(try TestTokens().keySet())
    #expect(await TestTokens.error(other, token)?.isAboutToken == true)
    #expect(await TestTokens.error(other, try Self.rotated(made))?.isAboutToken == true)
    #expect(made.server.connectionCount == 0)
    for keys in ["", "{}", #"{"keys":[]}"#, #"{"keys":[{"kty":"oct","k":"AA"}]}"#] {
      #expect(throws: AuthenticationError.self) { try verifier(keys) }
    }
  }

  @Test func keysAreKeptForATime() async throws {
    let made = try TestTokens()
    let provider = OpenIDProvider(issuer: made.issuer, lifetime: .milliseconds(300))
    let verifier = IDTokenVerifier(
      provider: provider, rules: IDTokenRules(clientID: TestTokens.client))
    let token = try made.token(#"{"alg":"ES256","kid":"p"}"#, made.claims(), .es256)
    #expect(await TestTokens.error(verifier, token) == nil)
    made.fail(with: 500)
    try await Task.sleep(for: .milliseconds(350))
    // No key is believed for longer, and it is not the token's fault.
    let error = await TestTokens.error(verifier, token)
    #expect(error?.isTemporary == true, "\(String(describing: error))")
    made.fail(with: 200)
    #expect(await TestTokens.error(verifier, token) == nil)
    made.keys = #"{"keys":[]}"#
    try await Task.sleep(for: .milliseconds(350))
    #expect(await TestTokens.error(verifier, token)?.isAboutToken == true)
  }

  @Test func otherConfigurationsAreRefused() async throws {
    let made = try TestTokens()
    let issuer = made.issuer
    let good = TestTokens.configuration(issuer: issuer)
    let documents = [
      "", "{}", "[]", "<html>", good + good, good.replacing("\(issuer)\"", with: "\(issuer)/\""),
      TestTokens.configuration(issuer: "https://other.example"),
      TestTokens.configuration(issuer: issuer, more: ",\"issuer\":\"\(issuer)\""),
      TestTokens.configuration(
        issuer: issuer, more: ",\"code_challenge_methods_supported\":[\"plain\"]"),
      good.replacing("\(issuer)/keys", with: "http://example.org/keys"),
      good.replacing("\(issuer)/token", with: "http://example.org/token"),
      good.replacing("\(issuer)/authorize", with: "http://example.org/authorize"),
      good.replacing("\(issuer)/authorize", with: "javascript:alert(1)"),
      good.replacing("\(issuer)/authorize", with: "https://user@example.org/a"),
      good.replacing("\(issuer)/authorize", with: "https://example.org/a#b"),
      good.replacing("\(issuer)/authorize", with: "https://example.org/a b"),
      good.replacing("\(issuer)/keys", with: "file:///etc/passwd"),
      good.replacing("}", with: ",\"x\":\"\(String(repeating: "a", count: 70_000))\"}"),
    ]
    for document in documents {
      made.configuration = document
      await #expect(throws: AuthenticationError.self, "\(document.prefix(200))") {
        try await OpenIDMetadata.discover(issuer)
      }
    }
    made.configuration = good
    let metadata = try await OpenIDMetadata.discover(issuer)
    #expect(metadata.issuer == issuer)
    // What the operator may not configure.
    for name in [
      "http://example.org", "ftp://example.org", "", "example.org", "https://example.org/?a=b",
      "https://user:password@example.org",
    ] {
      await #expect(throws: AuthenticationError.self, "\(name)") {
        try await OpenIDMetadata.discover(name)
      }
    }
  }

  @Test func otherKeysArePassedOver() async throws {
    let made = try TestTokens()
    let token = try made.token(#"{"alg":"ES256","kid":"p"}"#, made.claims(), .es256)
    // The others stay usable beside what is no key here.
    made.keys = made.keySet(
      more: """
        ,{"kty":"oct","kid":"p","k":"AAAA"},{"kty":"EC","crv":"P-384","kid":"p","x":"AA","y":"AA"},
        {"kty":"RSA","kid":"p","n":"AQAB","e":"AQAB"},{"kty":"EC","crv":"P-256","kid":"p"},7,
        {"kid":"p"},{"kty":"EC","use":"enc","crv":"P-256","kid":"p","x":"AA","y":"AA"}
        """)
    #expect(await TestTokens.error(made.verifier(), token) == nil)
    // A point that is not on the curve.
    let zeros = Base64URL.encode([UInt8](repeating: 1, count: 32))
    made.keys =
      #"{"keys":[{"kty":"EC","crv":"P-256","kid":"p","x":"\#(zeros)","y":"\#(zeros)"}]}"#
    #expect(await TestTokens.error(made.verifier(), token)?.isAboutToken == true)
    for document in [
      "", "[]", "{}", #"{"keys":{}}"#, #"{"keys":[],"keys":[]}"#,
      "{\"keys\":[\(Array(repeating: "7", count: 65).joined(separator: ","))]}",
      String(repeating: " ", count: 200_000),
    ] {
      made.keys = document
      let error = await TestTokens.error(made.verifier(), token)
      #expect(error?.isTemporary == true, "\(document.prefix(50)): \(String(describing: error))")
    }
  }
}
