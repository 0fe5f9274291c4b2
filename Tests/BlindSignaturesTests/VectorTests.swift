// SPDX-License-Identifier: Apache-2.0

import BigIntegers
import Cryptography
import Foundation
import TestSupport
import Testing

import BlindSignatures

@Suite(.needsShared) struct VectorTests {
  /// Every step of every variant gives the bytes of the RFC.
  // adversary: E-08
  @Test(arguments: try Vectors.rfc9474()) func rfc9474(_ vector: Vectors.RFC9474) async throws {
    let key = vector.key
    let prefix = vector.preparedMessage.count - vector.message.count
    #expect(prefix == vector.variant.preparation.prefixByteCount)
    #expect(vector.salt.count == vector.variant.encoding.saltByteCount)
    if let encoded = vector.encoded {
      #expect(
        PSSEncoding.encode(vector.preparedMessage, salt: vector.salt, modulusBits: 4096)
          == encoded)
    }
    let inverse = SecretLimbs(Natural<64>(wrappingBigEndian: vector.inverse), count: 64)
    let factor = try key.inverse(of: inverse)
    guard let factor else {
      Issue.record("inv has no inverse")
      return
    }
    let blinded = try key.blind(
      preparedMessage: vector.preparedMessage, salt: vector.salt, factor: factor)
    #expect(blinded.request == vector.request)
    #expect(blinded.state.saved(for: key).revealed() == vector.inverse)
    let signer = BlindSigner(
      key, holder: NumbersSigner(modulus: key.modulusBytes, exponent: vector.privateExponent))
    let answer = try await signer.blindSignature(of: blinded.request)
    #expect(answer == vector.blindSignature)
    #expect(key.vartimeIsValid(blindSignature: answer, request: blinded.request))
    let signature = try key.finalize(
      answer, preparedMessage: vector.preparedMessage, blinded.state)
    #expect(signature == vector.signature)
    #expect(key.vartimeIsValid(signature, preparedMessage: vector.preparedMessage))
  }

  /// What must be accepted and what must not: the salt's length, s ≥ n, the length, the prefix.
  // adversary: E-08
  @Test(arguments: try Vectors.cases()) func verifies(_ item: Vectors.VerifyCase) throws {
    let vector = try #require(
      try Vectors.rfc9474().first { $0.variant.name == item.keyName })
    let key = try BlindRSAPublicKey(
      modulus: vector.key.modulusBytes, exponent: vector.key.exponent, encoding: item.encoding)
    #expect(
      key.vartimeIsValid(item.signature, preparedMessage: item.preparedMessage) == item.isValid)
  }

  /// Privacy Pass: keys as DER, OpenSSL as signer, tokens byte for byte.
  @Test func rfc9578() async throws {
    let vectors = try Vectors.rfc9578()
    #expect(vectors.count == 10)
    for vector in vectors {
      let key = try BlindRSAPublicKey(subjectPublicKeyInfo: vector.subjectPublicKeyInfo)
      #expect(key.encoding == .pss)
      #expect(key.subjectPublicKeyInfo == vector.subjectPublicKeyInfo)
      let input = Array(vector.token.prefix(98))
      #expect(Array(input.suffix(32)) == key.keyID.bytes)
      let factor = SecretLimbs(Natural<64>(wrappingBigEndian: vector.factor), count: 32)
      let blinded = try key.blind(preparedMessage: input, salt: vector.salt, factor: factor)
      #expect(blinded.request == Array(vector.request.dropFirst(3)))
      let holder = LocalRSASigner(
        try RSAPrivateKey(der: SecretBytes(copying: Self.der(vector.privateKey))))
      #expect(try holder.publicKey(.pss) == key)
      let answer = try await BlindSigner(key, holder: holder).blindSignature(of: blinded.request)
      #expect(answer == vector.response)
      let signature = try key.finalize(answer, preparedMessage: input, blinded.state)
      #expect(input + signature == vector.token)
    }
  }

  private static func der(_ pem: [UInt8]) throws -> [UInt8] {
    let lines = String(decoding: pem, as: UTF8.self).split(separator: "\n")
      .filter { !$0.hasPrefix("-----") }
    return [UInt8](try #require(Data(base64Encoded: lines.joined())))
  }
}
