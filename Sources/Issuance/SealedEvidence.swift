// SPDX-License-Identifier: Apache-2.0

public import Cryptography
internal import Election
internal import StrictJSON

/// What shows to auditors who asked for a credential: entry, salt, path, and the certificate or token, sealed under
/// the auditors' X25519 key (``Cryptography/X25519Box``).
public enum SealedEvidence {
  /// The associated context of the boxes.
  public static let context = "urna/evidence/v1"

  /// Seals the evidence about a citizen.
  ///
  /// - Parameter key: the auditors' public key, 32 bytes.
  /// - Throws: `CryptographyError`.
  public static func seal(
    _ citizen: CitizenIdentity, entry: RollEntry, to key: Digest
  ) throws(CryptographyError) -> [UInt8] {
    var bytes = JSONValue.object([
      JSONMember(name: "version", value: .integer(1)),
      JSONMember(name: "district", value: .integer(Int64(entry.leaf.district))),
      JSONMember(name: "index", value: .integer(Int64(entry.leaf.index))),
      JSONMember(name: "salt", value: .string(entry.leaf.salt.hex)),
      JSONMember(name: "path", value: .array(entry.path.map { .string($0.hex) })),
      JSONMember(name: "identifier", value: .string(citizen.identifier)),
      JSONMember(name: "evidence", value: .string(Hex.encode(citizen.evidence))),
    ]).canonicalBytes()
    return try X25519Box.seal(
      SecretBytes.wiping(&bytes), to: key.bytes, context: Self.context)
  }
}
