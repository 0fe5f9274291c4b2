// SPDX-License-Identifier: Apache-2.0

internal import Cryptography

/// Bytes to hash, sign or derive from: a tag in ASCII, a zero byte, then parts that each have a fixed length or
/// say their own, so that no two contents have the same bytes. Numbers are big-endian.
struct TaggedBytes {
  private(set) var bytes: [UInt8]

  init(_ tag: String) { bytes = Array(tag.utf8) + [0] }

  /// 32 bytes.
  mutating func append(_ digest: Digest) { digest.append(to: &bytes) }

  /// 32 bytes.
  mutating func append(_ key: Ed25519.PublicKey) { bytes += key.bytes }

  /// A byte; the values are below 256 by the formats' limits.
  mutating func append(byte number: Int) { bytes.append(UInt8(truncatingIfNeeded: number)) }

  /// u32
  mutating func append(u32 number: Int) {
    let number = UInt32(truncatingIfNeeded: number)
    for shift in [24, 16, 8, 0] as [UInt32] {
      bytes.append(UInt8(truncatingIfNeeded: number >> shift))
    }
  }

  /// u64
  mutating func append(u64 number: Int) {
    append(u32: number >> 32)
    append(u32: number)
  }

  /// u16 length ‖ scope ‖ id
  mutating func append(_ scope: CredentialScope) {
    let name = Array(scope.name.utf8)
    append(byte: name.count >> 8)
    append(byte: name.count)
    bytes += name
    append(scope.id)
  }
}
