// SPDX-License-Identifier: Apache-2.0

internal import Cryptography

/// EMSA-PSS with SHA-384 and MGF1: RFC 8017, section 9.1.
package enum PSSEncoding {
  private static let trailer: UInt8 = 0xBC

  /// EM of a message, for a modulus of `modulusBits` bits: `ceil((modulusBits − 1) / 8)` bytes.
  ///
  /// RFC 9474 writes `bit_len(n)` where RFC 8017 and its own vectors have `bit_len(n) − 1`; the vectors
  /// decide (`Specs/blind-signatures.md`).
  ///
  /// - Returns: nil if the modulus is too short for hash and salt.
  package static func encode(_ message: [UInt8], salt: [UInt8], modulusBits: Int) -> [UInt8]? {
    let bits = modulusBits - 1
    let length = (bits + 7) / 8
    guard length >= SHA384.byteCount + salt.count + 2 else { return nil }
    let hash = digest(message, salt)
    var block = [UInt8](repeating: 0, count: length - SHA384.byteCount - salt.count - 2)
    block.append(1)
    block += salt
    let mask = mask(hash, block.count)
    for index in block.indices { block[index] ^= mask[index] }
    block[0] &= 0xFF >> UInt8(8 * length - bits)
    return block + hash + [trailer]
  }

  /// Whether `encoded` encodes the message with a salt of exactly `saltByteCount` bytes. For public
  /// messages and signatures.
  static func vartimeIsValid(
    _ encoded: [UInt8], _ message: [UInt8], saltByteCount: Int, modulusBits: Int
  ) -> Bool {
    let bits = modulusBits - 1
    let length = (bits + 7) / 8
    guard length >= SHA384.byteCount + saltByteCount + 2, encoded.count == length,
      encoded.last == trailer
    else { return false }
    let unused = 8 * length - bits
    var block = Array(encoded.prefix(length - SHA384.byteCount - 1))
    let hash = Array(encoded.dropFirst(block.count).prefix(SHA384.byteCount))
    guard block[0] & ~(0xFF >> UInt8(unused)) == 0 else { return false }
    let mask = mask(hash, block.count)
    for index in block.indices { block[index] ^= mask[index] }
    block[0] &= 0xFF >> UInt8(unused)
    let padding = block.count - saltByteCount - 1
    guard block[..<padding].allSatisfy({ $0 == 0 }), block[padding] == 1 else { return false }
    return digest(message, Array(block[(padding + 1)...])) == hash
  }

  /// SHA384(00⁸ ‖ SHA384(message) ‖ salt)
  private static func digest(_ message: [UInt8], _ salt: [UInt8]) -> [UInt8] {
    SHA384.hash([UInt8](repeating: 0, count: 8) + SHA384.hash(message) + salt)
  }

  /// MGF1(seed, count)
  private static func mask(_ seed: [UInt8], _ count: Int) -> [UInt8] {
    var mask: [UInt8] = []
    var counter: UInt32 = 0
    while mask.count < count {
      let number = (0..<4).map { UInt8(truncatingIfNeeded: counter >> (24 - 8 * UInt32($0))) }
      mask += SHA384.hash(seed + number)
      counter += 1
    }
    return Array(mask.prefix(count))
  }
}
