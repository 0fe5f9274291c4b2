// SPDX-License-Identifier: Apache-2.0

internal import CMontgomery

/// Some products base^v · x^c for one x, and whether x^q = 1. Everything in it is public.
package struct PowerRequest: Sendable {
  /// base^v · x^c
  package struct Term: Sendable {
    /// v
    package let fixed: Natural<4>
    /// c
    package let exponent: Natural<4>

    package init(fixed: Natural<4>, exponent: Natural<4>) {
      self.fixed = fixed
      self.exponent = exponent
    }
  }

  /// x
  package let x: Natural<64>
  /// The powers of the base.
  package let table: PowerTable
  /// The products that are wanted.
  package let terms: [Term]

  package init(x: Natural<64>, table: PowerTable, terms: [Term]) {
    self.x = x
    self.table = table
    self.terms = terms
  }
}

/// The answer to a ``PowerRequest``.
package struct PowerAnswer: Sendable {
  /// One product a term.
  package var products: [Natural<64>]
  /// Whether x^q = 1.
  package var isMember: Bool
}

/// Simultaneous exponentiation (Yao's method): all exponents of one x share one chain of squarings
/// x^(2^i). An exponent is cut into windows of four bits that begin with a one (sliding windows);
/// a window with the odd digit d at bit i multiplies bucket d by x^(2^i), and at the end
/// ∏ bucket_d^d is x^c. In the order q = 2^256 − δ of ElectionGuard's groups, x^q = 1 is
/// x^(2^256) = x^δ: the end of the chain against a product of its beginning, six multiplications
/// for an exact test.
extension MontgomeryField {
  /// Buckets of one exponent: digits 1, 3 … 15.
  private static var buckets: Int { 8 }

  /// Exponents that are worked on together; more of them are taken in turn, so that workspace is
  /// bounded.
  static var termsAtOnce: Int { 16 }

  /// Answers requests in their order.
  /// - Parameter orderComplement: δ = 2^256 − q, below 2^64.
  package func vartimeAnswers(
    _ requests: [PowerRequest], orderComplement: UInt
  ) -> [PowerAnswer] {
    // Requests with equally many terms fill the lanes best.
    let order = requests.indices.sorted {
      (requests[$0].terms.count, $0) < (requests[$1].terms.count, $1)
    }
    var answers = requests.map { _ in PowerAnswer(products: [], isMember: false) }
    for start in stride(from: 0, to: order.count, by: lanes) {
      let group = order[start..<min(start + lanes, order.count)]
      let most = group.map { requests[$0].terms.count }.max() ?? 0
      for first in stride(from: 0, to: max(1, most), by: Self.termsAtOnce) {
        var chain = PowerChain(
          self, group.map { requests[$0] },
          terms: first..<min(most, first + Self.termsAtOnce), orderComplement: orderComplement)
        chain.vartimeRun()
        for (lane, index) in group.enumerated() {
          let wanted = requests[index].terms.count
          for term in 0..<max(0, min(wanted, first + Self.termsAtOnce) - first) {
            answers[index].products.append(chain.product(term: term, lane: lane))
          }
          if first == 0 { answers[index].isMember = chain.isMember(lane: lane) }
        }
      }
    }
    return answers
  }

  /// One pass over the exponents of up to `lanes` requests. Blocks of the workspace, in order: the
  /// last four powers of the chain, operand, product, x^δ, one result a term; then rows of buckets.
  private struct PowerChain: ~Copyable {
    let field: MontgomeryField
    let requests: [PowerRequest]
    let terms: Range<Int>
    let orderComplement: UInt
    let blocks: LimbBlock
    let rows: LimbBlock
    /// Which buckets of a single lane hold a factor; the first one is moved in without a product.
    private var touched: [Bool]
    /// The odd digit of the window that begins at bit i of the exponent in lane l and term t, or 0:
    /// at [(t · lanes + l) · 256 + i].
    let digits: [UInt8]

    init(
      _ field: MontgomeryField, _ requests: [PowerRequest], terms: Range<Int>,
      orderComplement: UInt
    ) {
      self.field = field
      self.requests = requests
      self.terms = terms
      self.orderComplement = orderComplement
      blocks = LimbBlock(zeros: (7 + terms.count) * field.blockLimbs)
      // Behind the buckets one row for lanes without a window, two for the answers.
      rows = LimbBlock(
        zeros: (terms.count * buckets + 3) * field.lanes * field.rowLimbs)
      var digits = [UInt8](repeating: 0, count: terms.count * field.lanes * 256)
      for (lane, request) in requests.enumerated() {
        for (offset, term) in terms.enumerated() where term < request.terms.count {
          MontgomeryField.recode(
            request.terms[term].exponent, into: &digits,
            at: (offset * field.lanes + lane) * 256)
        }
      }
      self.digits = digits
      touched = [Bool](repeating: false, count: terms.count * buckets)
    }

