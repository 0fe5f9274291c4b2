// SPDX-License-Identifier: Apache-2.0

public import Cryptography
public import Election
public import Groups
public import StrictJSON

/// What a citizen sends to an issuer: `POST /v1/issue`.
///
///     {"blinded":"…","idToken":"…","record":{…},"version":1}
///
/// `record` is the payload of `credential.issuance`, the same for all issuers; `blinded` is the message for this
/// one. `idToken` is there where an identity provider says who asks: its nonce is the request's hash.
public struct IssueMessage: Sendable {
  /// The record.
  public let record: CredentialIssuance
  /// blinded_msg for the issuer that is asked.
  public let blinded: [UInt8]
  /// An ID token in its compact form; nil for citizens who show who they are in another way. Personal.
  public let idToken: [UInt8]?

  /// Most bytes of a message.
  public static let maximumByteCount = 49_152

  /// A message from its parts.
  public init(record: CredentialIssuance, blinded: [UInt8], idToken: [UInt8]? = nil) {
    self.record = record
    self.blinded = blinded
    self.idToken = idToken
  }

  /// Reads a message.
  /// - Throws: `JSONError`.
  public init(bytes: [UInt8], in group: Group) throws(JSONError) {
    let value = try JSONValue(
      parsing: bytes,
      limits: JSONLimits(
        maxBytes: Self.maximumByteCount, maxDepth: 8, maxStringBytes: IDTokenText.maximumByteCount,
        maxItems: 1000, maxMembers: 32))
    let fields = try JSONReader(value).fields(
      ["blinded", "record", "version"], optional: ["idToken"])
    _ = try fields["version"].integer(1...1)
    record = try CredentialIssuance(fields["record"], in: group)
    blinded = try fields["blinded"].hex(bytes: 256...512)
    idToken = try fields.optional("idToken").map(IDTokenText.bytes)
  }

  /// The message as it is sent.
  public func bytes(in group: Group) throws(JSONError) -> [UInt8] {
    let record = try JSONValue(parsingCanonical: record.bytes(in: group))
    return JSONValue.object(
      [
        JSONMember(name: "version", value: .integer(1)),
        JSONMember(name: "blinded", value: .string(Hex.encode(blinded))),
        JSONMember(name: "record", value: record),
      ] + IDTokenText.members(idToken)
    ).canonicalBytes()
  }
}

/// ID tokens in messages.
public enum IDTokenText {
  /// Most bytes of a token.
  public static let maximumByteCount = 16_384

  static func bytes(_ reader: JSONReader) throws(JSONError) -> [UInt8] {
    Array(try reader.string(minBytes: 1, maxBytes: maximumByteCount).utf8)
  }

  static func members(_ token: [UInt8]?) -> [JSONMember] {
    token.map {
      [JSONMember(name: "idToken", value: .string(String(decoding: $0, as: UTF8.self)))]
    } ?? []
  }
}

/// The question of a citizen who is known by an identifier for the own entry of the roll: `POST /v1/entry`.
///
///     {"version":1}                                   shown by a certificate
///     {"idToken":"…","random":"…","version":1}        shown by an identity provider
///
/// The token's nonce is ``nonce(scope:)``.
public struct IdentifiedQuestion: Hashable, Sendable {
  /// What the provider says.
  public struct Token: Hashable, Sendable {
    /// The token in its compact form. Personal.
    public let bytes: [UInt8]
    /// 32 bytes that the wallet chose for this question.
    public let random: Digest
  }

  /// The token, if a provider says who asks.
  public let token: Token?

  /// The question of a citizen with a certificate.
  public init() { token = nil }

  /// The question of a citizen with an ID token.
  public init(idToken: [UInt8], random: Digest) { token = Token(bytes: idToken, random: random) }

  /// Reads a question.
  /// - Throws: `JSONError`.
  init(_ fields: JSONFields) throws(JSONError) {
    guard let token = fields.optional("idToken") else {
      self.token = nil
      return
    }
    self.token = Token(
      bytes: try IDTokenText.bytes(token), random: try fields["random"].digest())
  }

