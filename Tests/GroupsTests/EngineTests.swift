// SPDX-License-Identifier: Apache-2.0

import BigIntegers
import Groups
import TestSupport
import Testing

/// The standard group on every engine of this processor, against GMP's plain functions.
@Suite struct EngineTests {
  static let groups = ArithmeticEngine.available.map { engine in
    do { return try Group(.electionGuard4096, engine: engine) } catch {
      preconditionFailure("\(engine): \(error)")
    }
  }

  /// Plain GMP: no engine stands behind these.
  private func plainPower(_ group: Group, _ x: Element, _ s: Scalar) -> Natural<64> {
    group.field.vartimePow(x.value, s.value)
  }

  private static let edgeScalars: [Natural<4>] = [
    Natural(), Natural(1), Natural(2), Natural(15), Natural(16), Natural(0xFFFF_FFFF_FFFF_FFFF),
    Natural(limbs: [0, 0, 0, 0x8000_0000_0000_0000]),
    Natural(limbs: [0, 1, 0, 0]), Natural(limbs: [UInt.max, UInt.max, UInt.max, UInt.max >> 1]),
    Natural(limbs: [0xFFFF_FFFF_FFFF_FF42, UInt.max, UInt.max, UInt.max]),
  ]

  private func edgeElements(_ group: Group) -> [Natural<64>] {
    let p = group.parameters.p
    var minusOne = p
    minusOne.limbs[0] -= 1
    var half = Natural<64>()
    for index in 32..<64 { half.limbs[index] = .max }
    half.limbs[63] = 0x7FFF_FFFF_FFFF_FFFF
    var carries = Natural<64>()
    for index in 0..<63 { carries.limbs[index] = .max }
    return [Natural(1), Natural(2), minusOne, group.parameters.g, half, carries]
  }

  @Test(arguments: groups) func everyEngineIsUsed(_ group: Group) {
    #expect(group.arithmetic.engine?.engine == group.engine)
  }

  @Test(arguments: groups) func commitmentsAreThoseOfPlainPowers(_ group: Group) throws {
    var generator = SeededGenerator(seed: 0x5EED_0001)
    let key = group.fixedBase(
      Element(group.field.vartimePow(group.parameters.g, Natural<1>(123_456_789))))
    var elements = edgeElements(group).map(Element.init)
    for _ in 0..<20 {
      elements.append(
        Element(group.field.vartimeReduce(Natural(wrappingBigEndian: generator.bytes(512)))))
    }
    elements.append(
      Element(group.field.vartimePow(group.parameters.g, Natural<1>(UInt(generator.next())))))
    var requests: [CommitmentRequest] = []
    for (index, element) in elements.enumerated() {
      var request = CommitmentRequest(
        x: element, base: index.isMultiple(of: 2) ? group.generator : key)
      for term in 0..<[0, 1, 2, 2, 3, 2, 18][index % 7] {
        let edges = Self.edgeScalars
        let random = Natural<4>(wrappingBigEndian: generator.bytes(32))
        request.append(
          response: Scalar(group.order.vartimeReduce(term == 1 ? edges[index % 10] : random)),
          challenge: Scalar(
            group.order.vartimeReduce(
              term == 0 && index < 10
                ? edges[index] : Natural(wrappingBigEndian: generator.bytes(32)))))
      }
      requests.append(request)
    }
    let answers = group.vartimeCommitments(requests)
    for (request, answer) in zip(requests, answers) {
      #expect(answer.values.count == request.terms.count)
      let isMember =
        group.field.vartimePow(request.x.value, group.parameters.q) == Natural<64>(1)
      #expect(answer.isMember == isMember)
      for ((v, c), value) in zip(request.terms, answer.values) {
        let expected = group.field.vartimeMultiply(
          plainPower(group, request.base.element, v), plainPower(group, request.x, c))
        #expect(value.value == expected, "seed \(generator.seed)")
      }
    }
    #expect(answers.contains { $0.isMember } && answers.contains { !$0.isMember })
  }

  @Test(arguments: groups) func fixedBasePowersAreThoseOfPlainOnes(_ group: Group) throws {
    var generator = SeededGenerator(seed: 0x5EED_0002)
    let base = group.fixedBase(
      Element(group.field.vartimeReduce(Natural(wrappingBigEndian: generator.bytes(512)))))
    for index in 0..<40 {
      let exponent =
        index < 10 ? Self.edgeScalars[index] : Natural(wrappingBigEndian: generator.bytes(32))
      let s = Scalar(group.order.vartimeReduce(exponent))
      let expected = plainPower(group, base.element, s)
      #expect(group.vartimePower(base, s).value == expected)
      #expect(group.power(base, group.secret(s)).value == expected)
    }
  }
}
