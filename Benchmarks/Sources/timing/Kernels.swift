// SPDX-License-Identifier: Apache-2.0

import BigIntegers
import CMontgomery
import Cryptography
import Groups

/// The kernels in C, without what is around them: the products of the engine and the reading of a
/// table with a secret digit. GMP's product on secrets has no door of its own; a power is little else.
func kernelOperations(_ engine: ArithmeticEngine) -> [Operation] {
  switch engine {
  case .gmp: [lookup]
  case .mulx: [lookup, mulxProduct, mulxSquare]
  case .vector: [vectorLookup, vectorProduct, vectorSquare]
  }
}

/// Limbs on cache lines of their own.
@safe private final class Limbs {
  let start: UnsafeMutablePointer<urna_limb>
  private let bytes: UnsafeMutableRawPointer

  init(_ count: Int) {
    unsafe bytes = UnsafeMutableRawPointer.allocate(byteCount: count * 8, alignment: 64)
    unsafe start = bytes.bindMemory(to: urna_limb.self, capacity: count)
    unsafe start.initialize(repeating: 0, count: count)
  }

  deinit { unsafe bytes.deallocate() }

  convenience init(_ limbs: [UInt]) {
    self.init(limbs.count)
    for (index, limb) in limbs.enumerated() { unsafe start[index] = limb }
  }

  /// Puts an input, which is not longer, in front.
  func copy(_ input: ArraySlice<UInt8>) {
    unsafe input.withUnsafeBytes { input in
      guard let first = input.baseAddress else { return }
      unsafe bytes.copyMemory(from: first, byteCount: input.count)
    }
  }
}

private func bytes(_ limbs: [UInt]) -> [UInt8] {
  limbs.flatMap { limb in (0..<8).map { UInt8(truncatingIfNeeded: limb >> ($0 * 8)) } }
}

private func randomLimbs(_ count: Int) throws -> [UInt] {
  let random = try SecureRandom.bytes(count * 8)
  return (0..<count).map { limb in
    (0..<8).reduce(0) { $0 | UInt(random[limb * 8 + $1]) << ($1 * 8) }
  }
}

/// p in limbs of 64 bits, the lowest first.
private let modulusLimbs: [UInt] = {
  let bytes = Array(Group.standard.parameters.p.bigEndianBytes().reversed())
  return (0..<Int(URNA_ROW_LIMBS)).map { limb in
    (0..<8).reduce(0) { $0 | UInt(bytes[limb * 8 + $1]) << ($1 * 8) }
  }
}()

// MARK: - One number at a time

/// An operand below p: the number 1 in the fixed class.
private func rowInput(_ isFixed: Bool) throws -> [UInt8] {
  var limbs = try randomLimbs(64)
  limbs[63] >>= 1
  return bytes(isFixed ? [1] + Array(repeating: 0, count: 63) : limbs)
}

private var mulxProduct: Operation {
  let (r, a, b, p) = (Limbs(64), Limbs(64), Limbs(modulusLimbs), Limbs(modulusLimbs))
  unsafe b.start[63] >>= 1
  return Operation(
    name: "kernel-multiply", repetitions: 8, width: 512, input: rowInput,
    measure: { input, repetitions in
      a.copy(input)
      return time(repetitions) {
        unsafe urna_mulx_multiply(r.start, a.start, b.start, p.start)
      }
    })
}

private var mulxSquare: Operation {
  let (r, a, p) = (Limbs(64), Limbs(64), Limbs(modulusLimbs))
  return Operation(
    name: "kernel-square", repetitions: 8, width: 512, input: rowInput,
    measure: { input, repetitions in
      a.copy(input)
      return time(repetitions) { unsafe urna_mulx_square(r.start, a.start, p.start) }
    })
}

