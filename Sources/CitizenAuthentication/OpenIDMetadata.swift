// SPDX-License-Identifier: Apache-2.0

internal import StrictJSON
public import WebClient

/// What a provider says about itself (OpenID Connect Discovery 1.0, section 3).
public struct OpenIDMetadata: Hashable, Sendable {
  /// The provider's name, which is the address in front of `/.well-known/openid-configuration`.
  public let issuer: String
  /// Whether an answer to a login names the provider (RFC 9207, section 3).
  public let namesIssuer: Bool
  let authorization: OpenIDEndpoint
  let token: OpenIDEndpoint
  let keys: OpenIDEndpoint

  /// Most bytes of the document.
  static let maximumByteCount = 65_536

  /// Reads the document.
  ///
  /// - Parameter issuer: the one that was asked for; the document must name it, byte for byte (section 4.3).
  /// - Throws: ``AuthenticationError/provider(_:)``.
  init(_ document: [UInt8], issuer: String) throws(AuthenticationError) {
    let fields: JSONFields
    let texts: [String]
    do throws(JSONError) {
      fields = try JSONReader(
        JSONValue(parsing: document, limits: OpenIDJSON.limits(Self.maximumByteCount))
      ).openFields()
      _ = try fields["issuer"].string(oneOf: [issuer])
      var read: [String] = []
      for name in ["authorization_endpoint", "token_endpoint", "jwks_uri"] {
        read.append(try fields[name].string(maxBytes: OpenIDEndpoint.maximumByteCount))
      }
      texts = read
      let names = "authorization_response_iss_parameter_supported"
      namesIssuer = try fields.optional(names)?.bool() ?? false
      if let methods = fields.optional("code_challenge_methods_supported") {
        // Where the provider says what it can do, S256 must be there (RFC 8414, section 2).
        guard try methods.array(0...64).contains(where: { $0.value == .string("S256") }) else {
          throw methods.failure("the provider supports PKCE with S256")
        }
      }
    } catch { throw .provider("its configuration: \(error)") }
    self.issuer = issuer
    authorization = try OpenIDEndpoint(texts[0], "authorization_endpoint")
    token = try OpenIDEndpoint(texts[1], "token_endpoint")
    keys = try OpenIDEndpoint(texts[2], "jwks_uri")
  }

  /// Asks a provider.
  ///
  /// - Parameters:
  ///   - issuer: `https://` and a host, a port where it is not the usual one, and a path; `http` only for this
  ///     machine. No query.
  ///   - client: makes the client of a server: other times, or a proxy.
  /// - Throws: ``AuthenticationError``.
  public static func discover(
    _ issuer: String, client: @Sendable (WebAddress) -> WebClient = { WebClient($0) }
  ) async throws(AuthenticationError) -> OpenIDMetadata {
    let address: WebAddress
    do throws(WebError) {
      address = try WebAddress(issuer)
      try OpenIDEndpoint.checkScheme(address, "issuer")
    } catch { throw .configuration("the provider: \(error.rule)") }
    let body = try await OpenIDJSON.get(
      client(address), ".well-known/openid-configuration",
      limit: maximumByteCount)
    return try OpenIDMetadata(body, issuer: issuer)
  }
}

/// How documents of providers are fetched and read.
enum OpenIDJSON {
  static func limits(_ bytes: Int) -> JSONLimits {
    JSONLimits(
      maxBytes: bytes, maxDepth: 12, maxStringBytes: bytes, maxItems: 4096, maxMembers: 256)
  }

  static func get(
    _ client: WebClient, _ path: String, limit: Int
  ) async throws(AuthenticationError) -> [UInt8] {
    do throws(WebError) {
      let response = try await client.get(path, limit: limit)
      guard response.status == 200 else { throw .status(path, response.status) }
      return response.body
    } catch { throw .web(error) }
  }
}
