// SPDX-License-Identifier: Apache-2.0

import Cryptography

/// The lines between the head of a receipt, of a witness's request or of evidence and the note behind:
/// one hash in base64 a line, and an empty line.
enum ProofLines {
  /// The height of a tree of 2^63 leaves.
  static let maximumCount = 63

  /// The next line without its newline; nil if there is no newline any more.
  static func next(_ rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    guard let end = rest.firstIndex(of: 0x0A) else { return nil }
    let line = rest[..<end]
    rest = rest[(end + 1)...]
    return line
  }

  /// The hashes, up to the empty line, which is consumed too.
  static func read(
    _ rest: inout ArraySlice<UInt8>, maximum: Int = maximumCount, place: String
  ) throws(LedgerError) -> [Digest] {
    var proof: [Digest] = []
    while true {
      guard let line = next(&rest) else {
        throw LedgerError(place, "an empty line before the checkpoint")
      }
      if line.isEmpty { return proof }
      guard let hash = Base64.decode(line).flatMap({ Digest($0) }) else {
        throw LedgerError("\(place), proof", "base64 of 32 bytes")
      }
      guard proof.count < maximum else {
        throw LedgerError("\(place), proof", "at most \(maximum) hashes")
      }
      proof.append(hash)
    }
  }

  static func bytes(_ proof: [Digest]) -> [UInt8] {
    [UInt8](proof.map { Base64.encode($0.bytes) + "\n" }.joined().utf8) + [0x0A]
  }
}
