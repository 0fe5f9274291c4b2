// SPDX-License-Identifier: Apache-2.0

import BigIntegers
import ElGamal
import Election
import Groups
import TestSupport
import Testing

/// Totals that are multiplied many at a time against plain products.
@Suite struct RunningTotalsTests {
  static let manifest = ManifestOutline(
    contests: [
      contest("a", options: 3), contest("b", options: 1), contest("c", options: 2),
    ], ballotStyles: [])

  private static func contest(_ label: String, options: Int) -> ManifestOutline.Contest {
    ManifestOutline.Contest(
      label: label, options: (0..<options).map { "\(label)\($0)" }, selectionLimit: 1,
      optionLimit: 1, contestDataBlocks: 1)
  }

  private func element(_ group: Group, _ generator: inout SeededGenerator) -> Element {
    Element(
      group.field.vartimeReduce(
        Natural(wrappingBigEndian: generator.bytes(group.elementByteCount))))
  }

  /// Adds to totals; the macro cannot call what changes a value.
  private func added(
    _ ciphertexts: [Ciphertext], weight: Int = 1, toContest index: Int,
    _ totals: inout RunningTotals
  ) -> Bool { totals.add(ciphertexts, weight: weight, toContest: index) }

  @Test(arguments: [Group.standard, .reduced] + ToyGroups.all)
  func totalsAreTheProducts(_ group: Group) throws {
    var generator = SeededGenerator(seed: 0x5EED_0201)
    var totals = RunningTotals(Self.manifest, in: group)
    var expected = EncryptedTotals.empty(Self.manifest, in: group)
    var found = totals.totals()
    #expect(found == expected)
    // More ciphertexts than wait at most, on ballots that do not hold all contests.
    for ballot in 0..<1_000 {
      let weight = ballot.isMultiple(of: 97) ? 3 : 1
      for (index, options) in [3, 1, 2].enumerated() where ballot % 7 != index {
        let ciphertexts = (0..<options).map { _ in
          Ciphertext(alpha: element(group, &generator), beta: element(group, &generator))
        }
        #expect(added(ciphertexts, weight: weight, toContest: index + 1, &totals))
        for (option, ciphertext) in ciphertexts.enumerated() {
          for _ in 0..<weight {
            expected.contests[index][option] = group.vartimeMultiply(
              expected.contests[index][option], ciphertext)
          }
        }
      }
      if ballot == 500 {
        found = totals.totals()
        #expect(found == expected, "seed \(generator.seed)")
      }
    }
    for _ in 0..<2 {
      found = totals.totals()
      #expect(found == expected, "seed \(generator.seed)")
    }
  }

  @Test func partsGiveTheWhole() throws {
    let group = Group.standard
    var generator = SeededGenerator(seed: 0x5EED_0202)
    var whole = RunningTotals(Self.manifest, in: group)
    var sum = RunningTotals(Self.manifest, in: group)
    for _ in 0..<3 {
      var part = RunningTotals(Self.manifest, in: group)
      for _ in 0..<5 {
        let ciphertexts = (0..<3).map { _ in
          Ciphertext(alpha: element(group, &generator), beta: element(group, &generator))
        }
        #expect(added(ciphertexts, toContest: 1, &part))
        #expect(added(ciphertexts, toContest: 1, &whole))
      }
      let isAdded = sum.add(part.totals())
      #expect(isAdded)
    }
    let (found, expected) = (sum.totals(), whole.totals())
    #expect(found == expected, "seed \(generator.seed)")
  }

  @Test func otherShapesAreRefusedAndChangeNothing() {
    let group = ToyGroups.q16p48
    var totals = RunningTotals(Self.manifest, in: group)
    let one = Ciphertext(alpha: group.generator.element, beta: group.generator.element)
    let shapes = [
      (0, 3), (4, 3), (-1, 1), (.min, 1), (.max, 1), (1, 2), (1, 4), (1, 0), (2, 2),
    ]
    for (index, options) in shapes {
      #expect(!added(Array(repeating: one, count: options), toContest: index, &totals))
    }
    for shape in [[], [3, 1], [3, 1, 2, 1], [3, 1, 3], [1, 3, 2]] {
      let isAdded = totals.add(
        EncryptedTotals(contests: shape.map { Array(repeating: one, count: $0) }))
      #expect(!isAdded)
    }
    let found = totals.totals()
    #expect(found == .empty(Self.manifest, in: group))
  }
}
