// SPDX-License-Identifier: Apache-2.0

internal import CGMP
internal import Glibc

/// A secret number: limbs in one heap block that is wiped when it is released.
///
/// It cannot be copied, compared, printed or encoded. Moving it moves a pointer, so no copy of the
/// limbs stays behind on the stack. All arithmetic on it is in `Modulus+Secret.swift`, on GMP's
/// `mpn_sec_…` functions, whose time and memory accesses depend on sizes only.
@safe public struct SecretLimbs: ~Copyable, @unchecked Sendable {
  // Unchecked: the block is owned by one value and written only through `mutating` access.
  let pointer: UnsafeMutablePointer<UInt>
  /// Number of limbs; public.
  public let count: Int

  /// A secret zero of `count` limbs.
  public init(zeros count: Int) {
    self.count = max(count, 1)
    unsafe pointer = UnsafeMutablePointer<UInt>.allocate(capacity: self.count)
    unsafe pointer.initialize(repeating: 0, count: self.count)
  }

  deinit {
    unsafe explicit_bzero(pointer, count * 8)
    unsafe pointer.deallocate()
  }

  /// A second block with the same number.
  public borrowing func copy() -> SecretLimbs {
    let other = SecretLimbs(zeros: count)
    unsafe other.pointer.update(from: pointer, count: count)
    return other
  }

  /// Reads big-endian bytes, `8 * count` of them, from memory that the caller wipes.
  package init(bigEndian bytes: UnsafeRawBufferPointer, count: Int) {
    self.init(zeros: count)
    let width = min(bytes.count, self.count * 8)
    for offset in 0..<width {
      let position = width - 1 - offset
      unsafe pointer[position / 8] |= UInt(bytes[offset]) << UInt(position % 8 * 8)
    }
  }

  /// Writes the low `bytes.count` bytes, big-endian, into memory that the caller wipes.
  package borrowing func write(bigEndian bytes: UnsafeMutableRawBufferPointer) {
    for offset in 0..<bytes.count {
      let position = bytes.count - 1 - offset
      unsafe bytes[offset] =
        position / 8 < count
        ? UInt8(truncatingIfNeeded: pointer[position / 8] >> UInt(position % 8 * 8)) : 0
    }
  }

  /// The number as a public one: for what the protocol publishes, such as a proof's response.
  public borrowing func revealed<let limbCount: Int>() -> Natural<limbCount> {
    var result = Natural<limbCount>()
    for index in 0..<min(limbCount, count) { unsafe result.limbs[index] = pointer[index] }
    return result
  }

  /// Copies a public number into a secret block, so that both kinds meet in one operation.
  public init<let limbCount: Int>(_ value: Natural<limbCount>, count: Int) {
    self.init(zeros: count)
    for index in 0..<min(limbCount, self.count) { unsafe pointer[index] = value.limbs[index] }
  }
}

/// Runs `body` with `count` limbs of scratch that are wiped afterwards.
func withWipedScratch<Result>(
  _ count: Int, _ body: (UnsafeMutablePointer<UInt>) -> Result
) -> Result {
  let scratch = UnsafeMutablePointer<UInt>.allocate(capacity: max(count, 1))
  unsafe scratch.initialize(repeating: 0, count: max(count, 1))
  defer {
    unsafe explicit_bzero(scratch, max(count, 1) * 8)
    unsafe scratch.deallocate()
  }
  return unsafe body(scratch)
}
