// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Ledger

/// The number of claims, and a sum over them that does not depend on their order:
/// the exclusive or of `SHA-256(digest || leaf, 8 bytes big-endian)`. It shows damage, not malice.
struct ClaimSum: Equatable {
  private(set) var count = 0
  private(set) var bytes = [UInt8](repeating: 0, count: Digest.byteCount)

  init() {}

  init?(count: Int, bytes: [UInt8]) {
    guard count >= 0, bytes.count == Digest.byteCount else { return nil }
    self.count = count
    self.bytes = bytes
  }

  mutating func add(_ digest: some Collection<UInt8>, leaf: Int64) {
    var hash = SHA256()
    hash.update(digest)
    hash.update((0..<8).map { UInt8(truncatingIfNeeded: leaf >> Int64(56 - 8 * $0)) })
    for (place, byte) in hash.finalize().bytes.enumerated() { bytes[place] ^= byte }
    count += 1
  }
}
