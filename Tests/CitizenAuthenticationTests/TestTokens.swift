// SPDX-License-Identifier: Apache-2.0

import CitizenAuthentication
import Crypto
import CryptoExtras
import Foundation
import Synchronization
import TestSupport

/// Tokens signed by swift-crypto, byte for byte as a test wants them, and a server that publishes the keys.
final class TestTokens: Sendable {
  let rsa: _RSA.Signing.PrivateKey
  /// n and e, as they stand in a set of keys.
  let modulus: (n: String, e: String)
  let p256 = P256.Signing.PrivateKey()
  let ed25519 = Curve25519.Signing.PrivateKey()
  let server: RawServer
  let issuer: String
  private let box: Box

  /// What the server answers.
  final class Box: Sendable {
    let keys = Mutex<String>("")
    let configuration = Mutex<String>("")
    let fetches = Mutex(0)
    let status = Mutex(200)
  }

  init() throws {
    rsa = try _RSA.Signing.PrivateKey(keySize: .bits2048)
    let parts = try rsa.publicKey.getKeyPrimitives()
    modulus = (
      Base64URL.encode([UInt8](parts.modulus)), Base64URL.encode([UInt8](parts.publicExponent))
    )
    let box = Box()
    server = try RawServer(answering: { _, request, connection in
      let fields = ["Content-Type: application/json"]
      switch request.path {
      case ".well-known/openid-configuration":
        return connection.answer(200, fields, body: Array(box.configuration.withLock { $0 }.utf8))
      case "keys":
        box.fetches.withLock { $0 += 1 }
        return connection.answer(
          box.status.withLock { $0 }, fields, body: Array(box.keys.withLock { $0 }.utf8))
      default: return connection.answer(404)
      }
    })
    issuer = server.address
    self.box = box
    configuration = Self.configuration(issuer: issuer)
    keys = keySet()
  }

  var configuration: String {
    get { box.configuration.withLock { $0 } }
    set { box.configuration.withLock { $0 = newValue } }
  }

  var keys: String {
    get { box.keys.withLock { $0 } }
    set { box.keys.withLock { $0 = newValue } }
  }

  /// How often the keys were asked for.
  var fetches: Int { box.fetches.withLock { $0 } }

  func fail(with status: Int) { box.status.withLock { $0 = status } }

  static func configuration(issuer: String, more: String = "") -> String {
    """
    {"issuer":"\(issuer)","authorization_endpoint":"\(issuer)/authorize","token_endpoint":"\(issuer)/token",\
    "jwks_uri":"\(issuer)/keys"\(more)}
    """
  }

  /// The public RSA key in the forms that somebody may take for a shared secret.
  var publicForms: [[UInt8]] {
    let pem = Array(rsa.publicKey.pemRepresentation.utf8)
    return [pem, pem + [0x0A], [UInt8](rsa.publicKey.derRepresentation)]
  }

  func keySet(rsaAlgorithm: String? = nil, more: String = "") -> String {
    let point = [UInt8](p256.publicKey.rawRepresentation)
    let algorithm = rsaAlgorithm.map { ",\"alg\":\"\($0)\"" } ?? ""
    return """
      {"keys":[{"kty":"RSA","kid":"r","use":"sig","n":"\(modulus.n)","e":"\(modulus.e)"\(algorithm)},
      {"kty":"EC","crv":"P-256","kid":"p","x":"\(Base64URL.encode(Array(point.prefix(32))))",\
      "y":"\(Base64URL.encode(Array(point.suffix(32))))"},
      {"kty":"OKP","crv":"Ed25519","kid":"d",\
      "x":"\(Base64URL.encode([UInt8](ed25519.publicKey.rawRepresentation)))"}\(more)]}
      """
  }

  // MARK: Tokens

  static let nonce = Base64URL.encode(Array(0..<32))
  static let client = "urna-wallet"
  static let now: Int64 = 2_000_000_000

  /// Claims of a good token, some of them replaced; a replacement by nil removes.
  func claims(_ changes: [String: String?] = [:]) -> String {
    var members: [String: String] = [
      "iss": "\"\(issuer)\"", "sub": "\"subject\"", "aud": "\"\(Self.client)\"",
      "exp": "\(Self.now + 300)", "iat": "\(Self.now)", "nonce": "\"\(Self.nonce)\"",
      "personal_identifier": "\"PNOXX-42\"",
    ]
    for (name, value) in changes { members[name] = value }
    return "{"
      + members.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }
      .joined(separator: ",") + "}"
  }

  enum Signer { case rs256, ps256, es256, edDSA, none, hmac([UInt8]) }

  /// A token with exactly this header and these claims.
  func token(_ header: String, _ claims: String, _ signer: Signer) throws -> [UInt8] {
    try token(header: Array(header.utf8), claims: Array(claims.utf8), signer)
  }

  func token(header: [UInt8], claims: [UInt8], _ signer: Signer) throws -> [UInt8] {
    let signed = Array("\(Base64URL.encode(header)).\(Base64URL.encode(claims))".utf8)
    let signature: [UInt8] =
      switch signer {
      case .rs256:
        [UInt8](
          try rsa.signature(for: SHA256.hash(data: signed), padding: .insecurePKCS1v1_5)
            .rawRepresentation)
      case .ps256:
        [UInt8](
          try rsa.signature(for: SHA256.hash(data: signed), padding: .PSS).rawRepresentation)
      case .es256: [UInt8](try p256.signature(for: SHA256.hash(data: signed)).rawRepresentation)
      case .edDSA: [UInt8](try ed25519.signature(for: signed))
      case .none: []
      case .hmac(let key):
        [UInt8](HMAC<SHA256>.authenticationCode(for: signed, using: SymmetricKey(data: key)))
      }
    return signed + [UInt8(ascii: ".")] + Array(Base64URL.encode(signature).utf8)
  }

  func verifier(_ rules: IDTokenRules? = nil) -> IDTokenVerifier {
    IDTokenVerifier(
      provider: OpenIDProvider(issuer: issuer),
      rules: rules ?? IDTokenRules(clientID: Self.client, identifierClaim: "personal_identifier"))
  }

  /// Why a token is refused; nil if it is not.
  static func error(_ verifier: IDTokenVerifier, _ token: [UInt8]) async -> AuthenticationError? {
    do throws(AuthenticationError) {
      _ = try await verifier.verify(token, expectedNonce: nonce, at: now)
      return nil
    } catch { return error }
  }
}

extension AuthenticationError {
  /// Whether the token itself is at fault.
  var isAboutToken: Bool {
    guard case .token = self else { return false }
    return true
  }
}
