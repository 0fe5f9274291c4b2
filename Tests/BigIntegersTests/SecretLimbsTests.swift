// SPDX-License-Identifier: Apache-2.0

import BigIntegers
import TestSupport
import Testing

/// Secret numbers: bytes in and out, copies, and nothing left behind.
@Suite struct SecretLimbsTests {
  private func read(_ bytes: [UInt8], count: Int) -> SecretLimbs {
    let block = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 8)
    defer { unsafe block.deallocate() }
    unsafe block.copyBytes(from: bytes)
    return unsafe SecretLimbs(bigEndian: UnsafeRawBufferPointer(block), count: count)
  }

  @Test func bytesRoundTrip() throws {
    var generator = SeededGenerator(seed: 0x5EED_0040)
    for _ in 0..<100 {
      let bytes = generator.bytes(32)
      let secret = read(bytes, count: 4)
      var written = [UInt8](repeating: 0xEE, count: 32)
      unsafe written.withUnsafeMutableBytes { unsafe secret.write(bigEndian: $0) }
      #expect(written == bytes, "seed \(generator.seed)")
      let revealed: Natural<4> = secret.revealed()
      #expect(revealed.bigEndianBytes() == bytes, "seed \(generator.seed)")
      let copy: Natural<4> = secret.copy().revealed()
      #expect(copy == revealed)
      // Fewer bytes than limbs, and a wider target.
      var wide = [UInt8](repeating: 0xEE, count: 40)
      unsafe wide.withUnsafeMutableBytes { unsafe secret.write(bigEndian: $0) }
      #expect(wide == [UInt8](repeating: 0, count: 8) + bytes)
    }
    let short = read([1, 2, 3], count: 2)
    let number: Natural<2> = short.revealed()
    #expect(number == Natural(0x010203))
  }

  @Test func newSecretsAreZero() {
    for count in [1, 4, 64] {
      let secret = SecretLimbs(zeros: count)
      #expect(secret.count == count)
      let number: Natural<64> = secret.revealed()
      #expect(number.isZero)
    }
    let least = SecretLimbs(zeros: 0).count
    #expect(least == 1)
  }

  @Test func copiesLiveOnTheirOwn() {
    var copy = SecretLimbs(zeros: 1)
    do {
      let original = SecretLimbs(Natural<4>(7), count: 4)
      copy = original.copy()
    }
    let number: Natural<4> = copy.revealed()
    #expect(number == Natural(7))
  }

  /// Asks the allocator for a block of the size that was just released and counts the pattern in it.
  private func survivors(of pattern: UInt8, bytes: Int) -> Int {
    let block = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes, alignment: 8)
    defer { unsafe block.deallocate() }
    return unsafe block.filter { $0 == pattern }.count
  }

  /// The allocator hands a released block out again. A block that nobody wiped shows that it does;
  /// after a secret, nothing is in it but what the allocator itself writes.
  @Test func limbsAreWipedOnRelease() throws {
    let pattern: UInt8 = 0xA7
    let bytes = 512
    let number = try Natural<64>(bigEndian: [UInt8](repeating: pattern, count: bytes))
    var seenWithoutWiping = 0
    for _ in 0..<64 {
      let plain = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes, alignment: 8)
      unsafe plain.initializeMemory(as: UInt8.self, repeating: pattern)
      unsafe plain.deallocate()
      seenWithoutWiping = max(seenWithoutWiping, survivors(of: pattern, bytes: bytes))
      // Whatever is in that block now must not be taken for the secret's remains.
      let clean = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes, alignment: 8)
      unsafe clean.initializeMemory(as: UInt8.self, repeating: 0)
      unsafe clean.deallocate()
      do {
        let secret = SecretLimbs(number, count: 64)
        #expect(secret.count == 64)
      }
      let left = survivors(of: pattern, bytes: bytes)
      #expect(left < 32, "\(left) bytes of the secret are left")
    }
    #expect(seenWithoutWiping > 400, "the allocator gave no block back: nothing was tested")
  }
}