  /// The question as it is sent.
  public var bytes: [UInt8] {
    var members = [JSONMember(name: "version", value: .integer(1))]
    if let token {
      members += IDTokenText.members(token.bytes)
      members.append(JSONMember(name: "random", value: .string(token.random.hex)))
    }
    return JSONValue.object(members).canonicalBytes()
  }

  /// What the token of a question is bound to, as ``Election/IssueRequest/hash`` is what the token of a request is
  /// bound to.
  public static func nonce(scope: CredentialScope, random: Digest) -> Digest {
    SHA256.hash(IssueRequest.identifiedQuestion(scope: scope, random: random))
  }
}

/// A question for an entry of the roll, by keys of the entry or by who the citizen is.
public enum EntryQuestion: Sendable {
  case keys(RollQuestion)
  case identified(IdentifiedQuestion)

  /// Most bytes of a question.
  public static let maximumByteCount = 24_576

  /// Reads a question.
  /// - Throws: `JSONError`.
  public init(bytes: [UInt8]) throws(JSONError) {
    let reader = JSONReader(
      try JSONValue(
        parsing: bytes,
        limits: .message(
          maxBytes: Self.maximumByteCount, maxStringBytes: IDTokenText.maximumByteCount)))
    let fields = try reader.fields(
      ["version"], optional: ["district", "idToken", "index", "keys", "random", "signatures"])
    _ = try fields["version"].integer(1...1)
    guard fields.optional("district") == nil else {
      self = .keys(
        try RollQuestion(
          try reader.fields(["district", "index", "keys", "signatures", "version"])))
      return
    }
    guard fields.optional("idToken") == nil else {
      self = .identified(
        try IdentifiedQuestion(try reader.fields(["idToken", "random", "version"])))
      return
    }
    self = .identified(try IdentifiedQuestion(try reader.fields(["version"])))
  }
}

/// What an issuer answers.
///
///     {"blindSignature":"…","issuer":1,"receipt":"…","request":"…","version":1}
public struct IssueAnswer: Hashable, Sendable {
  /// j
  public let issuer: Int
  /// The request's name.
  public let request: Digest
  /// blind_sig
  public let blindSignature: [UInt8]
  /// The issuer's Ed25519 signature over ``Election/IssueRequest/receipt(issuer:request:blindSignature:)``.
  public let receipt: [UInt8]

  /// Most bytes of an answer.
  public static let maximumByteCount = 4096

  /// An answer from its parts.
  public init(issuer: Int, request: Digest, blindSignature: [UInt8], receipt: [UInt8]) {
    self.issuer = issuer
    self.request = request
    self.blindSignature = blindSignature
    self.receipt = receipt
  }

  /// Reads an answer.
  /// - Throws: `JSONError`.
  public init(bytes: [UInt8]) throws(JSONError) {
    let value = try JSONValue(
      parsing: bytes, limits: .message(maxBytes: Self.maximumByteCount, maxStringBytes: 2048))
    let fields = try JSONReader(value).fields([
      "blindSignature", "issuer", "receipt", "request", "version",
    ])
    _ = try fields["version"].integer(1...1)
    issuer = try fields["issuer"].integer(1...CredentialTerms.maximumIssuers)
    request = try fields["request"].digest()
    blindSignature = try fields["blindSignature"].hex(bytes: 256...512)
    receipt = try fields["receipt"].hex(bytes: Ed25519.signatureByteCount)
  }

  /// The members of the answer.
  public var json: JSONValue {
    .object([
      JSONMember(name: "version", value: .integer(1)),
      JSONMember(name: "issuer", value: .integer(Int64(issuer))),
      JSONMember(name: "request", value: .string(request.hex)),
      JSONMember(name: "blindSignature", value: .string(Hex.encode(blindSignature))),
      JSONMember(name: "receipt", value: .string(Hex.encode(receipt))),
    ])
  }

