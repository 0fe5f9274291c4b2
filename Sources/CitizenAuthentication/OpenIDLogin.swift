// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
internal import StrictJSON
public import WebClient

/// One login of a citizen at a provider, seen from the wallet: the authorization code flow (OpenID Connect Core
/// 1.0, section 3.1) of a program without a secret of its own (RFC 8252), with PKCE (RFC 7636).
///
/// The browser is sent to ``address``. It comes back to the redirection address with a code, which ``token(for:from:otherAudiences:at:client:)``
/// exchanges for the ID token. Secret: the verifier of PKCE, which leaves the wallet only towards the provider.
public struct OpenIDLogin: ~Copyable, Sendable {
  /// The provider's name.
  public let issuer: String
  /// The wallet's name at the provider.
  public let clientID: String
  /// Where the browser comes back to.
  public let redirection: String
  /// `state`: shows that an address that came back belongs to this login.
  public let state: String
  /// base64url of SHA-256 of the request that the token will be bound to.
  public let nonce: String
  private let verifier: SecretBytes

  /// Bytes of `state` and of the verifier before they are encoded.
  private static let randomByteCount = 32

  /// Begins a login.
  ///
  /// - Parameters:
  ///   - redirection: ``RedirectListener/address``, or another one that the provider knows.
  ///   - nonce: base64url of SHA-256 of the request's bytes.
  /// - Throws: ``AuthenticationError/configuration(_:)``, ``AuthenticationError/operatingSystem(_:)``.
  public init(
    issuer: String, clientID: String, redirection: String, nonce: String
  ) throws(AuthenticationError) {
    let state: [UInt8]
    let random: SecretBytes
    do throws(CryptographyError) {
      state = try SecureRandom.bytes(Self.randomByteCount)
      random = try SecretBytes(random: Self.randomByteCount)
    } catch { throw .operatingSystem(error.description) }
    var bytes = random.revealed()
    var text = Array(Base64URL.encode(bytes).utf8)
    for index in bytes.indices { bytes[index] = 0 }
    try self.init(
      issuer: issuer, clientID: clientID, redirection: redirection,
      state: Base64URL.encode(state), nonce: nonce, verifier: SecretBytes.wiping(&text))
  }

  private init(
    issuer: String, clientID: String, redirection: String, state: String, nonce: String,
    verifier: consuming SecretBytes
  ) throws(AuthenticationError) {
    guard Base64URL.decode(Array(nonce.utf8))?.count == Digest.byteCount else {
      throw .configuration("the nonce is 32 bytes in base64url")
    }
    guard (1...255).contains(clientID.utf8.count), Self.isVisible(clientID) else {
      throw .configuration("the wallet's name at the provider is 1 to 255 visible characters")
    }
    guard (1...1024).contains(redirection.utf8.count), Self.isVisible(redirection),
      !redirection.contains("#"), !redirection.contains("?")
    else {
      throw .configuration("the redirection address has neither a query nor a fragment")
    }
    self.issuer = issuer
    self.clientID = clientID
    self.redirection = redirection
    self.state = state
    self.nonce = nonce
    self.verifier = verifier
  }

  /// A text without blanks and line ends at its ends, as an editor leaves them.
  private static func line(_ text: String) -> String {
    let isBlank = { (byte: UInt8) in byte == 0x20 || (0x09...0x0D).contains(byte) }
    var bytes = Array(text.utf8)[...]
    while let last = bytes.last, isBlank(last) { bytes.removeLast() }
    return String(decoding: bytes.drop(while: isBlank), as: UTF8.self)
  }

  private static func isVisible(_ text: String) -> Bool {
    text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
  }

  // MARK: The address for the browser

  /// The address that the citizen opens in a browser.
  ///
  /// - Parameters:
  ///   - scopes: besides `openid`.
  ///   - contextClasses: `acr_values`, in the order of preference.
  public borrowing func address(
    at provider: OpenIDMetadata, scopes: [String] = [], contextClasses: [String] = []
  ) -> String {
    let challenge = Base64URL.encode(SHA256.hash(verifier).bytes)
    var fields = [
      ("response_type", "code"), ("client_id", clientID), ("redirect_uri", redirection),
      ("scope", (["openid"] + scopes).joined(separator: " ")), ("state", state),
      ("nonce", nonce), ("code_challenge", challenge), ("code_challenge_method", "S256"),
    ]
    if !contextClasses.isEmpty {
      fields.append(("acr_values", contextClasses.joined(separator: " ")))
    }
    let endpoint = provider.authorization.text
    return endpoint + (endpoint.contains("?") ? "&" : "?") + FormFields.text(fields)
  }

