// SPDX-License-Identifier: Apache-2.0

/// Finds a name that occurs twice. Few names are compared one by one, many through a hash set, so
/// that an object of n members costs about n.
struct JSONNameSet {
  private static let few = 12
  private var many: Set<ExactName> = []

  /// Adds a name that comes behind `members`. False when it is there already.
  mutating func insert(_ name: String, besides members: [JSONMember]) -> Bool {
    if members.count < Self.few {
      return !members.contains { $0.name.hasSameBytes(as: name) }
    }
    if many.isEmpty { many = Set(members.lazy.map { ExactName(text: $0.name) }) }
    return many.insert(ExactName(text: name)).inserted
  }

  /// A name that is hashed and compared by its bytes. `String`'s own hash is equal for texts that
  /// differ in normalisation only: thousands of such names would fall into one bucket.
  private struct ExactName: Hashable {
    let text: String

    static func == (left: Self, right: Self) -> Bool {
      left.text.hasSameBytes(as: right.text)
    }

    func hash(into hasher: inout Hasher) {
      var word: UInt64 = 0
      var filled = 0
      for byte in text.utf8 {
        word = word << 8 | UInt64(byte)
        filled += 1
        if filled == 8 {
          hasher.combine(word)
          word = 0
          filled = 0
        }
      }
      hasher.combine(word)
      hasher.combine(text.utf8.count)
    }
  }
}
