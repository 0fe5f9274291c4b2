// SPDX-License-Identifier: Apache-2.0

internal import Cryptography

/// Where a roll's random bytes come from. Only tests take them from elsewhere than the operating system.
package struct RollRandomness {
  private let source: (Int) throws(RollError) -> [UInt8]
  // Drawn ahead: a system call for each salt would be most of the work.
  private var stock: [UInt8] = []
  private var used = 0

  private static let stockByteCount = 1 << 16

  /// The operating system's generator.
  package static var system: RollRandomness {
    RollRandomness { (count) throws(RollError) in
      do throws(CryptographyError) {
        return try SecureRandom.bytes(count)
      } catch {
        throw .cryptography(error)
      }
    }
  }

  /// A source that gives as many bytes as it is asked for.
  package init(_ source: @escaping (Int) throws(RollError) -> [UInt8]) {
    self.source = source
  }

  /// 32 bytes.
  mutating func digest() throws(RollError) -> Digest {
    if used + Digest.byteCount > stock.count {
      stock = try source(Self.stockByteCount)
      used = 0
    }
    let next = used + Digest.byteCount
    guard next <= stock.count, let digest = Digest(stock[used..<next]) else {
      throw .cryptography(.randomnessUnavailable)
    }
    used = next
    return digest
  }
}
