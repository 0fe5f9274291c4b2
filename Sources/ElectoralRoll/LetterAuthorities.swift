// SPDX-License-Identifier: Apache-2.0

public import Cryptography

/// The keys of the one or two authorities that send letters, put together: K_i of every entry with keys.
public struct LetterAuthorities: Hashable, Sendable {
  /// The keys of authority 1 and, if there is one, of authority 2.
  public let letters: [LetterKeys]

  /// One authority, whose letter alone is enough to ask.
  public init(_ keys: LetterKeys) { letters = [keys] }

  /// Two authorities, so that neither can ask in a citizen's place.
  ///
  /// - Throws: ``RollError/letterKeys`` unless both files are for the same roll, ``RollError/sameKey(district:index:)``
  ///   if any key stands in both, at whichever entry.
  public init(_ first: LetterKeys, _ second: LetterKeys) throws(RollError) {
    guard first.districts == second.districts else { throw .letterKeys }
    var known: Set<Ed25519.PublicKey> = []
    for district in first.districts {
      for index in 0..<district.keyEntries {
        if let key = first.key(district: district.number, index: index + 1) { known.insert(key) }
      }
    }
    for district in second.districts {
      for index in 0..<district.keyEntries {
        guard let key = second.key(district: district.number, index: index + 1) else { continue }
        if known.contains(key) { throw .sameKey(district: district.label, index: index + 1) }
      }
    }
    letters = [first, second]
  }

  /// K_i: one or two keys; none for an entry without keys.
  public func keys(district: Int, index: Int) -> [Ed25519.PublicKey] {
    letters.compactMap { $0.key(district: district, index: index) }
  }
}
