// SPDX-License-Identifier: Apache-2.0

import BlindSignatures
import CommandLineSupport
import Cryptography
import Election
import StrictJSON

/// What a wallet keeps of a credential. All but the keys of the roll's entry follows from the seed and from what
/// issuers answer again; it is kept so that a step that was cut off goes on.
struct WalletCredential {
  /// What it is good for.
  let scope: CredentialScope
  var district: Int
  var index: Int
  var attempt: Int
  /// Seeds of K_i, for an entry that is known by keys; empty otherwise. Secret.
  var entrySeeds: [[UInt8]]
  /// Signatures over M by issuer, as they come.
  var signatures: [Int: [UInt8]] = [:]
  /// When the wallet activates by itself: a random second that was chosen once.
  var activationTime: Int?

  init(
    scope: CredentialScope, district: Int, index: Int, attempt: Int = 0, entrySeeds: [[UInt8]]
  ) {
    self.scope = scope
    self.district = district
    self.index = index
    self.attempt = attempt
    self.entrySeeds = entrySeeds
  }

  init(_ reader: JSONReader) throws(JSONError) {
    let fields = try reader.fields(
      ["attempt", "district", "election", "entrySeeds", "index", "scope", "signatures"],
      optional: ["activationTime"])
    guard
      let scope = CredentialScope(
        name: try fields["scope"].string(), id: try fields["election"].digest())
    else { throw reader.failure("scope and election name what the credential is good for") }
    self.scope = scope
    district = try fields["district"].integer(1...CredentialTerms.maximumDistricts)
    index = try fields["index"].integer(1...CredentialTerms.maximumVoters)
    attempt = try fields["attempt"].integer(0...IssueRequest.maximumAttempt)
    entrySeeds = []
    for seed in try fields["entrySeeds"].array(0...RollIdentity.maximumKeys) {
      entrySeeds.append(try seed.hex(bytes: Ed25519.keyByteCount))
    }
    for item in try fields["signatures"].array(0...CredentialTerms.maximumIssuers) {
      let members = try item.fields(["issuer", "signature"])
      signatures[try members["issuer"].integer(1...CredentialTerms.maximumIssuers)] =
        try members["signature"].hex(bytes: 256...512)
    }
    if let time = fields.optional("activationTime") {
      activationTime = try time.integer(0...BatchOpened.maximumTime)
    }
  }

  var json: JSONValue {
    var members = [
      JSONMember(name: "election", value: .string(scope.id.hex)),
      JSONMember(name: "scope", value: .string(scope.name)),
      JSONMember(name: "district", value: .integer(Int64(district))),
      JSONMember(name: "index", value: .integer(Int64(index))),
      JSONMember(name: "attempt", value: .integer(Int64(attempt))),
      JSONMember(
        name: "entrySeeds", value: .array(entrySeeds.map { .string(Hex.encode($0)) })),
      JSONMember(
        name: "signatures",
        value: .array(
          signatures.sorted { $0.key < $1.key }.map { issuer, signature in
            [
              "issuer": .integer(Int64(issuer)), "signature": .string(Hex.encode(signature)),
            ]
          })),
    ]
    if let activationTime {
      members.append(JSONMember(name: "activationTime", value: .integer(Int64(activationTime))))
    }
    return .object(members)
  }

  /// What follows from the wallet's seed.
  func secrets(_ seed: [UInt8]) throws(CryptographyError) -> CredentialSecrets {
    try CredentialSecrets(
      seed: SecretBytes(copying: seed), scope: scope, district: district, attempt: attempt)
  }

  /// Signs with every key of the roll's entry; with the wallet's own request key where the entry has none.
  func signed(
    _ message: [UInt8], seed: [UInt8]
  ) throws(CryptographyError) -> (keys: [Ed25519.PublicKey], signatures: [[UInt8]]) {
    var keys: [Ed25519.PublicKey] = []
    var signatures: [[UInt8]] = []
    if entrySeeds.isEmpty {
      let key = try secrets(seed).requestKey()
      return ([key.publicKey], [try key.signature(for: message)])
    }
    for seed in entrySeeds {
      let key = try Ed25519.PrivateKey(seed: SecretBytes(copying: seed))
      keys.append(key.publicKey)
      signatures.append(try key.signature(for: message))
    }
    return (keys, signatures)
  }
}
