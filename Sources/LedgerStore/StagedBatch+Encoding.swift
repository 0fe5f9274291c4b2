// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Ledger

/// A staged batch as it is kept:
///
/// ```
/// "urna/staged/v1" 0x00
/// old size                   8 bytes
/// length, checkpoint         4 bytes, …
/// count                      4 bytes
/// count times: length, entry, length, payload
/// SHA-256 of all the above   32 bytes
/// ```
///
/// Numbers are big-endian. The digest shows damage; it is no secret's.
extension StagedBatch {
  private static let mark = [UInt8]("urna/staged/v1".utf8) + [0]
  /// The longest blob of SQLite as it is built everywhere.
  static let maximumByteCount = 1_000_000_000

  func encoded() throws(StoreError) -> [UInt8] {
    let size =
      Self.mark.count + 16 + checkpoint.count + Digest.byteCount
      + entries.reduce(0) { $0 + 4 + $1.count } + payloads.reduce(0) { $0 + 4 + $1.count }
    guard size <= Self.maximumByteCount else {
      throw .failed("a batch of \(size) bytes cannot be staged")
    }
    var bytes = Self.mark
    bytes.reserveCapacity(size)
    bytes.append(bigEndian: oldSize)
    bytes.append(counted: checkpoint)
    bytes.append(bigEndian: UInt32(entries.count))
    for (entry, payload) in zip(entries, payloads) {
      bytes.append(counted: entry)
      bytes.append(counted: payload)
    }
    SHA256.hash(bytes).append(to: &bytes)
    return bytes
  }

  /// Nil for anything but what ``encoded()`` gives.
  init?(encoded bytes: [UInt8]) {
    guard bytes.count >= Digest.byteCount, bytes.starts(with: Self.mark) else { return nil }
    let content = bytes.dropLast(Digest.byteCount)
    guard Digest(bytes.suffix(Digest.byteCount)) == SHA256.hash(content) else { return nil }
    var rest = content.dropFirst(Self.mark.count)
    guard let oldSize = rest.popNumber(8), let checkpoint = rest.popCounted(),
      let count = rest.popNumber(4), count <= UInt64(rest.count)
    else { return nil }
    var entries: [[UInt8]] = []
    var payloads: [[UInt8]] = []
    for _ in 0..<count {
      guard let entry = rest.popCounted(), let payload = rest.popCounted() else { return nil }
      entries.append(entry)
      payloads.append(payload)
    }
    guard rest.isEmpty else { return nil }
    self.init(oldSize: oldSize, checkpoint: checkpoint, entries: entries, payloads: payloads)
  }
}

extension [UInt8] {
  fileprivate mutating func append(bigEndian number: some FixedWidthInteger & UnsignedInteger) {
    for shift in stride(from: number.bitWidth - 8, through: 0, by: -8) {
      append(UInt8(truncatingIfNeeded: number >> shift))
    }
  }

  fileprivate mutating func append(counted bytes: [UInt8]) {
    append(bigEndian: UInt32(bytes.count))
    append(contentsOf: bytes)
  }
}

extension ArraySlice<UInt8> {
  fileprivate mutating func popNumber(_ width: Int) -> UInt64? {
    guard count >= width else { return nil }
    let number = prefix(width).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    self = dropFirst(width)
    return number
  }

  fileprivate mutating func popCounted() -> [UInt8]? {
    guard let length = popNumber(4), length <= UInt64(count) else { return nil }
    let bytes = [UInt8](prefix(Int(length)))
    self = dropFirst(Int(length))
    return bytes
  }
}
