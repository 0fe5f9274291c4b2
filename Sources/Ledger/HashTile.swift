// SPDX-License-Identifier: Apache-2.0

public import Cryptography

/// The bytes of a tile: its hashes, one behind the other.
public enum HashTile {
  /// 32 bytes a hash.
  public static func encode(_ hashes: some Collection<Digest>) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(hashes.count * Digest.byteCount)
    for hash in hashes { hash.append(to: &bytes) }
    return bytes
  }

  /// The hashes of a tile of `width`. A full tile serves in place of a partial one: its first
  /// hashes are taken, as c2sp.org/tlog-tiles allows.
  ///
  /// - Throws: ``LedgerError`` for any other length.
  public static func decode(
    _ bytes: [UInt8], width: Int, place: String
  ) throws(LedgerError) -> [Digest] {
    let fullLength = TilePath.fullWidth * Digest.byteCount
    guard (1...TilePath.fullWidth).contains(width),
      bytes.count == width * Digest.byteCount || bytes.count == fullLength
    else { throw LedgerError(place, "a tile of width \(width) has \(width) * 32 bytes") }
    var hashes: [Digest] = []
    hashes.reserveCapacity(width)
    for start in stride(from: 0, to: width * Digest.byteCount, by: Digest.byteCount) {
      guard let hash = Digest(bytes[start..<start + Digest.byteCount]) else {
        throw LedgerError(place, "a hash has 32 bytes")
      }
      hashes.append(hash)
    }
    return hashes
  }
}
