// SPDX-License-Identifier: Apache-2.0

import Cryptography

extension LedgerEntry {
  /// Reads a leaf. Accepted is exactly what ``bytes`` would write, nothing else: no other order of
  /// keys, no white space, no other spelling of a number.
  ///
  /// - Throws: ``LedgerError`` naming the first part that does not fit.
  public init(bytes: [UInt8]) throws(LedgerError) {
    guard bytes.count <= Self.maximumByteCount else {
      throw LedgerError("entry", "at most \(Self.maximumByteCount) bytes")
    }
    var cursor = Cursor(rest: bytes[...])
    try cursor.expect("{\"by\":\"")
    guard let author = Author(try cursor.take(until: "\"", "by")) else {
      throw LedgerError("entry, by", "commission, ballot-box, trustee/<n> or pseudonym/<key>")
    }
    try cursor.expect(",\"payload\":{\"sha256\":\"")
    guard let digest = Digest(hex: try cursor.take(until: "\"", "payload.sha256")) else {
      throw LedgerError("entry, payload.sha256", "64 upper-case hexadecimal digits")
    }
    try cursor.expect(",\"size\":")
    let size = try cursor.take(until: "}", "payload.size")
    guard
      let payloadSize = Decimal.decode(
        size.utf8, maximum: UInt64(PayloadBundle.maximumPayloadByteCount))
    else { throw LedgerError("entry, payload.size", "a decimal up to 16 MiB") }
    try cursor.expect(",\"signature\":\"")
    guard let signature = Hex.decode(try cursor.take(until: "\"", "signature")),
      signature.count == Ed25519.signatureByteCount
    else { throw LedgerError("entry, signature", "128 upper-case hexadecimal digits") }
    try cursor.expect(",\"type\":\"")
    let type = try cursor.take(until: "\"", "type")
    try cursor.expect(",\"version\":")
    guard
      let version = Decimal.decode(
        try cursor.take(until: "}", "version").utf8, maximum: UInt64(Int32.max))
    else { throw LedgerError("entry, version", "a decimal from 1 to 2147483647") }
    guard cursor.rest.isEmpty else { throw LedgerError("entry", "nothing behind the object") }
    try self.init(
      type: type, version: Int(version), author: author, payloadDigest: digest,
      payloadSize: Int(payloadSize), signature: signature)
    guard self.bytes == bytes else { throw LedgerError("entry", "the canonical encoding") }
  }
}

private struct Cursor {
  var rest: ArraySlice<UInt8>

  mutating func expect(_ literal: String) throws(LedgerError) {
    guard rest.starts(with: literal.utf8) else {
      throw LedgerError("entry, byte \(rest.startIndex)", "`\(literal)`")
    }
    rest = rest.dropFirst(literal.utf8.count)
  }

  /// The ASCII text before `end`, which is consumed too.
  mutating func take(until end: Character, _ place: String) throws(LedgerError) -> String {
    guard let mark = end.asciiValue, let position = rest.firstIndex(of: mark) else {
      throw LedgerError("entry, \(place)", "ends in `\(end)`")
    }
    let text = rest[..<position]
    guard text.allSatisfy({ (0x20...0x7E).contains($0) }) else {
      throw LedgerError("entry, \(place)", "printable ASCII")
    }
    rest = rest[(position + 1)...]
    return String(decoding: text, as: UTF8.self)
  }
}
