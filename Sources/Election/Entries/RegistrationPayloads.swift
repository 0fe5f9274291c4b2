// SPDX-License-Identifier: Apache-2.0

public import Cryptography
public import Groups
public import StrictJSON

/// The commission opens the registration: from here on citizens ask for credentials.
public struct RegistrationOpened: EntryPayload, Equatable {
  /// `registration.opened`
  public static let type = EntryType.registrationOpened

  /// An opening.
  public init() {}

  /// Reads the payload.
  /// - Throws: `JSONError`.
  public init(_ reader: JSONReader, in group: Group) throws(JSONError) {
    _ = try reader.payloadFields([])
  }

  /// The members of the payload.
  public func members(in group: Group) -> [JSONMember] { [] }
}

/// The commission ends the registration and opens the activation.
public struct ActivationOpened: EntryPayload, Equatable {
  /// `activation.opened`
  public static let type = EntryType.activationOpened
  /// Records of issuance by district, cancelled ones among them.
  public var issued: [Int]

  /// An opening from its part.
  public init(issued: [Int]) { self.issued = issued }

  /// Reads the payload.
  /// - Throws: `JSONError`.
  public init(_ reader: JSONReader, in group: Group) throws(JSONError) {
    issued = try reader.payloadFields(["issued"])["issued"].list(
      1...CredentialTerms.maximumDistricts
    ) { count throws(JSONError) in try count.integer(0...Int(Int32.max)) }
  }

  /// The members of the payload.
  public func members(in group: Group) -> [JSONMember] {
    [JSONMember(name: "issued", value: .array(issued.map(\.json)))]
  }
}

/// How a record of issuance shows that its keys belong to the roll's entry.
public enum IssuanceEvidence: Hashable, Sendable {
  /// The salt and the path to the roll's root: anybody can check.
  case open(salt: Digest, path: [Digest])
  /// SHA-256 of the sealed evidence that issuers keep for auditors: salt, path, and the citizen's certificate or
  /// token.
  case sealed(Digest)
}

/// A citizen has asked for a credential. Whose entry it is does not show; that the entry's credential is issued
/// does.
public struct CredentialIssuance: EntryPayload, Equatable {
  /// `credential.issuance`
  public static let type = EntryType.credentialIssuance
  /// The district's number.
  public var district: Int
  /// i, the number of the roll's entry.
  public var index: Int
  /// How many requests of this entry were cancelled before.
  public var attempt: Int
  /// SHA-256 of the blinded message for each issuer.
  public var blinded: [Digest]
  /// K_i
  public var keys: [Ed25519.PublicKey]
  /// The signature of each key over ``IssueRequest/bytes``; 64 bytes each.
  public var signatures: [[UInt8]]
  /// How the keys belong to the entry.
  public var evidence: IssuanceEvidence

  /// A record from its parts.
  public init(
    request: IssueRequest, keys: [Ed25519.PublicKey], signatures: [[UInt8]],
    evidence: IssuanceEvidence
  ) {
    district = request.district
    index = request.index
    attempt = request.attempt
    blinded = request.blinded
    self.keys = keys
    self.signatures = signatures
    self.evidence = evidence
  }

  /// What the keys signed.
  public func request(in scope: CredentialScope) -> IssueRequest {
    IssueRequest(
      scope: scope, district: district, index: index, attempt: attempt, blinded: blinded)
  }

  /// Reads the payload.
  /// - Throws: `JSONError`.
  public init(_ reader: JSONReader, in group: Group) throws(JSONError) {
    let fields = try reader.payloadFields([
      "attempt", "blinded", "district", "evidence", "index", "keys", "signatures",
    ])
    district = try fields["district"].integer(1...CredentialTerms.maximumDistricts)
    index = try fields["index"].integer(1...CredentialTerms.maximumVoters)
    attempt = try fields["attempt"].integer(0...IssueRequest.maximumAttempt)
    blinded = try fields["blinded"].list(1...CredentialTerms.maximumIssuers) {
      item throws(JSONError) in try item.digest()
    }
    keys = try fields["keys"].list(1...RollIdentity.maximumKeys) { item throws(JSONError) in
      try item.publicKey()
    }
    signatures = try fields["signatures"].list(keys.count...keys.count) { item throws(JSONError) in
      try item.hex(bytes: Ed25519.signatureByteCount)
    }
    let reader = try fields["evidence"]
    let evidence = try reader.fields([], optional: ["path", "salt", "sealed"])
    switch (evidence.optional("path"), evidence.optional("salt"), evidence.optional("sealed")) {
    case (let path?, let salt?, nil):
      self.evidence = .open(
        salt: try salt.digest(),
        path: try path.list(0...32) { item throws(JSONError) in try item.digest() })
    case (nil, nil, let sealed?): self.evidence = .sealed(try sealed.digest())
    default: throw reader.failure("either salt and path, or sealed")
    }
  }

  /// The members of the payload.
  public func members(in group: Group) -> [JSONMember] {
    let evidence: JSONValue =
      switch self.evidence {
      case .open(let salt, let path):
        ["path": .array(path.map(\.json)), "salt": salt.json]
      case .sealed(let digest): ["sealed": digest.json]
      }
    return [
      JSONMember(name: "attempt", value: attempt.json),
      JSONMember(name: "blinded", value: .array(blinded.map(\.json))),
      JSONMember(name: "district", value: district.json),
      JSONMember(name: "evidence", value: evidence),
      JSONMember(name: "index", value: index.json),
      JSONMember(name: "keys", value: .array(keys.map { .string($0.hex) })),
      JSONMember(name: "signatures", value: .array(signatures.map { .string(Hex.encode($0)) })),
    ]
  }
}

