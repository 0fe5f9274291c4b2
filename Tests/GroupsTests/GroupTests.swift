// SPDX-License-Identifier: Apache-2.0

import BigIntegers
import Cryptography
import Foundation
import Groups
import StrictJSON
import TestSupport
import Testing

/// Every group passes the same suite.
@Suite struct GroupConformanceTests {
  static let groups = [Group.standard, Group.reduced] + ToyGroups.all

  @Test(arguments: groups) func powersAgree(_ group: Group) throws {
    for _ in 0..<20 {
      let x = try group.randomScalar()
      let y = try group.randomScalar()
      let gx = group.vartimePower(group.generator, x)
      #expect(gx == group.vartimePower(group.generator.element, x))
      #expect(gx == group.power(group.generator, group.secret(x)))
      #expect(gx == group.power(group.generator.element, group.secret(x)))
      #expect(gx == group.revealed(group.secretPower(group.generator, group.secret(x))))
      let gy = group.vartimePower(group.generator, y)
      let sum = group.vartimePower(group.generator, group.vartimeAdd(x, y))
      #expect(group.vartimeMultiply(gx, gy) == sum)
      let difference = group.vartimePower(group.generator, group.vartimeSubtract(x, y))
      #expect(group.vartimeMultiply(gx, group.vartimeInverse(gy)) == difference)
      #expect(group.vartimePower(gx, y) == group.vartimePower(gy, x))
      #expect(group.isMember(gx))
      #expect(group.vartimeJacobi(gx) == 1)
    }
  }

  @Test(arguments: groups) func secretArithmeticAgreesWithPublic(_ group: Group) throws {
    for _ in 0..<200 {
      let x = try group.randomScalar()
      let y = try group.randomScalar()
      let a = group.secret(x)
      let b = group.secret(y)
      #expect(group.revealed(group.add(a, b)) == group.vartimeAdd(x, y))
      #expect(group.revealed(group.subtract(a, b)) == group.vartimeSubtract(x, y))
      #expect(group.revealed(group.multiply(a, b)) == group.vartimeMultiply(x, y))
      #expect(group.revealed(group.select(1, a, b)) == x)
      #expect(group.revealed(group.select(0, a, b)) == y)
      #expect(group.encoded(a).revealed() == x.bytes)
      #expect(group.revealed(try group.secretScalar(bytes: group.encoded(a))) == x)
    }
  }

  @Test(arguments: groups) func encodingsRoundTrip(_ group: Group) throws {
    let x = group.vartimePower(group.generator, try group.randomScalar())
    #expect(try group.element(bytes: group.bytes(x)) == x)
    #expect(try group.element(hex: group.hex(x)) == x)
    #expect(group.bytes(x).count == group.elementByteCount)
  }

  // adversary: G-02
  @Test(arguments: groups) func encodingsAreStrict(_ group: Group) throws {
    let hex = group.hex(group.generator.element)
    let lower = String(repeating: "0", count: hex.count - 1) + "a"
    let tail = String(hex.dropFirst())
    var wrongs = ["", "0" + hex, "00" + hex, tail, String(hex.dropLast()), lower]
    for prefix in ["+", " ", "\n", "x", "-"] { wrongs.append(prefix + tail) }
    wrongs.append("0x" + String(hex.dropFirst(2)))
    wrongs.append("Ａ" + String(hex.dropFirst(3)))
    for wrong in wrongs {
      #expect(throws: GroupError.self) { try group.element(hex: wrong) }
    }
    let p = group.parameters.p.bigEndianBytes(width: group.elementByteCount)
    #expect(throws: GroupError.outOfRange) { try group.element(bytes: p) }
    #expect(throws: GroupError.outOfRange) {
      try group.element(bytes: [UInt8](repeating: 0, count: group.elementByteCount))
    }
    #expect(throws: GroupError.self) {
      try group.element(bytes: [UInt8](repeating: 0xFF, count: group.elementByteCount))
    }
    #expect(throws: GroupError.outOfRange) {
      try group.scalar(bytes: group.parameters.q.bigEndianBytes())
    }
    #expect(throws: GroupError.self) { try group.scalar(hex: "00" + Scalar.one.hex) }
  }

  // adversary: G-01
  @Test(arguments: groups) func strangersAreNotMembers(_ group: Group) throws {
    var minusOne = group.parameters.p.bigEndianBytes(width: group.elementByteCount)
    minusOne[minusOne.count - 1] -= 1
    let outside = try group.element(bytes: minusOne)
    #expect(!group.isMember(outside))
    #expect(!group.isMember(group.vartimeMultiply(outside, group.generator.element)))
    #expect(group.vartimeJacobi(outside) == -1)
    #expect(group.isMember(group.identity))
  }

  @Test(arguments: groups) func digestsAreReduced(_ group: Group) throws {
    let digest = SHA256.hash(Array("digest".utf8))
    let secret = group.secretScalar(reducing: SecretBytes(copying: digest.bytes))
    #expect(group.revealed(secret) == group.scalar(reducing: digest))
  }
}

@Suite struct GroupParametersTests {
  // adversary: G-03
  @Test func builtInParametersAreThePublishedOnes() throws {
    let hash = { (bytes: [UInt8]) in SHA256.hash(bytes).hex }
    let standard = GroupParameters.electionGuard4096
    #expect(
      hash(standard.p.bigEndianBytes())
        == "F76FAC50669BDB5B75FE86264378525D336BC1566140A48D76AEBF7B0DD19F27")
    #expect(
      hash(standard.g.bigEndianBytes())
        == "77FBD493A68FB3E3D24D7C25608A61BE021BB6749567B08E664D093BB32DED77")
    #expect(
      hash(standard.q.bigEndianBytes())
        == "96066D770F97A04F776D89DFA95416A4DFF7D80686CFA540F3F5AABEC637F9D1")
    let reduced = GroupParameters.electionGuard3072
    #expect(
      hash(reduced.p.bigEndianBytes(width: 384))
        == "589C49144566A67556EA1378048F372BBD28D5FBA6B547EA15CFF8CA2B7CF8B5")
    #expect(
      hash(reduced.g.bigEndianBytes(width: 384))
        == "5C8DEF209CE111E566685A15256944DFEBD92D1AF4229E45E0DED7F1E9786239")
  }

  @Test func groupsWithoutPrimeOrderAreRefused() {
    let standard = GroupParameters.electionGuard4096
    for g in [Natural<64>(), Natural(1), Natural(2), standard.p] {
      #expect(throws: GroupError.invalidParameters) {
        try Group(
          GroupParameters(
            name: "wrong", p: standard.p, q: standard.q, g: g, elementByteCount: 512))
      }
    }
  }
}
