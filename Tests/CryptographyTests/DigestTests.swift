// SPDX-License-Identifier: Apache-2.0

import Cryptography
import TestSupport
import Testing

@Suite struct DigestTests {
  @Test func hexIsStrictAndUpperCase() {
    #expect(Hex.encode([0x00, 0xAB, 0xFF]) == "00ABFF")
    #expect(Hex.decode("00ABFF") == [0x00, 0xAB, 0xFF])
    #expect(Hex.decode("") == [])
    for bad in ["0", "00ab", "0G", " 00", "00 ", "0x00", "٠٠", "é"] {
      #expect(Hex.decode(bad) == nil, "\(bad)")
    }
  }

  @Test func digestHasExactly32Bytes() throws {
    let bytes = [UInt8](0..<32)
    let digest = try #require(Digest(bytes))
    #expect(digest.bytes == bytes)
    #expect(Digest(hex: digest.hex) == digest)
    // Out of the middle of an array, and out of bytes that do not lie beside each other.
    #expect(Digest([0xFF, 0xFF, 0xFF] + bytes + [0xFF]) == nil)
    #expect(Digest(([0xFF, 0xFF, 0xFF] + bytes + [0xFF])[3..<35]) == digest)
    #expect(
      Digest(bytes.reversed().reversed() as ReversedCollection<ReversedCollection<[UInt8]>>)
        == digest)
    #expect(Digest(bytes.lazy.map { $0 }) == digest)
    #expect(digest.hex == "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F")
    #expect(Digest([UInt8](0..<31)) == nil)
    #expect(Digest([UInt8](0..<33)) == nil)
    #expect(Digest([UInt8]()) == nil)
    #expect(Digest(hex: digest.hex.lowercased()) == nil)
    #expect(Digest(hex: String(digest.hex.dropLast(2))) == nil)
    #expect(Digest(hex: digest.hex + "00") == nil)
  }

  @Test func orderIsLexicographic() throws {
    var generator = SeededGenerator(seed: 0x0D16_E571)
    for _ in 0..<500 {
      var left = generator.bytes(32)
      var right = generator.bytes(32)
      let shared = Int(generator.next() % 33)
      left.replaceSubrange(..<shared, with: right[..<shared])
      if generator.next() % 8 == 0 { right = left }
      let a = try #require(Digest(left))
      let b = try #require(Digest(right))
      #expect((a < b) == left.lexicographicallyPrecedes(right), "seed \(generator.seed)")
      #expect((a == b) == (left == right))
    }
  }

  @Test func sha256KnownAnswers() {
    #expect(
      SHA256.hash([UInt8]()).hex
        == "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855")
    #expect(
      SHA256.hash("abc".utf8).hex
        == "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD")
    #expect(
      SHA256.hash([UInt8](repeating: 0x61, count: 1_000_000)).hex
        == "CDC76E5C9914FB9281A1C7E284D73E67F1809A48A497200E046D39CCC7112CD0")
  }

  @Test func incrementalHashEqualsOneShot() {
    var generator = SeededGenerator(seed: 77)
    for length in [0, 1, 55, 56, 63, 64, 65, 127, 128, 1000] {
      let message = generator.bytes(length)
      let cut = length == 0 ? 0 : Int(generator.next() % UInt64(length))
      var hash = SHA256()
      hash.update(message[..<cut])
      hash.update(message[cut...])
      #expect(hash.finalize() == SHA256.hash(message), "length \(length), seed \(generator.seed)")
      #expect(SHA256.hash(SecretBytes(copying: message)) == SHA256.hash(message))
      // A collection without contiguous storage takes the copying path.
      #expect(SHA256.hash(message.reversed().reversed() as [UInt8]) == SHA256.hash(message))
      #expect(SHA256.hash(AnyCollection(message)) == SHA256.hash(message))
    }
  }

  @Test func hmacKnownAnswers() throws {
    let zeros = [UInt8](repeating: 0, count: 32)
    let empty = "B613679A0814D9EC772F95D778C35FC5FF1697C493715653C6C712144292C5AD"
    #expect(HMACSHA256.authenticate(key: zeros, []).hex == empty)
    #expect(HMACSHA256.authenticate(key: [], []).hex == empty)
    #expect(HMACSHA256.authenticate(key: try #require(Digest(zeros)), []).hex == empty)
    // RFC 4231, test cases 1, 2, 3, 6.
    let cases: [(key: [UInt8], message: [UInt8], code: String)] = [
      (
        [UInt8](repeating: 0x0B, count: 20), [UInt8]("Hi There".utf8),
        "B0344C61D8DB38535CA8AFCEAF0BF12B881DC200C9833DA726E9376C2E32CFF7"
      ),
      (
        [UInt8]("Jefe".utf8), [UInt8]("what do ya want for nothing?".utf8),
        "5BDCC146BF60754E6A042426089575C75A003F089D2739839DEC58B964EC3843"
      ),
      (
        [UInt8](repeating: 0xAA, count: 20), [UInt8](repeating: 0xDD, count: 50),
        "773EA91E36800E46854DB8EBD09181A72959098B3EF8C122D9635514CED565FE"
      ),
      (
        [UInt8](repeating: 0xAA, count: 131),
        [UInt8]("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
        "60E431591EE0B67F0D8A26AACBF5B77F8E0BC6213728C5140546040F0EE37F54"
      ),
    ]
    for item in cases {
      #expect(HMACSHA256.authenticate(key: item.key, item.message).hex == item.code)
      let secretKey = HMACSHA256.authenticate(
        secretKey: SecretBytes(copying: item.key), item.message)
      #expect(Hex.encode(secretKey.revealed()) == item.code)
      let bothSecret = HMACSHA256.authenticate(
        secretKey: SecretBytes(copying: item.key), secret: SecretBytes(copying: item.message))
      #expect(Hex.encode(bothSecret.revealed()) == item.code)
    }
  }

  @Test func hmacOverloadsAgree() throws {
    var generator = SeededGenerator(seed: 4231)
    for length in [0, 1, 31, 64, 65, 1000, 60_000] {
      let key = try #require(Digest(generator.bytes(32)))
      let message = generator.bytes(length)
      let expected = HMACSHA256.authenticate(key: key.bytes, message)
      #expect(HMACSHA256.authenticate(key: key, message) == expected)
      #expect(HMACSHA256.authenticate(key: key, span: message.span) == expected)
      let secret = HMACSHA256.authenticate(key: key, secret: SecretBytes(copying: message))
      #expect(secret.revealed() == expected.bytes)
    }
  }
}
