// SPDX-License-Identifier: Apache-2.0

internal import CMontgomery

/// Arithmetic modulo a prime p of 4096 bits whose lowest and highest 256 bits are ones, as in
/// ElectionGuard's standard parameters, in Montgomery's form and on one of the engines.
///
/// −p⁻¹ mod 2^256 is 1 for such a p, so the quotient digits of a reduction are limbs of the number
/// itself. A *row* is one number in the engine's form: x·R mod p in `rowLimbs` limbs (R = 2^4096 in 64
/// limbs of 64 bits, or R = 2^4160 in 80 limbs of 52 bits). A *block* is `lanes` numbers that are
/// multiplied together, in `blockLimbs` limbs. Functions named `vartime…` take public numbers only.
package final class MontgomeryField: Sendable {
  /// The engine.
  package let engine: ArithmeticEngine
  /// p
  package let modulus: Modulus<64>
  /// Numbers in a block.
  package let lanes: Int
  let rowLimbs: Int
  /// What the kernel reads: p and what GMP needs of it, or (p + 1) / 2^208 in limbs of 52 bits.
  private let kernel: LimbBlock
  /// Blocks that hold the same number in all lanes: R mod p, R² mod p, and the limb 1.
  let one: LimbBlock
  let radixSquared: LimbBlock
  let unit: LimbBlock
  /// Rows of R, R² … mod p, one for every length of a segment.
  let radixPowers: LimbBlock

  var blockLimbs: Int { lanes * rowLimbs }

  /// Prepares a field; nil when p has another shape or this processor lacks the instructions.
  package init?(_ modulus: Modulus<64>, engine: ArithmeticEngine) {
    let p = modulus.value
    guard engine.isAvailable,
      (0..<4).allSatisfy({ p.limbs[$0] == .max && p.limbs[63 - $0] == .max })
    else { return nil }
    self.engine = engine
    self.modulus = modulus
    let isVector = engine == .vector
    let lanes = isVector ? Int(URNA_VECTOR_LANES) : 1
    let rowLimbs = isVector ? Int(URNA_VECTOR_LIMBS) : 64
    self.lanes = lanes
    self.rowLimbs = rowLimbs
    kernel = LimbBlock(zeros: max(rowLimbs, GMPKernel.constantLimbs))
    if isVector {
      // p + 1 has no carry beyond the ones at its low end.
      var q = p
      for index in 0..<4 { q.limbs[index] = 0 }
      q.limbs[4] &+= 1
      let all = LimbBlock(zeros: rowLimbs)
      unsafe Self.pack52(q, into: all.pointer)
      unsafe kernel.pointer.update(from: all[4], count: rowLimbs - 4)
    } else {
      unsafe GMPKernel.prepare(kernel.pointer, p: p)
    }
    func replicated(_ number: Natural<64>) -> LimbBlock {
      let row = LimbBlock(zeros: rowLimbs)
      unsafe Self.pack(number, into: row.pointer, isVector)
      let block = LimbBlock(zeros: lanes * rowLimbs)
      for limb in 0..<rowLimbs {
        for lane in 0..<lanes { unsafe block.pointer[limb * lanes + lane] = row.pointer[limb] }
      }
      return block
    }
    let bits = isVector ? 4_160 : 4_096
    let radix = modulus.vartimePow(Natural(2), Natural<1>(UInt(bits)))
    one = replicated(radix)
    radixSquared = replicated(modulus.vartimeMultiply(radix, radix))
    unit = replicated(Natural(1))
    radixPowers = LimbBlock(zeros: Self.segmentLength * rowLimbs)
    var power = radix
    for index in 0..<Self.segmentLength {
      unsafe Self.pack(power, into: radixPowers[index * rowLimbs], isVector)
      power = modulus.vartimeMultiply(power, radix)
    }
  }

  /// r = a·b·R⁻¹ mod p in every lane, in constant time; r may be a or b.
  func multiply(
    _ r: UnsafeMutablePointer<UInt>, _ a: UnsafePointer<UInt>, _ b: UnsafePointer<UInt>
  ) {
    switch engine {
    case .vector: unsafe urna_vector_multiply(r, a, b, kernel.pointer)
    case .mulx: unsafe urna_mulx_multiply(r, a, b, kernel.pointer)
    case .gmp: unsafe GMPKernel.multiplySecret(r, a, b, constants: kernel.pointer)
    }
  }

  /// The same for public numbers: GMP's ordinary product is faster, and branches on its operands.
  func vartimeMultiply(
    _ r: UnsafeMutablePointer<UInt>, _ a: UnsafePointer<UInt>, _ b: UnsafePointer<UInt>
  ) {
    if engine == .gmp {
      unsafe GMPKernel.vartimeMultiply(r, a, b, constants: kernel.pointer)
    } else {
      unsafe multiply(r, a, b)
    }
  }

  /// r = a²·R⁻¹ mod p in every lane for public numbers; r may be a.
  func vartimeSquare(_ r: UnsafeMutablePointer<UInt>, _ a: UnsafePointer<UInt>) {
    switch engine {
    case .vector: unsafe urna_vector_square(r, a, kernel.pointer)
    case .mulx: unsafe urna_mulx_square(r, a, kernel.pointer)
    case .gmp: unsafe GMPKernel.vartimeMultiply(r, a, a, constants: kernel.pointer)
    }
  }

  /// Puts rows side by side in a block; `rows` holds `lanes` addresses.
  func gather(
    _ block: UnsafeMutablePointer<UInt>, _ rows: UnsafeMutablePointer<UnsafeMutablePointer<UInt>?>
  ) {
    if engine == .vector {
      unsafe urna_vector_gather(block, rows)
    } else if let row = unsafe rows[0] {
      unsafe block.update(from: row, count: rowLimbs)
    }
  }

  /// Multiplies a block by rows; `scratch` is a block.
  func vartimeMultiply(
    _ product: UnsafeMutablePointer<UInt>,
    byRows rows: UnsafeMutablePointer<UnsafeMutablePointer<UInt>?>,
    scratch: UnsafeMutablePointer<UInt>
  ) {
    if engine == .vector {
      unsafe urna_vector_gather(scratch, rows)
      unsafe vartimeMultiply(product, product, scratch)
    } else if let row = unsafe rows[0] {
      unsafe vartimeMultiply(product, product, row)
    }
  }

  /// Writes the numbers of a block to rows of their own.
  func scatter(
    _ rows: UnsafeMutablePointer<UnsafeMutablePointer<UInt>?>, _ block: UnsafePointer<UInt>
  ) {
    if engine == .vector {
      unsafe urna_vector_scatter(rows, block)
    } else if let row = unsafe rows[0] {
      unsafe row.update(from: block, count: rowLimbs)
    }
  }
}

