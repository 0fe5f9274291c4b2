// SPDX-License-Identifier: Apache-2.0

/// An entry with its payload, as programs hand it on before it is in the log:
/// `leaf || 0x0A || payload`.
public struct EntryFile: Hashable, Sendable {
  /// The leaf.
  public let entry: LedgerEntry
  /// The bytes that the leaf names.
  public let payload: [UInt8]

  /// The longest file in bytes.
  public static let maximumByteCount =
    LedgerEntry.maximumByteCount + 1 + PayloadBundle.maximumPayloadByteCount

  /// Joins the two.
  ///
  /// - Throws: ``LedgerError`` if the entry names another payload.
  public init(entry: LedgerEntry, payload: [UInt8]) throws(LedgerError) {
    guard entry.isPayload(payload) else {
      throw LedgerError("entry file, payload", "length and SHA-256 as the entry says")
    }
    self.entry = entry
    self.payload = payload
  }

  /// Reads a file. The signature is not checked here.
  ///
  /// - Throws: ``LedgerError`` for a malformed leaf, or a payload other than the leaf names.
  public init(bytes: [UInt8]) throws(LedgerError) {
    guard bytes.count <= Self.maximumByteCount else {
      throw LedgerError("entry file", "at most \(Self.maximumByteCount) bytes")
    }
    guard let end = bytes.prefix(LedgerEntry.maximumByteCount + 1).firstIndex(of: 0x0A) else {
      throw LedgerError("entry file", "a newline behind the leaf")
    }
    try self.init(
      entry: LedgerEntry(bytes: [UInt8](bytes[..<end])), payload: [UInt8](bytes[(end + 1)...]))
  }

  /// The file's bytes.
  public var bytes: [UInt8] { entry.bytes + [0x0A] + payload }
}
