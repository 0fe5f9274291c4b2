// SPDX-License-Identifier: Apache-2.0

public import Cryptography
public import Groups
public import Ledger

extension EntryFile {
  /// Signs an entry and puts it together with its payload.
  /// - Parameters:
  ///   - author: who signs; `key` is theirs.
  ///   - electionID: nil for the configuration, whose own digest it is.
  /// - Throws: `LedgerError`.
  public static func signed<Payload: EntryPayload>(
    _ payload: Payload, by author: Author, electionID: Digest?,
    key: borrowing Ed25519.PrivateKey, in group: Group
  ) throws(LedgerError) -> EntryFile {
    try signed(
      Payload.type, bytes: payload.bytes(in: group), by: author, electionID: electionID, key: key)
  }

  /// The same for a payload's exact bytes, such as a manifest's.
  /// - Throws: `LedgerError`.
  public static func signed(
    _ type: EntryType, bytes: [UInt8], by author: Author, electionID: Digest?,
    key: borrowing Ed25519.PrivateKey
  ) throws(LedgerError) -> EntryFile {
    let entry = try LedgerEntry.signed(
      type: type.rawValue, by: author, payload: bytes,
      electionID: electionID ?? SHA256.hash(bytes), key: key)
    return try EntryFile(entry: entry, payload: bytes)
  }

  /// H_C of the ballot that the entry submits or decides about; nil for other entries and for a payload
  /// that cannot be read.
  public func confirmationCode(in group: Group) -> Digest? {
    do {
      switch EntryType(rawValue: entry.type) {
      case .ballotSubmitted:
        return try BallotSubmitted(bytes: payload, in: group).ballot.confirmationCode
      case .ballotCast: return try BallotCast(bytes: payload, in: group).confirmationCode
      case .ballotChallenged:
        return try BallotChallenged(bytes: payload, in: group).confirmationCode
      default: return nil
      }
    } catch { return nil }
  }
}
