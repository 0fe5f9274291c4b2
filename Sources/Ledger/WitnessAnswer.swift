// SPDX-License-Identifier: Apache-2.0

/// What a witness answered to an ``AddCheckpointRequest`` (c2sp.org/tlog-witness).
public enum WitnessAnswer: Hashable, Sendable {
  /// Status 200: signature lines. Nothing is checked; see ``SignedNote/adding(_:of:)``.
  case cosignatures([SignedNote.Signature])
  /// Status 409: the size that the witness cosigned last for this log.
  case conflict(size: UInt64)
  /// Any other status, with the first line of the body in printable ASCII.
  case refused(status: Int, reason: String)

  /// The media type of a conflict's body.
  public static let sizeContentType = "text/x.tlog.size"
  /// The longest answer in bytes.
  public static let maximumByteCount = SignedNote.maximumByteCount

  /// Reads an answer.
  ///
  /// - Throws: ``LedgerError`` for a 200 without signature lines, or a 409 of the right type without a
  ///   size below 2^63.
  public init(status: Int, contentType: String?, body: [UInt8]) throws(LedgerError) {
    switch status {
    case 200:
      self = .cosignatures(try SignedNote.signatures(body))
    case 409 where Self.isSize(contentType):
      guard body.last == 0x0A,
        let size = Decimal.decode(body.dropLast(), maximum: UInt64(Int64.max))
      else {
        throw LedgerError("witness answer, 409", "a size below 2^63 in decimal, and a newline")
      }
      self = .conflict(size: size)
    default:
      self = .refused(status: status, reason: Self.reason(body))
    }
  }

  /// Whether a media type is that of sizes, whatever its parameters.
  private static func isSize(_ contentType: String?) -> Bool {
    guard let type = contentType?.split(separator: ";", omittingEmptySubsequences: false).first
    else { return false }
    return type.lowercased().utf8.elementsEqual(sizeContentType.utf8)
  }

  private static func reason(_ body: [UInt8]) -> String {
    let line = body.prefix(200).prefix { $0 != 0x0A && $0 != 0x0D }
    return String(
      decoding: line.map { (0x20...0x7E).contains($0) ? $0 : UInt8(ascii: "?") }, as: UTF8.self)
  }
}
