// SPDX-License-Identifier: Apache-2.0

import COpenSSL

/// Secret bytes: one block on the heap, one owner, wiped when the owner lets go.
///
/// The type cannot be copied by accident, printed, compared with `==`, hashed or encoded. Lengths
/// are public. Operations here run in a time that depends on lengths only.
@safe
public struct SecretBytes: ~Copyable, @unchecked Sendable {
  // Only the owner reads or writes the block, which is why the type may travel between threads.
  private let block: UnsafeMutableRawBufferPointer

  private init(uninitialized count: Int) {
    unsafe block = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 16)
  }

  deinit {
    unsafe OPENSSL_cleanse(block.baseAddress, block.count)
    unsafe block.deallocate()
  }

  /// `count` zero bytes; a negative count counts as 0.
  public init(zeros count: Int) {
    self.init(uninitialized: max(0, count))
    for index in unsafe block.indices { unsafe block[index] = 0 }
  }

  /// `count` bytes of the operating system's generator.
  ///
  /// - Throws: ``CryptographyError/randomnessUnavailable``.
  public init(random count: Int) throws(CryptographyError) {
    self.init(zeros: count)
    try unsafe SecureRandom.fill(block)
  }

  /// A copy of `bytes`. The original stays where it is; see ``wiping(_:)``.
  public init(copying bytes: some Collection<UInt8>) {
    self.init(zeros: bytes.count)
    unsafe withContiguousBytes(bytes) { source in
      unsafe block.copyMemory(from: UnsafeRawBufferPointer(rebasing: source.prefix(block.count)))
    }
  }

  /// Takes the contents of `bytes` and leaves the array wiped and empty. A copy of the array that
  /// the caller made earlier is out of reach.
  public static func wiping(_ bytes: inout [UInt8]) -> SecretBytes {
    let secret = SecretBytes(copying: bytes)
    unsafe bytes.withUnsafeMutableBytes { unsafe OPENSSL_cleanse($0.baseAddress, $0.count) }
    bytes = []
    return secret
  }

  /// Number of bytes (public).
  public var count: Int { unsafe block.count }

  /// A second block with the same contents.
  public borrowing func copy() -> SecretBytes {
    let result = SecretBytes(uninitialized: count)
    unsafe result.block.copyMemory(from: UnsafeRawBufferPointer(block))
    return result
  }

  /// These bytes followed by `other`.
  public borrowing func appending(_ other: borrowing SecretBytes) -> SecretBytes {
    unsafe appending(UnsafeRawBufferPointer(other.block))
  }

  /// These bytes followed by public ones.
  public borrowing func appending(_ bytes: [UInt8]) -> SecretBytes {
    unsafe bytes.span.bytes.withUnsafeBytes { unsafe appending($0) }
  }

  private borrowing func appending(_ tail: UnsafeRawBufferPointer) -> SecretBytes {
    let result = SecretBytes(uninitialized: count + tail.count)
    unsafe result.block.copyMemory(from: UnsafeRawBufferPointer(block))
    unsafe UnsafeMutableRawBufferPointer(rebasing: result.block[count...]).copyMemory(from: tail)
    return result
  }

  /// The bytes at `range`, or nil if it reaches outside.
  public borrowing func slice(_ range: Range<Int>) -> SecretBytes? {
    guard range.lowerBound >= 0, range.upperBound <= count else { return nil }
    let result = SecretBytes(uninitialized: range.count)
    unsafe result.block.copyMemory(from: UnsafeRawBufferPointer(rebasing: block[range]))
    return result
  }

  /// Bytewise exclusive or.
  ///
  /// - Throws: ``CryptographyError/invalidLength(expected:actual:)`` unless both are equally long.
  public borrowing func xor(
    _ other: borrowing SecretBytes
  ) throws(CryptographyError) -> SecretBytes {
    guard other.count == count else {
      throw .invalidLength(expected: count, actual: other.count)
    }
    let result = copy()
    for index in 0..<count { unsafe result.block[index] ^= other.block[index] }
    return result
  }

  /// Whether both hold the same bytes. The time depends on the lengths only.
  public borrowing func isEqualConstantTime(to other: borrowing SecretBytes) -> Bool {
    guard other.count == count else { return false }
    return unsafe CRYPTO_memcmp(block.baseAddress, other.block.baseAddress, count) == 0
  }

  /// The bytes as an ordinary array: for what the protocol publishes, or for a file that is meant
  /// to hold the secret. The name makes each use visible in the source.
  public borrowing func revealed() -> [UInt8] {
    unsafe [UInt8](block)
  }
}

extension SecretBytes {
  /// Lends the bytes for reading.
  package borrowing func withBytes<R: ~Copyable, E: Error>(
    _ body: (RawSpan) throws(E) -> R
  ) throws(E) -> R {
    let pointer = unsafe UnsafeRawBufferPointer(block)
    return try body(unsafe pointer.bytes)
  }

  /// Lends the bytes for writing.
  package mutating func withMutableBytes<R: ~Copyable, E: Error>(
    _ body: (inout MutableRawSpan) throws(E) -> R
  ) throws(E) -> R {
    let pointer = unsafe block
    var span = unsafe pointer.mutableBytes
    return try body(&span)
  }

  /// Lends the bytes for reading, as a pointer that is valid during the call.
  package borrowing func withUnsafeBytes<R: ~Copyable, E: Error>(
    _ body: (UnsafeRawBufferPointer) throws(E) -> R
  ) throws(E) -> R {
    try unsafe body(UnsafeRawBufferPointer(block))
  }

  /// Lends the bytes for writing, as a pointer that is valid during the call.
  package mutating func withUnsafeMutableBytes<R: ~Copyable, E: Error>(
    _ body: (UnsafeMutableRawBufferPointer) throws(E) -> R
  ) throws(E) -> R {
    try unsafe body(block)
  }
}