  // MARK: What came back

  /// The code in the address that the browser came back to. A credential for one exchange; of no use without the
  /// verifier.
  ///
  /// - Parameter address: the whole address, as the listener or the citizen gives it; line ends around it are
  ///   passed over.
  /// - Throws: ``AuthenticationError/login(_:)``.
  borrowing func code(
    in address: String, from provider: OpenIDMetadata
  ) throws(AuthenticationError) -> String {
    let address = Self.line(address)
    guard address.utf8.count <= 8192, address.utf8.starts(with: "\(redirection)?".utf8) else {
      throw .login("the address that came back begins with the redirection address")
    }
    let query = address.utf8.dropFirst(redirection.utf8.count + 1)
    guard let fields = FormFields.values(Array(query)) else {
      throw .login("the address that came back has a query in which no name stands twice")
    }
    guard let state = fields["state"], state.utf8.elementsEqual(self.state.utf8) else {
      throw .login("the address that came back is the one of this login")
    }
    if let named = fields["iss"] {
      guard named.utf8.elementsEqual(provider.issuer.utf8) else {
        throw .login("the provider that answers is the one that was asked")
      }
    } else if provider.namesIssuer {
      throw .login("the provider names itself in its answer")
    }
    if let error = fields["error"] {
      throw .login("the provider refused: \(FormFields.errorCode(error))")
    }
    guard let code = fields["code"], (1...4096).contains(code.utf8.count) else {
      throw .login("the address that came back has a code")
    }
    return code
  }

  /// Exchanges the code for the ID token. Form and claims are checked here; the signature is for the issuer.
  ///
  /// - Parameters:
  ///   - address: the whole address that the browser came back to.
  ///   - otherAudiences: what ``IDTokenRules/otherAudiences`` of the issuers allows.
  ///   - time: seconds since 1970-01-01 00:00 UTC.
  ///   - client: makes the client of a server: other times, or a proxy.
  /// - Returns: the token in its compact form. Personal.
  /// - Throws: ``AuthenticationError``.
  public borrowing func token(
    for address: String, from provider: OpenIDMetadata, otherAudiences: [String] = [],
    at time: Int64, client: @Sendable (WebAddress) -> WebClient = { WebClient($0) }
  ) async throws(AuthenticationError) -> [UInt8] {
    guard provider.issuer.utf8.elementsEqual(issuer.utf8) else {
      throw .configuration("the provider is the one of this login")
    }
    let code = try code(in: address, from: provider)
    let body = FormFields.text([
      ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", redirection),
      ("client_id", clientID),
      ("code_verifier", String(decoding: verifier.revealed(), as: UTF8.self)),
    ])
    let (server, path) = try provider.token.split()
    let response: WebResponse
    do throws(WebError) {
      response = try await client(server).post(
        path, body: Array(body.utf8), contentType: "application/x-www-form-urlencoded",
        limit: Self.maximumAnswerByteCount)
    } catch { throw .web(error) }
    let token = try Self.token(in: response)
    let parsed = try CompactToken(token)
    try IDTokenClaims.check(
      parsed.claims, issuer: issuer, nonce: nonce,
      rules: IDTokenRules(
        clientID: clientID, otherAudiences: otherAudiences, leeway: Self.ownLeeway), at: time)
    return token
  }

  private static let maximumAnswerByteCount = 65_536
  /// Clocks of citizens' machines are wrong more often than those of issuers, which decide.
  private static let ownLeeway: Int64 = 3600

  private static func token(in response: WebResponse) throws(AuthenticationError) -> [UInt8] {
    do throws(JSONError) {
      let fields = try JSONReader(
        JSONValue(
          parsing: response.body, limits: OpenIDJSON.limits(maximumAnswerByteCount))
      ).openFields()
      guard response.status == 200 else {
        let code = try fields["error"].string(maxBytes: 256)
        throw JSONError(path: "error", rule: FormFields.errorCode(code))
      }
      return Array(
        try fields["id_token"].string(maxBytes: CompactToken.maximumByteCount).utf8)
    } catch {
      guard response.status == 200 else {
        throw .login(
          error.path == "error"
            ? "the provider refused the code: \(error.rule)"
            : "the provider refused the code with status \(response.status)")
      }
      throw .provider("its answer with the token: \(error.rule)")
    }
  }
}
