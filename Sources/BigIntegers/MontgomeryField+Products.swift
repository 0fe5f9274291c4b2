// SPDX-License-Identifier: Apache-2.0

/// Products of many public numbers.
///
/// Numbers are multiplied as they are: every Montgomery product loses a factor R, so n numbers give
/// ∏ · R^(1−n), and one product by R^n puts that right.
extension MontgomeryField {
  /// Numbers that are multiplied in one go; longer lists are cut.
  static var segmentLength: Int { 64 }

  /// The product of every list; 1 for an empty one.
  package func vartimeProducts(_ lists: [[Natural<64>]]) -> [Natural<64>] {
    var products = lists.map { $0.first ?? Natural(1) }
    var segments: [(list: Int, numbers: ArraySlice<Natural<64>>)] = []
    for (index, list) in lists.enumerated() where list.count > 1 {
      for start in stride(from: 0, to: list.count, by: Self.segmentLength) {
        segments.append((index, list[start..<min(start + Self.segmentLength, list.count)]))
      }
    }
    guard !segments.isEmpty else { return products }
    // Segments of like length side by side.
    let order = segments.indices.sorted {
      (segments[$0].numbers.count, $0) < (segments[$1].numbers.count, $1)
    }
    var parts = segments.map { _ in Natural<64>() }
    for start in stride(from: 0, to: order.count, by: lanes) {
      let group = order[start..<min(start + lanes, order.count)]
      for (index, product) in zip(group, multiply(group.map { segments[$0].numbers })) {
        parts[index] = product
      }
    }
    var gathered = lists.map { _ in [Natural<64>]() }
    for (segment, part) in zip(segments, parts) { gathered[segment.list].append(part) }
    let long = gathered.indices.filter { gathered[$0].count > 1 }
    for index in gathered.indices where gathered[index].count == 1 {
      products[index] = gathered[index][0]
    }
    for (index, product) in zip(long, vartimeProducts(long.map { gathered[$0] })) {
      products[index] = product
    }
    return products
  }

  /// The products of up to `lanes` segments, ordered by length.
  private func multiply(_ segments: [ArraySlice<Natural<64>>]) -> [Natural<64>] {
    let longest = segments.last?.count ?? 0
    let work = LimbBlock(zeros: 2 * blockLimbs + lanes * rowLimbs)
    var products: [Natural<64>] = []
    unsafe withRowAddresses { addresses in
      let (product, factor, rows) = unsafe (work[0], work[blockLimbs], work[2 * blockLimbs])
      for lane in 0..<lanes { unsafe addresses[lane] = rows + lane * rowLimbs }
      for position in 0..<longest {
        for lane in 0..<lanes {
          let row = unsafe rows + lane * rowLimbs
          if lane < segments.count, position < segments[lane].count {
            unsafe pack(segments[lane][segments[lane].startIndex + position], into: row)
          } else {
            unsafe row.update(from: radixPowers[0], count: rowLimbs)
          }
        }
        unsafe gather(position == 0 ? product : factor, addresses)
        if position > 0 { unsafe vartimeMultiply(product, product, factor) }
      }
      for lane in 0..<lanes {
        let count = lane < segments.count ? segments[lane].count : 1
        unsafe addresses[lane] = radixPowers[(count - 1) * rowLimbs]
      }
      unsafe gather(factor, addresses)
      unsafe vartimeMultiply(product, product, factor)
      for lane in 0..<lanes { unsafe addresses[lane] = rows + lane * rowLimbs }
      unsafe scatter(addresses, product)
      products = segments.indices.map { unsafe unpacked(rows + $0 * rowLimbs) }
    }
    return products
  }
}
