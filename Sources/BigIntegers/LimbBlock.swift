// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Limbs in one heap block that starts on a cache line and is wiped when it is released: the
/// workspace of the engines. What it holds may be secret; it cannot be copied or printed.
@safe struct LimbBlock: ~Copyable, @unchecked Sendable {
  // Unchecked: the block is owned by one value, and whoever shares it between threads only reads.
  let pointer: UnsafeMutablePointer<UInt>
  let count: Int

  /// `count` zero limbs.
  init(zeros count: Int) {
    self.count = max(count, 1)
    let bytes = UnsafeMutableRawPointer.allocate(byteCount: self.count * 8, alignment: 64)
    unsafe pointer = bytes.bindMemory(to: UInt.self, capacity: self.count)
    unsafe pointer.initialize(repeating: 0, count: self.count)
  }

  deinit {
    unsafe explicit_bzero(pointer, count * 8)
    unsafe UnsafeMutableRawPointer(pointer).deallocate()
  }

  /// The address of limb `index`; the caller stays inside the block.
  subscript(_ index: Int) -> UnsafeMutablePointer<UInt> { unsafe pointer + index }
}