/// A credential with its signatures: what the holder of P shows, over a way that leads to nobody.
public struct CredentialActivation: EntryPayload, Equatable {
  /// `credential.activation`
  public static let type = EntryType.credentialActivation

  /// An issuer's signature over M, after unblinding.
  public struct Signature: Hashable, Sendable {
    /// The issuer's number.
    public let issuer: Int
    /// As long as the modulus.
    public let bytes: [UInt8]

    /// A signature from its parts.
    public init(issuer: Int, bytes: [UInt8]) {
      self.issuer = issuer
      self.bytes = bytes
    }
  }

  /// The district's number.
  public var district: Int
  /// The message's nonce.
  public var nonce: Digest
  /// k signatures, in the order of issuers.
  public var signatures: [Signature]

  /// An activation from its parts.
  public init(district: Int, nonce: Digest, signatures: [Signature]) {
    self.district = district
    self.nonce = nonce
    self.signatures = signatures
  }

  /// Reads the payload.
  /// - Throws: `JSONError`.
  public init(_ reader: JSONReader, in group: Group) throws(JSONError) {
    let fields = try reader.payloadFields(["district", "nonce", "signatures"])
    district = try fields["district"].integer(1...CredentialTerms.maximumDistricts)
    nonce = try fields["nonce"].digest()
    let maximum = CredentialTerms.maximumIssuers
    signatures = try fields["signatures"].list(1...maximum) { item throws(JSONError) in
      let fields = try item.fields(["issuer", "signature"])
      return Signature(
        issuer: try fields["issuer"].integer(1...maximum),
        bytes: try fields["signature"].credentialNumber())
    }
  }

  /// The members of the payload.
  public func members(in group: Group) -> [JSONMember] {
    [
      JSONMember(name: "district", value: district.json),
      JSONMember(name: "nonce", value: nonce.json),
      JSONMember(
        name: "signatures",
        value: .array(
          signatures.map {
            ["issuer": $0.issuer.json, "signature": .string(Hex.encode($0.bytes))]
          })),
    ]
  }
}

/// The holder of a credential gives it up, and opens what the issuers signed. Signed by P as well, which the
/// entry's author is: an opening alone could be made for somebody else's P (`Specs/credentials.md`).
public struct CredentialCancelled: EntryPayload, Equatable {
  /// `credential.cancelled`
  public static let type = EntryType.credentialCancelled
  /// The district's number.
  public var district: Int
  /// i, the number of the roll's entry.
  public var index: Int
  /// The attempt that is cancelled.
  public var attempt: Int
  /// The message's nonce.
  public var nonce: Digest
  /// The blinded message for each issuer.
  public var blinded: [[UInt8]]
  /// r_j, the blinding factor for each issuer.
  public var factors: [[UInt8]]
  /// The signature of each K_i over ``IssueRequest/cancellation(of:pseudonym:)``.
  public var signatures: [[UInt8]]

  /// A cancellation from its parts.
  public init(
    district: Int, index: Int, attempt: Int, nonce: Digest, blinded: [[UInt8]],
    factors: [[UInt8]], signatures: [[UInt8]]
  ) {
    self.district = district
    self.index = index
    self.attempt = attempt
    self.nonce = nonce
    self.blinded = blinded
    self.factors = factors
    self.signatures = signatures
  }

  /// Reads the payload.
  /// - Throws: `JSONError`.
  public init(_ reader: JSONReader, in group: Group) throws(JSONError) {
    let fields = try reader.payloadFields([
      "attempt", "blinded", "district", "factors", "index", "nonce", "signatures",
    ])
    district = try fields["district"].integer(1...CredentialTerms.maximumDistricts)
    index = try fields["index"].integer(1...CredentialTerms.maximumVoters)
    attempt = try fields["attempt"].integer(0...IssueRequest.maximumAttempt)
    nonce = try fields["nonce"].digest()
    blinded = try fields["blinded"].list(1...CredentialTerms.maximumIssuers) {
      item throws(JSONError) in try item.credentialNumber()
    }
    factors = try fields["factors"].list(blinded.count...blinded.count) {
      item throws(JSONError) in try item.credentialNumber()
    }
    signatures = try fields["signatures"].list(1...RollIdentity.maximumKeys) {
      item throws(JSONError) in try item.hex(bytes: Ed25519.signatureByteCount)
    }
  }

  /// The members of the payload.
  public func members(in group: Group) -> [JSONMember] {
    func list(_ values: [[UInt8]]) -> JSONValue {
      .array(values.map { .string(Hex.encode($0)) })
    }
    return [
      JSONMember(name: "attempt", value: attempt.json),
      JSONMember(name: "blinded", value: list(blinded)),
      JSONMember(name: "district", value: district.json),
      JSONMember(name: "factors", value: list(factors)),
      JSONMember(name: "index", value: index.json),
      JSONMember(name: "nonce", value: nonce.json),
      JSONMember(name: "signatures", value: list(signatures)),
    ]
  }
}

extension JSONReader {
  /// A number modulo an issuer's n: 256, 384 or 512 bytes.
  func credentialNumber() throws(JSONError) -> [UInt8] {
    let bytes = try hex(bytes: 256...512)
    guard bytes.count % 128 == 0 else { throw failure("256, 384 or 512 bytes in hexadecimal") }
    return bytes
  }
}