  /// Whether the issuer with this key signed the receipt.
  public func isReceiptValid(key: Ed25519.PublicKey) -> Bool {
    key.isValid(
      signature: receipt,
      for: IssueRequest.receipt(
        issuer: issuer, request: request, blindSignature: blindSignature))
  }
}

/// A citizen's question for the own entry of the roll: `POST /v1/entry`. Signed by all keys of the entry:
/// `"urna/entry-question/v1" ‖ 00 ‖ scope ‖ u32 district ‖ u32 i`.
///
///     {"district":1,"index":5,"keys":["…"],"signatures":["…"],"version":1}
public struct RollQuestion: Sendable {
  /// The district's number.
  public let district: Int
  /// i
  public let index: Int
  /// K_i
  public let keys: [Ed25519.PublicKey]
  /// The signature of each key.
  public let signatures: [[UInt8]]

  /// A question from its parts.
  public init(district: Int, index: Int, keys: [Ed25519.PublicKey], signatures: [[UInt8]]) {
    self.district = district
    self.index = index
    self.keys = keys
    self.signatures = signatures
  }

  /// - Throws: `JSONError`.
  init(_ fields: JSONFields) throws(JSONError) {
    district = try fields["district"].integer(1...CredentialTerms.maximumDistricts)
    index = try fields["index"].integer(1...CredentialTerms.maximumVoters)
    keys = try fields["keys"].list(1...RollIdentity.maximumKeys) { item throws(JSONError) in
      try item.publicKey()
    }
    signatures = try fields["signatures"].list(keys.count...keys.count) { item throws(JSONError) in
      try item.hex(bytes: Ed25519.signatureByteCount)
    }
  }

  /// The question as it is sent.
  public var bytes: [UInt8] {
    JSONValue.object([
      JSONMember(name: "version", value: .integer(1)),
      JSONMember(name: "district", value: .integer(Int64(district))),
      JSONMember(name: "index", value: .integer(Int64(index))),
      JSONMember(name: "keys", value: .array(keys.map { .string($0.hex) })),
      JSONMember(name: "signatures", value: .array(signatures.map { .string(Hex.encode($0)) })),
    ]).canonicalBytes()
  }
}

/// What the roll says of the citizen who asked: where the entry is, and what shows it to everybody.
///
///     {"district":1,"index":5,"path":["…"],"salt":"…","version":1}
public struct RollAnswer: Hashable, Sendable {
  /// The district's number.
  public let district: Int
  /// i
  public let index: Int
  /// salt_i
  public let salt: Digest
  /// The path to the roll's root.
  public let path: [Digest]

  /// Most bytes of an answer.
  public static let maximumByteCount = 8192

  /// An answer from its parts.
  public init(district: Int, index: Int, salt: Digest, path: [Digest]) {
    self.district = district
    self.index = index
    self.salt = salt
    self.path = path
  }

  /// Reads an answer.
  /// - Throws: `JSONError`.
  public init(bytes: [UInt8]) throws(JSONError) {
    let value = try JSONValue(parsing: bytes, limits: .message(maxBytes: Self.maximumByteCount))
    let fields = try JSONReader(value).fields(["district", "index", "path", "salt", "version"])
    _ = try fields["version"].integer(1...1)
    district = try fields["district"].integer(1...CredentialTerms.maximumDistricts)
    index = try fields["index"].integer(1...CredentialTerms.maximumVoters)
    salt = try fields["salt"].digest()
    path = try fields["path"].path()
  }

  /// The members of the answer.
  public var json: JSONValue {
    .object([
      JSONMember(name: "version", value: .integer(1)),
      JSONMember(name: "district", value: .integer(Int64(district))),
      JSONMember(name: "index", value: .integer(Int64(index))),
      JSONMember(name: "path", value: .array(path.map { .string($0.hex) })),
      JSONMember(name: "salt", value: .string(salt.hex)),
    ])
  }
}
