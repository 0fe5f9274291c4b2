// SPDX-License-Identifier: Apache-2.0

/// SHA-256 (FIPS 180-4) of a message that arrives in parts.
public struct SHA256: ~Copyable {
  private let context: HashContext

  /// Starts with the empty message.
  public init() {
    context = HashContext()
  }

  /// Appends `bytes` to the message.
  public mutating func update(_ bytes: some Collection<UInt8>) {
    unsafe withContiguousBytes(bytes) { unsafe context.update($0) }
  }

  /// Appends the 32 bytes of `digest` to the message.
  public mutating func update(_ digest: Digest) {
    context.update(digest)
  }

  /// The hash of the message.
  public consuming func finalize() -> Digest {
    context.finish()
  }

  /// The hash of `bytes`.
  public static func hash(_ bytes: some Collection<UInt8>) -> Digest {
    let context = HashContext()
    unsafe withContiguousBytes(bytes) { unsafe context.update($0) }
    return context.finish()
  }

  /// The hash of secret bytes, for a value that the protocol publishes.
  public static func hash(_ secret: borrowing SecretBytes) -> Digest {
    let context = HashContext()
    unsafe secret.withUnsafeBytes { unsafe context.update($0) }
    return context.finish()
  }
}

extension HashContext {
  borrowing func update(_ digest: Digest) {
    let storage = digest.storage
    unsafe withUnsafeBytes(of: storage) { unsafe update($0) }
  }
}