/// A table of 64 entries, as the secret tables have.
private var lookup: Operation {
  let (r, table) = (Limbs(64), Limbs(64 * 64))
  for index in 0..<64 * 64 { unsafe table.start[index] = UInt(index) &* 0x9E37_79B9_7F4A_7C15 }
  return Operation(
    name: "kernel-lookup", repetitions: 8, width: 1,
    input: { isFixed in
      let digit = try SecureRandom.bytes(1)[0] & 63
      return [isFixed ? 0 : digit]
    },
    measure: { input, repetitions in
      let digit = UInt(input[input.startIndex])
      return time(repetitions) { unsafe urna_select(r.start, table.start, 64, digit) }
    })
}

// MARK: - Eight numbers at a time

private let lanes = Int(URNA_VECTOR_LANES)
private let lanedLimbs = Int(URNA_VECTOR_LIMBS) * lanes

/// Eight operands below 2p: the number 1 in all lanes in the fixed class.
private func blockInput(_ isFixed: Bool) throws -> [UInt8] {
  var limbs = try randomLimbs(lanedLimbs).map { $0 & (1 << 52 - 1) }
  // 4096 bits are 78 limbs of 52 and 40 bits.
  for lane in 0..<lanes {
    limbs[78 * lanes + lane] &= 1 << 40 - 1
    limbs[79 * lanes + lane] = 0
  }
  let ones = (0..<lanedLimbs).map { $0 < lanes ? 1 as UInt : 0 }
  return bytes(isFixed ? ones : limbs)
}

/// (p + 1) / 2^208 in 76 limbs of 52 bits: the 256 ones at the low end of p leave no carry behind.
private var vectorModulus: Limbs {
  var p = modulusLimbs
  for index in 0..<4 { p[index] = 0 }
  p[4] += 1
  let bits = (0..<76).map { index in
    let (word, shift) = ((index + 4) * 52 / 64, (index + 4) * 52 % 64)
    guard word < 64 else { return 0 as UInt }
    let high = word < 63 && shift > 12 ? p[word + 1] << (64 - shift) : 0
    return (p[word] >> shift | high) & (1 << 52 - 1)
  }
  return Limbs(bits)
}

private var vectorProduct: Operation {
  let (r, a, b, q) = (Limbs(lanedLimbs), Limbs(lanedLimbs), Limbs(lanedLimbs), vectorModulus)
  for index in 0..<78 * lanes {
    unsafe b.start[index] = (UInt(index) &* 0x9E37_79B9_7F4A_7C15) >> 12
  }
  return Operation(
    name: "kernel-multiply", repetitions: 4, width: lanedLimbs * 8, input: blockInput,
    measure: { input, repetitions in
      a.copy(input)
      return time(repetitions) {
        unsafe urna_vector_multiply(r.start, a.start, b.start, q.start)
      }
    })
}

private var vectorSquare: Operation {
  let (r, a, q) = (Limbs(lanedLimbs), Limbs(lanedLimbs), vectorModulus)
  return Operation(
    name: "kernel-square", repetitions: 4, width: lanedLimbs * 8, input: blockInput,
    measure: { input, repetitions in
      a.copy(input)
      return time(repetitions) { unsafe urna_vector_square(r.start, a.start, q.start) }
    })
}

/// A table of 128 entries, eight digits at once.
private var vectorLookup: Operation {
  let (r, table, digits) = (Limbs(lanedLimbs), Limbs(80 * 128), Limbs(lanes))
  for index in 0..<80 * 128 { unsafe table.start[index] = UInt(index) &* 0x9E37_79B9_7F4A_7C15 }
  return Operation(
    name: "kernel-lookup", repetitions: 4, width: lanes * 8,
    input: { isFixed in
      let random = try randomLimbs(lanes).map { $0 & 127 }
      return bytes(isFixed ? Array(repeating: 0, count: lanes) : random)
    },
    measure: { input, repetitions in
      digits.copy(input)
      return time(repetitions) {
        unsafe urna_vector_lookup(r.start, table.start, 8, digits.start)
      }
    })
}