    func block(_ index: Int) -> UnsafeMutablePointer<UInt> {
      unsafe blocks[index * field.blockLimbs]
    }

    func row(_ index: Int, lane: Int) -> UnsafeMutablePointer<UInt> {
      unsafe rows[(index * field.lanes + lane) * field.rowLimbs]
    }

    private var operand: UnsafeMutablePointer<UInt> { unsafe block(4) }
    private var product: UnsafeMutablePointer<UInt> { unsafe block(5) }
    private var complementPower: UnsafeMutablePointer<UInt> { unsafe block(6) }
    private var spare: Int { terms.count * buckets }

    func product(term: Int, lane: Int) -> Natural<64> {
      unsafe field.unpacked(row(term, lane: lane))
    }

    func isMember(lane: Int) -> Bool {
      unsafe field.unpacked(row(spare + 1, lane: lane))
        == field.unpacked(row(spare + 2, lane: lane))
    }

    mutating func vartimeRun() {
      unsafe field.withRowAddresses { addresses in
        unsafe begin(addresses)
        for bit in stride(from: 0, to: 256, by: 4) {
          for step in 1..<4 { unsafe field.vartimeSquare(block(step), block(step - 1)) }
          if bit < 64 { multiplyComplement(bit) }
          for term in 0..<terms.count { unsafe accumulate(term, bit, addresses) }
          unsafe field.vartimeSquare(block(0), block(3))
        }
        for lane in 0..<field.lanes { unsafe addresses[lane] = row(spare + 1, lane: lane) }
        unsafe field.scatter(addresses, block(0))
        for lane in 0..<field.lanes { unsafe addresses[lane] = row(spare + 2, lane: lane) }
        unsafe field.scatter(addresses, complementPower)
        for term in 0..<terms.count { unsafe combine(term, addresses) }
        for term in 0..<terms.count {
          for lane in 0..<field.lanes { unsafe addresses[lane] = row(term, lane: lane) }
          unsafe field.scatter(addresses, block(7 + term))
        }
      }
    }

    /// x in Montgomery's form, buckets and x^δ as 1. A lane without a request works on 1.
    private func begin(_ addresses: UnsafeMutablePointer<UnsafeMutablePointer<UInt>?>) {
      for lane in 0..<field.lanes {
        let target = unsafe row(spare, lane: lane)
        unsafe field.pack(lane < requests.count ? requests[lane].x : Natural(1), into: target)
        unsafe addresses[lane] = target
      }
      unsafe field.gather(block(0), addresses)
      unsafe field.vartimeMultiply(block(0), block(0), field.radixSquared.pointer)
      unsafe complementPower.update(from: field.one.pointer, count: field.blockLimbs)
      for bucket in 0..<spare {
        for lane in 0..<field.lanes {
          unsafe addresses[lane] = row(bucket, lane: lane)
        }
        unsafe field.scatter(addresses, field.one.pointer)
      }
    }

    private func multiplyComplement(_ bit: Int) {
      for step in 0..<4 where orderComplement >> UInt(bit + step) & 1 == 1 {
        unsafe field.vartimeMultiply(complementPower, complementPower, block(step))
      }
    }

    /// Multiplies the buckets of the windows that begin at one of four bits. Windows are four bits
    /// wide, so a lane has one of them at most.
    private mutating func accumulate(
      _ term: Int, _ bit: Int, _ addresses: UnsafeMutablePointer<UnsafeMutablePointer<UInt>?>
    ) {
      var choices = InlineArray<8, UInt8>(repeating: 0)
      var isEmpty = true
      var last = 0
      for lane in 0..<field.lanes {
        unsafe addresses[lane] = row(spare, lane: lane)
        let start = (term * field.lanes + lane) * 256 + bit
        for step in 0..<4 where digits[start + step] != 0 {
          last = Int(digits[start + step] >> 1)
          unsafe addresses[lane] = row(term * buckets + last, lane: lane)
          choices[lane] = UInt8(step)
          isEmpty = false
        }
      }
      if isEmpty { return }
      if field.lanes == 1, let bucket = unsafe addresses[0], !touched[term * buckets + last] {
        unsafe bucket.update(from: block(Int(choices[0])), count: field.rowLimbs)
        touched[term * buckets + last] = true
        return
      }
      unsafe field.vartimeMultiplyRows(
        addresses, block(0), choices: choices, operand: operand, product: product)
    }

