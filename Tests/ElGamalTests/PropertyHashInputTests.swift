// SPDX-License-Identifier: Apache-2.0

import BigIntegers
import Cryptography
import ElGamal
import Groups
import TestSupport
import Testing

/// Inputs of H: different things never have one encoding.
@Suite struct PropertyHashInputTests {
  /// What an input is made of. The shape (which parts, in which order) belongs to the domain; lists
  /// and texts vary in length.
  private enum Part: Hashable {
    case element(UInt8)
    case scalar(UInt8)
    case digest(UInt8)
    case index(Int)
    case text([UInt8])
    case texts([[UInt8]])
    case elements([UInt8])
  }

  private struct Input: Hashable {
    var domain: HashDomain
    var parts: [Part]
  }

  private static let group = PropertyScene.q64p256

  /// The shapes of inputs that hold something of variable length, or that share a domain's length
  /// with others.
  private static func input(
    _ domain: HashDomain, _ generator: inout SeededGenerator
  ) -> Input {
    func small() -> UInt8 { UInt8.random(in: 1...3, using: &generator) }
    func index() -> Int { Int.random(in: 0...3, using: &generator) }
    func text() -> [UInt8] {
      (0..<Int.random(in: 0...3, using: &generator)).map { _ in
        [0, 1, 49, 50].randomElement(using: &generator) ?? 0
      }
    }
    func elements() -> [UInt8] {
      (0..<Int.random(in: 0...3, using: &generator)).map { _ in small() }
    }
    let parts: [Part] =
      switch domain {
      case .electionBase, .device: [.text(text())]
      case .identifier: [.digest(small())]
      case .selectionNonce: [.index(index()), .index(index()), .digest(small())]
      case .contestHash: [.index(index()), .elements(elements())]
      case .confirmationCode: [.elements(elements()), .digest(small())]
      case .keyProof: [.index(index()), .elements(elements()), .element(small())]
      case .rangeProof:
        Bool.random(using: &generator)
          ? [.index(index()), .index(index()), .elements(elements())]
          : [.index(index()), .elements(elements())]
      case .parameterBase: [.texts((0..<index()).map { _ in text() })]
      case .tallyCommitment: [.index(index()), .index(index()), .scalar(small())]
      default: [.element(small()), .scalar(small()), .text(text()), .index(index())]
      }
    return Input(domain: domain, parts: parts)
  }

  private static func encode(_ input: Input) throws -> [UInt8] {
    var result = HashInput(input.domain, in: group)
    func element(_ small: UInt8) throws -> Element {
      try group.element(bytes: [UInt8](repeating: 0, count: 31) + [small])
    }
    for part in input.parts {
      switch part {
      case .element(let value): result.append(try element(value))
      case .scalar(let value): result.append(group.scalar(UInt64(value)))
      case .digest(let value):
        result.append(try #require(Digest([UInt8](repeating: 0, count: 31) + [value])))
      case .index(let value): result.append(index: value)
      case .text(let bytes): result.append(variable: bytes)
      case .texts(let list):
        result.append(index: list.count)
        for bytes in list { result.append(variable: bytes) }
      case .elements(let values): for value in values { result.append(try element(value)) }
      }
    }
    return result.bytes
  }

  // adversary: F-06
  @Test func encodingsDifferWhenInputsDo() throws {
    var generator = SeededGenerator(seed: 0x5EED_0006)
    var seen: [[UInt8]: Input] = [:]
    for _ in 0..<200_000 {
      let domain = try #require(HashDomain.allCases.randomElement(using: &generator))
      let input = Self.input(domain, &generator)
      let bytes = try Self.encode(input)
      if let other = seen[bytes] {
        #expect(other == input, "seed \(generator.seed)")
      } else {
        seen[bytes] = input
      }
    }
    #expect(seen.count > 5_000, "the generator repeats itself too much to test anything")
  }

  // adversary: F-06
  @Test func fixedPairsDiffer() throws {
    func bytes(_ fill: (inout HashInput) -> Void) -> [UInt8] {
      var input = HashInput(.device, in: Self.group)
      fill(&input)
      return input.bytes
    }
    func texts(_ list: String...) -> [UInt8] {
      bytes { input in for text in list { input.append(variable: Array(text.utf8)) } }
    }
    #expect(texts("1", "23") != texts("12", "3"))
    #expect(texts("") != texts())
    #expect(texts("", "a") != texts("a", ""))
    #expect(texts("a", "b") != texts("ab"))
    #expect(texts("\u{0}\u{0}\u{0}\u{1}a") != texts("", "a"))
    // [[a], [b]] and [[a, b]] with a count before every list.
    func lists(_ list: [[String]]) -> [UInt8] {
      bytes { input in
        input.append(index: list.count)
        for texts in list {
          input.append(index: texts.count)
          for text in texts { input.append(variable: Array(text.utf8)) }
        }
      }
    }
    #expect(lists([["a"], ["b"]]) != lists([["a", "b"]]))
    #expect(lists([[]]) != lists([]))
    // A text and an index of the same bytes; an element and a scalar of the same value have one
    // length in this group, and the domain fixes which of them stands where.
    #expect(bytes { $0.append(variable: [0, 0, 0, 1]) } != bytes { $0.append(index: 1) })
    let wide = HashInput(.device, in: .standard)
    var element = wide
    element.append(Group.standard.identity)
    var scalar = wide
    scalar.append(Scalar.one)
    var index = wide
    index.append(index: 1)
    #expect(Set([element.bytes.count, scalar.bytes.count, index.bytes.count]) == [513, 33, 5])
  }

  /// An index outside of 0 … 2^32 − 1 is not cut to another one's bytes.
  @Test func indicesDoNotWrap() {
    func bytes(_ index: Int) -> [UInt8] {
      var input = HashInput(.device, in: Self.group)
      input.append(index: index)
      return input.bytes
    }
    #expect(bytes(1 << 32 + 5) != bytes(5))
    #expect(bytes(1 << 40) == [0x2A, 0xFF, 0xFF, 0xFF, 0xFF])
    #expect(bytes(0x0102_0304) == [0x2A, 1, 2, 3, 4])
  }

  /// The digest of an input is HMAC-SHA-256 of its bytes (ElectionGuard 2.1.0, 5.2), also when the
  /// last part is secret.
  @Test func secretTailsHashLikePublicOnes() throws {
    let key = SHA256.hash(Array("key".utf8))
    let tail = [UInt8](0..<32)
    var input = HashInput(.selectionNonce, in: Self.group)
    input.append(index: 7)
    let secret = input.secretDigest(key: key, appending: SecretBytes(copying: tail)).revealed()
    input.append(fixed: tail)
    #expect(secret == input.digest(key: key).bytes)
    #expect(input.digest(key: key) == HMACSHA256.authenticate(key: key, input.bytes))
  }
}
