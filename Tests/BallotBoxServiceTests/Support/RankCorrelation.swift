// SPDX-License-Identifier: Apache-2.0

/// How far two orders agree, in standard deviations of what chance gives.
///
/// For n things in one batch, Spearman's ρ between two orders that have nothing to do with each other
/// has mean 0 and variance 1/(n − 1) (Kendall, Rank Correlation Methods, 1948). Over independent batches,
/// z = Σ ρ √(n − 1) / √(number of batches) is close to standard normal.
enum RankCorrelation {
  /// |z| above this comes by chance once in 1.7 million runs.
  static let bound = 5.0

  /// - Parameter batches: for every batch, the things' places in the second order, listed in the first.
  static func z(_ batches: [[Int]]) -> Double {
    let scores = batches.filter { $0.count > 2 }.map { places in
      rho(ranks(places)) * Double(places.count - 1).squareRoot()
    }
    return scores.reduce(0, +) / Double(max(1, scores.count)).squareRoot()
  }

  /// The place of every number among all of them.
  static func ranks(_ values: [Int]) -> [Int] {
    var ranks = [Int](repeating: 0, count: values.count)
    for (rank, index) in values.indices.sorted(by: { values[$0] < values[$1] }).enumerated() {
      ranks[index] = rank
    }
    return ranks
  }

  /// Spearman's ρ of a permutation of 0 ..< n with the order of its positions.
  static func rho(_ ranks: [Int]) -> Double {
    let n = Double(ranks.count)
    let squares = ranks.enumerated().reduce(0.0) { sum, item in
      let difference = Double(item.offset - item.element)
      return sum + difference * difference
    }
    return 1 - 6 * squares / (n * (n * n - 1))
  }
}
