// SPDX-License-Identifier: Apache-2.0

internal import BigIntegers

/// Powers of public bases with secret exponents, collected so that one pass of the engine computes
/// all of them in constant time. How many there are, and of which bases, is public.
public struct SecretPowerBatch: ~Copyable, Sendable {
  private struct Place {
    let base: Int
    let index: Int
  }

  private var bases: [FixedBase] = []
  private var exponents: [SecretScalars.Owner] = []
  private var places: [Place] = []
  private var counts: [Int] = []

  /// An empty batch.
  public init() {}

  /// Asks for base^s.
  /// - Returns: the position of the result.
  public mutating func append(_ base: FixedBase, _ s: borrowing SecretScalar) -> Int {
    let known = bases.firstIndex { $0.isSame(as: base) } ?? bases.count
    if known == bases.count {
      bases.append(base)
      counts.append(0)
    }
    places.append(Place(base: known, index: counts[known]))
    counts[known] += 1
    exponents.append(SecretScalars.Owner(s.copy()))
    return places.count - 1
  }

  /// Computes all powers, in the order in which they were asked for.
  public consuming func run(in group: Group) -> SecretElements {
    var results = SecretLimbList(count: places.count, limbs: 64)
    for (number, base) in bases.enumerated() {
      switch base.powers {
      case .plain(let table):
        for (position, place) in places.enumerated() where place.base == number {
          results.set(position, table.powmSecret(exponents[position].scalar.limbs))
        }
      case .engine(let powers):
        var list = SecretLimbList(count: counts[number], limbs: 4)
        for (position, place) in places.enumerated() where place.base == number {
          list.set(place.index, exponents[position].scalar.limbs)
        }
        let computed = powers.forSecrets.powers(list)
        for (position, place) in places.enumerated() where place.base == number {
          results.set(position, computed, from: place.index)
        }
      }
    }
    return SecretElements(results)
  }
}
