// SPDX-License-Identifier: Apache-2.0

import Issuance
import CitizenAuthentication
import Foundation
import StrictJSON
import TestSupport
import Testing

@Suite struct IDTokenVerifierTests {
  private static let rs = #"{"alg":"RS256","kid":"r","typ":"JWT"}"#

  @Test func everyAlgorithmIsVerified() async throws {
    let made = try TestTokens()
    let verifier = made.verifier()
    let cases: [(String, TestTokens.Signer)] = [
      (Self.rs, .rs256), (#"{"alg":"PS256","kid":"r"}"#, .ps256),
      (#"{"alg":"ES256","kid":"p"}"#, .es256), (#"{"alg":"EdDSA","kid":"d"}"#, .edDSA),
      // Without kid: the set has one such key.
      (#"{"alg":"ES256"}"#, .es256), (#"{"alg":"RS256","x5t":"abc","typ":"jwt"}"#, .rs256),
    ]
    for (header, signer) in cases {
      let token = try made.token(header, made.claims(), signer)
      let citizen = try await verifier.verify(
        token, expectedNonce: TestTokens.nonce, at: TestTokens.now)
      #expect(citizen.identifier == "PNOXX-42")
      let evidence = try JSONReader(JSONValue(parsingCanonical: citizen.evidence)).fields(
        ["issuer", "key", "time", "token", "version"])
      #expect(
        try evidence["token"].string(maxBytes: 16_384) == String(decoding: token, as: UTF8.self))
      #expect(try evidence["issuer"].string() == made.issuer)
    }
    #expect(made.fetches == 1)
  }

  // adversary: key confusion (RFC 8725, section 2.1)
  @Test func keysAreNotConfused() async throws {
    let made = try TestTokens()
    let verifier = made.verifier()
    let numbers = made.modulus
    let secrets: [[UInt8]] = made.publicForms + [Array(numbers.n.utf8), []]
    var tokens: [[UInt8]] = []
    for secret in secrets {
      for header in [
        #"{"alg":"HS256","kid":"r","typ":"JWT"}"#, Self.rs, #"{"alg":"hs256","kid":"r"}"#,
      ] {
        tokens.append(try made.token(header, made.claims(), .hmac(secret)))
      }
    }
    for header in [
      #"{"alg":"none"}"#, #"{"alg":"None","kid":"r"}"#, #"{"alg":"","kid":"r"}"#,
      #"{"kid":"r"}"#, Self.rs, #"{"alg":null,"kid":"r"}"#, #"{"alg":["RS256"],"kid":"r"}"#,
    ] {
      tokens.append(try made.token(header, made.claims(), .none))
    }
    // A good signature, and a header that names another key or algorithm.
    for header in [
      #"{"alg":"PS256","kid":"r"}"#, #"{"alg":"RS256","kid":"p"}"#, #"{"alg":"RS256","kid":"x"}"#,
      #"{"alg":"RS512","kid":"r"}"#, #"{"alg":"ES256","kid":"r"}"#, #"{"alg":"RS256","kid":""}"#,
      #"{"alg":"RS256","kid":7}"#,
    ] {
      tokens.append(try made.token(header, made.claims(), .rs256))
    }
    tokens.append(try made.token(#"{"alg":"EdDSA","kid":"p"}"#, made.claims(), .es256))
    for (index, token) in tokens.enumerated() {
      let error = await TestTokens.error(verifier, token)
      #expect(error?.isAboutToken == true, "token \(index): \(String(describing: error))")
    }
    // The key says what it is for.
    made.keys = made.keySet(rsaAlgorithm: "PS256")
    let token = try made.token(Self.rs, made.claims(), .rs256)
    #expect(await TestTokens.error(made.verifier(), token)?.isAboutToken == true)
    // Two keys with one name.
    made.keys = made.keySet(
      more: #",{"kty":"RSA","kid":"r","n":"\#(numbers.n)","e":"\#(numbers.e)"}"#)
    #expect(await TestTokens.error(made.verifier(), token)?.isAboutToken == true)
  }

  @Test func headersWithKeysAreRefused() async throws {
    let made = try TestTokens()
    let verifier = made.verifier()
    let numbers = made.modulus
    for member in [
      #""jwk":{"kty":"RSA","n":"\#(numbers.n)","e":"\#(numbers.e)"}"#,
      #""jku":"\#(made.issuer)/keys""#, #""x5u":"https://example.org""#, #""x5c":["AA=="]"#,
      #""crit":["exp"]"#, #""b64":false"#, #""zip":"DEF""#, #""typ":"at+jwt""#,
      #""typ":"logout+jwt""#, #""alg":"RS256""#, #""kid":"r""#, #""kid":"p""#,
      #""\u0061lg":"none""#,
    ] {
      let token = try made.token(#"{"alg":"RS256","kid":"r",\#(member)}"#, made.claims(), .rs256)
      let error = await TestTokens.error(verifier, token)
      #expect(error?.isAboutToken == true, "\(member): \(String(describing: error))")
    }
  }

  @Test func otherClaimsAreRefused() async throws {
    let made = try TestTokens()
    let verifier = made.verifier()
    let now = TestTokens.now
    let cases: [[String: String?]] = [
      ["iss": "\"https://other.example\""], ["iss": "\"\(made.issuer)/\""], ["iss": nil],
      ["aud": "\"other\""], ["aud": "[]"], ["aud": nil], ["aud": "7"],
      ["aud": "[\"urna-wallet\",\"other\"]", "azp": "\"urna-wallet\""],
      ["aud": "[\"urna-wallet\",\"other\"]"], ["azp": "\"other\""],
      ["aud": "\"urna-wallet \""], ["aud": "\"URNA-WALLET\""],
      ["exp": "\(now - 60)"], ["exp": nil], ["exp": "\"\(now + 300)\""], ["exp": "\(now).5"],
      ["exp": "9007199254740991"], ["exp": "1e99"], ["exp": "-1"],
      ["iat": "\(now + 61)"], ["iat": nil], ["nbf": "\(now + 61)"], ["nbf": "null"],
      ["nonce": "\"\(Base64URL.encode([UInt8](repeating: 1, count: 32)))\""], ["nonce": nil],
      ["nonce": "null"], ["nonce": "[\"\(TestTokens.nonce)\"]"], ["nonce": "\"\""],
    ]
    for changes in cases {
      let token = try made.token(Self.rs, made.claims(changes), .rs256)
      let error = await TestTokens.error(verifier, token)
      #expect(error?.isAboutToken == true, "\(changes): \(String(describing: error))")
    }
    for changes: [String: String?] in [
      ["personal_identifier": nil], ["personal_identifier": "42"],
      ["personal_identifier": "\"\""], ["personal_identifier": "\" 42\""],
      ["personal_identifier": "\"4\\u00002\""], ["personal_identifier": "\"4\u{0301}2\""],
      ["personal_identifier": "\"\(String(repeating: "4", count: 257))\""],
    ] {
      let token = try made.token(Self.rs, made.claims(changes), .rs256)
      let error = await TestTokens.error(verifier, token)
      guard case .identifier = error else {
        Issue.record("\(changes): \(String(describing: error))")
        continue
      }
    }
    // At the edge of the leeway, and with more than the least.
    for changes: [String: String?] in [
      ["exp": "\(now - 59)"], ["iat": "\(now + 60)"], ["nbf": "\(now + 60)"],
      ["aud": "[\"urna-wallet\"]"], ["azp": "\"urna-wallet\""], ["extra": "{\"a\":[1.5]}"],
    ] {
      let token = try made.token(Self.rs, made.claims(changes), .rs256)
      #expect(await TestTokens.error(verifier, token) == nil, "\(changes)")
    }
  }

  @Test func assuranceIsRequiredWhereConfigured() async throws {
    let made = try TestTokens()
    var rules = IDTokenRules(clientID: TestTokens.client)
    rules.contextClasses = ["high", "substantial"]
    rules.methods = ["pin", "hwk"]
    rules.otherAudiences = ["portal"]
    let verifier = made.verifier(rules)
    let good: [String: String?] = [
      "acr": "\"high\"", "amr": "[\"hwk\",\"pin\"]",
      "aud": "[\"portal\",\"urna-wallet\"]", "azp": "\"urna-wallet\"",
    ]
    let citizen = try await verifier.verify(
      try made.token(Self.rs, made.claims(good), .rs256), expectedNonce: TestTokens.nonce,
      at: TestTokens.now)
    #expect(citizen.identifier == "subject")
    for (name, value) in [
      ("acr", "\"low\""), ("acr", nil), ("acr", "[\"high\"]"), ("amr", "[\"pin\"]"), ("amr", nil),
      ("amr", "\"pin\""), ("azp", nil), ("azp", "\"portal\""), ("aud", "\"portal\""),
    ] {
      var changes = good
      changes[name] = .some(value)
      let token = try made.token(Self.rs, made.claims(changes), .rs256)
      #expect(await TestTokens.error(verifier, token)?.isAboutToken == true, "\(name)")
    }
  }

  @Test func otherBytesAreRefused() async throws {
    let made = try TestTokens()
    let verifier = made.verifier()
    let claims = made.claims()
    let good = try made.token(Self.rs, claims, .rs256)
    let text = String(decoding: good, as: UTF8.self)
    let parts = text.split(separator: ".").map(String.init)
    var tokens: [[UInt8]] = [
      [], Array(".".utf8), Array("..".utf8), Array(text.dropLast().utf8), Array("\(text)=".utf8),
      Array("\(text).".utf8), Array("\(text) ".utf8), Array(" \(text)".utf8),
      Array("\(text).\(parts[2])".utf8), Array("\(parts[0]).\(parts[1])".utf8),
      Array("\(parts[0]).\(parts[1]).".utf8), [UInt8](repeating: 0x61, count: 1 << 20),
      Array("\(parts[0]).\(String(repeating: "A", count: 1 << 20)).\(parts[2])".utf8),
    ]
    // Members twice, in each place, signed by the provider's key.
    let inner = claims.dropLast()
    for member in [
      "\"nonce\":\"x\"", "\"personal_identifier\":\"other\"", "\"\\u0069ss\":\"x\"",
      "\"sub\":\"subject\"",
    ] {
      tokens.append(try made.token(Self.rs, "\(inner),\(member)}", .rs256))
    }
    for claims in [
      "", "[]", "null", "\(claims) x", "\(claims)\(claims)", "\u{FEFF}\(claims)",
      "\(inner),\"deep\":\(String(repeating: "[", count: 5000))\(String(repeating: "]", count: 5000))}",
      "\(inner),\"long\":\"\(String(repeating: "a", count: 20_000))\"}",
    ] {
      tokens.append(try made.token(Self.rs, claims, .rs256))
    }
    tokens.append(
      try made.token(header: Array(Self.rs.utf8), claims: Array(claims.utf8) + [0xFF], .rs256))
    for (index, token) in tokens.enumerated() {
      let error = await TestTokens.error(verifier, token)
      #expect(error?.isAboutToken == true, "token \(index): \(String(describing: error))")
    }
    // Every character of a good token.
    #expect(await TestTokens.error(verifier, good) == nil)
    for position in stride(from: 0, to: good.count, by: 3) {
      var changed = good
      changed[position] = changed[position] == 0x41 ? 0x42 : 0x41
      let error = await TestTokens.error(verifier, changed)
      #expect(error?.isAboutToken == true, "character \(position): \(String(describing: error))")
    }
  }
}
