// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Secret numbers of equal width in one heap block that is wiped when it is released, so that one
/// pass of an engine takes and gives many. Not copied, compared, printed or encoded.
@safe package struct SecretLimbList: ~Copyable, @unchecked Sendable {
  // Unchecked: the block is owned by one value.
  private let block: UnsafeMutablePointer<UInt>
  /// Number of numbers; public.
  package let count: Int
  private let limbs: Int

  /// `count` zeros of `limbs` limbs each.
  package init(count: Int, limbs: Int) {
    self.count = max(0, count)
    self.limbs = max(1, limbs)
    unsafe block = UnsafeMutablePointer<UInt>.allocate(capacity: max(1, self.count * self.limbs))
    unsafe block.initialize(repeating: 0, count: max(1, self.count * self.limbs))
  }

  deinit {
    unsafe explicit_bzero(block, max(1, count * limbs) * 8)
    unsafe block.deallocate()
  }

  /// The address of a number; the index is below `count`.
  func pointer(_ index: Int) -> UnsafeMutablePointer<UInt> {
    precondition(index >= 0 && index < count)
    return unsafe block + index * limbs
  }

  /// Puts a number at an index below `count`; limbs that it lacks stay zero.
  package mutating func set(_ index: Int, _ number: borrowing SecretLimbs) {
    unsafe pointer(index).update(from: number.pointer, count: min(limbs, number.count))
  }

  /// Puts a number of another list of the same width at an index below `count`.
  package mutating func set(_ index: Int, _ other: borrowing SecretLimbList, from source: Int) {
    unsafe pointer(index).update(from: other.pointer(source), count: min(limbs, other.limbs))
  }

  /// The number at an index below `count`.
  package borrowing func copy(_ index: Int) -> SecretLimbs {
    let number = SecretLimbs(zeros: limbs)
    unsafe number.pointer.update(from: pointer(index), count: limbs)
    return number
  }

  /// The number at a secret index below `count`; every number is read.
  package borrowing func selected(_ index: Int) -> SecretLimbs {
    let chosen = SecretLimbs(zeros: limbs)
    for position in 0..<count {
      let difference = UInt(bitPattern: position ^ index)
      // All ones when both are equal.
      let mask = ((difference | (0 &- difference)) >> 63) &- 1
      let number = unsafe pointer(position)
      for limb in 0..<limbs { unsafe chosen.pointer[limb] |= number[limb] & mask }
    }
    return chosen
  }

  /// The number at an index below `count` as a public one.
  package borrowing func revealed<let width: Int>(_ index: Int) -> Natural<width> {
    var result = Natural<width>()
    for limb in 0..<min(width, limbs) { unsafe result.limbs[limb] = pointer(index)[limb] }
    return result
  }
}
