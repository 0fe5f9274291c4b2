// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Testing

@Suite struct SecretBytesTests {
  @Test func partsAndWhole() throws {
    let secret = SecretBytes(copying: [1, 2, 3, 4])
    #expect(secret.count == 4)
    #expect(secret.appending([5]).revealed() == [1, 2, 3, 4, 5])
    #expect(secret.appending(SecretBytes(copying: [9])).revealed() == [1, 2, 3, 4, 9])
    let middle = secret.slice(1..<3)
    if let middle { #expect(middle.revealed() == [2, 3]) } else { Issue.record("slice is nil") }
    let outside = secret.slice(1..<5) == nil
    #expect(outside)
    let negative = secret.slice(-1..<2) == nil
    #expect(negative)
    let empty = secret.slice(4..<4)
    if let empty { #expect(empty.count == 0) } else { Issue.record("empty slice is nil") }
    #expect(SecretBytes(zeros: 3).revealed() == [0, 0, 0])
    #expect(SecretBytes(zeros: -1).count == 0)
  }

  @Test func xorAndComparison() throws {
    let a = SecretBytes(copying: [0xF0, 0x0F])
    let b = SecretBytes(copying: [0xFF, 0xFF])
    #expect(try a.xor(b).revealed() == [0x0F, 0xF0])
    #expect(throws: CryptographyError.invalidLength(expected: 2, actual: 1)) {
      _ = try a.xor(SecretBytes(zeros: 1)).count
    }
    let same = a.isEqualConstantTime(to: a.copy())
    #expect(same)
    let different = a.isEqualConstantTime(to: b)
    #expect(!different)
    let longer = a.isEqualConstantTime(to: a.appending([0]))
    #expect(!longer)
  }

  @Test func wipingEmptiesTheArray() {
    var bytes: [UInt8] = [1, 2, 3]
    let secret = SecretBytes.wiping(&bytes)
    #expect(bytes.isEmpty)
    #expect(secret.revealed() == [1, 2, 3])
  }

  @Test func spansSeeAndChangeTheBlock() {
    var secret = SecretBytes(copying: [1, 2, 3])
    secret.withMutableBytes { $0.storeBytes(of: 7, toByteOffset: 1, as: UInt8.self) }
    #expect(secret.revealed() == [1, 7, 3])
    let last = secret.withBytes { $0.byteCount }
    #expect(last == 3)
  }

  /// Reads the freed block's address space only through a block of the same size that the allocator
  /// hands out next: whatever of the secret survived its owner would be seen there.
  @Test func blockIsWipedWhenTheOwnerGoes() {
    let pattern = [UInt8](repeating: 0xA7, count: 5000)
    var reused = 0
    for _ in 0..<64 {
      var address = 0
      do {
        let secret = SecretBytes(copying: pattern)
        address = unsafe secret.withUnsafeBytes { Int(bitPattern: $0.baseAddress) }
      }
      let next = UnsafeMutableRawBufferPointer.allocate(byteCount: 5000, alignment: 16)
      if Int(bitPattern: next.baseAddress) == address {
        reused += 1
        let survivors = unsafe next.filter { $0 == 0xA7 }.count
        #expect(survivors < 32)
      }
      unsafe next.deallocate()
    }
    #expect(reused > 0, "the allocator never gave the block back: nothing was tested")
  }

  @Test func randomBytesFillAndDiffer() throws {
    let first = try SecureRandom.bytes(64)
    let second = try SecureRandom.bytes(64)
    #expect(first != second)
    #expect(try SecureRandom.bytes(0) == [])
    // getrandom may deliver more than 256 bytes in parts.
    let large = try SecureRandom.bytes(100_000)
    #expect(large.suffix(64).contains { $0 != 0 })
    #expect(Set(large).count == 256)
    #expect(throws: CryptographyError.invalidLength(expected: 0, actual: -1)) {
      try SecureRandom.bytes(-1)
    }
    let secret = try SecretBytes(random: 32)
    #expect(secret.revealed().contains { $0 != 0 })
  }
}
