// SPDX-License-Identifier: Apache-2.0

internal import JWTKit
internal import StrictJSON

/// An algorithm that a token may be signed with (RFC 7518, section 3.1; RFC 8037). No other one is known here:
/// neither `none`, nor one with a shared secret.
enum OpenIDAlgorithm: String, CaseIterable {
  case rs256 = "RS256"
  case ps256 = "PS256"
  case es256 = "ES256"
  case edDSA = "EdDSA"
}

/// A public key of a provider (RFC 7517).
struct OpenIDKey: Hashable, Sendable {
  enum Material: Hashable, Sendable {
    /// n and e, big-endian.
    case rsa(modulus: [UInt8], exponent: [UInt8])
    /// x and y of P-256, 32 bytes each.
    case p256(x: [UInt8], y: [UInt8])
    /// x of Ed25519, 32 bytes.
    case ed25519(x: [UInt8])
  }

  let identifier: String?
  /// The only algorithm that the key is for, where it says one.
  let algorithm: String?
  let material: Material

  /// Bytes of n: 2048 to 8192 bits.
  static let modulusByteCounts = 256...1024
  static let maximumIdentifierByteCount = 256

  /// A key of a set; nil for one of a kind that signs no token here.
  init?(_ reader: JSONReader) throws(JSONError) {
    let fields = try reader.openFields()
    let type = try fields["kty"].string()
    identifier = try fields.optional("kid")?.string(
      minBytes: 1, maxBytes: Self.maximumIdentifierByteCount)
    algorithm = try fields.optional("alg")?.string(maxBytes: 64)
    if let use = try fields.optional("use")?.string(maxBytes: 64), use != "sig" { return nil }
    func bytes(_ name: String, _ counts: ClosedRange<Int>) throws(JSONError) -> [UInt8] {
      let reader = try fields[name]
      guard let bytes = Base64URL.decode(Array(try reader.string(maxBytes: 4096).utf8)),
        counts.contains(bytes.count)
      else { throw reader.failure("\(counts) bytes in base64url") }
      return bytes
    }
    switch type {
    case "RSA":
      let modulus = try bytes("n", Self.modulusByteCounts)
      guard modulus[0] != 0 else { throw reader.failure("a modulus without zeros in front") }
      material = .rsa(modulus: modulus, exponent: try bytes("e", 1...8))
    case "EC":
      guard try fields["crv"].string() == "P-256" else { return nil }
      material = .p256(x: try bytes("x", 32...32), y: try bytes("y", 32...32))
    case "OKP":
      guard try fields["crv"].string() == "Ed25519" else { return nil }
      material = .ed25519(x: try bytes("x", 32...32))
    default: return nil
    }
  }

  /// Whether a signature by this algorithm can be one of the key.
  func fits(_ algorithm: OpenIDAlgorithm) -> Bool {
    guard self.algorithm == nil || self.algorithm == algorithm.rawValue else { return false }
    return switch (algorithm, material) {
    case (.rs256, .rsa), (.ps256, .rsa), (.es256, .p256), (.edDSA, .ed25519): true
    default: false
    }
  }

  /// The public key alone, for the auditors.
  var json: JSONValue {
    func member(_ name: String, _ text: String) -> JSONMember {
      JSONMember(name: name, value: .string(text))
    }
    var members: [JSONMember] = []
    if let identifier { members.append(member("kid", identifier)) }
    switch material {
    case .rsa(let modulus, let exponent):
      members += [
        member("kty", "RSA"), member("n", Base64URL.encode(modulus)),
        member("e", Base64URL.encode(exponent)),
      ]
    case .p256(let x, let y):
      members += [
        member("kty", "EC"), member("crv", "P-256"), member("x", Base64URL.encode(x)),
        member("y", Base64URL.encode(y)),
      ]
    case .ed25519(let x):
      members += [
        member("kty", "OKP"), member("crv", "Ed25519"), member("x", Base64URL.encode(x)),
      ]
    }
    return .object(members)
  }

  /// Whether the token's signature is one by this key and this algorithm. The collection holds nothing else, so
  /// what the token's header says chooses nothing.
  func isSigner(of token: [UInt8], by algorithm: OpenIDAlgorithm) async -> Bool {
    guard fits(algorithm) else { return false }
    do {
      let keys = JWTKeyCollection()
      switch (algorithm, material) {
      case (.rs256, .rsa(let modulus, let exponent)):
        await keys.add(rsa: try Self.rsa(modulus, exponent), digestAlgorithm: .sha256)
      case (.ps256, .rsa(let modulus, let exponent)):
        await keys.add(pss: try Self.rsa(modulus, exponent), digestAlgorithm: .sha256)
      case (.es256, .p256(let x, let y)):
        await keys.add(
          ecdsa: try ES256PublicKey(
            parameters: (Base64URL.encode(x), Base64URL.encode(y))))
      case (.edDSA, .ed25519(let x)):
        await keys.add(
          eddsa: try EdDSA.PublicKey(x: Base64URL.encode(x), curve: .ed25519))
      default: return false
      }
      _ = try await keys.verify(token, as: AnyClaims.self)
      return true
    } catch { return false }
  }

  private static func rsa(
    _ modulus: [UInt8], _ exponent: [UInt8]
  ) throws -> Insecure.RSA.PublicKey {
    try Insecure.RSA.PublicKey(
      modulus: Base64URL.encode(modulus), exponent: Base64URL.encode(exponent))
  }

  /// The claims are read elsewhere, by a parser that takes no member twice.
  private struct AnyClaims: JWTPayload {
    func verify(using algorithm: some JWTAlgorithm) async throws {}
  }
}

/// The keys of a provider (RFC 7517, section 5).
struct OpenIDKeySet: Sendable {
  let keys: [OpenIDKey]

  static let maximumByteCount = 131_072
  static let maximumKeyCount = 64

  /// Reads a set. Keys of unknown kinds or without what they need are passed over, as the RFC says.
  /// - Throws: ``AuthenticationError/provider(_:)``.
  init(_ document: [UInt8]) throws(AuthenticationError) {
    do throws(JSONError) {
      let fields = try JSONReader(
        JSONValue(parsing: document, limits: OpenIDJSON.limits(Self.maximumByteCount))
      ).openFields()
      var keys: [OpenIDKey] = []
      for item in try fields["keys"].array(0...Self.maximumKeyCount) {
        do throws(JSONError) {
          if let key = try OpenIDKey(item) { keys.append(key) }
        } catch {
          // What is not in the form, or too short, is no key; the others are.
        }
      }
      self.keys = keys
    } catch { throw .provider("its keys: \(error)") }
  }

  /// The one key that a token can be signed with.
  ///
  /// - Parameter identifier: `kid` of the token. Without one, the set must have one such key only (OpenID Connect
  ///   Core 1.0, section 10.1).
  /// - Returns: nil unless there is exactly one.
  func key(_ identifier: String?, _ algorithm: OpenIDAlgorithm) -> OpenIDKey? {
    let found = keys.filter { key in
      guard key.fits(algorithm) else { return false }
      guard let identifier else { return true }
      return key.identifier.map { $0.utf8.elementsEqual(identifier.utf8) } ?? false
    }
    return found.count == 1 ? found[0] : nil
  }
}
