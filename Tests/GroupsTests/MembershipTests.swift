// SPDX-License-Identifier: Apache-2.0

import BigIntegers
import Cryptography
import Groups
import TestSupport
import Testing

/// What stands where an element belongs: read or refused, member or stranger.
@Suite struct MembershipTests {
  static let groups = [Group.standard, Group.reduced] + ToyGroups.all

  private func number(_ group: Group) -> Schoolbook {
    Schoolbook(bytes: group.parameters.p.bigEndianBytes())
  }

  private func element(_ number: Schoolbook, _ group: Group) throws -> Element {
    try group.element(bytes: number.bytes(count: group.elementByteCount))
  }

  // adversary: G-01
  @Test(arguments: groups) func zeroAndWhatIsNotBelowPIsNotRead(_ group: Group) throws {
    let p = number(group)
    let g = Schoolbook(bytes: group.parameters.g.bigEndianBytes())
    let width = group.elementByteCount
    var tested = 0
    for wrong in [
      Schoolbook(0), p, p + Schoolbook(1), p + g, p + p,
      Schoolbook.power(ofTwo: 8 * width) - Schoolbook(1),
    ] {
      // What does not fit into the field has another length, which is refused as such.
      guard wrong.bitWidth <= 8 * width else {
        #expect(throws: GroupError.wrongLength(expected: width, found: width + 1)) {
          try group.element(bytes: wrong.bytes(count: width + 1))
        }
        continue
      }
      tested += 1
      let bytes = wrong.bytes(count: width)
      #expect(throws: GroupError.outOfRange) { try group.element(bytes: bytes) }
      #expect(throws: GroupError.outOfRange) { try group.element(hex: Hex.encode(bytes)) }
    }
    #expect(tested >= 3)
    for right in [Schoolbook(1), p - Schoolbook(1)] {
      #expect(group.bytes(try element(right, group)) == right.bytes(count: width))
    }
  }

  // adversary: G-01
  @Test(arguments: groups) func strangersAreNotMembers(_ group: Group) throws {
    let p = number(group)
    let generator = group.generator.element
    #expect(group.isMember(generator) && group.isMember(group.identity))
    let minusOne = try element(p - Schoolbook(1), group)
    #expect(!group.isMember(minusOne) && group.vartimeJacobi(minusOne) == -1)
    #expect(group.vartimeMultiply(minusOne, minusOne) == group.identity)
    let negated = group.vartimeMultiply(generator, minusOne)
    #expect(!group.isMember(negated) && group.vartimeJacobi(negated) == -1)
    // Small numbers: residues and non-residues, and none of them a member.
    var symbols = Set<Int>()
    for small in 2..<40 as Range<UInt32> {
      let x = try element(Schoolbook(small), group)
      symbols.insert(group.vartimeJacobi(x))
      #expect(!group.isMember(x), "\(small)")
    }
    #expect(symbols == [1, -1])
    // An element of the other large subgroup: x^(2q) for any x. Its Jacobi symbol is 1, so that the
    // symbol alone is no check of membership.
    let field = try Modulus(group.parameters.p)
    let order = Schoolbook(bytes: group.parameters.q.bigEndianBytes())
    let exponent = try Natural<64>(bigEndian: (order + order).bytes(count: 512))
    let power = field.vartimePow(Natural(7), exponent)
    let other = try group.element(bytes: power.bigEndianBytes(width: group.elementByteCount))
    #expect(!group.isMember(other) && group.vartimeJacobi(other) == 1)
    #expect(!group.isMember(group.vartimeMultiply(other, generator)))
  }

  // adversary: G-05
  /// All powers of g are members: in the smallest group each of them, elsewhere a sample. In the
  /// group of prime order they are all different, and nothing but 1 has a small order.
  @Test func powersOfTheGeneratorAreTheGroup() throws {
    let group = ToyGroups.q16p48
    var seen = Set<Element>()
    var power = group.identity
    for _ in 0..<65_521 {
      seen.insert(power)
      power = group.vartimeMultiply(power, group.generator.element)
    }
    #expect(power == group.identity && seen.count == 65_521)
    #expect(seen.allSatisfy { group.isMember($0) && group.vartimeJacobi($0) == 1 })
    var generator = SeededGenerator(seed: 0x5EED_0050)
    for group in Self.groups {
      for _ in 0..<20 {
        let digest = try #require(Digest(generator.bytes(32)))
        let x = group.vartimePower(group.generator, group.scalar(reducing: digest))
        #expect(group.isMember(x) && group.vartimeJacobi(x) == 1, "seed \(generator.seed)")
      }
    }
  }

  @Test(arguments: groups) func inverseOfEveryElement(_ group: Group) throws {
    let p = number(group)
    for x in [Schoolbook(1), Schoolbook(2), p - Schoolbook(1), p - Schoolbook(2)] {
      let value = try element(x, group)
      let inverse = group.vartimeInverse(value)
      #expect(group.vartimeMultiply(value, inverse) == group.identity)
    }
    #expect(group.vartimeInverse(Scalar.zero) == nil)
    #expect(group.vartimeInverse(Scalar.one) == .one)
    #expect(group.vartimeProduct([]) == group.identity)
  }

  // adversary: G-03
  /// Parameters that are no group of the claimed order are refused, whatever the name on them.
  @Test func wrongParametersAreRefused() throws {
    let right = GroupParameters.electionGuard4096
    func refused(p: Natural<64>? = nil, q: Natural<4>? = nil, g: Natural<64>? = nil) {
      #expect(throws: GroupError.invalidParameters) {
        try Group(
          GroupParameters(
            name: right.name, p: p ?? right.p, q: q ?? right.q, g: g ?? right.g,
            elementByteCount: 512))
      }
    }
    let p = Schoolbook(bytes: right.p.bigEndianBytes())
    func wide(_ number: Schoolbook) throws -> Natural<64> {
      try Natural(bigEndian: number.bytes(count: 512))
    }
    refused(g: Natural(1))
    refused(g: Natural(0))
    refused(g: try wide(p - Schoolbook(1)))
    refused(g: right.p)
    refused(g: Natural(3))
    refused(p: try wide(p - Schoolbook(1)))
    refused(p: try wide(p - Schoolbook(2)))
    refused(p: try wide(.power(ofTwo: 1024) - Schoolbook(105)))
    refused(p: Natural(0))
    refused(q: Natural(0))
    refused(q: Natural(2))
    refused(q: Natural(5))
    refused(q: GroupParameters.electionGuard4096.q, g: GroupParameters.electionGuard3072.g)
  }
}