    /// ∏ bucket_d^d = (∏_{k ≥ 1} bucket_(2k+1)^k)² · ∏ bucket_(2k+1), times base^v.
    private func combine(
      _ term: Int, _ addresses: UnsafeMutablePointer<UnsafeMutablePointer<UInt>?>
    ) {
      let result = unsafe block(7 + term)
      let running = unsafe block(0)
      for bucket in stride(from: buckets - 1, through: 0, by: -1) {
        for lane in 0..<field.lanes {
          unsafe addresses[lane] = row(term * buckets + bucket, lane: lane)
        }
        if bucket == buckets - 1 {
          unsafe field.gather(running, addresses)
          unsafe result.update(from: running, count: field.blockLimbs)
          continue
        }
        unsafe field.vartimeMultiply(running, byRows: addresses, scratch: operand)
        if bucket > 0 { unsafe field.vartimeMultiply(result, result, running) }
      }
      unsafe field.vartimeSquare(result, result)
      unsafe field.vartimeMultiply(result, result, running)
      let windows = requests[0].table.windows
      for window in 0..<windows {
        let isEmpty = unsafe addressEntries(term, window, addresses)
        // The last window takes the product out of Montgomery's form.
        if isEmpty, window < windows - 1 { continue }
        unsafe field.vartimeMultiply(result, byRows: addresses, scratch: operand)
      }
    }

    /// The entries of the tables for one window; whether no lane has an exponent.
    private func addressEntries(
      _ term: Int, _ window: Int,
      _ addresses: UnsafeMutablePointer<UnsafeMutablePointer<UInt>?>
    ) -> Bool {
      var isEmpty = true
      for lane in 0..<field.lanes {
        let request = requests[min(lane, requests.count - 1)]
        var exponent = Natural<4>()
        if lane < requests.count, terms.lowerBound + term < request.terms.count {
          exponent = request.terms[terms.lowerBound + term].fixed
        }
        if !exponent.isZero { isEmpty = false }
        unsafe addresses[lane] = request.table.row(window: window, of: exponent)
      }
      return isEmpty
    }
  }

  /// Cuts an exponent into windows of four bits that begin with a one.
  private static func recode(_ exponent: Natural<4>, into digits: inout [UInt8], at start: Int) {
    var bit = 0
    while bit < 256 {
      let (word, shift) = (bit / 64, UInt(bit % 64))
      var window = exponent.limbs[word] >> shift
      if shift > 60, word < 3 { window |= exponent.limbs[word + 1] << (64 - shift) }
      if window & 1 == 0 {
        bit += 1
      } else {
        digits[start + bit] = UInt8(window & 15)
        bit += 4
      }
    }
  }

  /// Multiplies the row at each address by the choice-th of four blocks that lie one behind the
  /// other.
  func vartimeMultiplyRows(
    _ addresses: UnsafeMutablePointer<UnsafeMutablePointer<UInt>?>,
    _ blocks: UnsafeMutablePointer<UInt>, choices: InlineArray<8, UInt8>,
    operand: UnsafeMutablePointer<UInt>, product: UnsafeMutablePointer<UInt>
  ) {
    guard engine == .vector else {
      guard let row = unsafe addresses[0] else { return }
      unsafe vartimeMultiply(row, row, blocks + Int(choices[0]) * blockLimbs)
      return
    }
    var sources = unsafe InlineArray<4, UnsafePointer<UInt>?>(repeating: nil)
    for index in 0..<4 { unsafe sources[index] = UnsafePointer(blocks + index * blockLimbs) }
    var choices = choices
    unsafe withUnsafeMutablePointer(to: &sources) { sources in
      unsafe withUnsafeMutablePointer(to: &choices) { choices in
        unsafe urna_vector_select(
          operand,
          unsafe UnsafeMutableRawPointer(sources).assumingMemoryBound(
            to: UnsafePointer<UInt>?.self),
          unsafe UnsafeMutableRawPointer(choices).assumingMemoryBound(to: UInt8.self))
      }
    }
    unsafe gather(product, addresses)
    unsafe vartimeMultiply(product, product, operand)
    unsafe scatter(addresses, product)
  }
}