/// Numbers as limbs of the engine, not yet or no longer multiplied by R.
extension MontgomeryField {
  /// Writes a number below p as a row.
  func pack(_ number: Natural<64>, into row: UnsafeMutablePointer<UInt>) {
    unsafe Self.pack(number, into: row, engine == .vector)
  }

  private static func pack(
    _ number: Natural<64>, into row: UnsafeMutablePointer<UInt>, _ isVector: Bool
  ) {
    if isVector {
      unsafe pack52(number, into: row)
    } else {
      unsafe number.withLimbs { unsafe row.update(from: $0, count: 64) }
    }
  }

  private static func pack52(_ number: Natural<64>, into row: UnsafeMutablePointer<UInt>) {
    let mask = (1 as UInt) << 52 - 1
    unsafe number.withLimbs { limbs in
      for index in 0..<79 {
        let (word, shift) = (index * 52 / 64, UInt(index * 52 % 64))
        var limb = unsafe limbs[word] >> shift
        if shift > 12, word < 63 { unsafe limb |= limbs[word + 1] << (64 - shift) }
        unsafe row[index] = limb & mask
      }
    }
    unsafe row[79] = 0
  }

  /// Reads a row that is below 2p as the number below p; constant time.
  func unpack(_ row: UnsafePointer<UInt>, into limbs: UnsafeMutablePointer<UInt>) {
    guard engine == .vector else {
      unsafe limbs.update(from: row, count: 64)
      return
    }
    unsafe limbs.update(repeating: 0, count: 64)
    var top: UInt = 0
    for index in 0..<79 {
      let (word, shift) = (index * 52 / 64, UInt(index * 52 % 64))
      unsafe limbs[word] |= row[index] << shift
      if shift > 12 {
        let rest = unsafe row[index] >> (64 - shift)
        if word < 63 { unsafe limbs[word + 1] |= rest } else { top = rest }
      }
    }
    unsafe modulus.subtractModulusOnce(from: limbs, carry: top)
  }

  /// The number of a row as a public one.
  func unpacked(_ row: UnsafePointer<UInt>) -> Natural<64> {
    var number = Natural<64>()
    unsafe number.withMutableLimbs { unsafe unpack(row, into: $0) }
    return number
  }
}
