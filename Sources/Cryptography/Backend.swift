// SPDX-License-Identifier: Apache-2.0

import COpenSSL

/// The running computation of a hash by libcrypto: SHA-256, or SHA-384. Pointers stay behind this type.
///
/// libcrypto fails here only when memory is exhausted. Swift itself stops the process then, and
/// so does this type: going on with a wrong hash would be worse.
@safe
struct HashContext: ~Copyable {
  /// Fetched once: a lookup by name for each hash costs more than hashing a short message.
  @safe
  struct Algorithm: @unchecked Sendable {
    static let sha256 = Algorithm("SHA256", byteCount: Digest.byteCount)
    static let sha384 = Algorithm("SHA384", byteCount: SHA384.byteCount)

    // Read-only after it is fetched, hence shared between threads.
    fileprivate let pointer: OpaquePointer?
    fileprivate let byteCount: Int

    private init(_ name: String, byteCount: Int) {
      unsafe pointer = EVP_MD_fetch(nil, name, nil)
      self.byteCount = byteCount
    }
  }

  private let context: OpaquePointer
  private let algorithm: Algorithm

  init(_ algorithm: Algorithm = .sha256) {
    guard let context = unsafe EVP_MD_CTX_new() else { Self.memoryExhausted() }
    unsafe self.context = unsafe context
    self.algorithm = algorithm
    restart()
  }

  deinit {
    // libcrypto wipes the state before it frees it.
    unsafe EVP_MD_CTX_free(context)
  }

  borrowing func restart() {
    guard unsafe EVP_DigestInit_ex2(context, algorithm.pointer, nil) == 1 else {
      Self.memoryExhausted()
    }
  }

  borrowing func update(_ bytes: UnsafeRawBufferPointer) {
    guard let start = bytes.baseAddress, bytes.count > 0 else { return }
    guard unsafe EVP_DigestUpdate(context, start, bytes.count) == 1 else { Self.memoryExhausted() }
  }

  /// Writes the hash. `output` has exactly its length.
  borrowing func finish(into output: UnsafeMutableRawBufferPointer) {
    precondition(output.count == algorithm.byteCount)
    guard
      unsafe EVP_DigestFinal_ex(
        context, output.baseAddress?.assumingMemoryBound(to: UInt8.self), nil) == 1
    else { Self.memoryExhausted() }
  }

  borrowing func finish() -> Digest {
    var storage = InlineArray<4, UInt64>(repeating: 0)
    unsafe withUnsafeMutableBytes(of: &storage) { unsafe finish(into: $0) }
    return Digest(storage: storage)
  }

  private static func memoryExhausted() -> Never {
    preconditionFailure("libcrypto: out of memory, or a hash is not available")
  }
}

/// Runs `body` on the contiguous bytes of `bytes`, copying only if they are scattered.
func withContiguousBytes<R>(
  _ bytes: some Collection<UInt8>, _ body: (UnsafeRawBufferPointer) -> R
) -> R {
  if let result = bytes.withContiguousStorageIfAvailable({
    unsafe body(UnsafeRawBufferPointer($0))
  }) {
    return result
  }
  return unsafe [UInt8](bytes).withUnsafeBytes { unsafe body($0) }
}
