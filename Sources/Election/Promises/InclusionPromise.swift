// SPDX-License-Identifier: Apache-2.0

public import Cryptography
public import StrictJSON

/// What the ballot box signs when it has taken an entry: that a checkpoint which contains the entry is
/// published by the deadline. Whoever holds a promise that was not kept can show it to everybody
/// (`Specs/promises.md`). Public; it says nothing about a vote.
///
/// Signed with Ed25519 by the key that signs the box's entries, over
///
///     "urna/promise/v1" 00 || election_id (32) || leaf hash (32) || confirmation code or zeros (32)
///       || deadline (8, big-endian)
///
/// As a file it is canonical JSON: {"code","deadline","election","leaf","signature","version"}.
public struct InclusionPromise: Hashable, Sendable {
  /// SHA-256 of the configuration.
  public let electionID: Digest
  /// SHA-256(00 || leaf), the hash of the entry in the log.
  public let leafHash: Digest
  /// H_C of the ballot that the entry submits or is about; nil for other entries.
  public let confirmationCode: Digest?
  /// Seconds since 1970-01-01T00:00:00Z.
  public let deadline: Int
  /// 64 bytes.
  public let signature: [UInt8]

  /// The longest file in bytes.
  public static let maximumByteCount = 1024

  private init(
    electionID: Digest, leafHash: Digest, confirmationCode: Digest?, deadline: Int,
    signature: [UInt8]
  ) {
    self.electionID = electionID
    self.leafHash = leafHash
    self.confirmationCode = confirmationCode
    self.deadline = deadline
    self.signature = signature
  }

  /// Makes a promise. Whoever calls this answers for it.
  ///
  /// - Throws: `CryptographyError` if signing fails.
  public static func signed(
    electionID: Digest, leafHash: Digest, confirmationCode: Digest?, deadline: Int,
    key: borrowing Ed25519.PrivateKey
  ) throws(CryptographyError) -> InclusionPromise {
    InclusionPromise(
      electionID: electionID, leafHash: leafHash, confirmationCode: confirmationCode,
      deadline: deadline,
      signature: try key.signature(
        for: message(electionID, leafHash, confirmationCode, deadline)))
  }

  /// Whether the box with this key made the promise.
  public func isSignatureValid(key: Ed25519.PublicKey) -> Bool {
    key.isValid(
      signature: signature, for: Self.message(electionID, leafHash, confirmationCode, deadline))
  }

  private static func message(
    _ electionID: Digest, _ leafHash: Digest, _ code: Digest?, _ deadline: Int
  ) -> [UInt8] {
    let time = (0..<8).map { UInt8(truncatingIfNeeded: deadline >> (56 - 8 * $0)) }
    return Array("urna/promise/v1".utf8) + [0] + electionID.bytes + leafHash.bytes
      + (code?.bytes ?? [UInt8](repeating: 0, count: Digest.byteCount)) + time
  }

  /// Reads a file.
  ///
  /// - Throws: `JSONError` unless the bytes are the canonical form of a promise. The signature is not
  ///   checked here.
  public init(bytes: [UInt8]) throws(JSONError) {
    let reader = JSONReader(
      try JSONValue(
        parsingCanonical: bytes, limits: JSONLimits(maxBytes: Self.maximumByteCount)))
    let fields = try reader.fields(
      ["deadline", "election", "leaf", "signature", "version"], optional: ["code"])
    _ = try fields["version"].integer(1...1)
    electionID = try fields["election"].digest()
    leafHash = try fields["leaf"].digest()
    confirmationCode = try fields.optional("code")?.digest()
    deadline = try fields["deadline"].integer(0...2 * BatchOpened.maximumTime)
    signature = try fields["signature"].hex(bytes: Ed25519.signatureByteCount)
  }

  /// The members of the file.
  public var json: JSONValue {
    var members = [
      JSONMember(name: "deadline", value: deadline.json),
      JSONMember(name: "election", value: electionID.json),
      JSONMember(name: "leaf", value: leafHash.json),
      JSONMember(name: "signature", value: .string(Hex.encode(signature))),
      JSONMember(name: "version", value: 1.json),
    ]
    if let confirmationCode {
      members.append(JSONMember(name: "code", value: confirmationCode.json))
    }
    return .object(members)
  }

  /// The file.
  public var bytes: [UInt8] { json.canonicalBytes() }
}
