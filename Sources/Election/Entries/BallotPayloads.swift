// SPDX-License-Identifier: Apache-2.0

public import Cryptography
public import Groups
public import StrictJSON

/// An encrypted ballot on the ledger, bound to the voter's key and to its number.
public struct BallotSubmitted: EntryPayload {
  /// `ballot.submitted`
  public static let type = EntryType.ballotSubmitted
  /// The ballot's number among the voter's ballots, from 1.
  public var sequence: Int
  /// SHA-256 of the payload of the voter's ballot before this one.
  public var previous: Digest?
  /// 32 random bytes that make id_B unpredictable.
  public var random: Digest
  /// The ballot.
  public var ballot: EncryptedBallot

  /// A submission from its parts.
  public init(sequence: Int, previous: Digest?, random: Digest, ballot: EncryptedBallot) {
    self.sequence = sequence
    self.previous = previous
    self.random = random
    self.ballot = ballot
  }

  /// id_B = SHA-256("urna/ballot/v1" ‖ 00 ‖ election_id ‖ district ‖ P ‖ b(seq, 4) ‖ random)
  ///
  /// H_I binds id_B into every proof, so a ballot copied under another key or number fails, with
  /// ElectionGuard followed to the letter. All parts but the district have a fixed length, so the
  /// input is injective.
  public static func identifier(
    electionID: Digest, district: String, pseudonym: Ed25519.PublicKey, sequence: Int,
    random: Digest
  ) -> Digest {
    var hash = SHA256()
    hash.update(Array("urna/ballot/v1".utf8) + [0])
    hash.update(electionID.bytes)
    hash.update(Array(district.utf8))
    hash.update(pseudonym.bytes)
    let number = UInt32(clamping: sequence)
    hash.update(([24, 16, 8, 0] as [UInt32]).map { UInt8(truncatingIfNeeded: number >> $0) })
    hash.update(random.bytes)
    return hash.finalize()
  }

  /// Reads the payload.
  /// - Throws: `JSONError`.
  public init(_ reader: JSONReader, in group: Group) throws(JSONError) {
    let fields = try reader.payloadFields(
      ["ballot", "random", "sequence"], optional: ["previous"])
    sequence = try fields["sequence"].index()
    previous = nil
    if let previous = fields.optional("previous") { self.previous = try previous.digest() }
    random = try fields["random"].digest()
    ballot = try EncryptedBallot(fields["ballot"], in: group)
  }

  /// The members of the payload.
  public func members(in group: Group) -> [JSONMember] {
    var members = [
      JSONMember(name: "ballot", value: ballot.json(in: group)),
      JSONMember(name: "random", value: random.json),
      JSONMember(name: "sequence", value: sequence.json),
    ]
    if let previous { members.append(JSONMember(name: "previous", value: previous.json)) }
    return members
  }
}

/// The voter casts a submitted ballot.
public struct BallotCast: EntryPayload, Equatable {
  /// `ballot.cast`
  public static let type = EntryType.ballotCast
  /// H_C of the ballot.
  public var confirmationCode: Digest

  /// A decision from its part.
  public init(confirmationCode: Digest) { self.confirmationCode = confirmationCode }

  /// Reads the payload.
  /// - Throws: `JSONError`.
  public init(_ reader: JSONReader, in group: Group) throws(JSONError) {
    confirmationCode =
      try reader.payloadFields(["confirmationCode"])["confirmationCode"].digest()
  }

  /// The members of the payload.
  public func members(in group: Group) -> [JSONMember] {
    [JSONMember(name: "confirmationCode", value: confirmationCode.json)]
  }
}

/// The voter challenges a submitted ballot: the nonces of its selections, never ξ_B.
public struct BallotChallenged: EntryPayload {
  /// `ballot.challenged`
  public static let type = EntryType.ballotChallenged
  /// H_C of the ballot.
  public var confirmationCode: Digest
  /// Votes and nonces.
  public var opening: ChallengeOpening

  /// A challenge from its parts.
  public init(confirmationCode: Digest, opening: ChallengeOpening) {
    self.confirmationCode = confirmationCode
    self.opening = opening
  }

  /// Reads the payload.
  /// - Throws: `JSONError`.
  public init(_ reader: JSONReader, in group: Group) throws(JSONError) {
    let fields = try reader.payloadFields(["confirmationCode", "contests"])
    confirmationCode = try fields["confirmationCode"].digest()
    opening = try ChallengeOpening(fields["contests"], in: group)
  }

  /// The members of the payload.
  public func members(in group: Group) -> [JSONMember] {
    [
      JSONMember(name: "confirmationCode", value: confirmationCode.json),
      JSONMember(name: "contests", value: opening.json(in: group)),
    ]
  }
}
