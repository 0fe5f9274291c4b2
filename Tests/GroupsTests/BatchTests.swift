// SPDX-License-Identifier: Apache-2.0

import BigIntegers
import Groups
import TestSupport
import Testing

/// Batched membership, claims and products against one element at a time, on every engine.
@Suite struct BatchTests {
  static let groups = EngineTests.groups

  private func member(_ group: Group, _ generator: inout SeededGenerator) -> Element {
    group.vartimePower(
      group.generator,
      Scalar(group.order.vartimeReduce(Natural(wrappingBigEndian: generator.bytes(32)))))
  }

  private func minusOne(_ group: Group) -> Element {
    var value = group.parameters.p
    value.limbs[0] -= 1
    return Element(value)
  }

  /// g^q′ for an exponent that removes the part in C_q: an element of order r′ (or 1).
  private func elementOfOrderR(_ group: Group, _ generator: inout SeededGenerator) -> Element {
    let x = group.field.vartimeReduce(Natural<64>(wrappingBigEndian: generator.bytes(512)))
    let square = group.field.vartimeMultiply(x, x)
    return Element(group.field.vartimePow(square, group.parameters.q))
  }

  @Test(arguments: groups) func productsAreThoseOfSingleSteps(_ group: Group) {
    var generator = SeededGenerator(seed: 0x5EED_0003)
    let numbers = (0..<300).map { _ in
      Element(group.field.vartimeReduce(Natural(wrappingBigEndian: generator.bytes(512))))
    }
    var lists = [0, 1, 2, 3, 7, 8, 9, 63, 64, 65, 128, 200].map { Array(numbers.prefix($0)) }
    lists.append(Array(repeating: minusOne(group), count: 65))
    let products = group.vartimeProducts(lists)
    for (list, product) in zip(lists, products) {
      #expect(product == group.vartimeProduct(list), "seed \(generator.seed)")
    }
    #expect(group.vartimeProducts([]).isEmpty)
    // More lists than lanes, all empty or single.
    #expect(
      group.vartimeProducts(Array(repeating: [], count: 20))
        == Array(repeating: group.identity, count: 20))
  }

  @Test(arguments: groups) func multiPowersAreThoseOfSinglePowers(_ group: Group) throws {
    let engine = try #require(group.arithmetic.engine)
    var generator = SeededGenerator(seed: 0x5EED_0004)
    for (count, bits) in [(1, 256), (20, 128), (20, 256), (150, 128)] {
      let factors = (0..<count).map { index in
        PowerFactor(
          x: group.field.vartimeReduce(Natural(wrappingBigEndian: generator.bytes(512))),
          exponent: index == 0
            ? Natural() : Natural(wrappingBigEndian: generator.bytes(bits / 8)))
      }
      let expected = factors.reduce(Natural<64>(1)) {
        group.field.vartimeMultiply($0, group.field.vartimePow($1.x, $1.exponent))
      }
      let power = engine.vartimeMultiPower(factors, bits: bits, testsResidues: false)
      #expect(power.product == expected, "\(count) factors, seed \(generator.seed)")
    }
  }

  // adversary: G-01
  @Test(arguments: groups) func everyStrangerIsNamed(_ group: Group) throws {
    var generator = SeededGenerator(seed: 0x5EED_0005)
    var elements = (0..<150).map { _ in member(group, &generator) }
    #expect(try group.vartimeAreMembers(elements))
    #expect(try group.vartimeStrangers(among: elements).isEmpty)
    // Two signs cancel in the product of all, and two parts of order r′ in C_r′ do as well.
    let part = elementOfOrderR(group, &generator)
    #expect(!group.isMember(part) && group.vartimeJacobi(part) == 1)
    elements[3] = group.vartimeMultiply(elements[3], minusOne(group))
    elements[77] = group.vartimeMultiply(elements[77], minusOne(group))
    elements[80] = group.vartimeMultiply(elements[80], part)
    elements[81] = group.vartimeMultiply(elements[81], group.vartimeInverse(part))
    elements[149] = minusOne(group)
    #expect(!(try group.vartimeAreMembers(elements)))
    #expect(try group.vartimeStrangers(among: elements) == [3, 77, 80, 81, 149])
    for wrong in [3, 80, 149] {
      let single = elements.enumerated().filter {
        $0.offset == wrong || ![3, 77, 80, 81, 149].contains($0.offset)
      }
      // Each kind of stranger alone, twenty times with fresh exponents.
      for _ in 0..<20 { #expect(!(try group.vartimeAreMembers(single.map(\.element)))) }
    }
    #expect(try group.vartimeStrangers(among: []).isEmpty)
  }

  private func claims(_ group: Group, count: Int, seed: UInt64) -> [CommitmentClaim] {
    var generator = SeededGenerator(seed: seed)
    let key = group.fixedBase(member(group, &generator))
    let requests = (0..<count).map { index in
      var request = CommitmentRequest(
        x: member(group, &generator), base: index.isMultiple(of: 2) ? group.generator : key)
      for _ in 0..<2 {
        request.append(
          response: group.scalar(generator.next()), challenge: group.scalar(generator.next()))
      }
      return request
    }
    return zip(requests, group.vartimeCommitments(requests)).map {
      CommitmentClaim(request: $0, values: $1.values, testsMembership: true)
    }
  }

  @Test(arguments: groups) func rightClaimsHoldAndEveryWrongOneFails(_ group: Group) throws {
    let right = claims(group, count: 40, seed: 0x5EED_0006)
    #expect(try group.vartimeClaimsHold(right))
    #expect(try group.vartimeClaimsHold([]))
    var generator = SeededGenerator(seed: 0x5EED_0007)
    let part = elementOfOrderR(group, &generator)
    let wrongs: [(Element) -> Element] = [
      { group.vartimeMultiply($0, minusOne(group)) },
      { group.vartimeMultiply($0, part) },
      { group.vartimeMultiply($0, group.generator.element) },
      { _ in group.identity },
    ]
    for (index, change) in wrongs.enumerated() {
      // A sign passes the equation alone half of the time: repeated, it never does.
      for round in 0..<16 {
        var wrong = right
        let position = (7 * round + index) % wrong.count
        var values = wrong[position].values
        values[round % 2] = change(values[round % 2])
        wrong[position] = CommitmentClaim(
          request: wrong[position].request, values: values, testsMembership: true)
        #expect(!(try group.vartimeClaimsHold(wrong)), "change \(index), round \(round)")
      }
    }
    // Two signs in one request, and a value too few.
    var signs = right
    signs[5] = CommitmentClaim(
      request: right[5].request,
      values: right[5].values.map { group.vartimeMultiply($0, minusOne(group)) },
      testsMembership: true)
    for _ in 0..<16 { #expect(!(try group.vartimeClaimsHold(signs))) }
    signs[5] = CommitmentClaim(
      request: right[5].request, values: [], testsMembership: true)
    #expect(!(try group.vartimeClaimsHold(signs)))
  }

  /// The claim is true of an x outside the group as an equation of integers, and fails by membership.
  @Test(arguments: groups) func claimsAboutStrangersFail(_ group: Group) throws {
    var right = claims(group, count: 20, seed: 0x5EED_0008)
    var request = CommitmentRequest(
      x: group.vartimeMultiply(right[0].request.x, minusOne(group)), base: group.generator)
    request.append(response: group.scalar(7), challenge: group.scalar(8))
    let values = group.vartimeCommitments([request])[0].values
    right[0] = CommitmentClaim(request: request, values: values, testsMembership: true)
    for _ in 0..<16 { #expect(!(try group.vartimeClaimsHold(right))) }
  }
}
