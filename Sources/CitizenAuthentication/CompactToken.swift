// SPDX-License-Identifier: Apache-2.0

internal import Issuance
internal import StrictJSON

/// A token in its compact form (RFC 7515, section 7.1), taken apart and not yet believed.
struct CompactToken: Sendable {
  let bytes: [UInt8]
  let algorithm: OpenIDAlgorithm
  let keyIdentifier: String?
  let claims: JSONFields

  static let maximumByteCount = IDTokenText.maximumByteCount
  static let maximumHeaderByteCount = 2048
  static let maximumSignatureByteCount = 1024

  /// Takes a token apart.
  ///
  /// Members that stand twice, other escapes than JSON's and trailing bits are refused here, so that no other
  /// parser can read another token in the same bytes.
  ///
  /// - Throws: ``AuthenticationError/token(_:)``.
  init(_ bytes: [UInt8]) throws(AuthenticationError) {
    guard bytes.count <= Self.maximumByteCount else {
      throw .token("at most \(Self.maximumByteCount) bytes")
    }
    let parts = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard parts.count == 3, let header = Base64URL.decode(parts[0]),
      let payload = Base64URL.decode(parts[1]), let signature = Base64URL.decode(parts[2])
    else { throw .token("three parts in base64url") }
    guard header.count <= Self.maximumHeaderByteCount,
      (1...Self.maximumSignatureByteCount).contains(signature.count)
    else { throw .token("a header of at most 2048 bytes and a signature of 1 to 1024") }
    self.bytes = bytes
    do throws(JSONError) {
      let fields = try JSONReader(
        JSONValue(parsing: header, limits: OpenIDJSON.limits(Self.maximumHeaderByteCount)),
        path: "header"
      ).openFields()
      let name = try fields["alg"].string(oneOf: OpenIDAlgorithm.allCases.map(\.rawValue))
      guard let algorithm = OpenIDAlgorithm(rawValue: name) else {
        throw try fields["alg"].failure("a known algorithm")
      }
      self.algorithm = algorithm
      keyIdentifier = try fields.optional("kid")?.string(
        minBytes: 1, maxBytes: OpenIDKey.maximumIdentifierByteCount)
      // An access token or a logout token is no ID token (RFC 8725, section 3.11).
      if let type = fields.optional("typ") {
        guard try type.string(maxBytes: 64).uppercased() == "JWT" else {
          throw type.failure("JWT")
        }
      }
      // A key, or a place of one, that the sender names; and what must be understood but is not.
      for name in ["crit", "b64", "jwk", "jku", "x5u", "x5c", "zip", "enc"] {
        if let member = fields.optional(name) { throw member.failure("the member is not used") }
      }
      claims = try JSONReader(
        JSONValue(parsing: payload, limits: OpenIDJSON.limits(Self.maximumByteCount)),
        path: "claims"
      ).openFields()
    } catch { throw .token(Self.rule(error)) }
  }

  /// Names of members may be chosen by a stranger; only those that this program knows are repeated.
  static func rule(_ error: JSONError) -> String {
    let known: Set<String> = [
      "header", "header.alg", "header.kid", "header.typ", "header.crit", "header.b64",
      "header.jwk", "header.jku", "header.x5u", "header.x5c", "header.zip", "header.enc",
      "claims", "claims.iss", "claims.aud", "claims.azp", "claims.exp", "claims.iat",
      "claims.nbf", "claims.nonce", "claims.acr", "claims.amr",
    ]
    return known.contains(error.path) ? "\(error.path): \(error.rule)" : error.rule
  }
}
