// SPDX-License-Identifier: Apache-2.0

import Cryptography
import ElGamal
import Groups
import TestSupport
import Testing

/// What goes in comes out: single votes, sums and weighted sums.
@Suite struct PropertyCiphertextTests {
  static let groups = [Group.standard, Group.reduced, PropertyScene.q64p256] + ToyGroups.all

  @Test(arguments: groups, [1, 3, 5]) func everyVoteIsDecrypted(_ group: Group, _ bound: Int) throws
  {
    let scene = PropertyScene(group)
    for vote in 0...bound {
      let nonce = try group.randomScalar()
      let ciphertext = scene.encrypt(vote, nonce: nonce)
      #expect(try scene.decrypt(ciphertext, bound: UInt64(bound)) == UInt64(vote))
      #expect(ciphertext.alpha == group.vartimePower(group.generator.element, nonce))
      let exponent = group.vartimeAdd(group.scalar(UInt64(vote)), nonce)
      #expect(ciphertext.beta == group.vartimePower(scene.key.element, exponent))
      #expect(group.isMember(ciphertext.alpha) && group.isMember(ciphertext.beta))
    }
  }

  /// ∏ (α^W, β^W) holds Σ W·σ.
  @Test(arguments: groups) func weightedSumsAreDecrypted(_ group: Group) throws {
    let scene = PropertyScene(group)
    var generator = SeededGenerator(seed: 0x5EED_0001)
    for round in 0..<5 {
      var parts: [Ciphertext] = []
      var expected: UInt64 = 0
      for _ in 0..<12 {
        let vote = Int.random(in: 0...5, using: &generator)
        let weight = Int.random(in: 1...40, using: &generator)
        let ciphertext = scene.encrypt(vote, nonce: try group.randomScalar())
        parts.append(group.vartimePower(ciphertext, weight: weight))
        expected += UInt64(vote * weight)
      }
      let sum = group.vartimeProduct(parts)
      #expect(
        try scene.decrypt(sum, bound: 12 * 5 * 40) == expected,
        "seed \(generator.seed), round \(round)")
      // The order of the ballots does not matter.
      #expect(group.vartimeProduct(parts.shuffled(using: &generator)) == sum)
    }
  }

  @Test(arguments: groups) func nothingCountedIsZero(_ group: Group) throws {
    let scene = PropertyScene(group)
    #expect(try scene.decrypt(group.vartimeProduct([]), bound: 10) == 0)
    let one = scene.encrypt(1, nonce: try group.randomScalar())
    #expect(group.vartimeMultiply(group.emptyAggregate, one) == one)
    #expect(group.vartimePower(one, weight: 1) == one)
    #expect(group.vartimePower(one, weight: 3) == group.vartimeProduct([one, one, one]))
    #expect(group.vartimePower(one, weight: 0) == group.emptyAggregate)
  }

  // adversary: G-11
  @Test func sumAboveTheBoundIsNoNumber() throws {
    let scene = PropertyScene(.standard)
    let six = scene.encrypt(6, nonce: try scene.group.randomScalar())
    #expect(throws: GroupError.logarithmNotFound) { try scene.decrypt(six, bound: 5) }
    // −1 is q − 1: never a small number.
    let minusOne = scene.group.vartimeSubtract(.zero, .one)
    let negative = scene.encrypt(minusOne, nonce: try scene.group.randomScalar())
    #expect(throws: GroupError.logarithmNotFound) { try scene.decrypt(negative, bound: 1_000) }
  }

  // adversary: G-05
  /// Every vote that can be encoded is K^σ, which lies in the subgroup.
  @Test(arguments: groups) func encodedVotesAreMembers(_ group: Group) {
    let scene = PropertyScene(group)
    var power = group.identity
    for vote in 0...20 {
      #expect(group.isMember(power) && group.vartimeJacobi(power) == 1, "σ = \(vote)")
      #expect(group.vartimePower(scene.key, group.scalar(UInt64(vote))) == power)
      power = group.vartimeMultiply(power, scene.key.element)
    }
  }
}
