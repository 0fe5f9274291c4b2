// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Foundation
import TestSupport
import Testing

private func bytes(_ hex: String) throws -> [UInt8] { try #require(Hex.decode(hex.uppercased())) }

@Suite struct Ed25519Tests {
  /// RFC 8032, section 7.1: TEST 1, 2, 3 and SHA(abc).
  static let rfc8032: [(seed: String, key: String, message: String, signature: String)] = [
    (
      "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
      "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
      "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
        + "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
    ),
    (
      "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
      "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        + "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    ),
    (
      "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
      "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
      "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
        + "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
    ),
    (
      "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
      "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
      "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
        + "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
      "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b589"
        + "09351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704"
    ),
  ]

  @Test(arguments: rfc8032.indices) func rfc8032Vectors(index: Int) throws {
    let vector = Self.rfc8032[index]
    let message = try bytes(vector.message)
    let key = try Ed25519.PrivateKey(seed: SecretBytes(copying: bytes(vector.seed)))
    #expect(key.publicKey.bytes == (try bytes(vector.key)))
    let signature = try key.signature(for: message)
    #expect(signature == (try bytes(vector.signature)))
    #expect(key.publicKey.isValid(signature: signature, for: message))
    #expect(key.seed().revealed() == (try bytes(vector.seed)))
    #expect(Ed25519.PublicKey(hex: key.publicKey.hex) == key.publicKey)
  }

  @Test func everyFlippedBitAndEveryOtherLengthIsRefused() throws {
    let key = try Ed25519.PrivateKey.generate()
    let message = [UInt8]("urna".utf8)
    let signature = try key.signature(for: message)
    #expect(key.publicKey.isValid(signature: signature, for: message))
    for bit in 0..<512 {
      var changed = signature
      changed[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(!key.publicKey.isValid(signature: changed, for: message), "bit \(bit)")
    }
    for length in [0, 32, 63] {
      #expect(!key.publicKey.isValid(signature: [UInt8](signature.prefix(length)), for: message))
    }
    #expect(!key.publicKey.isValid(signature: signature + [0], for: message))
    #expect(!key.publicKey.isValid(signature: signature, for: message + [0]))
    #expect(!key.publicKey.isValid(signature: signature, for: []))
    let other = try Ed25519.PrivateKey.generate()
    #expect(!other.publicKey.isValid(signature: signature, for: message))
  }

  @Test func keysOfOtherLengthsAreRefused() {
    #expect(Ed25519.PublicKey([UInt8](repeating: 7, count: 31)) == nil)
    #expect(Ed25519.PublicKey([UInt8](repeating: 7, count: 33)) == nil)
    #expect(throws: CryptographyError.invalidLength(expected: 32, actual: 31)) {
      _ = try Ed25519.PrivateKey(seed: SecretBytes(zeros: 31)).publicKey
    }
  }

  @Test func lowOrderAndNonCanonicalKeysAreRefused() throws {
    let encodings = [
      "0000000000000000000000000000000000000000000000000000000000000000",
      "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
      "0000000000000000000000000000000000000000000000000000000000000080",
      "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
      "0100000000000000000000000000000000000000000000000000000000000000",
      "0100000000000000000000000000000000000000000000000000000000000080",
      "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
      "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
      "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
      "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
      "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
      "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
      "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
      "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
      "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ]
    for encoding in encodings {
      #expect(Ed25519.PublicKey(try bytes(encoding)) == nil, "\(encoding)")
    }
    // The largest canonical y: not of low order, so not refused for its form.
    let largest = "ebffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"
    #expect(Ed25519.PublicKey(try bytes(largest)) != nil)
  }
}

/// C2SP CCTV: the edge cases of the point inputs.
@Suite(.needsShared) struct Ed25519EdgeCaseTests {
  struct Vector: Decodable {
    let number: Int
    let key: String
    let sig: String
    let msg: String
    let flags: [String]?
  }

  /// What is accepted, exactly: a key that `PublicKey` takes, a canonical `R`, no low-order residue.
  @Test func cctvVectors() throws {
    let json = try Shared.bytes("vectors/tlog/cctv-ed25519/ed25519/ed25519vectors.json")
    let vectors = try JSONDecoder().decode([Vector].self, from: Data(json))
    #expect(vectors.count > 500)
    var accepted = 0
    var refused = 0
    for vector in vectors {
      let flags = Set(vector.flags ?? [])
      let mustRefuse = [
        "low_order_A", "non_canonical_A", "non_canonical_R", "low_order_residue", "reencoded_k",
      ].contains(where: flags.contains)
      let isValid =
        Ed25519.PublicKey(try bytes(vector.key))?
        .isValid(signature: try bytes(vector.sig), for: [UInt8](vector.msg.utf8)) ?? false
      #expect(isValid == !mustRefuse, "vector \(vector.number) \(flags)")
      if isValid { accepted += 1 } else { refused += 1 }
    }
    #expect(accepted > 0 && refused > 0)
  }
}
