// SPDX-License-Identifier: Apache-2.0

public import Issuance
internal import StrictJSON

/// What an ID token must say.
public struct IDTokenRules: Hashable, Sendable {
  /// The name under which the provider knows the wallet. All issuers of an election have the same.
  public var clientID: String
  /// The claim with the personal identifier: `sub`, or one that the provider defines.
  public var identifierClaim: String
  /// Accepted authentication context classes; empty: not looked at.
  public var contextClasses: [String]
  /// Authentication methods that must all have been used; empty: not looked at.
  public var methods: [String]
  /// Other audiences that a token may name besides the wallet.
  public var otherAudiences: [String]
  /// Seconds that the clocks of provider and issuer may differ.
  public var leeway: Int64

  /// Rules; the defaults demand the least.
  public init(
    clientID: String, identifierClaim: String = "sub", contextClasses: [String] = [],
    methods: [String] = [], otherAudiences: [String] = [], leeway: Int64 = 60
  ) {
    self.clientID = clientID
    self.identifierClaim = identifierClaim
    self.contextClasses = contextClasses
    self.methods = methods
    self.otherAudiences = otherAudiences
    self.leeway = leeway
  }
}

/// Says who holds an ID token that a provider signed for one request (OpenID Connect Core 1.0, section 3.1.3.7).
///
/// `nonce` binds the token to the request: it is the hash of the request's bytes, so a token that is seen
/// elsewhere is worth nothing for another request.
public struct IDTokenVerifier: Sendable {
  private let provider: OpenIDProvider
  private let rules: IDTokenRules

  /// Most bytes of a token.
  public static let maximumByteCount = CompactToken.maximumByteCount

  /// A verifier for tokens of one provider.
  public init(provider: OpenIDProvider, rules: IDTokenRules) {
    self.provider = provider
    self.rules = rules
  }

  /// Checks a token: form, claims, then the signature by a key that the provider publishes.
  ///
  /// - Parameters:
  ///   - token: the compact form, ASCII. Personal.
  ///   - expectedNonce: base64url of SHA-256 of the request.
  ///   - time: seconds since 1970-01-01 00:00 UTC.
  /// - Returns: the citizen. The evidence is personal:
  ///   `{"issuer":…,"key":JWK,"time":…,"token":…,"version":1}`.
  /// - Throws: ``AuthenticationError``.
  public func verify(
    _ token: [UInt8], expectedNonce: String, at time: Int64
  ) async throws(AuthenticationError) -> CitizenIdentity {
    let parsed = try CompactToken(token)
    try IDTokenClaims.check(
      parsed.claims, issuer: provider.issuer, nonce: expectedNonce, rules: rules, at: time)
    let key = try await provider.key(parsed.keyIdentifier, parsed.algorithm)
    guard await key.isSigner(of: token, by: parsed.algorithm) else {
      throw .token("the provider signed it")
    }
    let identifier: String
    do throws(JSONError) {
      identifier = try parsed.claims[rules.identifierClaim].string(
        maxBytes: CitizenIdentity.maximumIdentifierByteCount)
    } catch { throw .identifier("the token has text in the configured claim") }
    guard CitizenIdentity.isIdentifier(identifier) else {
      throw .identifier("an identifier of 1 to 256 visible ASCII characters")
    }
    let evidence = JSONValue.object([
      JSONMember(name: "version", value: .integer(1)),
      JSONMember(name: "issuer", value: .string(provider.issuer)),
      JSONMember(name: "time", value: .integer(time)),
      JSONMember(name: "key", value: key.json),
      JSONMember(name: "token", value: .string(String(decoding: token, as: UTF8.self))),
    ]).canonicalBytes()
    return CitizenIdentity(identifier: identifier, evidence: evidence)
  }
}

/// Claims of ID tokens.
enum IDTokenClaims {
  /// Checks all that the signature does not.
  static func check(
    _ claims: JSONFields, issuer: String, nonce: String, rules: IDTokenRules, at time: Int64
  ) throws(AuthenticationError) {
    do throws(JSONError) {
      _ = try claims["iss"].string(oneOf: [issuer])
      _ = try claims["nonce"].string(oneOf: [nonce])
      try checkAudience(claims, rules)
      try checkTimes(claims, rules, time)
      if !rules.contextClasses.isEmpty {
        _ = try claims["acr"].string(oneOf: rules.contextClasses)
      }
      if !rules.methods.isEmpty {
        let reader = try claims["amr"]
        let used = try reader.array(0...32).map(\.value)
        guard rules.methods.allSatisfy({ used.contains(.string($0)) }) else {
          throw reader.failure("all required methods")
        }
      }
    } catch { throw .token(rule(error)) }
  }

  private static func checkAudience(
    _ claims: JSONFields, _ rules: IDTokenRules
  ) throws(JSONError) {
    let reader = try claims["aud"]
    let own = JSONValue.string(rules.clientID)
    let audiences: [JSONValue]
    if case .array = reader.value {
      audiences = try reader.array(1...16).map(\.value)
    } else {
      audiences = [reader.value]
    }
    let allowed = rules.otherAudiences.map { JSONValue.string($0) } + [own]
    guard audiences.contains(own), audiences.allSatisfy({ allowed.contains($0) }) else {
      throw reader.failure("this client, and no other one that is not allowed")
    }
    if let party = claims.optional("azp") {
      guard party.value == own else { throw party.failure("this client") }
    } else if audiences.count > 1 {
      throw try claims["azp"].failure("this client")
    }
  }

  private static func checkTimes(
    _ claims: JSONFields, _ rules: IDTokenRules, _ time: Int64
  ) throws(JSONError) {
    // Far from the ends, so that no sum overflows.
    let range = 0...(1 << 40)
    let now = min(max(time, 0), 1 << 40)
    let leeway = min(max(rules.leeway, 0), 3600)
    let expiry = try claims["exp"]
    guard Int64(try expiry.integer(range)) + leeway > now else {
      throw expiry.failure("not over")
    }
    for name in ["iat", "nbf"] {
      guard let claim = name == "iat" ? try claims[name] : claims.optional(name) else { continue }
      guard Int64(try claim.integer(range)) - leeway <= now else {
        throw claim.failure("not in the future")
      }
    }
  }

  private static func rule(_ error: JSONError) -> String { CompactToken.rule(error) }
}
