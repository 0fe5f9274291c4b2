// SPDX-License-Identifier: Apache-2.0

public import Cryptography
public import StrictJSON

/// What opens a leaf of the electoral roll: the salt, what identifies the citizen, and the path to the roll's root.
///
/// Personal: whoever has it learns which number of the roll is the citizen's. As JSON
/// {"identity","path","salt"}, where the identity is {"keys"} or {"identifier"}.
public struct RollOpening: Hashable, Sendable {
  /// salt_i, 32 bytes.
  public let salt: Digest
  /// X_i
  public let identity: RollIdentity
  /// The hashes beside the path, the leaf's sibling first.
  public let path: [Digest]

  /// An opening from its parts.
  public init(salt: Digest, identity: RollIdentity, path: [Digest]) {
    self.salt = salt
    self.identity = identity
    self.path = path
  }

  static let names = ["identity", "path", "salt"]

  init(_ fields: JSONFields) throws(JSONError) {
    salt = try fields["salt"].digest()
    path = try fields["path"].path()
    let reader = try fields["identity"]
    let identity = try reader.fields([], optional: ["identifier", "keys"])
    switch (identity.optional("identifier"), identity.optional("keys")) {
    case (let identifier?, nil): self.identity = .identifier(try identifier.digest())
    case (nil, let keys?):
      self.identity = .keys(
        try keys.list(1...RollIdentity.maximumKeys) { item throws(JSONError) in
          try item.publicKey()
        })
    default: throw reader.failure("either identifier or keys")
    }
  }

  var members: [JSONMember] {
    let identity: JSONValue =
      switch self.identity {
      case .identifier(let digest): ["identifier": digest.json]
      case .keys(let keys): ["keys": .array(keys.map { .string($0.hex) })]
      }
    return [
      JSONMember(name: "identity", value: identity),
      JSONMember(name: "path", value: .array(path.map(\.json))),
      JSONMember(name: "salt", value: salt.json),
    ]
  }
}

/// A citizen's entry of the roll as the citizen keeps it: a secret file of JSON,
/// {"district","identity","index","path","salt","version"}. Personal; see ``RollOpening``.
public struct RollProof: Hashable, Sendable {
  /// The district's number, from 1.
  public let district: Int
  /// i, the number of the entry, from 1.
  public let index: Int
  /// What opens the leaf.
  public let opening: RollOpening

  /// Most bytes of a file.
  public static let maximumByteCount = 16_384

  /// A proof from its parts.
  public init(district: Int, index: Int, opening: RollOpening) {
    self.district = district
    self.index = index
    self.opening = opening
  }

  /// Reads a file, in whatever order and with whatever white space.
  /// - Throws: `JSONError`. Whether the path leads to the roll's root is not checked here.
  public init(bytes: [UInt8]) throws(JSONError) {
    let value = try JSONValue(parsing: bytes, limits: .message(maxBytes: Self.maximumByteCount))
    let fields = try JSONReader(value).fields(
      ["district", "index", "version"] + RollOpening.names)
    _ = try fields["version"].integer(1...1)
    district = try fields["district"].integer(1...CredentialTerms.maximumDistricts)
    index = try fields["index"].integer(1...CredentialTerms.maximumVoters)
    opening = try RollOpening(fields)
  }

  /// The members of the file.
  public var json: JSONValue {
    .object(
      [
        JSONMember(name: "version", value: 1.json),
        JSONMember(name: "district", value: district.json),
        JSONMember(name: "index", value: index.json),
      ] + opening.members)
  }
}

extension JSONReader {
  /// The hashes beside a path in a tree of at most 2^32 leaves, the leaf's sibling first.
  package func path() throws(JSONError) -> [Digest] {
    try list(0...32) { item throws(JSONError) in try item.digest() }
  }
}
