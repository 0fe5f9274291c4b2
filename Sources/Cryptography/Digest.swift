// SPDX-License-Identifier: Apache-2.0

/// 32 public bytes: a SHA-256 value, stored inline, ordered as byte strings are.
///
/// Comparison runs in variable time. A value that is secret belongs in ``SecretBytes``.
public struct Digest: Hashable, Comparable, Sendable {
  /// Length in bytes.
  public static let byteCount = 32

  // Big-endian words: comparing the numbers in turn compares the byte strings.
  private let word0: UInt64
  private let word1: UInt64
  private let word2: UInt64
  private let word3: UInt64

  /// Takes exactly 32 bytes; nil for any other number.
  public init?(_ bytes: some Collection<UInt8>) {
    guard bytes.count == Self.byteCount else { return nil }
    // Byte by byte through the collection's own iterator this would be the slowest step of a receipt.
    let storage: InlineArray<4, UInt64>? = unsafe withContiguousBytes(bytes) { buffer in
      guard buffer.count == Self.byteCount else { return nil }
      var words = InlineArray<4, UInt64>(repeating: 0)
      for index in 0..<4 {
        words[index] = unsafe buffer.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self)
      }
      return words
    }
    guard let storage else { return nil }
    self.init(storage: storage)
  }

  /// Takes exactly 64 upper-case hexadecimal digits; nil for anything else.
  public init?(hex: String) {
    guard hex.utf8.count == 2 * Self.byteCount, let bytes = Hex.decode(hex) else { return nil }
    self.init(bytes)
  }

  /// Takes four words in memory order, as a hash function wrote them.
  init(storage: InlineArray<4, UInt64>) {
    word0 = UInt64(bigEndian: storage[0])
    word1 = UInt64(bigEndian: storage[1])
    word2 = UInt64(bigEndian: storage[2])
    word3 = UInt64(bigEndian: storage[3])
  }

  /// The 32 bytes in memory order.
  var storage: InlineArray<4, UInt64> {
    [word0.bigEndian, word1.bigEndian, word2.bigEndian, word3.bigEndian]
  }

  /// The 32 bytes.
  public var bytes: [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(Self.byteCount)
    append(to: &result)
    return result
  }

  /// Appends the 32 bytes to `buffer`.
  public func append(to buffer: inout [UInt8]) {
    let storage = storage
    unsafe withUnsafeBytes(of: storage) { unsafe buffer.append(contentsOf: $0) }
  }

  /// 64 upper-case hexadecimal digits.
  public var hex: String { Hex.encode(bytes) }

  /// Lexicographic order of the byte strings.
  public static func < (left: Digest, right: Digest) -> Bool {
    if left.word0 != right.word0 { return left.word0 < right.word0 }
    if left.word1 != right.word1 { return left.word1 < right.word1 }
    if left.word2 != right.word2 { return left.word2 < right.word2 }
    return left.word3 < right.word3
  }
}

extension Digest: CustomStringConvertible {
  /// The hexadecimal digits.
  public var description: String { hex }
}
